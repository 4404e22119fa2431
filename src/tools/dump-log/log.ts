import path from 'node:path';
import {
  attributes,
  baseOffset,
  baseSequence,
  baseTimestamp,
  codecs,
  hasDeleteHorizon,
  isBatchIntact,
  isControl,
  isTransactional,
  lastOffset,
  lastSequence,
  leaderEpoch,
  incrementSequence,
  magic,
  maxTimestamp,
  producerEpoch,
  producerId,
  recordCount,
  storedCrc,
  timestampType,
} from '../../record/batch.ts';
import { readMarker } from '../../record/control.ts';
import type { DecodedRecord } from '../../record/read.ts';
import { readBatchRecords } from '../../record/read.ts';
import type { Disk } from '../../runtime/disk.ts';
import type { Terminal } from '../terminal.ts';
import type { RecordText } from './decoders.ts';
import type { FileBatch } from './log-file.ts';
import { JavaException, openLogFile } from './log-file.ts';

export interface LogDump {
  readonly isDeep: boolean;
  /** Undefined: keys and values are not printed. */
  readonly text: RecordText | undefined;
  readonly isMetadataSkipped: boolean;
  readonly bytesMax: number;
}

/** Pairs of offsets that follow each other with a gap, latest first. */
export type OffsetGaps = (readonly [before: number, after: number])[];

/** Offset that a file of a segment is named by. @throws JavaException */
export function offsetOfName(file: string): number {
  const [text = ''] = path.basename(file).split('.');
  if (!/^[+-]?\d+$/.test(text)) throw new JavaException('java.lang.NumberFormatException', `For input string: "${text}"`);
  return Number(text);
}

/** Prints a .log. @returns gaps between records, which only a deep dump finds. @throws JavaException */
export function dumpLog(disk: Disk, file: string, dump: LogDump, terminal: Terminal): OffsetGaps {
  terminal.out(`Log starting offset: ${offsetOfName(file)}\n`);
  const log = openLogFile(disk, file);
  const gaps: OffsetGaps = [];
  let previous = -1;
  let validBytes = 0;
  try {
    for (const batch of log.batches(0, dump.bytesMax)) {
      const lines = [batchLine(batch)];
      for (const record of dump.isDeep ? readBatchRecords(batch.bytes, 0) : []) {
        if (previous !== -1 && record.offset !== previous + 1) gaps.unshift([previous, record.offset]);
        previous = record.offset;
        lines.push(recordLine(batch.bytes, record, dump));
      }
      terminal.out(`${lines.join('\n')}\n`);
      validBytes += batch.bytes.length;
    }
    const trailingBytes = log.sizeBytes - validBytes;
    if (trailingBytes > 0 && dump.bytesMax === 0x7fffffff) terminal.out(`Found ${trailingBytes} invalid bytes at the end of ${path.basename(file)}\n`);
  } finally {
    log.close();
  }
  return gaps;
}

function typeName(bytes: Buffer): string {
  return magic(bytes, 0) === 0 ? 'NoTimestampType' : timestampType(bytes, 0);
}

function batchLine({ bytes, position }: FileBatch): string {
  const start =
    magic(bytes, 0) < 2
      ? `offset: ${lastOffset(bytes, 0)}`
      : `baseOffset: ${baseOffset(bytes, 0)} lastOffset: ${lastOffset(bytes, 0)} count: ${recordCount(bytes, 0)} baseSequence: ${baseSequence(bytes, 0)} lastSequence: ${lastSequence(bytes, 0)} producerId: ${producerId(bytes, 0)} producerEpoch: ${producerEpoch(bytes, 0)} partitionLeaderEpoch: ${leaderEpoch(bytes, 0)} isTransactional: ${isTransactional(bytes, 0)} isControl: ${isControl(bytes, 0)} deleteHorizonMs: ${hasDeleteHorizon(bytes, 0) ? `OptionalLong[${baseTimestamp(bytes, 0)}]` : 'OptionalLong.empty'}`;
  const codec = codecs[attributes(bytes, 0) & 7] ?? 'unknown';
  return `${start} position: ${position} ${typeName(bytes)}: ${maxTimestamp(bytes, 0)} size: ${bytes.length} magic: ${magic(bytes, 0)} compresscodec: ${codec} crc: ${storedCrc(bytes, 0)} isvalid: ${isBatchIntact(bytes, 0)}`;
}

function recordLine(batch: Buffer, record: DecodedRecord, dump: LogDump): string {
  const isMetadataShown = !dump.isMetadataSkipped;
  let line = isMetadataShown ? `| ${metadataText(batch, record)}` : '';
  if (dump.text === undefined || isControl(batch, 0)) return line;
  const { key, payload } = dump.text(record);
  if (key !== undefined) line += `${isMetadataShown ? ' ' : '| '}key: ${key}`;
  if (payload !== undefined) line += ` payload: ${payload}`;
  return line;
}

function metadataText(batch: Buffer, { offset, timestamp, key, value, headers }: DecodedRecord): string {
  const common = `offset: ${offset} ${typeName(batch)}: ${timestamp} keySize: ${key?.length ?? -1} valueSize: ${value?.length ?? -1}`;
  if (magic(batch, 0) < 2) return `${common}${legacyChecksum(batch)}`;
  const first = baseSequence(batch, 0);
  const sequence = first < 0 ? -1 : incrementSequence(first, offset - baseOffset(batch, 0));
  const names = headers.map((header) => header.key).join(',');
  return `${common} sequence: ${sequence} headerKeys: [${names}]${isControl(batch, 0) ? markerText(key, value) : ''}`;
}

/** The brace too much is Kafka's. Messages inside a compressed one have checksums of their own, which are not kept. */
function legacyChecksum(batch: Buffer): string {
  return (attributes(batch, 0) & 7) === 0 ? ` isValid: ${isBatchIntact(batch, 0)} crc: ${storedCrc(batch, 0)}}` : '';
}

function markerText(key: Buffer | null, value: Buffer | null): string {
  const marker = readMarker({ offset: 0, timestamp: 0, key, value, headers: [] });
  if (marker !== undefined) return ` endTxnMarker: ${marker.type} coordinatorEpoch: ${marker.coordinatorEpoch}`;
  return ` controlType: UNKNOWN(${key?.readInt16BE(2) ?? -1})`;
}
