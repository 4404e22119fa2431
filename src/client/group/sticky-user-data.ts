import { javaHashCode, javaHashOrder } from '../java-hash-order.ts';
import type { TopicPartition } from '../records.ts';
import type { LastAssignment } from './assignor.ts';
import type { OwnedBefore } from './sticky-input.ts';
import { noGeneration } from './sticky-input.ts';

/**
 * User data of the sticky assignor (StickyAssignor.STICKY_ASSIGNOR_USER_DATA_V1): int32 count of topics, each a string
 * and an array of int32, then the generation, int32, which version 0 does not have.
 */
export function encodeOwned({ partitions, generationId }: LastAssignment): Buffer {
  const byTopic = new Map<string, number[]>();
  for (const { topic, partition } of partitions) byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition]);
  const pieces: Buffer[] = [int32(byTopic.size)];
  // Java's HashMap.computeIfAbsent puts a new key before those with the same place.
  for (const topic of javaHashOrder([...byTopic.keys()].toReversed(), javaHashCode)) {
    const name = Buffer.from(topic);
    const length = Buffer.alloc(2);
    length.writeInt16BE(name.length);
    const its = byTopic.get(topic)!;
    pieces.push(length, name, int32(its.length), ...its.map(int32));
  }
  return Buffer.concat([...pieces, int32(generationId)]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** What cannot be read is as if nothing had been owned: another client's mistake must not stop the group. */
export function decodeOwned(bytes: Buffer | null): OwnedBefore {
  if (bytes === null || bytes.length === 0) return { partitions: [], generationId: undefined };
  try {
    return readOwned(bytes);
  } catch {
    return { partitions: [], generationId: noGeneration };
  }
}

/** @throws RangeError when the bytes end too soon or tell more than they hold */
function readOwned(bytes: Buffer): OwnedBefore {
  let at = 0;
  const next = (size: number): number => {
    at += size;
    return at - size;
  };
  const count = (): number => {
    const value = bytes.readInt32BE(next(4));
    if (value < 0 || value > bytes.length) throw new RangeError('more entries than bytes');
    return value;
  };
  const partitions: TopicPartition[] = [];
  for (let topics = count(); topics > 0; topics--) {
    const length = bytes.readInt16BE(next(2));
    if (length < 0 || at + length > bytes.length) throw new RangeError('a name beyond the end');
    const topic = bytes.toString('utf8', at, next(length) + length);
    for (let left = count(); left > 0; left--) partitions.push({ topic, partition: bytes.readInt32BE(next(4)) });
  }
  return { partitions, generationId: at + 4 <= bytes.length ? bytes.readInt32BE(at) : undefined };
}
