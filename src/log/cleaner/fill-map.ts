import { isControl, lastOffset, magic } from '../../record/batch.ts';
import { readBatchRecords } from '../../record/read.ts';
import { RecordWalker } from '../../record/record-walker.ts';
import type { CleanedTransactions } from './cleaned-transactions.ts';
import type { OffsetMap } from './offset-map.ts';

const nothing = (): void => undefined;

/**
 * Takes the keys of dirty batches into the map. Control records and data of aborted transactions have no say in what stays.
 * @see Cleaner.buildOffsetMapForSegment in Apache Kafka 3.9
 */
export class MapFiller {
  readonly #map: OffsetMap;
  readonly #transactions: CleanedTransactions;
  readonly #startOffset: number;
  readonly #walker = new RecordWalker();

  constructor(map: OffsetMap, transactions: CleanedTransactions, startOffset: number) {
    this.#map = map;
    this.#transactions = transactions;
    this.#startOffset = startOffset;
  }

  /** @returns false when the map was full before the batch's end */
  take(buffer: Buffer, start: number): boolean {
    const isDiscarded = this.#transactions.canDiscard(buffer, start, nothing);
    if (!isControl(buffer, start) && !isDiscarded && !this.#takeRecords(buffer, start)) return false;
    const last = lastOffset(buffer, start);
    if (last >= this.#startOffset) this.#map.latestOffset = last;
    return true;
  }

  /** The segment is read: offsets that compaction took from its end count as seen. */
  segmentEnded(endOffset: number): void {
    this.#map.latestOffset = endOffset - 1;
  }

  #takeRecords(buffer: Buffer, start: number): boolean {
    if (magic(buffer, start) < 2) return this.#takeOldRecords(buffer, start);
    const walker = this.#walker;
    walker.reset(buffer, start);
    while (walker.next()) {
      if (walker.keyLength < 0 || walker.offset < this.#startOffset) continue;
      if (this.#map.isFull) return false;
      this.#map.put(walker.bytes, walker.keyStart, walker.keyStart + walker.keyLength, walker.offset);
    }
    return true;
  }

  #takeOldRecords(buffer: Buffer, start: number): boolean {
    for (const { key, offset } of readBatchRecords(buffer, start)) {
      if (key === null || offset < this.#startOffset) continue;
      if (this.#map.isFull) return false;
      this.#map.put(key, 0, key.length, offset);
    }
    return true;
  }
}
