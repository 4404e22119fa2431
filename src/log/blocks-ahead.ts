import type { Clock } from '../runtime/clock.ts';
import type { Disk, DiskFile } from '../runtime/disk.ts';

const mebibyte = 1024 * 1024;
/** How far a file grows between two looks at how fast it does; a smaller one is not looked at. */
export const lookBytes = 4 * mebibyte;
/** It is given blocks when that took no longer than this. */
const lookMs = 1_000;
/** What it is given at once; the next look is `lookBytes` before their end, so that the next ones come in time. */
const aheadBytes = 16 * mebibyte;
/** A volume with less than this left keeps it for what is written. */
const usableBytesMin = 1024 * mebibyte;

/** What this asks of a segment. */
interface GrowingFile {
  readonly file: DiskFile;
  readonly writtenBytes: number;
}

/**
 * Allocates blocks for a log file that grows fast before its bytes come: else the file system reserves each 4 KB of an append by
 * itself, a tenth of what it costs to append large batches. The file's size stays what was written. Blocks that were not used are given back when
 * the segment is rolled, closed or idle, and after a kill when the log is recovered. Kafka has no such thing; its `preallocate` makes
 * the file itself as large as a segment.
 */
export class BlocksAhead {
  readonly #segment: GrowingFile;
  readonly #clock: Clock;
  readonly #disk: Disk;
  /** The length at which to look next. */
  #lookAt = lookBytes;
  #lookedAt = 0;
  #lookedMs = -Infinity;
  #hasBlocks = false;
  #asking: Promise<void> | undefined;
  #writtenBytesWhenTidied = -1;

  constructor(segment: GrowingFile, { clock, disk }: { readonly clock: Clock; readonly disk: Disk }) {
    this.#segment = segment;
    this.#clock = clock;
    this.#disk = disk;
  }

  /** The file has grown. @param fileBytesMax segment.bytes */
  grown(fileBytesMax: number): void {
    const { writtenBytes } = this.#segment;
    if (writtenBytes < this.#lookAt || this.#asking !== undefined) return;
    const nowMs = this.#clock.monotonicMs();
    const isFast = nowMs - this.#lookedMs <= lookMs * ((writtenBytes - this.#lookedAt) / lookBytes);
    this.#lookedAt = writtenBytes;
    this.#lookedMs = nowMs;
    this.#lookAt = writtenBytes + lookBytes;
    const end = Math.min(writtenBytes + aheadBytes, fileBytesMax);
    if (isFast && end > writtenBytes && this.#hasSpace()) this.#asking = this.#ask(writtenBytes, end, end === fileBytesMax);
  }

  /** Called now and then: a file that was not written since the last time gives its blocks back. */
  async tidy(): Promise<void> {
    const { writtenBytes } = this.#segment;
    if (writtenBytes === this.#writtenBytesWhenTidied) await this.giveBack();
    this.#writtenBytesWhenTidied = writtenBytes;
  }

  /** @throws system errors */
  async giveBack(): Promise<void> {
    if (!this.#hasBlocks && this.#asking === undefined) return;
    const { file } = this.#segment;
    const release = file.hold();
    try {
      await this.#asking;
      if (this.#hasBlocks) file.truncateSync(this.#segment.writtenBytes);
      this.#hasBlocks = false;
      this.#lookAt = this.#segment.writtenBytes + lookBytes;
    } finally {
      release();
    }
  }

  #hasSpace(): boolean {
    return this.#disk.spaceSync(this.#segment.file.path).usableBytes >= usableBytesMin;
  }

  async #ask(position: number, end: number, isLast: boolean): Promise<void> {
    const { file } = this.#segment;
    const release = file.hold();
    try {
      const isDone = await file.allocate(position, end - position);
      this.#hasBlocks ||= isDone;
      this.#lookAt = isDone && !isLast ? end - lookBytes : Infinity;
    } finally {
      this.#asking = undefined;
      release();
    }
  }
}
