/*
 * The offsets that a group has committed. A commit counts when its record is replicated; until then it is pending. One of
 * a transaction counts when the COMMIT marker is written, too. Which of two commits of a partition is the newer is told by
 * where their batches lie in the log, not by which was acknowledged last: so a coordinator that reads the log after a
 * change of leader finds the same offsets (KAFKA-5259).
 */
import type { CommittedOffset } from './offset-value.ts';
import { PartitionMap } from './partition-map.ts';
import type { TopicPartition } from './partition-map.ts';

export interface OffsetCommit extends TopicPartition {
  readonly value: CommittedOffset;
}

/** A commit and the first offset of its batch in `__consumer_offsets`; -1 while it is not appended. */
export interface AppendedOffset {
  readonly value: CommittedOffset;
  readonly appendedAt: number;
}

const notAppended = -1;

export class Offsets {
  readonly #committed = new PartitionMap<AppendedOffset>();
  /** The last commit under way, by partition. */
  readonly #pending = new PartitionMap<CommittedOffset>();
  readonly #transactional = new Map<number, PartitionMap<AppendedOffset>>();

  get size(): number {
    return this.#committed.size;
  }

  /** Nothing is committed and nothing under way. */
  get isEmpty(): boolean {
    return this.#committed.size === 0 && this.#pending.size === 0 && this.#transactional.size === 0;
  }

  /** Producers that have commits here whose transactions are open. */
  get openProducers(): Iterable<number> {
    return this.#transactional.keys();
  }

  hasOpenProducer(producerId: number): boolean {
    return this.#transactional.has(producerId);
  }

  get(topic: string, partition: number): CommittedOffset | undefined {
    return this.#committed.get(topic, partition)?.value;
  }

  *[Symbol.iterator](): Generator<OffsetCommit> {
    for (const [topic, partition, { value }] of this.#committed) yield { topic, partition, value };
  }

  /** Whether a commit may still change the offset (KIP-447). */
  isUnstable(topic: string, partition: number): boolean {
    if (this.#pending.get(topic, partition) !== undefined) return true;
    for (const commits of this.#transactional.values()) if (commits.get(topic, partition) !== undefined) return true;
    return false;
  }

  isPending(topic: string, partition: number): boolean {
    return this.#pending.get(topic, partition) !== undefined;
  }

  /** From the log. */
  load({ topic, partition, value }: OffsetCommit, appendedAt: number): void {
    this.#commit(topic, partition, { value, appendedAt });
  }

  /** From the log: of a transaction without a marker. */
  loadTransactional(producerId: number, { topic, partition, value }: OffsetCommit, appendedAt: number): void {
    this.#openOf(producerId).set(topic, partition, { value, appendedAt });
  }

  prepare(commits: readonly OffsetCommit[]): void {
    for (const { topic, partition, value } of commits) this.#pending.set(topic, partition, value);
  }

  /** What was prepared is replicated. A partition whose topic was deleted meanwhile is passed over. */
  appended(commits: readonly OffsetCommit[], appendedAt: number): void {
    for (const { topic, partition, value } of commits) {
      const pending = this.#pending.get(topic, partition);
      if (pending === undefined) continue;
      this.#commit(topic, partition, { value, appendedAt });
      if (pending === value) this.#pending.delete(topic, partition);
    }
  }

  /** What was prepared could not be replicated. */
  failed(commits: readonly OffsetCommit[]): void {
    for (const { topic, partition, value } of commits) {
      if (this.#pending.get(topic, partition) === value) this.#pending.delete(topic, partition);
    }
  }

  prepareTransactional(producerId: number, commits: readonly OffsetCommit[]): void {
    const open = this.#openOf(producerId);
    for (const { topic, partition, value } of commits) open.set(topic, partition, { value, appendedAt: notAppended });
  }

  appendedTransactional(producerId: number, commits: readonly OffsetCommit[], appendedAt: number): void {
    const open = this.#transactional.get(producerId);
    for (const { topic, partition, value } of commits) {
      if (open?.get(topic, partition)?.value === value) open.set(topic, partition, { value, appendedAt });
    }
  }

  failedTransactional(producerId: number, commits: readonly OffsetCommit[]): void {
    const open = this.#transactional.get(producerId);
    for (const { topic, partition, value } of commits) {
      if (open?.get(topic, partition)?.value === value) open.delete(topic, partition);
    }
    if (open?.size === 0) this.#transactional.delete(producerId);
  }

  /** The transaction's marker was written. A commit that never was appended does not count. */
  completeTransaction(producerId: number, isCommit: boolean): void {
    const open = this.#transactional.get(producerId);
    this.#transactional.delete(producerId);
    if (!isCommit || open === undefined) return;
    for (const [topic, partition, appended] of open) if (appended.appendedAt !== notAppended) this.#commit(topic, partition, appended);
  }

  /** Forgets partitions, what is under way for them too; returns those of which the log may hold an offset. */
  remove(partitions: Iterable<TopicPartition>): TopicPartition[] {
    const removed: TopicPartition[] = [];
    for (const { topic, partition } of partitions) {
      for (const open of this.#transactional.values()) open.delete(topic, partition);
      const wasPending = this.#pending.delete(topic, partition) !== undefined;
      if (this.#committed.delete(topic, partition) !== undefined || wasPending) removed.push({ topic, partition });
    }
    return removed;
  }

  #commit(topic: string, partition: number, appended: AppendedOffset): void {
    const before = this.#committed.get(topic, partition);
    if (before === undefined || before.appendedAt <= appended.appendedAt) this.#committed.set(topic, partition, appended);
  }

  #openOf(producerId: number): PartitionMap<AppendedOffset> {
    let open = this.#transactional.get(producerId);
    if (open === undefined) {
      open = new PartitionMap();
      this.#transactional.set(producerId, open);
    }
    return open;
  }
}
