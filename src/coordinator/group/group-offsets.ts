import type { ErrorName } from '../../protocol/errors.ts';
import type { Logger } from '../../runtime/logger.ts';
import { offsetCommitError } from './append-errors.ts';
import { expiredOffsets } from './expired-offsets.ts';
import type { Group } from './group.ts';
import type { GroupLog, Producer } from './group-log.ts';
import type { GroupRunner } from './group-runner.ts';
import type { CommittedOffset } from './offset-value.ts';
import type { OffsetCommit } from './offsets.ts';
import type { TopicPartition } from './partition-map.ts';
import type { Resident, Residents } from './residents.ts';

/** What a client is told of a partition. */
export interface FetchedOffset extends TopicPartition {
  readonly error: ErrorName;
  /** Undefined where nothing is committed. */
  readonly value: CommittedOffset | undefined;
}

/** The offsets of groups, in memory and in the log. */
export interface GroupOffsets {
  /** @param done gets an error for each commit, in their order */
  store(resident: Resident, commits: readonly OffsetCommit[], producer: Producer | undefined, done: (errors: readonly ErrorName[]) => void): void;
  /** @param partitions null for all that are committed */
  fetch(group: Group | undefined, partitions: readonly TopicPartition[] | null, isStableRequired: boolean): readonly FetchedOffset[];
  /** Forgets partitions, in the log too; a group that is empty then goes with its last offset. */
  remove(resident: Resident, partitions: Iterable<TopicPartition>): void;
  removeExpired(resident: Resident, retentionMs: number): void;
}

export interface GroupOffsetsOptions {
  readonly logger: Logger;
  readonly log: GroupLog;
  readonly runner: GroupRunner;
  readonly residents: Residents;
  /** offset.metadata.max.bytes: UTF-16 units in fact, as in Apache Kafka. */
  readonly metadataLengthMax: number;
}

export function createGroupOffsets({ logger, log, runner, residents, metadataLengthMax }: GroupOffsetsOptions): GroupOffsets {
  const isTooLong = ({ value }: OffsetCommit): boolean => value.metadata.length > metadataLengthMax;

  function remove(resident: Resident, partitions: Iterable<TopicPartition>): void {
    const { group, partition } = resident;
    const removed = group.offsets.remove(partitions);
    // Somebody who was just given an id is about to join.
    if (group.state === 'Empty' && group.offsets.isEmpty && group.pendingMembers.size === 0) {
      group.moveTo('Dead', runner.now());
      logger.info('group is gone: it has neither members nor offsets', { group: group.id, generation: group.generation });
    }
    const isGone = group.state === 'Dead';
    if (isGone) {
      residents.remove(resident);
      runner.stopTimer(resident);
    }
    // A group that only ever committed offsets has no record.
    const isRecordGone = isGone && group.generation > 0;
    if (removed.length === 0 && !isRecordGone) return;
    log.appendTombstones(partition, group.id, removed, isRecordGone, (error) => {
      if (error !== 'NONE') logger.error('tombstones of a group not appended', { group: group.id, offsets: removed.length, error });
    });
  }

  return {
    store(resident, commits, producer, done) {
      const { group, partition } = resident;
      const accepted = commits.filter((commit) => !isTooLong(commit));
      const answer = (error: ErrorName): void => done(commits.map((commit) => (isTooLong(commit) ? 'OFFSET_METADATA_TOO_LARGE' : error)));
      if (accepted.length === 0) {
        answer('NONE');
        return;
      }
      if (producer === undefined) {
        group.offsets.prepare(accepted);
      } else {
        group.offsets.prepareTransactional(producer.id, accepted);
        residents.opened(producer.id, resident);
      }
      log.appendOffsets(partition, group.id, accepted, producer, (error, baseOffset) => {
        if (producer === undefined) {
          if (error === 'NONE') group.offsets.appended(accepted, baseOffset);
          else group.offsets.failed(accepted);
        } else if (error === 'NONE') {
          group.offsets.appendedTransactional(producer.id, accepted, baseOffset);
        } else {
          group.offsets.failedTransactional(producer.id, accepted);
          if (!group.offsets.hasOpenProducer(producer.id)) residents.closed(producer.id, resident);
        }
        answer(offsetCommitError(error));
      });
    },
    fetch(group, partitions, isStableRequired) {
      const offsets = group === undefined || group.state === 'Dead' ? undefined : group.offsets;
      const asked = partitions ?? Array.from(offsets ?? []);
      return asked.map(({ topic, partition }) => {
        if (isStableRequired && offsets?.isUnstable(topic, partition) === true) return { topic, partition, error: 'UNSTABLE_OFFSET_COMMIT', value: undefined };
        return { topic, partition, error: 'NONE', value: offsets?.get(topic, partition) };
      });
    },
    remove,
    removeExpired: (resident, retentionMs) => remove(resident, expiredOffsets(resident.group, runner.now().wallMs, retentionMs)),
  };
}
