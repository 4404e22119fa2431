import type { AppendOrigin, AppendResult, PartitionLog } from '../log/partition-log.ts';
import { KafkaError } from '../protocol/errors.ts';
import { expandedIsr, fetched, highWatermark, maximalIsr, shrunkIsr, unknownFollower } from './in-sync.ts';
import type { Follower, LeaderView } from './in-sync.ts';

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

/** One replica on this broker, as leader or follower. Methods are synchronous; nothing here waits. */
export class Partition {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  readonly log: PartitionLog;
  topicId: string;
  readonly #brokerId: number;
  #state: LeadershipState | undefined;
  #pendingIsr: readonly number[] | undefined;
  #followers = new Map<number, Follower>();
  #leaderEpochStart = 0;

  constructor(brokerId: number, topic: string, partition: number, topicId: string, log: PartitionLog) {
    this.#brokerId = brokerId;
    this.topic = topic;
    this.partition = partition;
    this.topicId = topicId;
    this.key = partitionKey(topic, partition);
    this.log = log;
  }

  get state(): LeadershipState | undefined {
    return this.#state;
  }

  get isLeader(): boolean {
    return this.#state?.leader === this.#brokerId;
  }

  get leaderEpoch(): number {
    return this.#state?.leaderEpoch ?? -1;
  }

  get pendingIsr(): readonly number[] | undefined {
    return this.#pendingIsr;
  }

  get followers(): ReadonlyMap<number, Follower> {
    return this.#followers;
  }

  #view(): LeaderView {
    return { id: this.#brokerId, logEndOffset: this.log.writtenEndOffset, isr: this.#state?.isr ?? [], pendingIsr: this.#pendingIsr, followers: this.#followers };
  }

  /** Takes over leadership, or a new state of it. */
  becomeLeader(state: LeadershipState, nowMs: number): void {
    const isNewEpoch = state.leaderEpoch !== this.leaderEpoch;
    this.#state = state;
    this.#pendingIsr = undefined;
    const others = state.replicas.filter((id) => id !== this.#brokerId);
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

  /** It was stored, or undefined when it was refused. */
  isrAnswered(stored: { readonly isr: readonly number[]; readonly partitionEpoch: number } | undefined): void {
    this.#pendingIsr = undefined;
    if (stored !== undefined && this.#state !== undefined) this.#state = { ...this.#state, ...stored };
  }

  /** @throws KafkaError NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH */
  checkLeader(currentLeaderEpoch: number): void {
    this.checkEpoch(currentLeaderEpoch);
    if (!this.isLeader) throw new KafkaError('NOT_LEADER_OR_FOLLOWER', `this broker does not lead ${this.key}`);
    if (this.log.isOffline) throw new KafkaError('KAFKA_STORAGE_ERROR', `the log directory of ${this.key} is offline`);
  }

  /** @param currentLeaderEpoch what the sender believes; -1 when it does not say (KIP-320) */
  checkEpoch(currentLeaderEpoch: number): void {
    if (currentLeaderEpoch < 0) return;
    if (currentLeaderEpoch < this.leaderEpoch) throw new KafkaError('FENCED_LEADER_EPOCH', `${this.key} is in leader epoch ${this.leaderEpoch}, not ${currentLeaderEpoch}`);
    if (currentLeaderEpoch > this.leaderEpoch) throw new KafkaError('UNKNOWN_LEADER_EPOCH', `${this.key} is in leader epoch ${this.leaderEpoch}, not yet ${currentLeaderEpoch}`);
  }

  /** min.insync.replicas, but never more than there are replicas (KIP-966). */
  effectiveMinIsr(minInsyncReplicas: number): number {
    return Math.min(minInsyncReplicas, this.#state?.replicas.length ?? 1);
  }

  /**
   * Stages records.
   * @throws KafkaError NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS; LogError
   */
  append(records: Buffer, origin: AppendOrigin, isAcksAll: boolean, minInsyncReplicas: number): AppendResult {
    this.checkLeader(-1);
    const inSync = this.#state!.isr.length;
    if (isAcksAll && inSync < this.effectiveMinIsr(minInsyncReplicas)) {
      throw new KafkaError('NOT_ENOUGH_REPLICAS', `The size of the current ISR ${inSync} is insufficient to satisfy the min.isr requirement of ${minInsyncReplicas} for partition ${this.key}`);
    }
    return this.log.appendAsLeader(records, this.leaderEpoch, { origin });
  }

  /** Whether the in-sync replicas, those about to join included, still are enough. */
  hasEnoughInSync(minInsyncReplicas: number): boolean {
    return maximalIsr(this.#view()).length >= this.effectiveMinIsr(minInsyncReplicas);
  }

  /** Moves the high watermark where the replicas allow it; true when it moved. */
  advanceHighWatermark(nowMs: number, lagMaxMs: number): boolean {
    if (!this.isLeader) return false;
    const before = this.log.highWatermark;
    const next = highWatermark(this.#view(), nowMs, lagMaxMs);
    return next > before && this.log.setHighWatermark(next) > before;
  }

  /**
   * A follower fetched from here.
   * @returns the ISR to ask for now that it caught up, else undefined
   * @throws KafkaError NOT_LEADER_OR_FOLLOWER when it is no replica
   */
  followerFetched(followerId: number, fetchOffset: number, logStartOffset: number, nowMs: number): readonly number[] | undefined {
    const before = this.#followers.get(followerId);
    if (before === undefined) throw new KafkaError('UNKNOWN_LEADER_EPOCH', `broker ${followerId} is no replica of ${this.key} as far as known here`);
    this.#followers.set(followerId, fetched(before, fetchOffset, logStartOffset, this.log.writtenEndOffset, nowMs));
    return expandedIsr(this.#view(), followerId, this.log.highWatermark, this.#leaderEpochStart);
  }

  /** The ISR to ask for because someone lags; undefined when none does. */
  shrink(nowMs: number, lagMaxMs: number): readonly number[] | undefined {
    return this.isLeader ? shrunkIsr(this.#view(), nowMs, lagMaxMs) : undefined;
  }
}

export function partitionKey(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}
