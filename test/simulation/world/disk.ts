import path from 'node:path';
import type { Disk, DiskFile } from '../../../src/runtime/disk.ts';
import { createNames, newFile } from './names.ts';
import type { StoredFile } from './names.ts';
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
  /** The machine loses power, its process being dead: of what was not fsynced a part is gone, or reads as zeros; names too. */
  losePower(): void;
  /** From now on these calls fail, or take long; an empty object is a disk in order. */
  misbehave(trouble: DiskTrouble): void;
  /** Looks without being met by trouble. */
  inPeace<T>(look: () => T): T;
  /** Paths of all files, sorted. */
  paths(): string[];
  /** The bytes of a file, to look at or to spoil; undefined when there is none. */
  contentOf(path: string): Buffer | undefined;
  /** Files that its processes have open: each is closed by who opened it, or with its process. */
  readonly openFiles: number;
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

export function createSimulatedDisk(nowMs: () => number, random: SeededRandom, trace: Trace): SimulatedDisk {
  const names = createNames(nowMs);
  const locks = new Map<string, Disk>();
  let opened = new Set<DiskFile>();
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

  function requireSyncing(name: string): void {
    if (trouble.isSyncFailing === true) throw systemError('EIO', `i/o error, fsync '${name}'`);
  }

  function truncate(stored: StoredFile, sizeBytes: number): void {
    if (sizeBytes > stored.content.length) stored.content = Buffer.concat([stored.content, Buffer.alloc(sizeBytes - stored.content.length)]);
    else stored.content.fill(0, sizeBytes);
    stored.size = sizeBytes;
    stored.durableSize = Math.min(stored.durableSize, sizeBytes);
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
      // What is replaced as a whole does not grow.
      const larger = Buffer.alloc(position === 0 && file.size === 0 ? end : Math.max(end, file.content.length * 2, 1024));
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
      requireSyncing(current);
      stored.durableSize = stored.size;
      if (trouble.syncStallMs !== undefined) owner.stall(trouble.syncStallMs);
    };
    const file: DiskFile = {
      get path() {
        return current;
      },
      descriptor: -1,
      sizeSync: () => stored.size,
      readSync,
      read: (target, targetStart, length, position) => promiseOf(() => readSync(target, targetStart, length, position)),
      // What the broker itself knows to be cached is enough: the rest takes the way that may need the disk.
      readCachedSync: () => false,
      isCachedSync: () => false,
      writeSync: (chunks, position) => write(stored, current, chunks, position, owner),
      allocate: () => promiseOf(() => owner.isAlive()),
      truncateSync(sizeBytes) {
        if (!owner.isAlive()) return;
        requireWritable(current, sizeBytes > stored.size);
        truncate(stored, sizeBytes);
      },
      syncSync: sync,
      sync: () => promiseOf(sync),
      renamedTo(to) {
        current = to;
      },
      hold: () => () => undefined,
      closeSync: () => void opened.delete(file),
    };
    if (owner.isAlive()) opened.add(file);
    return file;
  }

  function mount(owner: Owner): Disk {
    const disk: Disk = {
      openSync(name, mode) {
        let stored = names.fileAt(name);
        if (stored === undefined) {
          if (mode === 'read' || (owner.isAlive() && !names.isFolder(path.dirname(name)))) throw missing(name);
          requireWritable(name, true);
          stored = newFile(nowMs());
          if (owner.isAlive()) names.put(name, stored);
        }
        if (mode === 'truncate' && owner.isAlive()) truncate(stored, 0);
        return open(name, stored, owner);
      },
      existsSync: (name) => names.fileAt(name) !== undefined || names.isFolder(name),
      listSync(directory) {
        const listing = names.list(directory);
        if (listing === undefined) throw missing(directory);
        return [...listing];
      },
      statSync(name) {
        if (names.isFolder(name)) return { sizeBytes: 0, allocatedBytes: 0, modifiedMs: 0, isDirectory: true };
        const stored = names.fileAt(name);
        return stored === undefined ? undefined : { sizeBytes: stored.size, allocatedBytes: stored.size, modifiedMs: stored.modifiedMs, isDirectory: false };
      },
      setModifiedSync(name, modifiedMs) {
        const stored = names.fileAt(name);
        if (stored === undefined) throw missing(name);
        if (owner.isAlive()) stored.modifiedMs = modifiedMs;
      },
      makeDirectorySync(name) {
        if (!owner.isAlive()) return;
        if (!names.isFolder(name)) requireWritable(name, true);
        names.makeFolder(name);
      },
      readFileSync(name) {
        const stored = names.fileAt(name);
        if (stored === undefined) throw missing(name);
        requireReadable(name);
        return Buffer.from(stored.content.subarray(0, stored.size));
      },
      replaceFileSync(name, content) {
        if (!owner.isAlive()) return;
        if (!names.isFolder(path.dirname(name))) throw missing(name);
        const stored = newFile(nowMs());
        write(stored, `${name}.tmp`, [Buffer.from(content)], 0, owner);
        stored.durableSize = stored.size;
        if (!owner.isAlive()) return;
        names.put(name, stored);
        names.sync(path.dirname(name));
      },
      renameSync(from, to) {
        if (!owner.isAlive()) return;
        requireWritable(from, false);
        if (!names.rename(from, to)) throw missing(from);
      },
      unlinkSync(name) {
        if (!owner.isAlive()) return;
        requireWritable(name, false);
        if (!names.remove(name)) throw missing(name);
      },
      removeSync(name) {
        if (!owner.isAlive()) return;
        requireWritable(name, false);
        names.remove(name);
      },
      async remove(name) {
        disk.removeSync(name);
      },
      async syncDirectory(name) {
        disk.syncDirectorySync(name);
      },
      syncDirectorySync(name) {
        if (!owner.isAlive()) return;
        requireSyncing(name);
        names.sync(name);
      },
      spaceSync: () => ({ totalBytes: 2 ** 40, usableBytes: 2 ** 39 }),
      lockSync(name) {
        const holder = locks.get(name);
        if (!owner.isAlive() || (holder !== undefined && holder !== disk)) return undefined;
        locks.set(name, disk);
        names.put(name, newFile(nowMs()));
        return { release: () => void locks.delete(name) };
      },
    };
    return disk;
  }

  return {
    mount,
    unmount(disk) {
      for (const [name, holder] of locks) if (holder === disk) locks.delete(name);
      opened = new Set();
    },
    tearNextWrite(pathPattern) {
      tear = pathPattern;
    },
    losePower() {
      names.losePower(random);
      for (const [, file] of names.files()) {
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
    get openFiles() {
      return opened.size;
    },
    paths: () => names.files().map(([name]) => name).sort(),
    contentOf(name) {
      const stored = names.fileAt(name);
      return stored?.content.subarray(0, stored.size);
    },
    empty: () => names.clear(),
  };
}

/** What the call gives, or throws, as a promise. */
function promiseOf<T>(call: () => T): Promise<T> {
  return new Promise((resolve) => resolve(call()));
}
