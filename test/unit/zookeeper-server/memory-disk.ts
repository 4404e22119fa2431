import type { Disk, DiskFile, DiskStat } from '../../../src/runtime/disk.ts';

/** Files in memory, and what of them was fsynced; enough of a disk for log and snapshot. */
export class MemoryDisk implements Disk {
  readonly files = new Map<string, Buffer>();
  /** Calls of fsync so far. */
  syncs = 0;
  /** Thrown by the next write, as a full disk would. */
  writeError: Error | undefined;
  readonly #locks = new Set<string>();

  openSync(path: string, mode: 'read' | 'write' | 'truncate'): DiskFile {
    if (mode === 'read' && !this.files.has(path)) throw Object.assign(new Error(`ENOENT ${path}`), { code: 'ENOENT' });
    if (mode === 'truncate' || !this.files.has(path)) this.files.set(path, Buffer.alloc(0));
    return new MemoryFile(this, path);
  }

  existsSync(path: string): boolean {
    return this.files.has(path);
  }

  listSync(directory: string): string[] {
    const prefix = `${directory}/`;
    return [...this.files.keys()].filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length)).sort();
  }

  statSync(path: string): DiskStat | undefined {
    const bytes = this.files.get(path);
    return bytes === undefined ? undefined : { sizeBytes: bytes.length, allocatedBytes: bytes.length, modifiedMs: 0, isDirectory: false };
  }

  setModifiedSync(): void {}

  makeDirectorySync(): void {}

  readFileSync(path: string): Buffer {
    return Buffer.from(this.files.get(path)!);
  }

  replaceFileSync(path: string, content: string | Uint8Array): void {
    this.files.set(path, Buffer.from(content));
  }

  renameSync(from: string, to: string): void {
    this.files.set(to, this.files.get(from)!);
    this.files.delete(from);
  }

  unlinkSync(path: string): void {
    this.files.delete(path);
  }

  removeSync(path: string): void {
    this.files.delete(path);
  }

  remove(path: string): Promise<void> {
    this.removeSync(path);
    return Promise.resolve();
  }

  syncDirectorySync(): void {}

  syncDirectory(): Promise<void> {
    return Promise.resolve();
  }

  spaceSync(): { totalBytes: number; usableBytes: number } {
    return { totalBytes: 1e12, usableBytes: 1e12 };
  }

  lockSync(path: string): { release(): void } | undefined {
    if (this.#locks.has(path)) return undefined;
    this.#locks.add(path);
    return { release: () => void this.#locks.delete(path) };
  }

  /** A copy as it is at this moment: what a restart after a kill finds. */
  copy(): MemoryDisk {
    const copy = new MemoryDisk();
    for (const [path, bytes] of this.files) copy.files.set(path, Buffer.from(bytes));
    return copy;
  }
}

class MemoryFile implements DiskFile {
  readonly descriptor = -1;
  readonly path: string;
  readonly #disk: MemoryDisk;

  constructor(disk: MemoryDisk, path: string) {
    this.#disk = disk;
    this.path = path;
  }

  get #bytes(): Buffer {
    return this.#disk.files.get(this.path) ?? Buffer.alloc(0);
  }

  sizeSync(): number {
    return this.#bytes.length;
  }

  readSync(target: Uint8Array, targetStart: number, length: number, position: number): number {
    const part = this.#bytes.subarray(position, position + length);
    target.set(part, targetStart);
    return part.length;
  }

  readCachedSync(target: Uint8Array, targetStart: number, length: number, position: number): boolean {
    return this.readSync(target, targetStart, length, position) === length;
  }

  isCachedSync(): boolean {
    return true;
  }

  hold(): () => void {
    return () => undefined;
  }

  async read(target: Uint8Array, targetStart: number, length: number, position: number): Promise<number> {
    return this.readSync(target, targetStart, length, position);
  }

  writeSync(chunks: readonly Uint8Array[], position: number): void {
    if (this.#disk.writeError !== undefined) throw this.#disk.writeError;
    const added = Buffer.concat(chunks);
    const before = this.#bytes;
    const after = Buffer.alloc(Math.max(before.length, position + added.length));
    before.copy(after);
    added.copy(after, position);
    this.#disk.files.set(this.path, after);
  }

  allocate(): Promise<boolean> {
    return Promise.resolve(true);
  }

  truncateSync(sizeBytes: number): void {
    const after = Buffer.alloc(sizeBytes);
    this.#bytes.copy(after);
    this.#disk.files.set(this.path, after);
  }

  syncSync(): void {
    this.#disk.syncs++;
  }

  async sync(): Promise<void> {
    this.#disk.syncs++;
  }

  renamedTo(): void {}

  closeSync(): void {}
}
