import { KafkaError } from '../../protocol/errors.ts';
import type { JoinGroupResponse } from '../../protocol/messages/join-group.ts';
import { leaveGroupRequest, leaveGroupResponse } from '../../protocol/messages/leave-group.ts';
import type { Timer } from '../../runtime/clock.ts';
import type { Cluster } from '../cluster.ts';
import type { ClusterMetadata } from '../metadata.ts';
import type { TopicPartition } from '../records.ts';
import type { LastAssignment, RebalanceProtocol } from './assignor.ts';
import { compareText } from './assignor.ts';
import { rebalanceProtocol } from './assignors.ts';
import { decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription } from './consumer-protocol.ts';
import type { Coordinator } from './coordinator.ts';
import type { MembershipView } from './group-offsets.ts';
import type { GroupSettings } from './group-options.ts';
import type { Heartbeats } from './heartbeats.ts';
import { createHeartbeats } from './heartbeats.ts';
import type { JoinOutcome } from './joining.ts';
import { joinOnce } from './joining.ts';
import type { Generation, Membership, MembershipEffect, MembershipEvent } from './membership.ts';
import { newMembership, noGeneration, stepMembership } from './membership.ts';
import { callListener } from './rebalance-listener.ts';
import type { RebalanceListener } from './rebalance-listener.ts';
import type { Subscription } from './subscription.ts';
import { fingerprint, isSameSet, layoutsOf } from './subscription.ts';

/** What the consumer lends to its membership. */
export interface GroupHost {
  owned(): TopicPartition[];
  replace(partitions: readonly TopicPartition[]): void;
  /** Commits what was read before partitions go. Resolves when it is done, or is not worth more time. */
  commitBeforeRebalance(timeoutMs: number): Promise<void>;
  /** No more records of these partitions: their offsets are being committed. */
  holdBack(): void;
  /** A new assignment is in force. */
  rebalanced(): void;
  /** poll has something to do. */
  progress(): void;
}

/**
 * Membership of a consumer group, driven by poll: it joins when needed, shares out partitions when it leads, and calls the
 * listener, always within a poll. Heartbeats go by themselves. What to do about an answer `membership.ts` decides.
 */
export class GroupMember implements MembershipView {
  readonly #cluster: Cluster;
  readonly #coordinator: Coordinator;
  readonly #settings: GroupSettings;
  readonly #host: GroupHost;
  readonly #protocol: RebalanceProtocol;
  readonly #rack: string | undefined;
  readonly #heartbeats: Heartbeats;
  #membership = newMembership;
  #assignedIn = noGeneration;
  #subscription: Subscription | undefined;
  #listener: RebalanceListener = {};
  #last: LastAssignment | undefined;
  #failure: KafkaError | undefined;
  #isFinding = false;
  #isJoining = false;
  #outcome: JoinOutcome | undefined;
  #preparing: 'no' | 'committing' | 'committed' = 'no';
  /** While it runs, nothing is tried. */
  #retryTimer: Timer | undefined;
  #joinedTopics: ReadonlySet<string> | undefined;
  /** The leader's: topics of all members, and how they looked when it shared them out. */
  #led: { readonly topics: ReadonlySet<string>; readonly fingerprint: string } | undefined;
  #seenMetadata: ClusterMetadata | undefined;
  #metadataTimer: Timer | undefined;

  constructor(cluster: Cluster, coordinator: Coordinator, settings: GroupSettings, clientRack: string, host: GroupHost) {
    this.#cluster = cluster;
    this.#coordinator = coordinator;
    this.#settings = settings;
    this.#host = host;
    this.#rack = clientRack === '' ? undefined : clientRack;
    this.#protocol = rebalanceProtocol(settings.assignors);
    this.#heartbeats = createHeartbeats(cluster, coordinator, settings, this, () => this.#pollExpired());
  }

  get membership(): Membership {
    return this.#membership;
  }

  /**
   * The generation of the last assignment, also when it is over by now: who names it for offsets of that assignment is refused, where one
   * who names none would not be.
   */
  get assignedIn(): Generation {
    return this.#assignedIn;
  }

  get isSubscribed(): boolean {
    return this.#subscription !== undefined;
  }

  get subscription(): Subscription | undefined {
    return this.#subscription;
  }

