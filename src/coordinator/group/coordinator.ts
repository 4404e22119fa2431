import { randomUuid } from '../random-uuid.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { InterBrokerVersions } from '../../protocol/inter-broker-versions.ts';
import type { ReplicaManager } from '../../replica/replica-manager.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { BrokerConfig } from '../../runtime/config/broker-config.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Random } from '../../runtime/random.ts';
import { offsetCommitError } from './append-errors.ts';
import type { Group, GroupState } from './group.ts';
import { createGroupLog } from './group-log.ts';
import type { Producer, Verified } from './group-log.ts';
import { createGroupOffsets } from './group-offsets.ts';
import type { FetchedOffset } from './group-offsets.ts';
import { createGroupRunner } from './group-runner.ts';
import { join } from './join.ts';
import type { Join } from './join.ts';
import { leave } from './leave.ts';
import type { LeavingMember } from './leave.ts';
import { commitError, heartbeat, transactionalCommitError } from './liveness.ts';
import type { Committer } from './liveness.ts';
import { failedJoin, failedSync, metadataFor, noBytes } from './member.ts';
import type { OffsetCommit } from './offsets.ts';
import type { TopicPartition } from './partition-map.ts';
import type { GroupLimits } from './rebalance.ts';
import { createResidency } from './residency.ts';
import { createResidents } from './residents.ts';
import { sync } from './sync.ts';
import type { Sync } from './sync.ts';

export interface DescribedMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  /** Empty unless the group is stable. */
  readonly metadata: Buffer;
  readonly assignment: Buffer;
}

export interface DescribedGroup {
  readonly error: ErrorName;
  /** Empty with an error; `Dead` for a group that does not exist. */
  readonly state: GroupState | '';
  readonly protocolType: string;
  readonly protocol: string;
  readonly members: readonly DescribedMember[];
}

export interface ListedGroup {
  readonly groupId: string;
  readonly protocolType: string;
  readonly state: GroupState;
}

/**
 * The coordinator of the groups that belong to this broker: those whose partition of `__consumer_offsets` it leads.
 * Bytes that it is given are kept: they must not change afterwards.
 * @see GroupCoordinator in Apache Kafka 3.9
 */
export interface GroupCoordinator {
  /** Answers through `request.answer`, once all members have joined. */
  join(groupId: string, request: Omit<Join, 'newMemberId'>): void;
  /** Answers through `request.answer`, once the leader's assignment is stored. */
  sync(groupId: string, request: Sync): void;
  heartbeat(groupId: string, memberId: string, instanceId: string | null, generation: number): ErrorName;
  leave(groupId: string, leaving: readonly LeavingMember[]): { readonly error: ErrorName; readonly memberErrors: readonly ErrorName[] };
  /** @param done gets an error for each commit, in their order, when they are replicated */
  commitOffsets(groupId: string, committer: Committer, commits: readonly OffsetCommit[], done: (errors: readonly ErrorName[]) => void): void;
  /**
   * Offsets that count when the producer's transaction is committed.
   * @param verify asks whether the transaction has a partition of `__consumer_offsets`
   */
  commitTransactionalOffsets(groupId: string, committer: Committer, producer: Producer, verify: (partition: number, verified: Verified) => void, commits: readonly OffsetCommit[], done: (errors: readonly ErrorName[]) => void): void;
  /** A transaction's marker was written to a partition of `__consumer_offsets`. */
  transactionCompleted(producerId: number, partition: number, isCommit: boolean): void;
  /** @param partitions null for all that are committed */
  fetchOffsets(groupId: string, partitions: readonly TopicPartition[] | null, isStableRequired: boolean): { readonly error: ErrorName; readonly offsets: readonly FetchedOffset[] };
  describe(groupId: string): DescribedGroup;
  /** All groups here; with COORDINATOR_LOAD_IN_PROGRESS where some are not known yet. */
  list(): { readonly error: ErrorName; readonly groups: readonly ListedGroup[] };
  deleteGroup(groupId: string): ErrorName;
  deleteOffsets(groupId: string, partitions: readonly TopicPartition[]): { readonly error: ErrorName; readonly partitionErrors: readonly ErrorName[] };
  /** Topics were deleted: nobody reads them on. */
  partitionsDeleted(partitions: readonly TopicPartition[]): void;
  start(): void;
  close(): void;
}

