import { baseOffset, leaderEpoch, magic } from '../record/batch.ts';
import type { Disk } from '../runtime/disk.ts';
import { forEachBatch } from './follower-append.ts';
import type { EpochEndOffset } from './partition-log.ts';
import { formatCheckpointLines, MalformedFile, parseCheckpointLines, replaceWithoutSync } from './text-files.ts';

export interface LeaderEpoch {
  readonly epoch: number;
  readonly startOffset: number;
}

export const leaderEpochFileName = 'leader-epoch-checkpoint';

/** What is answered for an epoch that is not known. */
const unknownEpoch: EpochEndOffset = { epoch: -1, endOffset: -1 };

/**
 * Which leader epoch began at which offset, in `leader-epoch-checkpoint`: lines `epoch startOffset`, both increasing.
 * A follower cuts its log by it (KIP-101, KIP-279). @see LeaderEpochFileCache in Apache Kafka 3.9
 */
export class LeaderEpochs {
  readonly #disk: Disk;
  #path: string;
  #entries: LeaderEpoch[];
  #isFileEmpty: boolean;
  /** It has entries that were dropped on opening. */
  #isFileBehind = false;

  private constructor(disk: Disk, path: string, entries: LeaderEpoch[], isFileEmpty: boolean) {
    this.#disk = disk;
    this.#path = path;
    this.#entries = entries;
    this.#isFileEmpty = isFileEmpty;
  }

  /** @throws MalformedFile */
  static read(disk: Disk, path: string): LeaderEpochs {
    if (!disk.existsSync(path)) return new LeaderEpochs(disk, path, [], false);
    const entries = parseCheckpointLines(path, disk.readFileSync(path).toString('utf8')).map((line): LeaderEpoch => {
      const found = /^(\d+) (\d+)$/.exec(line);
      if (found === null) throw new MalformedFile(`malformed line "${line}" in the checkpoint ${path}`);
      return { epoch: Number(found[1]), startOffset: Number(found[2]) };
    });
    return new LeaderEpochs(disk, path, entries, false);
  }

  /** Makes the file, empty as Apache Kafka does: it has no lines before the first epoch. */
  static create(disk: Disk, path: string): LeaderEpochs {
    disk.openSync(path, 'truncate').closeSync();
    return LeaderEpochs.onEmptyFile(disk, path);
  }

  /** The file is as it was made. */
  static onEmptyFile(disk: Disk, path: string): LeaderEpochs {
    return new LeaderEpochs(disk, path, [], true);
  }

  /** Without what the file says; the file is written at the first change. */
  static empty(disk: Disk, path: string): LeaderEpochs {
    return new LeaderEpochs(disk, path, [], false);
  }

  get entries(): readonly LeaderEpoch[] {
    return this.#entries;
  }

  get latest(): LeaderEpoch | undefined {
    return this.#entries.at(-1);
  }

  /** Takes an entry; those of the same or a later epoch or offset give way. */
  assign(epoch: number, startOffset: number): void {
    const { latest } = this;
    if (latest !== undefined && latest.epoch === epoch && startOffset >= latest.startOffset) return;
    while (this.#entries.length > 0 && (this.latest!.epoch >= epoch || this.latest!.startOffset >= startOffset)) this.#entries.pop();
    this.#entries.push({ epoch, startOffset });
    this.save();
  }

  /** Takes the epochs of replicated batches; those of old formats have none, and what was known no longer holds. */
  takeAll(records: Buffer): void {
    forEachBatch(records, (start) => {
      if (magic(records, start) < 2) this.clear();
      else if (leaderEpoch(records, start) >= 0) this.assign(leaderEpoch(records, start), baseOffset(records, start));
    });
  }

  endOffsetFor(epoch: number, logEndOffset: number): EpochEndOffset {
    const { latest } = this;
    if (epoch < 0 || latest === undefined) return unknownEpoch;
    if (latest.epoch === epoch) return { epoch, endOffset: logEndOffset };
    const higher = this.#entries.findIndex((entry) => entry.epoch > epoch);
    if (higher < 0) return unknownEpoch;
    const endOffset = this.#entries[higher]!.startOffset;
    return { epoch: higher === 0 ? epoch : this.#entries[higher - 1]!.epoch, endOffset };
  }

  epochForOffset(offset: number): number | undefined {
    return this.#entries.findLast((entry) => entry.startOffset <= offset)?.epoch;
  }

  /** The log now ends at `endOffset`. */
  truncateFromEnd(endOffset: number): void {
    if (this.#dropFrom(endOffset)) this.save();
  }

  /**
   * The log that was just opened ends at `endOffset`. Where no entry is left the file stays as it is, since the next opening drops the
   * same and the first record writes the file: else a start would write one file for each partition without records.
   */
  truncateFromEndOnOpening(endOffset: number): void {
    if (!this.#dropFrom(endOffset)) return;
    if (this.#entries.length > 0) this.save();
    else this.#isFileBehind = true;
  }

  /** @returns whether there were entries at or behind `endOffset` */
  #dropFrom(endOffset: number): boolean {
    if (this.latest === undefined || this.latest.startOffset < endOffset) return false;
    this.#entries = this.#entries.filter((entry) => entry.startOffset < endOffset);
    return true;
  }

  /** The log now begins at `startOffset`: the epoch that holds it begins there. */
  truncateFromStart(startOffset: number): void {
    const holder = this.#entries.findLastIndex((entry) => entry.startOffset <= startOffset);
    if (holder < 0 || (holder === 0 && this.#entries[0]!.startOffset === startOffset)) return;
    this.#entries = [{ epoch: this.#entries[holder]!.epoch, startOffset }, ...this.#entries.slice(holder + 1)];
    this.save();
  }

  clear(): void {
    if (this.#entries.length === 0 && !this.#isFileBehind) return;
    this.#entries = [];
    this.save();
  }

  save(): void {
    this.#isFileBehind = false;
    const text = formatCheckpointLines(this.#entries.map(({ epoch, startOffset }) => `${epoch} ${startOffset}`));
    if (!this.#isFileEmpty) return replaceWithoutSync(this.#disk, this.#path, text);
    if (this.#entries.length === 0) return;
    // Nothing is lost here when it is torn, so that each new partition costs a file and a renaming less.
    const file = this.#disk.openSync(this.#path, 'write');
    try {
      file.writeSync([Buffer.from(text, 'utf8')], 0);
      this.#isFileEmpty = false;
    } finally {
      file.closeSync();
    }
  }

  renamedTo(path: string): void {
    this.#path = path;
  }
}