  feed(event: MembershipEvent): readonly MembershipEffect[] {
    const before = this.#membership;
    const [next, effects] = stepMembership(before, event);
    this.#membership = next;
    if (event.kind !== 'left' && next.isRejoinNeeded && (next.rejoinReason !== before.rejoinReason || !before.isRejoinNeeded)) {
      this.#cluster.runtime.logger.info('group is to be joined', { groupId: this.#settings.groupId, reason: next.rejoinReason });
      this.#host.progress();
    }
    for (const effect of effects) {
      if (effect.kind === 'forget-coordinator') this.#coordinator.forget();
      if (effect.kind === 'fail' && event.kind === 'heartbeat-answered') this.#fail(new KafkaError(effect.error, `heartbeat of group ${this.#settings.groupId} was refused: ${effect.error}`));
    }
    return effects;
  }

  #fail(error: KafkaError): void {
    this.#failure ??= error;
    this.#host.progress();
  }

  subscribe(subscription: Subscription, listener: RebalanceListener): void {
    this.#subscription?.end();
    this.#subscription = subscription;
    this.#listener = listener;
    this.#seenMetadata = undefined;
    this.#watchMetadata();
    this.#host.progress();
  }

  /** Gives all partitions up, and leaves. */
  async unsubscribe(reason: string): Promise<void> {
    if (this.#subscription === undefined) return;
    try {
      await this.#dropAll();
    } finally {
      await this.#leave(reason);
      this.#subscription.end();
      this.#subscription = undefined;
      this.#joinedTopics = undefined;
      this.#led = undefined;
      this.#metadataTimer?.cancel();
    }
  }

  close(): void {
    this.#heartbeats.stop();
    this.#metadataTimer?.cancel();
    this.#retryTimer?.cancel();
  }

  pollStarted(): void {
    this.#heartbeats.pollStarted();
  }

  pollEnded(): void {
    this.#heartbeats.pollEnded();
  }

  /**
   * Goes as far as it can without waiting for an answer; `progress` tells when there is more to do.
   * @throws KafkaError what another try would not change; what the listener throws
   */
  async advance(): Promise<void> {
    for (;;) {
      this.#throwFailure();
      if (this.#subscription === undefined) return;
      this.#noticeMetadata(this.#subscription);
      if (this.#outcome !== undefined) {
        await this.#take(this.#outcome);
        continue;
      }
      if (this.#isJoining || !this.#membership.isRejoinNeeded) return;
      if (this.#retryTimer !== undefined) return;
      if (this.#coordinator.node === undefined) {
        this.#find();
        return;
      }
      if (this.#subscription.pattern !== undefined && this.#seenMetadata === undefined) return;
      if (this.#membership.isPrepareNeeded && !(await this.#prepare())) return;
      this.#join();
    }
  }

  #throwFailure(): void {
    const failure = this.#failure;
    if (failure === undefined) return;
    this.#failure = undefined;
    throw failure;
  }

  #waitToRetry(): void {
    const { retryBackoffMs } = this.#cluster.settings;
    const { clock } = this.#cluster.runtime;
    this.#retryTimer?.cancel();
    // Not by comparing times: a timer may come a fraction of a millisecond early.
    this.#retryTimer = clock.setTimer(retryBackoffMs, () => {
      this.#retryTimer = undefined;
      this.#host.progress();
    });
  }

  #find(): void {
    if (this.#isFinding) return;
    this.#isFinding = true;
    this.#coordinator
      .find(this.#cluster.settings.requestTimeoutMs)
      .then(
        () => this.#heartbeats.confirmed(),
        (error: unknown) => {
          if (error instanceof KafkaError && error.name === 'GROUP_AUTHORIZATION_FAILED') this.#fail(error);
          this.#waitToRetry();
        },
      )
      .finally(() => {
        this.#isFinding = false;
        this.#host.progress();
      });
  }

  /** Offsets are committed, then partitions given up: all of them, or those that the subscription has no more. @returns whether it is done */
  async #prepare(): Promise<boolean> {
    if (this.#preparing === 'committing') return false;
    if (this.#preparing === 'no') {
      if (this.#protocol === 'eager') this.#host.holdBack();
      this.#preparing = 'committing';
      void this.#host.commitBeforeRebalance(this.#settings.maxPollIntervalMs).finally(() => {
        this.#preparing = 'committed';
        this.#host.progress();
      });
      return false;
    }
    this.#preparing = 'no';
    this.feed({ kind: 'prepared' });
    this.#led = undefined;
    const owned = this.#host.owned();
    const { generationId, memberId } = this.#membership.generation;
    if (generationId < 0 || memberId === '') {
      if (owned.length > 0) await this.#give('lost', owned, []);
    } else if (this.#protocol === 'eager') {
      await this.#give('revoked', owned, []);
    } else {
      const unwanted = owned.filter(({ topic }) => !this.#subscription!.topics.has(topic));
      if (unwanted.length > 0) await this.#give('revoked', unwanted, owned.filter(({ topic }) => this.#subscription!.topics.has(topic)));
    }
    return true;
  }

  /** The listener hears of it while the partitions are still there, so that it can commit. */
  async #give(how: 'revoked' | 'lost', partitions: readonly TopicPartition[], left: readonly TopicPartition[]): Promise<void> {
    try {
      await callListener(this.#listener, how, partitions.toSorted(compare));
    } finally {
      this.#host.replace(left);
    }
  }

  #join(): void {
    this.#isJoining = true;
    const { logger } = this.#cluster.runtime;
    logger.debug('joining group', { groupId: this.#settings.groupId });
    this.#joinedTopics = new Set(this.#subscription!.topics);
    void joinOnce(this.#cluster, this.#coordinator, this.#settings, this, {
      protocols: () => this.#protocols(),
      joined: () => this.#heartbeats.start(),
      assign: (response) => this.#assign(response),
    }).then((outcome) => {
      this.#isJoining = false;
      this.#outcome = outcome;
      this.#host.progress();
    });
  }

  #protocols(): { name: string; metadata: Buffer }[] {
    const topics = [...this.#joinedTopics!];
    const { generationId } = this.#membership.generation;
    return this.#settings.assignors.map((assignor) => ({
      name: assignor.name,
      metadata: encodeSubscription({ topics, userData: assignor.userData(this.#last), ownedPartitions: this.#host.owned(), generationId, rackId: this.#rack }),
    }));
  }

  async #assign(response: JoinGroupResponse): Promise<{ memberId: string; assignment: Buffer }[]> {
    const assignor = this.#settings.assignors.find(({ name }) => name === response.protocolName);
    if (assignor === undefined) throw new KafkaError('INCONSISTENT_GROUP_PROTOCOL', `Coordinator selected invalid assignment protocol: ${response.protocolName}`);
    const members = response.members.map(({ memberId, groupInstanceId, metadata }) => decodeSubscription(memberId, groupInstanceId, metadata));
    const topics = new Set(members.flatMap((member) => member.topics));
    for (const topic of topics) this.#cluster.track(topic);
    if ([...topics].some((topic) => !this.#cluster.metadata.topics.has(topic))) await this.#cluster.update();
    const layouts = layoutsOf(this.#cluster.metadata, topics);
    this.#led = { topics, fingerprint: fingerprint(layouts, this.#rack !== undefined) };
    if (response.skipAssignment) return [];
    const assignment = assignor.assign(layouts, members);
    return [...assignment].map(([memberId, partitions]) => ({ memberId, assignment: encodeAssignment(partitions) }));
  }

  async #take(outcome: JoinOutcome): Promise<void> {
    this.#outcome = undefined;
    switch (outcome.kind) {
      case 'failed':
        this.#waitToRetry();
        throw outcome.error;
      case 'again':
        if (outcome.isDelayed) this.#waitToRetry();
        return;
      case 'assigned':
        // The heartbeat may have found out in the meantime that the generation is gone.
        if (this.#membership.phase === 'stable') await this.#takeOver(decodeAssignment(outcome.assignment));
        else this.feed({ kind: 'left' });
    }
  }

  async #takeOver(assigned: readonly TopicPartition[]): Promise<void> {
    const subscription = this.#subscription!;
    this.feed({ kind: 'completed' });
    this.#assignedIn = this.#membership.generation;
    if (assigned.some(({ topic }) => !subscription.wants(topic))) {
      this.feed({ kind: 'rejoin-requested', reason: 'received assignment does not match the current subscription' });
      return;
    }
    const owned = this.#host.owned();
    const added = without(assigned, owned);
    const revoked = this.#protocol === 'cooperative' ? without(owned, assigned) : [];
    let failure: unknown;
    const note = (error: unknown): void => {
      failure ??= error;
    };
    if (revoked.length > 0) {
      await callListener(this.#listener, 'revoked', revoked.toSorted(compare)).catch(note);
      this.feed({ kind: 'rejoin-requested', reason: 'need to revoke partitions and re-join' });
    }
    if (subscription.pattern !== undefined) this.#joinedTopics = new Set([...this.#joinedTopics!, ...assigned.map(({ topic }) => topic)]);
    this.#last = { generationId: this.#membership.generation.generationId, partitions: [...assigned] };
    this.#host.replace(assigned.toSorted(compare));
    this.#host.rebalanced();
    await callListener(this.#listener, 'assigned', added.toSorted(compare)).catch(note);
    if (failure !== undefined) throw failure as Error;
  }

  /** A topic came, went or grew: whoever must know of it joins again. */
  #noticeMetadata(subscription: Subscription): void {
    const { metadata } = this.#cluster;
    if (metadata === this.#seenMetadata) return;
    if (metadata.nodes.size === 0) return;
    this.#seenMetadata = metadata;
    subscription.refresh(metadata);
    if (this.#membership.isRejoinNeeded) return;
    if (this.#led !== undefined && fingerprint(layoutsOf(metadata, this.#led.topics), this.#rack !== undefined) !== this.#led.fingerprint) {
      this.feed({ kind: 'rejoin-requested', reason: 'cached metadata has changed' });
    } else if (this.#joinedTopics !== undefined && !isSameSet(this.#joinedTopics, subscription.topics)) {
      this.feed({ kind: 'rejoin-requested', reason: 'subscription has changed' });
    }
  }

  /** Metadata is asked for anew at metadata.max.age.ms, and soon again while a topic is missing. */
  #watchMetadata(): void {
    this.#metadataTimer?.cancel();
    if (this.#cluster.signal.aborted || this.#subscription === undefined) return;
    this.#cluster
      .update()
      .catch((error: unknown) => this.#cluster.runtime.logger.debug('metadata update failed', { error }))
      .finally(() => {
        this.#host.progress();
        const { topics } = this.#subscription ?? { topics: new Set<string>() };
        const isMissing = [...topics].some((topic) => !this.#cluster.metadata.topics.has(topic));
        const { metadataMaxAgeMs, retryBackoffMaxMs } = this.#cluster.settings;
        const delayMs = isMissing ? Math.min(retryBackoffMaxMs, metadataMaxAgeMs) : metadataMaxAgeMs;
        this.#metadataTimer?.cancel();
        if (!this.#cluster.signal.aborted) this.#metadataTimer = this.#cluster.runtime.clock.setTimer(Math.min(delayMs, 0x7fffffff), () => this.#watchMetadata());
      });
  }

  #pollExpired(): void {
    this.#cluster.runtime.logger.warn(
      'poll was not called for max.poll.interval.ms: leaving the group, so that others read on; allow more time, or read fewer records at once (max.poll.records)',
      { groupId: this.#settings.groupId },
    );
    void this.#leave('consumer poll timeout has expired.');
  }

  async #dropAll(): Promise<void> {
    const owned = this.#host.owned();
    if (owned.length === 0) return;
    const { phase, generation } = this.#membership;
    const isLost = generation.generationId < 0 || generation.memberId === '' || phase === 'preparing' || phase === 'completing';
    await this.#give(isLost ? 'lost' : 'revoked', owned, []);
  }

  /** One attempt: the session timeout does the rest. Static members stay, for they are expected back (KIP-345). */
  async #leave(reason: string): Promise<void> {
    const { phase, generation } = this.#membership;
    const { groupId, groupInstanceId } = this.#settings;
    this.feed({ kind: 'left' });
    if (groupInstanceId !== undefined || this.#coordinator.node === undefined || phase === 'unjoined' || generation.memberId === '') return;
    const { memberId } = generation;
    const body = (version: number): { groupId: string; memberId: string } | { groupId: string; members: { memberId: string; reason: string }[] } =>
      version < firstVersionWithMembers ? { groupId, memberId } : { groupId, members: [{ memberId, reason }] };
    try {
      await this.#coordinator.call(leaveGroupRequest, leaveGroupResponse, body, this.#cluster.settings.requestTimeoutMs);
    } catch (error) {
      this.#cluster.runtime.logger.debug('group could not be told of the leaving', { groupId, error });
    }
  }
}

/** LeaveGroup of several members (KIP-345). */
const firstVersionWithMembers = 3;

const compare = (a: TopicPartition, b: TopicPartition): number => compareText(a.topic, b.topic) || a.partition - b.partition;

function without(places: readonly TopicPartition[], others: readonly TopicPartition[]): TopicPartition[] {
  const taken = new Set(others.map(({ topic, partition }) => `${partition} ${topic}`));
  return places.filter(({ topic, partition }) => !taken.has(`${partition} ${topic}`));
}
