import type { ErrorName } from '../../protocol/errors.ts';
import type { Verification } from '../../log/verifications.ts';
import type { InterBrokerVersions } from '../../protocol/inter-broker-versions.ts';
import type { GroupMetadataValueInput } from '../../protocol/messages/group-metadata.ts';
import { codecs } from '../../record/batch.ts';
import type { Codec } from '../../record/batch.ts';
import { buildBatch } from '../../record/build.ts';
import type { BatchOptions, NewRecord } from '../../record/build.ts';
import type { ProducePart, ReplicaManager } from '../../replica/replica-manager.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { BrokerConfig } from '../../runtime/config/broker-config.ts';
import { encodeGroupValue } from './group-value.ts';
import { encodeOffsetValue } from './offset-value.ts';
import type { OffsetCommit } from './offsets.ts';
import type { TopicPartition } from './partition-map.ts';
import { encodeGroupKey, encodeOffsetKey } from './record-keys.ts';

export const groupTopic = '__consumer_offsets';

export interface Producer {
  readonly id: number;
  readonly epoch: number;
  /** That its transaction has the partition, where its first record needs that. */
  readonly verification?: Verification | undefined;
}

/** Whether a producer's transaction has a partition of `__consumer_offsets`, and the proof. */
export type Verified = (error: ErrorName, verification: Verification | undefined) => void;

/** @param baseOffset of the batch; -1 with an error */
export type Appended = (error: ErrorName, baseOffset: number) => void;

/** Writes the coordinator's records to a partition of `__consumer_offsets`, each request as one batch. */
export interface GroupLog {
  appendGroup(partition: number, group: string, value: GroupMetadataValueInput, done: Appended): void;
  /** @param producer whose transaction the offsets belong to */
  appendOffsets(partition: number, group: string, commits: readonly OffsetCommit[], producer: Producer | undefined, done: Appended): void;
  /** Not waited for: what is lost of them is found and appended again. */
  appendTombstones(partition: number, group: string, offsets: readonly TopicPartition[], isGroupGone: boolean, done: Appended): void;
}

export interface GroupLogOptions {
  readonly replicas: ReplicaManager;
  readonly clock: Clock;
  readonly config: BrokerConfig;
  readonly protocol: InterBrokerVersions;
}

/** Kafka numbers the records of an offset commit from 0 also where no producer is named. */
const firstSequence = 0;

export function createGroupLog({ replicas, clock, config, protocol }: GroupLogOptions): GroupLog {
  const codec: Codec = codecs[config['offsets.topic.compression.codec']] ?? 'none';
  const acks = config['offsets.commit.required.acks'];
  const timeoutMs = config['offsets.commit.timeout.ms'];

  function append(partition: number, records: readonly NewRecord[], options: BatchOptions, requiredAcks: number, done: Appended, verification?: Verification): void {
    const part: ProducePart = {
      topic: groupTopic,
      partition,
      records: buildBatch({ ...options, codec }, records),
      origin: 'coordinator',
      verification,
      error: undefined,
      baseOffset: -1,
      logAppendTimeMs: -1,
      logStartOffset: -1,
      requiredOffset: -1,
      replica: undefined,
    };
    replicas.append([part], requiredAcks, timeoutMs, () => done(part.error?.name ?? 'NONE', part.baseOffset));
    replicas.flushSoon();
  }

  return {
    appendGroup(partition, group, value, done) {
      const record = { timestamp: clock.nowMs(), key: encodeGroupKey(group), value: encodeGroupValue(value, protocol.groupMetadataValue) };
      append(partition, [record], {}, acks, done);
    },
    appendOffsets(partition, group, commits, producer, done) {
      const timestamp = clock.nowMs();
      const records = commits.map((commit) => ({
        timestamp,
        key: encodeOffsetKey(group, commit.topic, commit.partition),
        value: encodeOffsetValue(commit.value, protocol.offsetCommitValue),
      }));
      const options = producer === undefined ? {} : { producerId: producer.id, producerEpoch: producer.epoch, isTransactional: true };
      append(partition, records, { ...options, baseSequence: firstSequence }, acks, done, producer?.verification);
    },
    appendTombstones(partition, group, offsets, isGroupGone, done) {
      const timestamp = clock.nowMs();
      const keys = offsets.map((offset) => encodeOffsetKey(group, offset.topic, offset.partition));
      if (isGroupGone) keys.push(encodeGroupKey(group));
      append(partition, keys.map((key) => ({ timestamp, key, value: null })), {}, 0, done);
    },
  };
}
