import { isRetriable } from '../../protocol/errors.ts';
import { KafkaError } from '../../protocol/errors.ts';
import type { Assignment } from '../assignment.ts';
import type { Cluster } from '../cluster.ts';
import type { ConsumerSettings } from '../consumer-options.ts';
import { withinTime } from '../waiting.ts';
import type { Coordinator } from './coordinator.ts';
import { createCoordinator } from './coordinator.ts';
import { GroupMember } from './group-member.ts';
import type { GroupOffsets } from './group-offsets.ts';
import { createGroupOffsets } from './group-offsets.ts';
import type { GroupSettings } from './group-options.ts';
import type { PartitionOffset } from './offset-requests.ts';

/** A consumer's group: the member that it is, the offsets that it commits, by itself where enable.auto.commit is on. */
export class ConsumerGroup {
  readonly member: GroupMember;
  readonly offsets: GroupOffsets;
  readonly settings: GroupSettings;
  readonly #cluster: Cluster;
  readonly #coordinator: Coordinator;
  readonly #assignment: Assignment;
  #autoCommitMs: number;

  constructor(cluster: Cluster, settings: GroupSettings, consumerSettings: ConsumerSettings, assignment: Assignment, progress: () => void) {
    this.settings = settings;
    this.#cluster = cluster;
    this.#assignment = assignment;
    this.#coordinator = createCoordinator(cluster, settings.groupId);
    this.#autoCommitMs = cluster.runtime.clock.monotonicMs() + settings.autoCommitIntervalMs;
    this.member = new GroupMember(cluster, this.#coordinator, settings, consumerSettings.clientRack, {
      owned: () => [...assignment.all].map(({ topic, partition }) => ({ topic, partition })),
      replace: (partitions) => {
        for (const { topic } of partitions) cluster.track(topic);
        assignment.replace(partitions, consumerSettings.autoOffsetReset);
      },
      commitBeforeRebalance: (timeoutMs) => this.#commitBefore(timeoutMs),
      holdBack: () => {
        for (const state of assignment.all) state.isLeaving = true;
      },
      rebalanced: () => this.#autoCommitIn(settings.autoCommitIntervalMs),
      progress,
    });
    this.offsets = createGroupOffsets(cluster, this.#coordinator, settings, this.member);
  }

  /** What was handed out: the offsets that a commit without any commits. */
  consumed(): PartitionOffset[] {
    return [...this.#assignment.all].flatMap(({ topic, partition, position, epoch }) => (position === undefined ? [] : [{ topic, partition, offset: position, leaderEpoch: epoch }]));
  }

  /** Within poll. @throws KafkaError and what the listener throws */
  async advance(): Promise<void> {
    await this.member.advance();
    if (!this.settings.enableAutoCommit || this.#cluster.runtime.clock.monotonicMs() < this.#autoCommitMs) return;
    this.#autoCommitIn(this.settings.autoCommitIntervalMs);
    const offsets = this.consumed();
    void this.offsets.commitOnce(offsets).catch((error: unknown) => this.#autoCommitFailed(error));
  }

  /** Milliseconds until poll has something to do here by itself. */
  get dueInMs(): number {
    return this.settings.enableAutoCommit ? Math.max(0, this.#autoCommitMs - this.#cluster.runtime.clock.monotonicMs()) : Infinity;
  }

  #autoCommitIn(delayMs: number): void {
    this.#autoCommitMs = this.#cluster.runtime.clock.monotonicMs() + delayMs;
  }

  #autoCommitFailed(error: unknown): void {
    if (this.#cluster.signal.aborted) return;
    if (error instanceof KafkaError && isRetriable(error.name)) this.#autoCommitIn(this.#cluster.settings.retryBackoffMs);
    else this.#cluster.runtime.logger.warn(`Asynchronous auto-commit of offsets failed: ${(error as Error).message}`, { groupId: this.settings.groupId });
  }

  async #commitBefore(timeoutMs: number): Promise<void> {
    if (!this.settings.enableAutoCommit || this.member.membership.phase !== 'stable') return;
    try {
      await this.offsets.commit(this.consumed(), timeoutMs);
    } catch (error) {
      if (!this.#cluster.signal.aborted) this.#cluster.runtime.logger.error(`Asynchronous auto-commit of offsets failed: ${(error as Error).message}. Will continue to join group.`, { groupId: this.settings.groupId });
    }
  }

  /** Commits where that is automatic, gives partitions up and leaves. @throws what the listener throws */
  async close(timeoutMs: number): Promise<void> {
    const { clock } = this.#cluster.runtime;
    const deadlineMs = clock.monotonicMs() + timeoutMs;
    const remaining = (): number => Math.max(0, deadlineMs - clock.monotonicMs());
    try {
      if (this.settings.enableAutoCommit && this.consumed().length > 0) await this.#commitLast(remaining());
      await withinTime(clock, remaining(), this.member.unsubscribe('the consumer is being closed'), () => 'the group could not be left in time').catch((error: unknown) => {
        if (!(error instanceof KafkaError)) throw error;
      });
    } finally {
      this.member.close();
      this.#coordinator.close();
    }
  }

  async #commitLast(timeoutMs: number): Promise<void> {
    try {
      await this.offsets.commit(this.consumed(), timeoutMs);
    } catch (error) {
      this.#cluster.runtime.logger.warn(`Synchronous auto-commit of offsets failed: ${(error as Error).message}`, { groupId: this.settings.groupId });
    }
  }
}
