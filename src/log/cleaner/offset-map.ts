import { hash, md5 } from './md5.ts';

/*
 * The latest offset of each key in the dirty part of a log. A key is known by its MD5 alone, 24 bytes an entry:
 *
 *   first byte of the hash  ──►  one of 64 tables:   words  [w0 w1 w2 w3 | w0 w1 w2 w3 | … ]   Int32Array
 *                                                    offsets[ offset + 1 | 0 = empty   | … ]   Float64Array
 *
 * Kafka takes log.cleaner.dedupe.buffer.size at once; here each table grows by half as it fills, so that few keys take little
 * memory, and since tables grow one at a time, growing never needs much more than what is there.
 */

/** As Kafka counts an entry: 16 bytes of hash, 8 of offset. */
export const entryBytes = 24;
const tableCount = 64;
const slotsAtFirst = 16;
/** Beyond this probes get long. */
const loadMax = 0.9;

interface Table {
  words: Int32Array;
  /** Offset + 1; 0 where the slot is empty. */
  offsets: Float64Array;
  used: number;
}

/** @see SkimpyOffsetMap in Apache Kafka 3.9 */
export class OffsetMap {
  /** Entries that fit: log.cleaner.dedupe.buffer.size over 24, times log.cleaner.io.buffer.load.factor. */
  readonly entriesMax: number;
  readonly #slotsPerTableMax: number;
  #tables: (Table | undefined)[] = Array.from({ length: tableCount });
  #size = 0;
  /** Everything up to this offset is in the map; -1 at first. */
  latestOffset = -1;

  constructor(bytesMax: number, loadFactor: number) {
    const slots = Math.floor(bytesMax / entryBytes);
    this.entriesMax = Math.floor(slots * loadFactor);
    this.#slotsPerTableMax = Math.max(slotsAtFirst, Math.ceil(slots / tableCount));
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size >= this.entriesMax;
  }

  /** Memory taken now. */
  get heldBytes(): number {
    return this.#tables.reduce((sum, table) => sum + (table === undefined ? 0 : table.offsets.length * entryBytes), 0);
  }

  /** @param offset not below that of any key put before */
  put(bytes: Uint8Array, keyStart: number, keyEnd: number, offset: number): void {
    md5(bytes, keyStart, keyEnd);
    const index = (hash[0] as number) & (tableCount - 1);
    const table = (this.#tables[index] ??= newTable(slotsAtFirst));
    const slot = slotOf(table, hash[0] as number, hash[1] as number, hash[2] as number, hash[3] as number);
    if (table.offsets[slot] === 0) {
      table.words.set(hash, slot * 4);
      table.used++;
      this.#size++;
    }
    table.offsets[slot] = offset + 1;
    this.latestOffset = offset;
    if (table.used >= table.offsets.length * loadMax) this.#tables[index] = this.#grown(table);
  }

  /** -1 for a key that is not there. */
  get(bytes: Uint8Array, keyStart: number, keyEnd: number): number {
    md5(bytes, keyStart, keyEnd);
    const table = this.#tables[(hash[0] as number) & (tableCount - 1)];
    if (table === undefined) return -1;
    return (table.offsets[slotOf(table, hash[0] as number, hash[1] as number, hash[2] as number, hash[3] as number)] as number) - 1;
  }

  /** Up to its share of the whole buffer by half; chance may give one table a little more than its share. */
  #grown(table: Table): Table {
    const slots = table.offsets.length;
    const wanted = Math.ceil(slots * 1.5);
    const larger = newTable(slots < this.#slotsPerTableMax ? Math.min(wanted, this.#slotsPerTableMax + slotsAtFirst) : Math.ceil(slots * 1.125));
    for (let from = 0; from < slots; from++) {
      if (table.offsets[from] === 0) continue;
      const { words } = table;
      const to = slotOf(larger, words[from * 4] as number, words[from * 4 + 1] as number, words[from * 4 + 2] as number, words[from * 4 + 3] as number);
      larger.words.set(words.subarray(from * 4, from * 4 + 4), to * 4);
      larger.offsets[to] = table.offsets[from] as number;
    }
    larger.used = table.used;
    return larger;
  }
}

function newTable(slots: number): Table {
  return { words: new Int32Array(slots * 4), offsets: new Float64Array(slots), used: 0 };
}

/** The slot that holds the hash, or the empty one where it belongs. A table always has an empty slot. */
function slotOf({ words, offsets }: Table, w0: number, w1: number, w2: number, w3: number): number {
  const slots = offsets.length;
  let slot = (w1 >>> 0) % slots;
  while (offsets[slot] !== 0) {
    const at = slot * 4;
    if (words[at] === w0 && words[at + 1] === w1 && words[at + 2] === w2 && words[at + 3] === w3) return slot;
    slot = slot + 1 === slots ? 0 : slot + 1;
  }
  return slot;
}
