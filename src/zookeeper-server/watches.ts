import { eventTypes, type EventType } from './operations.ts';

/** One-shot (a read's watch), or standing until removed (addWatch). */
export type WatchMode = 'once' | 'persistent' | 'recursive';

/** Modes of addWatch on the wire. */
export const addWatchModes: readonly WatchMode[] = ['persistent', 'recursive'];

/**
 * Watches of one kind (data or children) by path and watcher. A watcher is a connection: watches go with it. One watcher
 * has at most one watch of a kind on a path; a later one replaces its mode.
 *
 * @see WatchManager and WatcherModeManager in Apache ZooKeeper 3.8
 */
export class WatchTable<W> {
  readonly #byPath = new Map<string, Map<W, WatchMode>>();
  readonly #byWatcher = new Map<W, Set<string>>();
  #recursiveCount = 0;

  /** Paths watched by each watcher. */
  get byWatcher(): ReadonlyMap<W, ReadonlySet<string>> {
    return this.#byWatcher;
  }

  get byPath(): ReadonlyMap<string, ReadonlyMap<W, WatchMode>> {
    return this.#byPath;
  }

  get size(): number {
    let total = 0;
    for (const watchers of this.#byPath.values()) total += watchers.size;
    return total;
  }

  add(path: string, watcher: W, mode: WatchMode): void {
    let watchers = this.#byPath.get(path);
    if (watchers === undefined) this.#byPath.set(path, (watchers = new Map()));
    const before = watchers.get(watcher);
    if (before === mode) return;
    if (before === 'recursive') this.#recursiveCount--;
    if (mode === 'recursive') this.#recursiveCount++;
    watchers.set(watcher, mode);
    if (before !== undefined) return;
    let paths = this.#byWatcher.get(watcher);
    if (paths === undefined) this.#byWatcher.set(watcher, (paths = new Set()));
    paths.add(path);
  }

  /** False when there was none. */
  remove(path: string, watcher: W): boolean {
    const watchers = this.#byPath.get(path);
    const mode = watchers?.get(watcher);
    if (watchers === undefined || mode === undefined) return false;
    if (mode === 'recursive') this.#recursiveCount--;
    watchers.delete(watcher);
    if (watchers.size === 0) this.#byPath.delete(path);
    const paths = this.#byWatcher.get(watcher);
    paths?.delete(path);
    if (paths?.size === 0) this.#byWatcher.delete(watcher);
    return true;
  }

  removeWatcher(watcher: W): void {
    const paths = this.#byWatcher.get(watcher);
    if (paths === undefined) return;
    for (const path of paths) this.remove(path, watcher);
  }

  /** A watch on the path itself, or a recursive one above it. */
  has(path: string, watcher: W): boolean {
    if (this.#byPath.get(path)?.has(watcher) === true) return true;
    if (this.#recursiveCount === 0) return false;
    for (let above = path; above !== '/' && above !== ''; ) {
      above = above.slice(0, Math.max(above.lastIndexOf('/'), 1));
      if (this.#byPath.get(above)?.get(watcher) === 'recursive') return true;
    }
    return false;
  }

  /** Who hears of an event, and forgets the one-shot watches that this uses up. */
  trigger(path: string, type: EventType): ReadonlySet<W> | undefined {
    let heard: Set<W> | undefined;
    const watchers = this.#byPath.get(path);
    if (watchers !== undefined) {
      for (const [watcher, mode] of watchers) {
        if (mode === 'recursive' && type === eventTypes.childrenChanged) continue;
        (heard ??= new Set()).add(watcher);
        if (mode === 'once') this.remove(path, watcher);
      }
    }
    if (this.#recursiveCount > 0 && type !== eventTypes.childrenChanged) heard = this.#addRecursive(path, heard);
    return heard;
  }

  #addRecursive(path: string, heard: Set<W> | undefined): Set<W> | undefined {
    let all = heard;
    for (let above = path; above !== '/' && above !== ''; ) {
      above = above.slice(0, Math.max(above.lastIndexOf('/'), 1));
      const watchers = this.#byPath.get(above);
      if (watchers === undefined) continue;
      for (const [watcher, mode] of watchers) if (mode === 'recursive') (all ??= new Set()).add(watcher);
    }
    return all;
  }
}
