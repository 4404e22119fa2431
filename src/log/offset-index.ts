import { readInt32, writeInt32 } from '../record/integers.ts';
import type { Disk } from '../runtime/disk.ts';
import { IndexEntries } from './index-entries.ts';
import type { IndexMemory } from './index-memory.ts';

const entryBytes = 8;

/**
 * `<base>.index`: entries `i32 offset - base, i32 position`, strictly increasing. An entry has the last offset of an append
 * and the position where that append begins.
 * @see OffsetIndex in Apache Kafka 3.9
 */
export class OffsetIndex {
  readonly entries: IndexEntries;
  readonly #baseOffset: number;
  readonly #entriesMax: number;

  /** @param bytesMax segment.index.bytes */
  constructor(disk: Disk, path: string, baseOffset: number, bytesMax: number, memory?: IndexMemory) {
    this.entries = new IndexEntries(disk, path, entryBytes, memory);
    this.#baseOffset = baseOffset;
    this.#entriesMax = Math.floor(bytesMax / entryBytes);
  }

  get isFull(): boolean {
    return this.entries.count >= this.#entriesMax;
  }

  /** The base offset when there is no entry. */
  get lastOffset(): number {
    const { count } = this.entries;
    return count === 0 ? this.#baseOffset : this.offsetAt(count - 1);
  }

  /** 0 when there is no entry. */
  get lastPosition(): number {
    const { count } = this.entries;
    return count === 0 ? 0 : this.positionAt(count - 1);
  }

  offsetAt(slot: number): number {
    return this.#baseOffset + readInt32(this.entries.bytes, slot * entryBytes);
  }

  positionAt(slot: number): number {
    return readInt32(this.entries.bytes, slot * entryBytes + 4);
  }

  /** Nothing happens when `offset` is not above the last entry's. */
  append(offset: number, position: number): void {
    if (this.entries.count > 0 && offset <= this.lastOffset) return;
    const at = this.entries.add();
    writeInt32(this.entries.bytes, offset - this.#baseOffset, at);
    writeInt32(this.entries.bytes, position, at + 4);
  }

  /** Position of the last entry at or below `offset`; 0 when there is none. */
  lookup(offset: number): number {
    const slot = this.#slotOf(offset);
    return slot < 0 ? 0 : this.positionAt(slot);
  }

  /** Drops entries at or above `offset`. */
  truncateTo(offset: number): void {
    const slot = this.#slotOf(offset);
    this.entries.keep(slot >= 0 && this.offsetAt(slot) === offset ? slot : slot + 1);
  }

  #slotOf(offset: number): number {
    const { count, bytes } = this.entries;
    const relative = offset - this.#baseOffset;
    let low = -1; // the last slot known to be at or below
    let high = count; // the first known to be above
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (readInt32(bytes, middle * entryBytes) <= relative) low = middle;
      else high = middle;
    }
    return low;
  }
}
