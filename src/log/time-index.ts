import { readInt32, readInt64, writeInt32, writeInt64 } from '../record/integers.ts';
import type { Disk } from '../runtime/disk.ts';
import { IndexEntries } from './index-entries.ts';
import type { IndexMemory } from './index-memory.ts';

const entryBytes = 12;

/** A record batch's greatest timestamp has none when it is this (magic 0). */
export const noTimestamp = -1;

/**
 * `<base>.timeindex`: entries `i64 timestamp, i32 offset - base`. An entry says: no record up to this offset is younger.
 * @see TimeIndex in Apache Kafka 3.9
 */
export class TimeIndex {
  readonly entries: IndexEntries;
  readonly #baseOffset: number;
  readonly #entriesMax: number;

  /** @param bytesMax segment.index.bytes */
  constructor(disk: Disk, path: string, baseOffset: number, bytesMax: number, memory?: IndexMemory) {
    this.entries = new IndexEntries(disk, path, entryBytes, memory);
    this.#baseOffset = baseOffset;
    this.#entriesMax = Math.floor(bytesMax / entryBytes);
  }

  /** One slot is kept for the entry that closes the segment. */
  get isFull(): boolean {
    return this.entries.count >= this.#entriesMax - 1;
  }

  /** -1 when there is no entry. */
  get lastTimestamp(): number {
    const { count } = this.entries;
    return count === 0 ? noTimestamp : this.timestampAt(count - 1);
  }

  /** The base offset when there is no entry. */
  get lastOffset(): number {
    const { count } = this.entries;
    return count === 0 ? this.#baseOffset : this.offsetAt(count - 1);
  }

  timestampAt(slot: number): number {
    return readInt64(this.entries.bytes, slot * entryBytes);
  }

  offsetAt(slot: number): number {
    return this.#baseOffset + readInt32(this.entries.bytes, slot * entryBytes + 8);
  }

  /** Adds an entry when its timestamp is above the last one's and its offset not below. */
  maybeAppend(timestamp: number, offset: number): void {
    if (timestamp <= this.lastTimestamp) return;
    if (this.entries.count > 0 && offset < this.lastOffset) return;
    const at = this.entries.add();
    const { bytes } = this.entries;
    writeInt64(bytes, timestamp, at);
    writeInt32(bytes, offset - this.#baseOffset, at + 8);
  }

  /** Offset of the last entry at or below `timestamp`: records before it are older. The base offset when there is none. */
  lookup(timestamp: number): number {
    let low = -1;
    let high = this.entries.count;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.timestampAt(middle) <= timestamp) low = middle;
      else high = middle;
    }
    return low < 0 ? this.#baseOffset : this.offsetAt(low);
  }

  /** Drops entries at or above `offset`. */
  truncateTo(offset: number): void {
    let count = this.entries.count;
    while (count > 0 && this.offsetAt(count - 1) >= offset) count--;
    this.entries.keep(count);
  }
}
