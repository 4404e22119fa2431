import path from 'node:path';
import type { Disk, DiskFile } from '../../../src/runtime/disk.ts';
import type { SeededRandom } from './random.ts';
import type { Trace } from './trace.ts';

/**
 * Files in memory. What was written is in the page cache and survives the death of the process; only a write in whose
 * middle the process dies is torn: a prefix of it is there.
 */
export interface SimulatedDisk {
  /**
   * The disk as one process sees it: `die` is called in the middle of the write that is chosen to be torn. What the code
   * of a dead process still does until its turn ends changes nothing.
   */
  mount(owner: Owner): Disk;
  /** The process that had it is dead: its locks are free. */
  unmount(disk: Disk): void;
  /** The next write of at least one byte to a file whose path matches is torn, and its process dies; undefined takes it back. */
  tearNextWrite(pathPattern: RegExp | undefined): void;
  /** The machine loses power, its process being dead: of what was not fsynced a part is gone, or reads as zeros. Names stay. */
  losePower(): void;
  /** From now on these calls fail, or take long; an empty object is a disk in order. */
  misbehave(trouble: DiskTrouble): void;
  /** Looks without being met by trouble. */
  inPeace<T>(look: () => T): T;
  /** Paths of all files, sorted. */
  paths(): string[];
  /** The bytes of a file, to look at or to spoil; undefined when there is none. */
  contentOf(path: string): Buffer | undefined;
  /** A new disk is put in. */
  empty(): void;
}

export interface DiskTrouble {
  /** Reads fail with EIO. */
  readonly isUnreadable?: boolean;
  /** Writes, truncations and new files fail with EIO (a disk that went read-only), or growing ones with ENOSPC, after a part of their bytes. */
  readonly unwritable?: 'EIO' | 'ENOSPC';
  readonly isSyncFailing?: boolean;
  /** Each fsync of a log stops the process for so long. */
  readonly syncStallMs?: number;
}

export interface Owner {
  readonly isAlive: () => boolean;
  readonly die: () => void;
  /** It waits for the disk, and does nothing else. */
  readonly stall: (durationMs: number) => void;
}

interface StoredFile {
  content: Buffer;
  size: number;
  /** Bytes from the start that were fsynced. */
  durableSize: number;
  modifiedMs: number;
}

