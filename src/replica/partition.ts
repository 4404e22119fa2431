import type { Verification } from '../log/verifications.ts';
import type { AppendOrigin, AppendResult, PartitionLog } from '../log/partition-log.ts';
import { KafkaError } from '../protocol/errors.ts';
import { beforeEndMoves, expandedIsr, fetched, highWatermark, maximalIsr, shrunkIsr, unknownFollower } from './in-sync.ts';
import type { FetchTimes, Follower, LeaderView } from './in-sync.ts';

/** What the controller says of a partition (LeaderAndIsr). */
export interface LeadershipState {
  readonly controllerEpoch: number;
  /** Broker id; -1 for none. */
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly isr: readonly number[];
  /** Version of the state znode. */
  readonly partitionEpoch: number;
  readonly replicas: readonly number[];
}

/** What all replicas of a broker have in common. */
export interface ReplicaSurroundings {
  readonly brokerId: number;
  /** replica.lag.time.max.ms */
  readonly lagMaxMs: number;
  /** Now, on the monotonic clock. */
  readonly nowMs: () => number;
  readonly isBrokerAlive: (brokerId: number) => boolean;
  /** The topic's min.insync.replicas. */
  readonly minInsyncReplicasOf: (topic: string) => number;
}

/** One replica on this broker, as leader or follower. Methods are synchronous; nothing here waits. */
export class Partition {
  readonly topic: string;
  readonly partition: number;
  /** For people: topic and number. */
  readonly key: string;
  readonly topicId: string;
  readonly #surroundings: ReplicaSurroundings;
  #log: PartitionLog;
  #minInsyncReplicas = 1;
  /** Whose min.insync.replicas that is: it is asked anew when the log gets another configuration. */
  #configuredBy: unknown;
  #state: LeadershipState | undefined;
  #pendingIsr: readonly number[] | undefined;
  #followers = new Map<number, Follower>();
  #leaderEpochStart = 0;
  #logStartSeen: number;

  constructor(surroundings: ReplicaSurroundings, topicId: string, log: PartitionLog) {
    this.#surroundings = surroundings;
    this.topic = log.topic;
    this.partition = log.partition;
    this.topicId = topicId;
    this.key = `${log.topic}-${log.partition}`;
    this.#log = log;
    this.#logStartSeen = log.logStartOffset;
  }

  /** Its log, which may be another after a wait: it moves between log directories. */
  get log(): PartitionLog {
    return this.#log;
  }

  /** The log's copy in another directory has taken its place. */
  logMoved(log: PartitionLog): void {
    // A leader's epoch in which nothing was appended yet is in no batch.
    if (this.isLeader) log.assignEpochStart(this.leaderEpoch, log.logEndOffset);
    this.#log = log;
  }

  get state(): LeadershipState | undefined {
    return this.#state;
  }

  get isLeader(): boolean {
    return this.#state?.leader === this.#surroundings.brokerId;
  }

  get leaderEpoch(): number {
    return this.#state?.leaderEpoch ?? -1;
  }

  get pendingIsr(): readonly number[] | undefined {
    return this.#pendingIsr;
  }

  /** Where the epoch that this broker leads in began. */
  get leaderEpochStart(): number {
    return this.#leaderEpochStart;
  }

  get followers(): ReadonlyMap<number, Follower> {
    return this.#followers;
  }

  #view(): LeaderView {
    return { id: this.#surroundings.brokerId, logEndOffset: this.log.writtenEndOffset, isr: this.#state?.isr ?? [], pendingIsr: this.#pendingIsr, followers: this.#followers };
  }

