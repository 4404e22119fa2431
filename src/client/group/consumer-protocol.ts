import type { MessageSchema } from '../../protocol/schema.ts';
import { consumerProtocolAssignment, consumerProtocolSubscription } from '../../protocol/messages/consumer-protocol.ts';
import { Writer } from '../../protocol/writer.ts';
import { byTopic } from '../admin-calls.ts';
import type { TopicPartition } from '../records.ts';
import { compareText } from './assignor.ts';
import type { MemberSubscription } from './assignor.ts';

/** protocol_type of consumer groups; what their members tell each other is behind it, a version (int16) and a message each. */
export const consumerProtocolType = 'consumer';

const newest = 3;

function encoded<I>(schema: MessageSchema<unknown, I>, value: I): Buffer {
  const writer = new Writer();
  writer.int16(newest);
  schema.encode(writer, value, newest);
  return Buffer.concat(writer.finish());
}

/** A version from the future begins as the newest known does. @throws MalformedMessage */
function decoded<T>(schema: MessageSchema<T, never>, bytes: Buffer): { readonly version: number; readonly message: T } {
  const version = Math.min(bytes.readInt16BE(0), newest);
  return { version, message: schema.decode(bytes, 2, bytes.length, version) };
}

export function encodeSubscription(subscription: Omit<MemberSubscription, 'memberId' | 'groupInstanceId'>): Buffer {
  const { topics, userData, ownedPartitions, generationId, rackId } = subscription;
  const sorted = ownedPartitions.toSorted((a, b) => compareText(a.topic, b.topic) || a.partition - b.partition);
  return encoded(consumerProtocolSubscription, {
    topics: topics.toSorted(compareText),
    userData,
    ownedPartitions: byTopic(sorted).map(({ name, entries }) => ({ topic: name, partitions: entries.map(({ partition }) => partition) })),
    generationId: generationId ?? -1,
    rackId: rackId ?? null,
  });
}

const flat = (topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[]): TopicPartition[] =>
  topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));

/** @throws MalformedMessage, RangeError */
export function decodeSubscription(memberId: string, groupInstanceId: string | null, bytes: Buffer): MemberSubscription {
  const { topics, userData, ownedPartitions, generationId, rackId } = decoded(consumerProtocolSubscription, bytes).message;
  return {
    memberId,
    groupInstanceId: groupInstanceId ?? undefined,
    topics,
    userData,
    ownedPartitions: flat(ownedPartitions),
    generationId: generationId < 0 ? undefined : generationId,
    rackId: rackId === null || rackId === '' ? undefined : rackId,
  };
}

export function encodeAssignment(partitions: readonly TopicPartition[]): Buffer {
  const assignedPartitions = byTopic(partitions).map(({ name, entries }) => ({ topic: name, partitions: entries.map(({ partition }) => partition) }));
  return encoded(consumerProtocolAssignment, { assignedPartitions, userData: null });
}

/** @throws MalformedMessage, RangeError */
export function decodeAssignment(bytes: Buffer): TopicPartition[] {
  return flat(decoded(consumerProtocolAssignment, bytes).message.assignedPartitions);
}
