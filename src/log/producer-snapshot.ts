import { crc32c } from '../record/crc32c.ts';
import { readInt64 } from '../record/integers.ts';
import type { ProducerEntry } from './producer-state.ts';
import { MalformedFile } from './text-files.ts';

const version = 1;
const headerBytes = 10;
const entryBytes = 46;
const upperWord = 0x1_0000_0000;

/**
 * A `.snapshot`: `i16 version, u32 crc, i32 count`, then 46 bytes a producer; the CRC-32C covers what follows it. Only the
 * last batch of a producer is kept. Entries come in the order of a Java HashMap, so that equal states are equal bytes.
 * @see ProducerStateManager in Apache Kafka 3.9
 */
export function encodeSnapshot(entries: readonly ProducerEntry[]): Buffer {
  const bytes = Buffer.alloc(headerBytes + entries.length * entryBytes);
  bytes.writeInt16BE(version, 0);
  bytes.writeInt32BE(entries.length, 6);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength); // half the time of a Buffer's own writes (test/bench/stalls.ts)
  let at = headerBytes;
  for (const entry of inHashOrder(entries)) {
    writeEntry(view, at, entry);
    at += entryBytes;
  }
  bytes.writeUInt32BE(crc32c(bytes, 6, bytes.length), 2);
  return bytes;
}

/** @throws MalformedFile */
export function decodeSnapshot(path: string, bytes: Buffer): readonly ProducerEntry[] {
  if (bytes.length < headerBytes) throw new MalformedFile(`${path} is too short for a producer snapshot`);
  if (bytes.readInt16BE(0) !== version) throw new MalformedFile(`${path} has version ${bytes.readInt16BE(0)}, not ${version}`);
  if (bytes.readUInt32BE(2) !== crc32c(bytes, 6, bytes.length)) throw new MalformedFile(`${path} is corrupt (crc)`);
  const count = bytes.readInt32BE(6);
  if (bytes.length !== headerBytes + count * entryBytes) throw new MalformedFile(`${path} does not hold ${count} producers`);
  return Array.from({ length: count }, (_, index) => readEntry(bytes, headerBytes + index * entryBytes));
}

function writeEntry(view: DataView, at: number, entry: ProducerEntry): void {
  const last = entry.batches.at(-1);
  writeLong(view, at, entry.producerId);
  view.setInt16(at + 8, entry.producerEpoch);
  view.setInt32(at + 10, last?.lastSequence ?? -1);
  writeLong(view, at + 14, last?.lastOffset ?? -1);
  view.setInt32(at + 22, last?.offsetDelta ?? 0);
  writeLong(view, at + 26, entry.lastTimestamp);
  view.setInt32(at + 34, entry.coordinatorEpoch);
  writeLong(view, at + 38, entry.transactionFirstOffset);
}

function writeLong(view: DataView, at: number, value: number): void {
  const upper = Math.floor(value / upperWord);
  view.setInt32(at, upper);
  view.setUint32(at + 4, value - upper * upperWord);
}

function readEntry(bytes: Buffer, at: number): ProducerEntry {
  const lastOffset = readInt64(bytes, at + 14);
  const lastTimestamp = readInt64(bytes, at + 26);
  const batches =
    lastOffset < 0 ? [] : [{ lastSequence: bytes.readInt32BE(at + 10), lastOffset, offsetDelta: bytes.readInt32BE(at + 22), timestamp: lastTimestamp }];
  return {
    producerId: readInt64(bytes, at),
    producerEpoch: bytes.readInt16BE(at + 8),
    coordinatorEpoch: bytes.readInt32BE(at + 34),
    lastTimestamp,
    transactionFirstOffset: readInt64(bytes, at + 38),
    batches,
  };
}

/** The order in which a java.util.HashMap<Long, …> of this size walks its buckets: sorted by counting, since a roll waits for 100,000 of them. */
function inHashOrder(entries: readonly ProducerEntry[]): readonly ProducerEntry[] {
  let buckets = 16;
  while (entries.length > buckets * 0.75) buckets *= 2;
  const bucketOf = ({ producerId }: ProducerEntry): number => {
    const hash = (Math.floor(producerId / upperWord) ^ producerId % upperWord) >>> 0;
    return ((hash ^ (hash >>> 16)) >>> 0) & (buckets - 1);
  };
  const places = new Uint32Array(buckets + 1);
  for (const entry of entries) places[bucketOf(entry) + 1]!++;
  for (let bucket = 0; bucket < buckets; bucket++) places[bucket + 1]! += places[bucket]!;
  const ordered = entries.slice();
  for (const entry of entries) ordered[places[bucketOf(entry)]!++] = entry;
  return ordered;
}
