import type { PartitionOffset } from './group/offset-requests.ts';
import type { RebalanceListener } from './group/rebalance-listener.ts';
import type { TopicMetadata } from './metadata.ts';
import type { OffsetAnswer } from './offsets.ts';
import type { ConsumerRecord, TopicPartition } from './records.ts';

/** Who a member is, for transactions that commit its offsets (ConsumerGroupMetadata): they fail when others have its partitions by now. */
export interface GroupMetadata {
  readonly groupId: string;
  /** Of the last assignment, though it may be over; -1 before the first. */
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | undefined;
}

/** Reads partitions: those that it is given (`assign`), or those that its group gives it (`subscribe`). */
export interface Consumer extends AsyncIterable<ConsumerRecord> {
  /** Reads these partitions from now on, and no others. One that stays keeps its position. */
  assign(partitions: readonly TopicPartition[]): void;
  /** What it reads now. */
  assignment(): TopicPartition[];
  /**
   * Joins the group and reads what it is given of these topics, or of all whose whole names match the pattern. Takes effect with
   * the next poll; the listener is called within polls.
   * @throws KafkaError INVALID_REQUEST without a group id, or with partitions assigned by hand
   */
  subscribe(topics: readonly string[] | RegExp, listener?: RebalanceListener): void;
  subscription(): string[];
  /** Gives all partitions up; leaves the group, unless it is a static member. */
  unsubscribe(): Promise<void>;
  /** Joins again at the next poll, though nothing calls for it (KIP-568). */
  enforceRebalance(reason?: string): void;
  /** @throws KafkaError INVALID_REQUEST without a group id */
  groupMetadata(): GroupMetadata;
  /**
   * Commits offsets of next records; the positions when left out. Tries again while that may help.
   * @throws KafkaError REBALANCE_IN_PROGRESS (poll, then try again), UNKNOWN_MEMBER_ID or ILLEGAL_GENERATION (others have the partitions),
   *   FENCED_INSTANCE_ID, OFFSET_METADATA_TOO_LARGE, REQUEST_TIMED_OUT after default.api.timeout.ms, …
   */
  commitSync(offsets?: readonly PartitionOffset[], timeoutMs?: number): Promise<void>;
  /** Commits with one attempt, without holding up poll; commits arrive in the order of the calls. @throws KafkaError */
  commitAsync(offsets?: readonly PartitionOffset[]): Promise<void>;
  /** What the group has committed; partitions without are left out. @throws KafkaError */
  committed(places: readonly TopicPartition[], timeoutMs?: number): Promise<PartitionOffset[]>;
  /** The next poll goes on at that offset (>= 0). */
  seek(place: TopicPartition, offset: number): void;
  /** To the oldest record of each; of all assigned partitions when left out. */
  seekToBeginning(places?: readonly TopicPartition[]): void;
  /** Behind the newest record of each. */
  seekToEnd(places?: readonly TopicPartition[]): void;
  /** Offset of the record that poll would give next. @throws KafkaError */
  position(place: TopicPartition): Promise<number>;
  /** Leaves the partitions out of poll until resumed. */
  pause(places: readonly TopicPartition[]): void;
  resume(places: readonly TopicPartition[]): void;
  paused(): TopicPartition[];
  /**
   * Joins the group where that is due, and waits for records, `timeoutMs` at most; gives max.poll.records of them at most, in order within a partition.
   * Empty when none came, or after `wakeup`.
   * @throws KafkaError OFFSET_OUT_OF_RANGE with autoOffsetReset none, CORRUPT_MESSAGE, TOPIC_AUTHORIZATION_FAILED, …
   */
  poll(timeoutMs: number): Promise<ConsumerRecord[]>;
  /** Ends a poll that waits, or else the next one. */
  wakeup(): void;
  /** First offset of each. @throws KafkaError REQUEST_TIMED_OUT after default.api.timeout.ms */
  beginningOffsets(places: readonly TopicPartition[]): Promise<OffsetAnswer[]>;
  /** Offset behind the last record of each that this isolation level may read. */
  endOffsets(places: readonly TopicPartition[]): Promise<OffsetAnswer[]>;
  /** First record at or after a time (milliseconds) in each; offset -1 when there is none. */
  offsetsForTimes(queries: readonly (TopicPartition & { readonly timestamp: number })[]): Promise<OffsetAnswer[]>;
  /** Partitions of a topic. @throws KafkaError REQUEST_TIMED_OUT when the cluster does not have it in time */
  partitionsFor(topic: string, timeoutMs?: number): Promise<TopicMetadata>;
  /** All topics, internal ones marked. @throws KafkaError REQUEST_TIMED_OUT */
  listTopics(timeoutMs?: number): Promise<TopicMetadata[]>;
  /** Records between position and high watermark; undefined before the first answer. */
  lag(place: TopicPartition): number | undefined;
  /** Commits where enable.auto.commit is on, gives partitions up, leaves the group, and is done after `timeoutMs` (default 30 s) at the latest. */
  close(timeoutMs?: number): Promise<void>;
}
