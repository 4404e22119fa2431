import { crc32c } from '../record/crc32c.ts';
import { readInt64, writeInt64 } from '../record/integers.ts';
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
  inHashOrder(entries).forEach((entry, index) => writeEntry(bytes, headerBytes + index * entryBytes, entry));
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

function writeEntry(bytes: Buffer, at: number, entry: ProducerEntry): void {
  const last = entry.batches.at(-1);
  writeInt64(bytes, entry.producerId, at);
  bytes.writeInt16BE(entry.producerEpoch, at + 8);
  bytes.writeInt32BE(last?.lastSequence ?? -1, at + 10);
  writeInt64(bytes, last?.lastOffset ?? -1, at + 14);
  bytes.writeInt32BE(last?.offsetDelta ?? 0, at + 22);
  writeInt64(bytes, entry.lastTimestamp, at + 26);
  bytes.writeInt32BE(entry.coordinatorEpoch, at + 34);
  writeInt64(bytes, entry.transactionFirstOffset, at + 38);
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

/** The order in which a java.util.HashMap<Long, …> of this size walks its buckets. */
function inHashOrder(entries: readonly ProducerEntry[]): readonly ProducerEntry[] {
  let buckets = 16;
  while (entries.length > buckets * 0.75) buckets *= 2;
  const bucketOf = ({ producerId }: ProducerEntry): number => {
    const hash = (Math.floor(producerId / upperWord) ^ producerId % upperWord) >>> 0;
    return ((hash ^ (hash >>> 16)) >>> 0) & (buckets - 1);
  };
  return entries.toSorted((one, other) => bucketOf(one) - bucketOf(other));
}
