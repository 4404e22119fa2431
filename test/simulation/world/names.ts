import path from 'node:path';
import type { SeededRandom } from './random.ts';

export interface StoredFile {
  content: Buffer;
  size: number;
  /** Bytes from the start that were fsynced. */
  durableSize: number;
  modifiedMs: number;
}

export function newFile(modifiedMs: number): StoredFile {
  return { content: Buffer.alloc(0), size: 0, durableSize: 0, modifiedMs };
}

/**
 * The tree of names. Each folder keeps what was changed in it and not fsynced: a power loss takes back the latest of these
 * changes, as many as chance will have, so that new files are gone, renamed ones have their old name, removed ones are back.
 */
export interface Names {
  fileAt(name: string): StoredFile | undefined;
  isFolder(name: string): boolean;
  /** Makes the folder and its parents; those there are stay. */
  makeFolder(name: string): void;
  /** The folder must be there; another file of that name is replaced. */
  put(name: string, file: StoredFile): void;
  /** File or folder, with all in it; false when there is nothing of that name. */
  remove(name: string): boolean;
  /** File or folder; false when there is nothing of that name. */
  rename(from: string, to: string): boolean;
  /** Sorted; undefined when there is no such folder. */
  list(name: string): readonly string[] | undefined;
  /** What was changed in the folder survives a power loss. */
  sync(name: string): void;
  losePower(random: SeededRandom): void;
  /** All files by path, in the order of the tree. */
  files(): [path: string, file: StoredFile][];
  clear(): void;
}

interface Folder {
  readonly entries: Map<string, Node>;
  /** Oldest first. */
  changes: Change[];
  listing: readonly string[] | undefined;
}

type Node = StoredFile | Folder;

interface Change {
  readonly atMs: number;
  /** What stood under these names before; undefined for nothing. */
  readonly before: readonly (readonly [name: string, node: Node | undefined])[];
}

/** File systems write their journals by themselves after 5 s (ext4) to 30 s (XFS). */
const writtenAfterMs = 30_000;

const newFolder = (): Folder => ({ entries: new Map(), changes: [], listing: undefined });
const isFolderNode = (node: Node | undefined): node is Folder => node !== undefined && 'entries' in node;

export function createNames(nowMs: () => number): Names {
  let root = newFolder();
  /** By path; forgotten when any name changes. */
  const found = new Map<string, Node | undefined>();

  function nodeAt(name: string): Node | undefined {
    if (found.has(name)) return found.get(name);
    let node: Node | undefined = root;
    for (const part of name.split('/')) if (part !== '') node = isFolderNode(node) ? node.entries.get(part) : undefined;
    found.set(name, node);
    return node;
  }

  function folderOf(name: string): Folder {
    const folder = nodeAt(path.dirname(name));
    if (!isFolderNode(folder)) throw new Error(`no folder for ${name}`);
    return folder;
  }

  function change(folder: Folder, entries: Change['before']): void {
    remember(folder, entries);
    set(folder, entries);
  }

  function remember(folder: Folder, entries: Change['before']): void {
    const atMs = nowMs();
    const old = folder.changes.findIndex((one) => one.atMs > atMs - writtenAfterMs);
    if (old !== 0) folder.changes = old < 0 ? [] : folder.changes.slice(old);
    folder.changes.push({ atMs, before: entries.map(([name]) => [name, folder.entries.get(name)]) });
  }

  function set(folder: Folder, entries: Change['before']): void {
    for (const [name, node] of entries) {
      if (node === undefined) folder.entries.delete(name);
      else folder.entries.set(name, node);
    }
    found.clear();
    folder.listing = undefined;
  }

  function removeFrom(folder: Folder, name: string, node: Node): void {
    if (isFolderNode(node)) for (const [child, below] of Array.from(node.entries)) removeFrom(node, child, below);
    change(folder, [[name, undefined]]);
  }

  function loseFrom(folder: Folder, random: SeededRandom): void {
    const kept = random.integer(folder.changes.length + 1);
    for (const { before } of folder.changes.slice(kept).reverse()) set(folder, before);
    folder.changes = [];
    for (const node of folder.entries.values()) if (isFolderNode(node)) loseFrom(node, random);
  }

  function filesOf(folder: Folder, at: string): [string, StoredFile][] {
    return Array.from(folder.entries).flatMap(([name, node]) => (isFolderNode(node) ? filesOf(node, `${at}/${name}`) : [[`${at}/${name}`, node]]));
  }

  return {
    fileAt(name) {
      const node = nodeAt(name);
      return isFolderNode(node) ? undefined : node;
    },
    isFolder: (name) => isFolderNode(nodeAt(name)),
    makeFolder(name) {
      if (isFolderNode(nodeAt(name))) return;
      const parent = path.dirname(name);
      this.makeFolder(parent);
      change(folderOf(name), [[path.basename(name), newFolder()]]);
      // What stands at the root was there before the machine was: a log directory is made by its owner.
      if (parent === '/') this.sync('/');
    },
    put(name, file) {
      const folder = folderOf(name);
      const entry = [path.basename(name), file] as const;
      if (!folder.entries.has(entry[0])) {
        change(folder, [entry]);
        return;
      }
      // Checkpoints are replaced all the time: no other path leads elsewhere now.
      remember(folder, [entry]);
      folder.entries.set(...entry);
      found.set(name, file);
    },
    remove(name) {
      const node = nodeAt(name);
      if (node === undefined) return false;
      removeFrom(folderOf(name), path.basename(name), node);
      return true;
    },
    rename(from, to) {
      const node = nodeAt(from);
      if (node === undefined) return false;
      const [source, target] = [folderOf(from), folderOf(to)];
      const [gone, come] = [[path.basename(from), undefined], [path.basename(to), node]] as const;
      if (source === target) change(source, [gone, come]);
      else {
        change(target, [come]);
        change(source, [gone]);
      }
      return true;
    },
    list(name) {
      const folder = nodeAt(name);
      if (!isFolderNode(folder)) return undefined;
      folder.listing ??= Array.from(folder.entries.keys()).sort();
      return folder.listing;
    },
    sync(name) {
      const folder = nodeAt(name);
      if (isFolderNode(folder)) folder.changes = [];
    },
    losePower: (random) => loseFrom(root, random),
    files: () => filesOf(root, ''),
    clear() {
      root = newFolder();
      found.clear();
    },
  };
}
