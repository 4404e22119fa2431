import { Offsets } from './offsets.ts';
import { metadataFor } from './member.ts';
import type { JoinAnswer, JoinedMember, Member, Protocol } from './member.ts';
import { subscribedTopics } from './subscription.ts';

/**
 *           join of a new member                all joined, or time over
 *   Empty ──────────────────────► Preparing ─────────────────────────► Completing ──────► Stable
 *     ▲                           Rebalance ◄───────────────────────── Rebalance   leader's    │
 *     └──────────────────────────── │  ▲      join, leave, failure                 sync stored │
 *            nobody is left         │  └───────────────────────────────────────────────────────┘
 *   Dead: from any, when the group was removed or its partition has left this broker
 */
export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead';

/** Both clocks at one moment: deadlines are monotonic, what is written to the log is of the wall. Milliseconds. */
export interface Now {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** Until when JoinGroup requests are waited for. The first rebalance of a group is not over early (KIP-134). */
export type JoinWait =
  | { readonly kind: 'initial'; readonly deadlineMs: number; readonly delayMs: number; readonly remainingMs: number }
  | { readonly kind: 'rejoin'; readonly deadlineMs: number };

/** The only protocol type whose bytes the broker looks into: to know which offsets are in use. */
export const consumerProtocolType = 'consumer';

/**
 * What the coordinator knows of one group, and the changes that keep its parts consistent. What is to be done when is
 * decided in `join.ts`, `sync.ts`, `leave.ts`, `rebalance.ts` and `deadlines.ts`.
 */
export class Group {
  readonly id: string;
  state: GroupState = 'Empty';
  /** When the state was entered, milliseconds since the Unix epoch; undefined where an old record does not tell. */
  stateSinceMs: number | undefined;
  generation = 0;
  /** Null while it never had a member: offsets are all that it keeps. */
  protocolType: string | null = null;
  protocolName: string | null = null;
  leaderId: string | null = null;
  readonly members = new Map<string, Member>();
  /** Ids that were handed out (KIP-394), with the monotonic time until which they may join. */
  readonly pendingMembers = new Map<string, number>();
  /** Who was told of this generation and has not asked for its assignment. */
  readonly pendingSync = new Set<string>();
  joinWait: JoinWait | undefined;
  syncDeadlineMs = Infinity;
  /** Somebody came while the first rebalance was waiting. */
  isNewMemberAdded = false;
  /** Topics in use, for a consumer group whose subscriptions can be read. */
  subscribedTopics: ReadonlySet<string> | undefined;
  /** No deadline is before this; monotonic milliseconds. The exact one is found when it is over. */
  wakeAtMs = Infinity;
  readonly offsets = new Offsets();
  readonly #staticMembers = new Map<string, string>();
  readonly #supporters = new Map<string, number>();
  #joining = 0;

  constructor(id: string, wallMs: number | undefined) {
    this.id = id;
    this.stateSinceMs = wallMs;
  }

  get isConsumerGroup(): boolean {
    return this.protocolType === consumerProtocolType;
  }

  /** Members whose JoinGroup waits. */
  get joiningCount(): number {
    return this.#joining;
  }

  get haveAllJoined(): boolean {
    return this.members.size === this.#joining && this.pendingMembers.size === 0;
  }

  get staticMemberCount(): number {
    return this.#staticMembers.size;
  }

  /** The longest of all members; 0 without any. */
  get rebalanceTimeoutMs(): number {
    let longestMs = 0;
    for (const { rebalanceTimeoutMs } of this.members.values()) longestMs = Math.max(longestMs, rebalanceTimeoutMs);
    return longestMs;
  }

  moveTo(state: GroupState, now: Now): void {
    this.state = state;
    this.stateSinceMs = now.wallMs;
  }

  staticMemberId(instanceId: string): string | undefined {
    return this.#staticMembers.get(instanceId);
  }

  add(member: Member, answer: JoinAnswer | undefined): void {
    if (member.instanceId !== null) this.#staticMembers.set(member.instanceId, member.id);
    this.leaderId ??= member.id;
    this.members.set(member.id, member);
    this.#support(member, 1);
    this.setJoinAnswer(member, answer);
    this.pendingMembers.delete(member.id);
  }

