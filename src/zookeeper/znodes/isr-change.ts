import { decodePartitions, encodePartitions } from './partitions.ts';
import type { TopicPartition } from './partitions.ts';

/** `/isr_change_notification/isr_change_N`, written by leaders with inter.broker.protocol.version before 2.7. */
export function encodeIsrChange(partitions: readonly TopicPartition[]): Buffer {
  return encodePartitions(partitions);
}

/** @throws MalformedZnode */
export function decodeIsrChange(bytes: Uint8Array): readonly TopicPartition[] {
  return decodePartitions('isr change', bytes);
}