  /** Takes over leadership, or a new state of it. */
  becomeLeader(state: LeadershipState): void {
    const nowMs = this.#surroundings.nowMs();
    const isNewEpoch = state.leaderEpoch !== this.leaderEpoch;
    this.#state = state;
    this.#pendingIsr = undefined;
    const others = state.replicas.filter((id) => id !== this.#surroundings.brokerId);
    if (isNewEpoch) {
      this.#leaderEpochStart = this.log.logEndOffset;
      this.log.assignEpochStart(state.leaderEpoch, this.log.logEndOffset);
      // Members of the ISR get the whole lag time before they are judged.
      this.#followers = new Map(others.map((id) => [id, state.isr.includes(id) ? { ...unknownFollower, caughtUpAtMs: nowMs } : unknownFollower]));
    } else {
      this.#followers = new Map(others.map((id) => [id, this.#followers.get(id) ?? unknownFollower]));
    }
  }

  becomeFollower(state: LeadershipState): void {
    this.#state = state;
    this.#pendingIsr = undefined;
    this.#followers = new Map();
  }

  /** A change of the ISR is on its way to ZooKeeper. */
  isrAsked(isr: readonly number[]): void {
    this.#pendingIsr = isr;
  }

  /** It was stored, or something else was found there. */
  isrStored(stored: { readonly isr: readonly number[]; readonly partitionEpoch: number }): void {
    this.#pendingIsr = undefined;
    if (this.#state !== undefined) this.#state = { ...this.#state, isr: stored.isr, partitionEpoch: stored.partitionEpoch };
  }

  /** @throws KafkaError NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, KAFKA_STORAGE_ERROR */
  checkLeader(currentLeaderEpoch: number): void {
    this.checkEpoch(currentLeaderEpoch);
    if (!this.isLeader) throw new KafkaError('NOT_LEADER_OR_FOLLOWER', `this broker does not lead ${this.key}`);
  }

  /**
   * @param currentLeaderEpoch what the sender believes; -1 when it does not say (KIP-320)
   * @throws KafkaError FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH, KAFKA_STORAGE_ERROR
   */
  checkEpoch(currentLeaderEpoch: number): void {
    if (this.log.isOffline) throw new KafkaError('KAFKA_STORAGE_ERROR', `the log directory of ${this.key} is offline`);
    if (currentLeaderEpoch < 0) return;
    if (currentLeaderEpoch < this.leaderEpoch) throw new KafkaError('FENCED_LEADER_EPOCH', `${this.key} is in leader epoch ${this.leaderEpoch}, not ${currentLeaderEpoch}`);
    if (currentLeaderEpoch > this.leaderEpoch) throw new KafkaError('UNKNOWN_LEADER_EPOCH', `${this.key} is in leader epoch ${this.leaderEpoch}, not yet ${currentLeaderEpoch}`);
  }

  /** min.insync.replicas, but never more than there are replicas (KIP-966). */
  get effectiveMinIsr(): number {
    if (this.#configuredBy !== this.log.config) {
      this.#configuredBy = this.log.config;
      this.#minInsyncReplicas = this.#surroundings.minInsyncReplicasOf(this.topic);
    }
    return Math.min(this.#minInsyncReplicas, this.#state?.replicas.length ?? 1);
  }

  /**
   * Stages records.
   * @throws KafkaError NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS; LogError
   */
  append(records: Buffer, origin: AppendOrigin, isAcksAll: boolean, verification?: Verification): AppendResult {
    this.checkLeader(-1);
    const inSync = this.#state!.isr.length;
    if (isAcksAll && inSync < this.effectiveMinIsr) {
      throw new KafkaError('NOT_ENOUGH_REPLICAS', `The size of the current ISR ${inSync} is insufficient to satisfy the min.isr requirement of ${this.effectiveMinIsr} for partition ${this.key}`);
    }
    return this.log.appendAsLeader(records, this.leaderEpoch, { origin, verification });
  }

  /**
   * Writes what is staged.
   * @throws LogFailure
   */
  writeStaged(): void {
    for (const [id, follower] of this.#followers) {
      const noted = beforeEndMoves(follower, this.log.writtenEndOffset);
      if (noted !== follower) this.#followers.set(id, noted);
    }
    this.log.writeStaged();
  }

  /** The least log start offset among the leader and its living followers. */
  get lowWatermark(): number {
    let least = this.log.logStartOffset;
    for (const [id, { logStartOffset }] of this.#followers) if (this.#surroundings.isBrokerAlive(id)) least = Math.min(least, logStartOffset);
    return least;
  }

  /**
   * Moves the log's start forward.
   * @param offset -1 for the high watermark
   * @returns the new start that was asked for
   * @throws KafkaError NOT_LEADER_OR_FOLLOWER, OFFSET_OUT_OF_RANGE, POLICY_VIOLATION
   */
  deleteRecordsBefore(offset: number): number {
    this.checkLeader(-1);
    if (!this.log.config['cleanup.policy'].includes('delete')) throw new KafkaError('POLICY_VIOLATION', `Records of partition ${this.key} can not be deleted due to the configured policy`);
    const { highWatermark: end } = this.log;
    const wanted = offset === -1 ? end : offset;
    if (wanted < 0 || wanted > end) throw new KafkaError('OFFSET_OUT_OF_RANGE', `The offset ${wanted} for partition ${this.key} is not valid: the high watermark is ${end}`);
    this.log.incrementLogStartOffset(wanted);
    return wanted;
  }

  /** Whether the in-sync replicas, those about to join included, still are enough. */
  get hasEnoughInSync(): boolean {
    return maximalIsr(this.#view()).length >= this.effectiveMinIsr;
  }

  /**
   * Moves the high watermark where the replicas allow it; true when it moved. It stands still while too few replicas are
   * in sync: a record that consumers saw must not be lost with a single broker (KIP-966).
   */
  advanceHighWatermark(): boolean {
    if (!this.isLeader || this.log.isOffline || this.#state!.isr.length < this.effectiveMinIsr) return false;
    const before = this.log.highWatermark;
    const { nowMs, lagMaxMs, isBrokerAlive } = this.#surroundings;
    const next = this.#followers.size === 0 ? this.log.writtenEndOffset : highWatermark(this.#view(), nowMs(), lagMaxMs, isBrokerAlive);
    return next > before && this.log.setHighWatermark(next) > before;
  }

  /**
   * A follower fetched from here.
   * @returns the ISR to ask for now that it caught up, else undefined
   */
  followerFetched(followerId: number, fetchOffset: number, logStartOffset: number, session: FetchTimes | undefined): readonly number[] | undefined {
    const before = this.#followers.get(followerId) ?? unknownFollower;
    this.#followers.set(followerId, fetched(before, { fetchOffset, logStartOffset, leaderEndOffset: this.log.writtenEndOffset, session }, this.#surroundings.nowMs()));
    const isr = this.#state!.isr.includes(followerId) ? undefined : expandedIsr(this.#view(), followerId, this.log.highWatermark, this.#leaderEpochStart);
    return isr !== undefined && this.#surroundings.isBrokerAlive(followerId) ? isr : undefined;
  }

  /** Whether the log's start has moved, by retention or else, since this was last asked. */
  hasMovedStart(): boolean {
    const before = this.#logStartSeen;
    this.#logStartSeen = this.log.logStartOffset;
    return before !== this.#logStartSeen;
  }

  /** The ISR to ask for because someone lags; undefined when none does. */
  shrink(): readonly number[] | undefined {
    if (!this.isLeader || this.#followers.size === 0) return undefined;
    return shrunkIsr(this.#view(), this.#surroundings.nowMs(), this.#surroundings.lagMaxMs);
  }
}
