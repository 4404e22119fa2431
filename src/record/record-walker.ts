import { attributeBits, attributes, baseOffset, baseTimestamp, batchHeaderBytes, batchSizeBytes, maxTimestamp, recordCount, timestampType } from './batch.ts';
import { decompress } from './compression.ts';
import { InvalidRecord } from './errors.ts';
import { VarintReader } from './integers.ts';
import { codecOf, decompressedBytesMaxDefault } from './read.ts';

/**
 * Walks the records of a batch v2 where they lie: what the log cleaner asks of a record, without an object for each. One
 * walker serves any number of batches, one after the other.
 */
export class RecordWalker {
  /** The records' bytes, decompressed; positions below are in it. */
  bytes: Buffer = Buffer.alloc(0);
  offset = 0;
  /** Milliseconds; under LogAppendTime that of the append. */
  timestamp = 0;
  keyStart = 0;
  /** -1: the record has no key. */
  keyLength = 0;
  hasValue = false;
  /** Where the record's offset delta begins, which key, value and headers follow. */
  offsetStart = 0;
  end = 0;
  readonly #reader = new VarintReader();
  #recordsStart = 0;
  #recordsEnd = 0;
  #count = 0;
  #left = 0;
  #baseOffset = 0;
  #baseTimestamp = 0;
  #appendTime: number | undefined;

  /**
   * Goes before the first record of the whole batch v2 at `start`.
   * @throws CorruptRecord, UnsupportedCompression, CodecLoading when its records cannot be decompressed
   */
  reset(buffer: Buffer, start: number, decompressedBytesMax = decompressedBytesMaxDefault): void {
    const end = start + batchSizeBytes(buffer, start);
    this.#count = recordCount(buffer, start);
    if (this.#count < 0) throw new InvalidRecord(`Found invalid record count ${this.#count} in magic v2 batch`);
    this.#baseOffset = baseOffset(buffer, start);
    this.#baseTimestamp = baseTimestamp(buffer, start);
    this.#appendTime = timestampType(buffer, start) === 'LogAppendTime' ? maxTimestamp(buffer, start) : undefined;
    if (this.#count === 0 || (attributes(buffer, start) & attributeBits.compression) === 0) {
      this.bytes = buffer;
      this.#recordsStart = start + batchHeaderBytes;
      this.#recordsEnd = end;
    } else {
      this.bytes = decompress(codecOf(buffer, start), buffer.subarray(start + batchHeaderBytes, end), 2, decompressedBytesMax);
      this.#recordsStart = 0;
      this.#recordsEnd = this.bytes.length;
    }
    this.rewind();
  }

  /** Goes before the first record again. */
  rewind(): void {
    this.#left = this.#count;
    this.#reader.reset(this.bytes, this.#recordsStart, this.#recordsEnd);
  }

  /** Goes to the next record; false after the last. @throws InvalidRecord when the bytes are not what the header says */
  next(): boolean {
    const reader = this.#reader;
    if (this.#left === 0) {
      if (reader.position !== reader.end) throw new InvalidRecord('Incorrect declared batch size, records still remaining in file');
      return false;
    }
    this.#left--;
    const size = reader.varint();
    const bodyStart = reader.position;
    if (size < 0 || size > reader.end - bodyStart) throw new InvalidRecord(`A record of ${size} bytes runs over the end of its batch`);
    reader.skip(1); // attributes: no bit has a meaning
    const timestamp = this.#baseTimestamp + reader.varlong();
    this.timestamp = this.#appendTime ?? timestamp;
    this.offsetStart = reader.position;
    this.offset = this.#baseOffset + reader.varint();
    this.keyLength = Math.max(-1, reader.varint());
    this.keyStart = reader.skip(Math.max(0, this.keyLength));
    this.hasValue = reader.varint() >= 0;
    this.end = bodyStart + size;
    if (reader.position > this.end) throw new InvalidRecord(`Invalid record size: its key does not fit into ${size} bytes`);
    reader.position = this.end;
    return true;
  }
}
