import path from 'node:path';
import { decodeSnapshot } from '../../log/producer-snapshot.ts';
import { lastOffset } from '../../record/batch.ts';
import { readInt64 } from '../../record/integers.ts';
import { readBatchRecords } from '../../record/read.ts';
import type { Disk } from '../../runtime/disk.ts';
import type { Terminal } from '../terminal.ts';
import { JavaException, openLogFile } from './log-file.ts';
import { offsetOfName } from './log.ts';

const offsetEntryBytes = 8;
const timeEntryBytes = 12;
const transactionEntryBytes = 34;

export interface IndexDump {
  readonly isSanityOnly: boolean;
  readonly isVerifyOnly: boolean;
  readonly messageBytesMax: number;
}

/** What was found wrong, told after all files are read. Offset mismatches are told latest first, as Kafka does. */
export interface Findings {
  readonly offsetMismatches: Map<string, (readonly [index: number, log: number])[]>;
  readonly timeMismatches: Map<string, (readonly [index: number, log: number])[]>;
  readonly timesOutOfOrder: Map<string, (readonly [index: number, previous: number])[]>;
  readonly offsetsNotFound: Map<string, (readonly [index: number, log: number])[]>;
}

interface OffsetEntry {
  readonly offset: number;
  readonly position: number;
}

const logOf = (file: string): string => path.join(path.dirname(path.resolve(file)), `${path.basename(file).split('.')[0]}.log`);

function read(disk: Disk, file: string): Buffer {
  try {
    return disk.readFileSync(file);
  } catch {
    throw new JavaException('java.nio.file.NoSuchFileException', file);
  }
}

function add<T>(map: Map<string, T[]>, file: string, item: T, isFirst = false): void {
  const key = path.resolve(file);
  const items = map.get(key) ?? [];
  if (isFirst) items.unshift(item);
  else items.push(item);
  map.set(key, items);
}

function offsetEntries(bytes: Buffer, base: number): OffsetEntry[] {
  const count = Math.floor(bytes.length / offsetEntryBytes);
  return Array.from({ length: count }, (_, index) => ({ offset: base + bytes.readInt32BE(index * offsetEntryBytes), position: bytes.readInt32BE(index * offsetEntryBytes + 4) }));
}

/** Prints an .index and compares it with its log: each entry should name the last offset of the batch at its position. */
export function dumpOffsetIndex(disk: Disk, file: string, dump: IndexDump, findings: Findings, terminal: Terminal): void {
  const base = offsetOfName(file);
  const log = openLogFile(disk, logOf(file));
  try {
    const bytes = read(disk, file);
    const entries = offsetEntries(bytes, base);
    if (entries.length === 0) {
      terminal.out(`${file} is empty.\n`);
      return;
    }
    if (dump.isSanityOnly) {
      checkOffsets(file, bytes, offsetEntryBytes, entries.at(-1)!.offset, base);
      terminal.out(`${file} passed sanity check.\n`);
      return;
    }
    for (const [index, { offset, position }] of entries.entries()) {
      if (offset === base && index > 0) return; // the rest was set aside and never written
      const first = log.batches(position, dump.messageBytesMax).next();
      if (first.done === true) throw new JavaException('java.util.NoSuchElementException', 'null');
      const last = lastOffset(first.value.bytes, 0);
      if (last !== offset) add(findings.offsetMismatches, file, [offset, last], true);
      if (!dump.isVerifyOnly) terminal.out(`offset: ${offset} position: ${position}\n`);
    }
  } finally {
    log.close();
  }
}

function checkOffsets(file: string, bytes: Buffer, entryBytes: number, last: number, base: number): void {
  const corrupt = (message: string): JavaException => new JavaException('org.apache.kafka.storage.internals.log.CorruptIndexException', message);
  if (last < base) {
    throw corrupt(`Corrupt index found, index file (${path.resolve(file)}) has non-zero size but the last offset is ${last} which is less than the base offset ${base}`);
  }
  if (bytes.length % entryBytes !== 0) throw corrupt(`Index file ${path.resolve(file)} is corrupt, found ${bytes.length} bytes which is neither positive nor a multiple of ${entryBytes}`);
}