  /** Also takes back an id that was handed out; nothing happens for one that is not known. */
  remove(memberId: string): void {
    const member = this.members.get(memberId);
    if (member !== undefined) {
      this.members.delete(memberId);
      this.#support(member, -1);
      this.setJoinAnswer(member, undefined);
      if (member.instanceId !== null) this.#staticMembers.delete(member.instanceId);
      if (this.leaderId === memberId) this.leaderId = this.members.keys().next().value ?? null;
    }
    this.pendingMembers.delete(memberId);
    this.pendingSync.delete(memberId);
  }

  /** A static member has another id from now on; all else stays. */
  rename(member: Member, newId: string): void {
    const oldId = member.id;
    this.members.delete(oldId);
    member.id = newId;
    this.members.set(newId, member);
    if (this.leaderId === oldId) this.leaderId = newId;
    if (this.pendingSync.delete(oldId)) this.pendingSync.add(newId);
    this.#staticMembers.set(member.instanceId!, newId);
  }

  update(member: Member, to: { readonly protocols: readonly Protocol[]; readonly rebalanceTimeoutMs: number; readonly sessionTimeoutMs: number }, answer: JoinAnswer | undefined): void {
    this.#support(member, -1);
    member.protocols = to.protocols;
    this.#support(member, 1);
    member.rebalanceTimeoutMs = to.rebalanceTimeoutMs;
    member.sessionTimeoutMs = to.sessionTimeoutMs;
    this.setJoinAnswer(member, answer);
  }

  setJoinAnswer(member: Member, answer: JoinAnswer | undefined): void {
    this.#joining += Number(answer !== undefined) - Number(member.joinAnswer !== undefined);
    member.joinAnswer = answer;
  }

  /** The session begins anew. */
  touch(member: Member, monotonicMs: number, timeoutMs = member.sessionTimeoutMs): void {
    member.deadlineMs = monotonicMs + timeoutMs;
    this.wakeBy(member.deadlineMs);
  }

  wakeBy(deadlineMs: number): void {
    if (deadlineMs < this.wakeAtMs) this.wakeAtMs = deadlineMs;
  }

  /** Whether somebody with these protocols could be a member. */
  supports(protocolType: string, protocols: readonly Protocol[]): boolean {
    if (this.state === 'Empty') return protocolType !== '' && protocols.length > 0;
    return this.protocolType === protocolType && protocols.some(({ name }) => this.#isCommon(name));
  }

  /** Each member votes for the first of its protocols that all have; the most votes win. */
  selectProtocol(): string | null {
    const votes = new Map<string, number>();
    for (const { protocols } of this.members.values()) {
      const choice = protocols.find(({ name }) => this.#isCommon(name));
      if (choice !== undefined) votes.set(choice.name, (votes.get(choice.name) ?? 0) + 1);
    }
    let winner: string | null = null;
    for (const [name, count] of votes) if (winner === null || count > votes.get(winner)!) winner = name;
    return winner;
  }

  computeSubscribedTopics(): void {
    if (!this.isConsumerGroup || (this.members.size > 0 && this.protocolName === null)) this.subscribedTopics = undefined;
    else this.subscribedTopics = subscribedTopics(Array.from(this.members.values(), (member) => metadataFor(member, this.protocolName)));
  }

  joinedMembers(): JoinedMember[] {
    return Array.from(this.members.values(), (member) => ({ memberId: member.id, groupInstanceId: member.instanceId, metadata: metadataFor(member, this.protocolName) }));
  }

  #isCommon(name: string): boolean {
    return (this.#supporters.get(name) ?? 0) === this.members.size;
  }

  #support(member: Member, by: 1 | -1): void {
    for (const { name } of member.protocols) {
      const count = (this.#supporters.get(name) ?? 0) + by;
      if (count === 0) this.#supporters.delete(name);
      else this.#supporters.set(name, count);
    }
  }
}
