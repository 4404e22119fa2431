import type { Random } from '../runtime/random.ts';
import type { TopicMetadata } from './metadata.ts';

/** What a partitioner decides on. */
export interface RecordToPlace {
  readonly topic: string;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

/**
 * Chooses the partition of a record that names none; partitioner.class in Kafka. Return undefined to leave it to the
 * built-in rule: murmur2 of the key, or the sticky partition of the moment when there is no key.
 */
export type Partitioner = (record: RecordToPlace, topic: TopicMetadata) => number | undefined;

/** How many batches wait for a partition, 0 when none. */
export type QueueLength = (partition: number) => number;

/**
 * The partition for records without a key: the same until batch.size bytes went to it, so that batches fill; then
 * another, the likelier the shorter its queue, so that a slow broker gets less (KIP-794).
 */
export class StickyPartition {
  #partition = -1;
  #bytes = 0;

  /** @param allBatchesFull whether no started batch of the topic waits to be filled: only then is switching free */
  choose(topic: TopicMetadata, queueLength: QueueLength, batchSize: number, allBatchesFull: () => boolean, random: Random): number {
    const isDone = this.#bytes >= batchSize && (this.#bytes >= batchSize * 2 || allBatchesFull());
    if (this.#partition < 0 || this.#partition >= topic.partitions.length || isDone) {
      this.#partition = nextPartition(topic, queueLength, random);
      this.#bytes = 0;
    }
    return this.#partition;
  }

  added(partition: number, bytes: number): void {
    if (partition === this.#partition) this.#bytes += bytes;
  }
}

/** BuiltInPartitioner.nextPartition: uniform when the queues are equal, else weighed by (longest + 1) - own. */
export function nextPartition(topic: TopicMetadata, queueLength: QueueLength, random: Random): number {
  const available = topic.partitions.filter((partition) => partition.leaderId >= 0);
  if (available.length === 0) return random.integer(topic.partitions.length);
  const lengths = available.map(({ partition }) => queueLength(partition));
  const longest = Math.max(...lengths);
  if (available.length < 2 || lengths.every((length) => length === longest)) return available[random.integer(available.length)]!.partition;
  const total = lengths.reduce((sum, length) => sum + longest + 1 - length, 0);
  let drawn = random.integer(total);
  const index = lengths.findIndex((length) => {
    drawn -= longest + 1 - length;
    return drawn < 0;
  });
  return available[index]!.partition;
}