export function createSimulatedDisk(nowMs: () => number, random: SeededRandom, trace: Trace): SimulatedDisk {
  const files = new Map<string, StoredFile>();
  const directories = new Set<string>(['/']);
  /** Names in a directory, sorted; forgotten when any name changes. */
  const listings = new Map<string, string[]>();
  const locks = new Map<string, Disk>();
  let tear: RegExp | undefined;
  let trouble: DiskTrouble = {};

  const systemError = (code: string, text: string): Error => Object.assign(new Error(`${code}: ${text}`), { code });
  const missing = (name: string): Error => systemError('ENOENT', `no such file or directory, '${name}'`);

  function requireReadable(name: string): void {
    if (trouble.isUnreadable === true) throw systemError('EIO', `i/o error, read '${name}'`);
  }

  function requireWritable(name: string, isGrowing: boolean): void {
    const { unwritable } = trouble;
    if (unwritable === 'EIO') throw systemError('EIO', `i/o error, write '${name}'`);
    if (unwritable === 'ENOSPC' && isGrowing) throw systemError('ENOSPC', `no space left on device, write '${name}'`);
  }

  function write(file: StoredFile, name: string, chunks: readonly Uint8Array[], position: number, owner: Owner): void {
    if (!owner.isAlive()) return;
    let bytes = Buffer.concat(chunks);
    const isGrowing = position + bytes.length > file.size;
    const isFailing = trouble.unwritable === 'EIO' || (trouble.unwritable === 'ENOSPC' && isGrowing);
    if (isFailing) bytes = bytes.subarray(0, random.integer(bytes.length + 1));
    const isTorn = tear !== undefined && bytes.length > 0 && tear.test(name);
    if (isTorn) {
      tear = undefined;
      bytes = bytes.subarray(0, random.integer(bytes.length));
    }
    trace.note(`write ${name} ${position}`, bytes);
    const end = position + bytes.length;
    if (end > file.content.length) {
      const larger = Buffer.alloc(Math.max(end, file.content.length * 2, 1024));
      file.content.copy(larger, 0, 0, file.size);
      file.content = larger;
    }
    bytes.copy(file.content, position);
    if (end > file.size) file.size = end;
    file.durableSize = Math.min(file.durableSize, position);
    file.modifiedMs = nowMs();
    if (isTorn) owner.die();
    if (isFailing) requireWritable(name, isGrowing);
  }

  function open(name: string, stored: StoredFile, owner: Owner): DiskFile {
    let current = name;
    const readSync: DiskFile['readSync'] = (target, targetStart, length, position) => {
      requireReadable(current);
      const end = Math.min(stored.size, position + length);
      return end <= position ? 0 : stored.content.copy(target, targetStart, position, end);
    };
    const sync = (): void => {
      if (!owner.isAlive()) return;
      if (trouble.isSyncFailing === true) throw systemError('EIO', `i/o error, fsync '${current}'`);
      stored.durableSize = stored.size;
      if (trouble.syncStallMs !== undefined) owner.stall(trouble.syncStallMs);
    };
    return {
      get path() {
        return current;
      },
      descriptor: -1,
      sizeSync: () => stored.size,
      readSync,
      read: (target, targetStart, length, position) => promiseOf(() => readSync(target, targetStart, length, position)),
      writeSync: (chunks, position) => write(stored, current, chunks, position, owner),
      truncateSync(sizeBytes) {
        if (!owner.isAlive()) return;
        requireWritable(current, sizeBytes > stored.size);
        if (sizeBytes > stored.content.length) stored.content = Buffer.concat([stored.content, Buffer.alloc(sizeBytes - stored.content.length)]);
        else stored.content.fill(0, sizeBytes);
        stored.size = sizeBytes;
        stored.durableSize = Math.min(stored.durableSize, sizeBytes);
      },
      syncSync: sync,
      sync: () => promiseOf(sync),
      renamedTo(to) {
        current = to;
      },
      closeSync: () => undefined,
    };
  }

  const inside = (directory: string, name: string): boolean => name.startsWith(directory.endsWith('/') ? directory : `${directory}/`);

  function rename(from: string, to: string): void {
    listings.clear();
    const file = files.get(from);
    if (file !== undefined) {
      files.delete(from);
      files.set(to, file);
      return;
    }
    if (!directories.delete(from)) throw missing(from);
    directories.add(to);
    for (const [name, stored] of Array.from(files)) {
      if (!inside(from, name)) continue;
      files.delete(name);
      files.set(to + name.slice(from.length), stored);
    }
    for (const name of Array.from(directories)) {
      if (!inside(from, name)) continue;
      directories.delete(name);
      directories.add(to + name.slice(from.length));
    }
  }

  function mount(owner: Owner): Disk {
    const disk: Disk = {
      openSync(name, mode) {
        let stored = files.get(name);
        if (stored === undefined) {
          if (mode === 'read' || (owner.isAlive() && !directories.has(path.dirname(name)))) throw missing(name);
          requireWritable(name, true);
          stored = { content: Buffer.alloc(0), size: 0, durableSize: 0, modifiedMs: nowMs() };
          if (owner.isAlive()) {
            files.set(name, stored);
            listings.clear();
          }
        }
        if (mode === 'truncate' && owner.isAlive()) stored.size = 0;
        return open(name, stored, owner);
      },
      existsSync: (name) => files.has(name) || directories.has(name),
      listSync(directory) {
        if (!directories.has(directory)) throw missing(directory);
        let names = listings.get(directory);
        if (names === undefined) {
          const below = directory === '/' ? '/' : `${directory}/`;
          const isChild = (name: string): boolean => name.length > below.length && name.startsWith(below) && !name.includes('/', below.length);
          names = [...files.keys(), ...directories].filter(isChild).map((name) => name.slice(below.length)).sort();
          listings.set(directory, names);
        }
        return [...names];
      },
      statSync(name) {
        if (directories.has(name)) return { sizeBytes: 0, modifiedMs: 0, isDirectory: true };
        const stored = files.get(name);
        return stored === undefined ? undefined : { sizeBytes: stored.size, modifiedMs: stored.modifiedMs, isDirectory: false };
      },
      setModifiedSync(name, modifiedMs) {
        const stored = files.get(name);
        if (stored === undefined) throw missing(name);
        if (owner.isAlive()) stored.modifiedMs = modifiedMs;
      },
      makeDirectorySync(name) {
        if (!owner.isAlive()) return;
        if (!directories.has(name)) requireWritable(name, true);
        listings.clear();
        for (let at = name; !directories.has(at); at = path.dirname(at)) directories.add(at);
      },
      readFileSync(name) {
        const stored = files.get(name);
        if (stored === undefined) throw missing(name);
        requireReadable(name);
        return Buffer.from(stored.content.subarray(0, stored.size));
      },
      replaceFileSync(name, content) {
        if (!owner.isAlive()) return;
        if (!directories.has(path.dirname(name))) throw missing(name);
        const stored: StoredFile = { content: Buffer.alloc(0), size: 0, durableSize: 0, modifiedMs: nowMs() };
        write(stored, `${name}.tmp`, [Buffer.from(content)], 0, owner);
        stored.durableSize = stored.size;
        if (owner.isAlive()) {
          files.set(name, stored);
          listings.clear();
        }
      },
      renameSync(from, to) {
        if (!owner.isAlive()) return;
        requireWritable(from, false);
        rename(from, to);
      },
      unlinkSync(name) {
        if (!owner.isAlive()) return;
        requireWritable(name, false);
        listings.clear();
        if (!files.delete(name)) throw missing(name);
      },
      removeSync(name) {
        if (!owner.isAlive()) return;
        requireWritable(name, false);
        listings.clear();
        files.delete(name);
        directories.delete(name);
        for (const file of files.keys()) if (inside(name, file)) files.delete(file);
        for (const directory of directories) if (inside(name, directory)) directories.delete(directory);
      },
      syncDirectorySync: () => undefined,
      spaceSync: () => ({ totalBytes: 2 ** 40, usableBytes: 2 ** 39 }),
      lockSync(name) {
        const holder = locks.get(name);
        if (!owner.isAlive() || (holder !== undefined && holder !== disk)) return undefined;
        locks.set(name, disk);
        listings.clear();
        files.set(name, { content: Buffer.alloc(0), size: 0, durableSize: 0, modifiedMs: nowMs() });
        return { release: () => void locks.delete(name) };
      },
    };
    return disk;
  }

  return {
    mount,
    unmount(disk) {
      for (const [name, holder] of locks) if (holder === disk) locks.delete(name);
    },
    tearNextWrite(pathPattern) {
      tear = pathPattern;
    },
    losePower() {
      for (const file of files.values()) {
        const kept = file.durableSize + random.integer(file.size - file.durableSize + 1);
        file.content.fill(0, kept);
        if (random.oneIn(2)) file.size = kept;
      }
    },
    misbehave(next) {
      trouble = next;
    },
    inPeace(look) {
      const before = trouble;
      trouble = {};
      try {
        return look();
      } finally {
        trouble = before;
      }
    },
    paths: () => [...files.keys()].sort(),
    contentOf(name) {
      const stored = files.get(name);
      return stored?.content.subarray(0, stored.size);
    },
    empty() {
      listings.clear();
      files.clear();
      directories.clear();
      directories.add('/');
    },
  };
}

/** What the call gives, or throws, as a promise. */
function promiseOf<T>(call: () => T): Promise<T> {
  return new Promise((resolve) => resolve(call()));
}
