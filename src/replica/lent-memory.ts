import type { FileSlice } from '../log/partition-log.ts';
import type { LentRecords, RecordReader } from './record-reader.ts';

/**
 * Memory of records that were read for answers and are not sent yet; ranges of files take none. Who does not read its answers keeps
 * them here; so answers become smaller, down to `answerBytesMin`, when all connections together keep more than `lentBytesMax`. One
 * batch at least is always given whole (KIP-74), so that every reader gets on.
 */
export interface LentMemory {
  /** A reader whose bytes are counted until they are given back. */
  readonly reader: RecordReader;
  lentBytes(): number;
  /** How large an answer may be now, where it may have `bytesMax`. */
  answerBytesMax(bytesMax: number): number;
}

/** What all answers may keep before they become smaller: several large ones (fetch.max.bytes, 55 MB), and ten thousand of a usual size. */
export const lentBytesMax = 256 * 1024 * 1024;
/** As much as a batch may have unless configured otherwise (message.max.bytes). */
export const answerBytesMin = 1024 * 1024 + 12;

export function createLentMemory(reader: RecordReader): LentMemory {
  let lentBytes = 0;

  /** What gives `countedBytes` back together with the records. */
  function counted({ records, giveBack }: LentRecords, countedBytes: number): LentRecords {
    return {
      records,
      giveBack() {
        lentBytes -= countedBytes;
        giveBack();
      },
    };
  }

  function take(...request: Parameters<RecordReader['take']>): LentRecords | undefined {
    const lent = reader.take(...request);
    if (lent === undefined || !(lent.records instanceof Uint8Array)) return lent;
    lentBytes += lent.records.length;
    return counted(lent, lent.records.length);
  }

  /** Counted from the beginning: what is under way has its memory already. */
  async function read(slice: FileSlice): Promise<LentRecords> {
    lentBytes += slice.length;
    try {
      return counted(await reader.read(slice), slice.length);
    } catch (error) {
      lentBytes -= slice.length;
      throw error;
    }
  }

  return {
    reader: { take, read },
    lentBytes: () => lentBytes,
    answerBytesMax: (bytesMax) => Math.min(bytesMax, Math.max(answerBytesMin, lentBytesMax - lentBytes)),
  };
}
