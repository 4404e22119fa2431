/**
 * The file system as the broker sees it. Calls named …Sync run on the event loop: they are for the page cache
 * (appends, reads of the tail) and for start-up. Errors are Node's system errors (`code` ENOSPC, EIO, ENOENT, …).
 */
export interface Disk {
  /**
   * Opens a file: `read` an existing one; `write` for reading and writing, made if absent;
   * `truncate` for reading and writing, made or emptied.
   */
  openSync(path: string, mode: 'read' | 'write' | 'truncate'): DiskFile;
  existsSync(path: string): boolean;
  /** Names in a directory, sorted. */
  listSync(directory: string): string[];
  /** Undefined when there is nothing at that path. */
  statSync(path: string): DiskStat | undefined;
  /** Sets when a file was last changed: milliseconds since the epoch. */
  setModifiedSync(path: string, modifiedMs: number): void;
  /** Makes the directory and its parents; an existing one is fine. */
  makeDirectorySync(path: string): void;
  readFileSync(path: string): Buffer;
  /** Whole small file, replaced at once: written beside, fsynced, renamed over, directory fsynced. */
  replaceFileSync(path: string, content: string | Uint8Array): void;
  renameSync(from: string, to: string): void;
  unlinkSync(path: string): void;
  /** Removes a file or a whole directory; an absent one is fine. */
  removeSync(path: string): void;
  /** The same in another thread: a large file takes the file system tens of milliseconds. */
  remove(path: string): Promise<void>;
  /** Makes names created, renamed or removed in a directory durable. */
  syncDirectorySync(path: string): void;
  /** The same in another thread. */
  syncDirectory(path: string): Promise<void>;
  /** Bytes in the volume of `path`. */
  spaceSync(path: string): { readonly totalBytes: number; readonly usableBytes: number };
  /**
   * Takes an exclusive lock on a file, made if absent, held until released or the process ends.
   * Undefined when another process holds it.
   */
  lockSync(path: string): { release(): void } | undefined;
}

export interface DiskStat {
  readonly sizeBytes: number;
  /** What it takes on the disk: less than its size when it has holes, more when blocks were allocated ahead. */
  readonly allocatedBytes: number;
  readonly modifiedMs: number;
  readonly isDirectory: boolean;
}

/** An open file. Positions and lengths are bytes; a read gives fewer bytes than asked only at the file's end. */
export interface DiskFile {
  readonly path: string;
  /** The number the operating system knows it by; -1 in the simulator. */
  readonly descriptor: number;
  sizeSync(): number;
  readSync(target: Uint8Array, targetStart: number, length: number, position: number): number;
  read(target: Uint8Array, targetStart: number, length: number, position: number): Promise<number>;
  /** As `readSync`, if that need not wait for the disk: false when it would, or nobody can tell; then the target's content is undefined. */
  readCachedSync(target: Uint8Array, targetStart: number, length: number, position: number): boolean;
  /** Whether a range is surely in the page cache. */
  isCachedSync(position: number, length: number): boolean;
  /** Writes all chunks, in order, from `position` on; throws if any byte was not written. */
  writeSync(chunks: readonly Uint8Array[], position: number): void;
  /**
   * Has blocks allocated, in another thread, for a range behind the file's end; its size stays, and `truncateSync` gives back what is
   * not used. False where the system cannot do it or has no room: writes do without, and tell themselves of a full disk.
   */
  allocate(position: number, length: number): Promise<boolean>;
  truncateSync(sizeBytes: number): void;
  /** fsync: returns when all written bytes would survive a power cut. */
  syncSync(): void;
  sync(): Promise<void>;
  /** The path changed under the open file (its directory was renamed). */
  renamedTo(path: string): void;
  /** Keeps `descriptor` valid until the returned function is called, once, also past `closeSync`. */
  hold(): () => void;
  closeSync(): void;
}
