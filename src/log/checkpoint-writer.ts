import path from 'node:path';
import type { Disk } from '../runtime/disk.ts';

/**
 * Writes one checkpoint again and again. An fsync may take seconds while the disk is busy with others' data, so it is done in another
 * thread; only the name is changed on the event loop, where nothing newer can come between.
 */
export class CheckpointWriter {
  readonly #disk: Disk;
  readonly #path: string;
  /** Counts what was written at once: what is under way then is older. */
  #generation = 0;
  #next: string | undefined;
  #isWriting = false;
  #written: Promise<void> = Promise.resolve();

  constructor(disk: Disk, file: string) {
    this.#disk = disk;
    this.#path = file;
  }

  /** Resolves when this, or something newer, is durable. @throws system errors */
  write(content: string): Promise<void> {
    this.#next = content;
    if (this.#isWriting) return this.#written;
    this.#isWriting = true;
    return (this.#written = this.#writeAll());
  }

  /** Durable when it returns; what is under way is dropped. @throws system errors */
  writeNow(content: string): void {
    this.drop();
    this.#disk.replaceFileSync(this.#path, content);
  }

  /** Nothing that was asked for before is written from now on. */
  drop(): void {
    this.#generation++;
    this.#next = undefined;
  }

  /** Resolves when no write is under way, however it went: whoever asked for it is told. */
  settled(): Promise<void> {
    return this.#written.catch(() => undefined);
  }

  async #writeAll(): Promise<void> {
    try {
      for (let content = this.#next; content !== undefined; content = this.#next) {
        this.#next = undefined;
        await this.#replace(content);
      }
    } finally {
      this.#isWriting = false;
    }
  }

  async #replace(content: string): Promise<void> {
    const generation = this.#generation;
    const beside = `${this.#path}.next`;
    const file = this.#disk.openSync(beside, 'truncate');
    try {
      file.writeSync([Buffer.from(content)], 0);
      await file.sync();
    } finally {
      file.closeSync();
    }
    if (generation !== this.#generation) return;
    this.#disk.renameSync(beside, this.#path);
    await this.#disk.syncDirectory(path.dirname(this.#path));
  }
}
