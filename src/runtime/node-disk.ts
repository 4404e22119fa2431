import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Disk, DiskFile, DiskStat } from './disk.ts';
import { lockFile } from './node-file-lock.ts';
import { systemCalls } from './system-calls.ts';

const openFlags = {
  read: fs.constants.O_RDONLY,
  write: fs.constants.O_RDWR | fs.constants.O_CREAT,
  truncate: fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_TRUNC,
} as const;

/** What `blocks` of a stat counts, whatever the file system's own are. */
const statBlockBytes = 512;

const readAsync = promisify(fs.read);
const fsyncAsync = promisify(fs.fsync);

/** The machine's file system. */
export const nodeDisk: Disk = {
  openSync: (file, mode) => new NodeDiskFile(file, fs.openSync(file, openFlags[mode], 0o644)),
  existsSync: (file) => fs.existsSync(file),
  listSync: (directory) => fs.readdirSync(directory).sort(),
  statSync(file): DiskStat | undefined {
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    return { sizeBytes: stat.size, allocatedBytes: stat.blocks * statBlockBytes, modifiedMs: stat.mtimeMs, isDirectory: stat.isDirectory() };
  },
  setModifiedSync(file, modifiedMs) {
    const date = new Date(modifiedMs);
    fs.utimesSync(file, date, date);
  },
  makeDirectorySync(directory) {
    fs.mkdirSync(directory, { recursive: true });
  },
  readFileSync: (file) => fs.readFileSync(file),
  replaceFileSync(file, content) {
    const beside = `${file}.tmp`;
    const descriptor = fs.openSync(beside, 'w', 0o644);
    try {
      fs.writeFileSync(descriptor, content);
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
    fs.renameSync(beside, file);
    nodeDisk.syncDirectorySync(path.dirname(file));
  },
  renameSync: (from, to) => fs.renameSync(from, to),
  unlinkSync: (file) => fs.unlinkSync(file),
  removeSync: (file) => fs.rmSync(file, { recursive: true, force: true }),
  remove: (file) => fs.promises.rm(file, { recursive: true, force: true }),
  syncDirectorySync(directory) {
    if (process.platform === 'win32') return; // directories cannot be opened there, and NTFS journals names itself
    const descriptor = fs.openSync(directory, 'r');
    try {
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  },
  async syncDirectory(directory) {
    if (process.platform === 'win32') return;
    const handle = await fs.promises.open(directory, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  spaceSync(file) {
    const { bsize, blocks, bavail } = fs.statfsSync(file);
    return { totalBytes: bsize * blocks, usableBytes: bsize * bavail };
  },
  lockSync: lockFile,
};

/** A class, as every object with a getter that is looked at often: V8 keeps a literal with one as a slow dictionary. */
class NodeDiskFile implements DiskFile {
  readonly descriptor: number;
  #path: string;
  #isOpen = true;
  #holders = 0;

  constructor(openedPath: string, descriptor: number) {
    this.#path = openedPath;
    this.descriptor = descriptor;
  }

  get path(): string {
    return this.#path;
  }

  sizeSync(): number {
    return fs.fstatSync(this.descriptor).size;
  }

  readSync(target: Uint8Array, targetStart: number, length: number, position: number): number {
    let done = 0;
    while (done < length) {
      const count = fs.readSync(this.descriptor, target, targetStart + done, length - done, position + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  async read(target: Uint8Array, targetStart: number, length: number, position: number): Promise<number> {
    let done = 0;
    while (done < length) {
      const { bytesRead } = await readAsync(this.descriptor, target, targetStart + done, length - done, position + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  readCachedSync(target: Uint8Array, targetStart: number, length: number, position: number): boolean {
    return systemCalls()?.readCached(this.descriptor, target, targetStart, length, position) ?? false;
  }

  isCachedSync(position: number, length: number): boolean {
    return systemCalls()?.isCached(this.descriptor, position, length) ?? false;
  }

  writeSync(chunks: readonly Uint8Array[], position: number): void {
    writeAll(this.descriptor, chunks, position);
  }

  async allocate(position: number, length: number): Promise<boolean> {
    return (await systemCalls()?.allocate(this.descriptor, position, length)) ?? false;
  }

  truncateSync(sizeBytes: number): void {
    fs.ftruncateSync(this.descriptor, sizeBytes);
  }

  syncSync(): void {
    fs.fsyncSync(this.descriptor);
  }

  sync(): Promise<void> {
    return fsyncAsync(this.descriptor);
  }

  renamedTo(newPath: string): void {
    this.#path = newPath;
  }

  hold(): () => void {
    this.#holders++;
    return () => {
      this.#holders--;
      if (this.#holders === 0 && !this.#isOpen) fs.closeSync(this.descriptor);
    };
  }

  closeSync(): void {
    if (!this.#isOpen) return; // a second close could hit a stranger's file that got the same number
    this.#isOpen = false;
    if (this.#holders === 0) fs.closeSync(this.descriptor);
  }
}

/** The most chunks that one writev takes on Linux (IOV_MAX). */
const chunksPerCallMax = 1024;

function writeAll(descriptor: number, chunks: readonly Uint8Array[], position: number): void {
  let at = position;
  let index = 0;
  let skipped = 0; // bytes of chunks[index] that are already written
  while (index < chunks.length) {
    const first = chunks[index]!;
    let count: number;
    if (skipped > 0 || index === chunks.length - 1) {
      count = fs.writeSync(descriptor, first, skipped, first.byteLength - skipped, at);
    } else {
      const rest = chunks.length <= chunksPerCallMax && index === 0 ? chunks : chunks.slice(index, index + chunksPerCallMax);
      count = fs.writevSync(descriptor, rest, at);
    }
    at += count;
    skipped += count;
    while (index < chunks.length && skipped >= chunks[index]!.byteLength) {
      skipped -= chunks[index]!.byteLength;
      index++;
    }
  }
}
