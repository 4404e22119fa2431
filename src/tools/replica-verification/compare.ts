import { lastOffset, nextOffset, readBatches, storedCrc } from '../../record/batch.ts';
import type { TopicPartition } from '../topic-partitions.ts';
import { partitionName } from '../topic-partitions.ts';

/** What one replica answered. */
export interface ReplicaAnswer {
  readonly brokerId: number;
  readonly highWatermark: number;
  readonly records: Buffer;
}

export interface Comparison {
  /** First offset that is not known to be the same everywhere. */
  readonly offset: number;
  /** Behind the largest high watermark that a replica answered. */
  readonly lag: number;
  /** Batches that are not the same, in words. */
  readonly differences: readonly string[];
  /** The replicas hold different offsets: nothing behind can be compared. */
  readonly isOutOfStep: boolean;
}

/**
 * Compares the replicas of one partition batch by batch, as long as each has another one below its high watermark.
 * @param start where all of them were read from
 * @see ReplicaVerificationTool of Apache Kafka 3.9
 */
export function compareReplicas(place: TopicPartition, start: number, answers: readonly ReplicaAnswer[]): Comparison {
  const readers = answers.map((answer) => ({ answer, batches: readBatches(answer.records) }));
  const highest = Math.max(-1, ...answers.map(({ highWatermark }) => highWatermark));
  const differences: string[] = [];
  let offset = start;
  for (;;) {
    const row = readers.map(({ answer, batches }) => batchOf(answer, batches.next()));
    const [first] = row;
    if (first === undefined || row.includes(undefined)) return { offset, lag: highest - offset, differences, isOutOfStep: false };
    for (const other of row) {
      if (other === undefined || other === first) continue;
      if (other.lastOffset !== first.lastOffset) {
        differences.push(`partition ${partitionName(place)}: replica ${first.brokerId}'s offset ${first.lastOffset} doesn't match replica ${other.brokerId}'s offset ${other.lastOffset}`);
        return { offset, lag: highest - offset, differences, isOutOfStep: true };
      }
      if (other.crc !== first.crc) {
        differences.push(
          `partition ${partitionName(place)} has unmatched checksum at offset ${other.lastOffset}; replica ${first.brokerId}'s checksum ${first.crc}; replica ${other.brokerId}'s checksum ${other.crc}`,
        );
      }
    }
    offset = first.nextOffset;
  }
}

interface Batch {
  readonly brokerId: number;
  readonly lastOffset: number;
  readonly nextOffset: number;
  readonly crc: number;
}

/** Undefined when the replica has no further batch, or its high watermark lies before the end of it. */
function batchOf({ brokerId, highWatermark, records }: ReplicaAnswer, found: IteratorResult<number, void>): Batch | undefined {
  if (found.done === true) return undefined;
  const start = found.value;
  const last = lastOffset(records, start);
  if (last >= highWatermark) return undefined;
  return { brokerId, lastOffset: last, nextOffset: nextOffset(records, start), crc: storedCrc(records, start) };
}