export interface GroupCoordinatorOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly config: BrokerConfig;
  readonly protocol: InterBrokerVersions;
  readonly replicas: ReplicaManager;
  /** Partitions of `__consumer_offsets`; undefined while the topic is not known. */
  readonly partitionCount: () => number | undefined;
}

/** A member that syncs while groups are loaded has lost its rebalance; old clients do not know the error that says so. */
const syncErrors: Partial<Record<ErrorName, ErrorName>> = { COORDINATOR_LOAD_IN_PROGRESS: 'REBALANCE_IN_PROGRESS', GROUP_ID_NOT_FOUND: 'UNKNOWN_MEMBER_ID' };
/** While groups are loaded everybody may live on. */
const heartbeatErrors: Partial<Record<ErrorName, ErrorName>> = { COORDINATOR_LOAD_IN_PROGRESS: 'NONE', GROUP_ID_NOT_FOUND: 'UNKNOWN_MEMBER_ID' };
const noGroup = { state: '', protocolType: '', protocol: '', members: [] } as const;

export function createGroupCoordinator(options: GroupCoordinatorOptions): GroupCoordinator {
  const { clock, random, config, logger } = options;
  const limits: GroupLimits = {
    sessionTimeoutMinMs: config['group.min.session.timeout.ms'],
    sessionTimeoutMaxMs: config['group.max.session.timeout.ms'],
    sizeMax: config['group.max.size'],
    initialRebalanceDelayMs: config['group.initial.rebalance.delay.ms'],
  };
  const log = createGroupLog(options);
  const residents = createResidents(options.partitionCount);
  const runner = createGroupRunner({ clock, logger, log, limits });
  const offsets = createGroupOffsets({ logger, log, runner, residents, metadataLengthMax: config['offset.metadata.max.bytes'] });
  const residency = createResidency({ ...options, residents, runner, offsets, limits });

  return {
    join(groupId, request) {
      const refuse = (error: ErrorName): void => request.answer(failedJoin(request.memberId, error));
      const isNewcomer = request.memberId === '';
      const found = residents.find(groupId, false);
      if (typeof found === 'string' && found !== 'GROUP_ID_NOT_FOUND') return refuse(found);
      if (request.sessionTimeoutMs < limits.sessionTimeoutMinMs || request.sessionTimeoutMs > limits.sessionTimeoutMaxMs) return refuse('INVALID_SESSION_TIMEOUT');
      const resident = isNewcomer ? residents.findOrCreate(groupId, false, clock.nowMs()) : found;
      if (typeof resident === 'string') return refuse('UNKNOWN_MEMBER_ID');
      const newMemberId = isNewcomer ? `${request.instanceId ?? request.clientId}-${randomUuid(random)}` : '';
      runner.perform(resident, join(resident.group, { ...request, newMemberId }, limits, runner.now()));
    },
    sync(groupId, request) {
      const found = residents.find(groupId, false);
      if (typeof found === 'string') request.answer(failedSync(syncErrors[found] ?? found));
      else runner.perform(found, sync(found.group, request, runner.now()));
    },
    heartbeat(groupId, memberId, instanceId, generation) {
      const found = residents.find(groupId, false);
      if (typeof found === 'string') return heartbeatErrors[found] ?? found;
      const error = heartbeat(found.group, memberId, instanceId, generation, clock.monotonicMs());
      runner.wakeInTime(found);
      return error;
    },
    leave(groupId, leaving) {
      const found = residents.find(groupId, false);
      if (found === 'GROUP_ID_NOT_FOUND') return { error: 'NONE', memberErrors: leaving.map(() => 'UNKNOWN_MEMBER_ID') };
      if (typeof found === 'string') return { error: found, memberErrors: [] };
      const { error, memberErrors, effects } = leave(found.group, leaving, limits, runner.now());
      runner.perform(found, effects);
      return { error, memberErrors };
    },
    commitOffsets(groupId, committer, commits, done) {
      const refuse = (error: ErrorName): void => done(commits.map(() => error));
      const resident = committer.generation < 0 ? residents.findOrCreate(groupId, true, clock.nowMs()) : residents.find(groupId, true);
      if (typeof resident === 'string') return refuse(resident === 'GROUP_ID_NOT_FOUND' ? 'ILLEGAL_GENERATION' : resident);
      const error = commitError(resident.group, committer, clock.monotonicMs());
      if (error !== 'NONE') return refuse(error);
      runner.wakeInTime(resident);
      offsets.store(resident, commits, undefined, done);
    },
    commitTransactionalOffsets(groupId, committer, producer, verify, commits, done) {
      const refuse = (error: ErrorName): void => done(commits.map(() => error));
      const asked = residents.findOrCreate(groupId, false, clock.nowMs());
      if (typeof asked === 'string') return refuse(asked);
      verify(asked.partition, (failure, verification) => {
        if (failure !== 'NONE') return refuse(offsetCommitError(failure));
        const resident = residents.findOrCreate(groupId, false, clock.nowMs());
        if (typeof resident === 'string') return refuse(resident);
        const error = transactionalCommitError(resident.group, committer);
        if (error !== 'NONE') return refuse(error);
        offsets.store(resident, commits, { ...producer, verification }, done);
      });
    },
    transactionCompleted(producerId, partition, isCommit) {
      for (const resident of residents.openOf(producerId, partition)) {
        resident.group.offsets.completeTransaction(producerId, isCommit);
        residents.closed(producerId, resident);
      }
    },
    fetchOffsets(groupId, partitions, isStableRequired) {
      const found = residents.find(groupId, true);
      if (typeof found === 'string' && found !== 'GROUP_ID_NOT_FOUND') return { error: found, offsets: [] };
      return { error: 'NONE', offsets: offsets.fetch(typeof found === 'string' ? undefined : found.group, partitions, isStableRequired) };
    },
    describe(groupId) {
      const found = residents.find(groupId, true);
      if (found === 'GROUP_ID_NOT_FOUND') return { ...noGroup, error: 'NONE', state: 'Dead' };
      return typeof found === 'string' ? { ...noGroup, error: found } : described(found.group);
    },
    list() {
      const groups = Array.from(residents, ({ group }) => ({ groupId: group.id, protocolType: group.protocolType ?? '', state: group.state }));
      return { error: residents.isLoading ? 'COORDINATOR_LOAD_IN_PROGRESS' : 'NONE', groups };
    },
    deleteGroup(groupId) {
      const resident = residents.find(groupId, true);
      if (typeof resident === 'string') return resident;
      const { group } = resident;
      if (group.state !== 'Empty') return 'NON_EMPTY_GROUP';
      group.moveTo('Dead', runner.now());
      offsets.remove(resident, [...group.offsets]);
      logger.info('group deleted', { group: groupId });
      return 'NONE';
    },
    deleteOffsets(groupId, partitions) {
      const resident = residents.find(groupId, false);
      if (typeof resident === 'string') return { error: resident, partitionErrors: [] };
      const { group } = resident;
      if (group.state !== 'Empty' && !group.isConsumerGroup) return { error: 'NON_EMPTY_GROUP', partitionErrors: [] };
      // Without knowing what is subscribed to, all might be.
      const isInUse = ({ topic }: TopicPartition): boolean => group.state !== 'Empty' && (group.subscribedTopics?.has(topic) ?? true);
      const partitionErrors = partitions.map((partition): ErrorName => (isInUse(partition) ? 'GROUP_SUBSCRIBED_TO_TOPIC' : 'NONE'));
      const removable = partitions.filter((partition) => !isInUse(partition));
      if (removable.length > 0) offsets.remove(resident, removable);
      return { error: 'NONE', partitionErrors };
    },
    partitionsDeleted(partitions) {
      for (const resident of residents) offsets.remove(resident, partitions);
    },
    start: residency.start,
    close: residency.close,
  };
}

function described(group: Group): DescribedGroup {
  const isStable = group.state === 'Stable';
  return {
    error: 'NONE',
    state: group.state,
    protocolType: group.protocolType ?? '',
    protocol: isStable ? (group.protocolName ?? '') : '',
    members: Array.from(group.members.values(), (member) => ({
      memberId: member.id,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      metadata: isStable ? metadataFor(member, group.protocolName) : noBytes,
      assignment: isStable ? member.assignment : noBytes,
    })),
  };
}