/** Prints a .timeindex and compares it with its log and .index. */
export function dumpTimeIndex(disk: Disk, file: string, dump: IndexDump, findings: Findings, terminal: Terminal): void {
  const base = offsetOfName(file);
  const log = openLogFile(disk, logOf(file));
  try {
    const positions = offsetEntries(read(disk, logOf(file).replace(/\.log$/, '.index')), base);
    const bytes = read(disk, file);
    const entries = Array.from({ length: Math.floor(bytes.length / timeEntryBytes) }, (_, index) => ({
      timestamp: readInt64(bytes, index * timeEntryBytes),
      offset: base + bytes.readInt32BE(index * timeEntryBytes + 8),
    }));
    if (dump.isSanityOnly) {
      if (entries.length > 0) checkOffsets(file, bytes, timeEntryBytes, entries.at(-1)!.offset, base);
      terminal.out(`${file} passed sanity check.\n`);
      return;
    }
    let previous = -1;
    for (const [index, { timestamp, offset }] of entries.entries()) {
      if (offset === base && index > 0) return;
      const position = positions.findLast((entry) => entry.offset <= offset && (entry.offset > base || entry.position === 0))?.position ?? 0;
      compareTime(file, { timestamp, offset, previous }, log.batches(position), findings);
      if (!dump.isVerifyOnly) terminal.out(`timestamp: ${timestamp} offset: ${offset}\n`);
      previous = timestamp;
    }
  } finally {
    log.close();
  }
}

function compareTime(
  file: string,
  entry: { readonly timestamp: number; readonly offset: number; readonly previous: number },
  batches: Iterable<{ readonly bytes: Buffer }>,
  findings: Findings,
): void {
  for (const { bytes } of batches) {
    const last = lastOffset(bytes, 0);
    if (last < entry.offset) continue;
    if (last !== entry.offset) {
      add(findings.offsetsNotFound, file, [entry.offset, last]);
      return;
    }
    const latest = readBatchRecords(bytes, 0).reduce((most, { timestamp }) => Math.max(most, timestamp), -1);
    if (latest !== entry.timestamp) add(findings.timeMismatches, file, [entry.timestamp, latest]);
    if (entry.previous >= entry.timestamp) add(findings.timesOutOfOrder, file, [entry.timestamp, entry.previous]);
    return;
  }
  add(findings.offsetsNotFound, file, [entry.offset, -1]);
}

/** Prints a .snapshot: the producers of a partition. */
export function dumpProducerSnapshot(disk: Disk, file: string, terminal: Terminal): void {
  const bytes = read(disk, file);
  let producers;
  try {
    producers = decodeSnapshot(path.resolve(file), bytes);
  } catch (error) {
    terminal.err(`${(error as Error).message}\n`);
    return;
  }
  for (const producer of producers) {
    const first = producer.transactionFirstOffset < 0 ? 'OptionalLong.empty' : `OptionalLong[${producer.transactionFirstOffset}]`;
    const [batch] = producer.batches;
    const last =
      batch === undefined
        ? ''
        : `firstSequence: ${batch.lastSequence - batch.offsetDelta} lastSequence: ${batch.lastSequence} lastOffset: ${batch.lastOffset} offsetDelta: ${batch.offsetDelta} timestamp: ${batch.timestamp}`;
    terminal.out(
      `producerId: ${producer.producerId} producerEpoch: ${producer.producerEpoch} coordinatorEpoch: ${producer.coordinatorEpoch} currentTxnFirstOffset: ${first} lastTimestamp: ${producer.lastTimestamp} ${last}\n`,
    );
  }
}

/** Prints a .txnindex: the aborted transactions of a segment. */
export function dumpTransactionIndex(disk: Disk, file: string, terminal: Terminal): void {
  const bytes = read(disk, file);
  for (let at = 0; at + transactionEntryBytes <= bytes.length; at += transactionEntryBytes) {
    terminal.out(
      `version: ${bytes.readInt16BE(at)} producerId: ${readInt64(bytes, at + 2)} firstOffset: ${readInt64(bytes, at + 10)} lastOffset: ${readInt64(bytes, at + 18)} lastStableOffset: ${readInt64(bytes, at + 26)}\n`,
    );
  }
}
