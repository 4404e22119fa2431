/** How a watch is named in removeWatches; -1 is none of those. */
export type WatchKind = 'data' | 'children' | 'persistent' | 'recursive';

/** The watches that this client has set, to set them again after a reconnect and to know what can be removed. */
export class Watches {
  readonly #paths: Record<WatchKind | 'exists', Set<string>> = {
    data: new Set(), exists: new Set(), children: new Set(), persistent: new Set(), recursive: new Set(),
  };

  add(kind: WatchKind | 'exists', path: string): void {
    if (kind === 'persistent') this.#paths.recursive.delete(path);
    if (kind === 'recursive') this.#paths.persistent.delete(path);
    this.#paths[kind].add(path);
  }

  /** Takes one-shot watches away that an event has used up. Types: 1 created, 2 deleted, 3 data changed, 4 children changed. */
  fired(type: number, path: string): void {
    if (type === 1 || type === 3) for (const kind of ['data', 'exists'] as const) this.#paths[kind].delete(path);
    if (type === 2) for (const kind of ['data', 'exists', 'children'] as const) this.#paths[kind].delete(path);
    if (type === 4) this.#paths.children.delete(path);
  }

  /**
   * Takes away what removeWatches names.
   *
   * @param type 1 children, 2 data, 3 any
   * @returns the event names that Java clients make of it, one each kind
   */
  remove(type: number, path: string): string[] {
    const events: string[] = [];
    const take = (kinds: readonly (WatchKind | 'exists')[], event: string): void => {
      if (kinds.map((kind) => this.#paths[kind].delete(path)).includes(true)) events.push(event);
    };
    if (type === 3) take(['persistent', 'recursive'], 'PersistentWatchRemoved');
    if (type !== 2) take(['children'], 'ChildWatchRemoved');
    if (type !== 1) take(['data', 'exists'], 'DataWatchRemoved');
    return events;
  }

  has(type: number, path: string): boolean {
    const kinds: readonly (WatchKind | 'exists')[] = type === 1 ? ['children'] : type === 2 ? ['data', 'exists'] : ['data', 'exists', 'children', 'persistent', 'recursive'];
    return kinds.some((kind) => this.#paths[kind].has(path));
  }

  /** In the order of setWatches2. */
  lists(): readonly (readonly string[])[] {
    return (['data', 'exists', 'children', 'persistent', 'recursive'] as const).map((kind) => [...this.#paths[kind]]);
  }

  clear(): void {
    for (const paths of Object.values(this.#paths)) paths.clear();
  }
}
