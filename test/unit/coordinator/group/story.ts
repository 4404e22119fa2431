import { timeHasPassed } from '../../../../src/coordinator/group/deadlines.ts';
import type { Effects, StorePurpose } from '../../../../src/coordinator/group/effects.ts';
import { Group } from '../../../../src/coordinator/group/group.ts';
import type { Now } from '../../../../src/coordinator/group/group.ts';
import { join } from '../../../../src/coordinator/group/join.ts';
import { leave } from '../../../../src/coordinator/group/leave.ts';
import { commitError, heartbeat } from '../../../../src/coordinator/group/liveness.ts';
import type { JoinResult } from '../../../../src/coordinator/group/member.ts';
import type { GroupLimits } from '../../../../src/coordinator/group/rebalance.ts';
import { unloaded } from '../../../../src/coordinator/group/residence.ts';
import { stored } from '../../../../src/coordinator/group/stored.ts';
import { sync } from '../../../../src/coordinator/group/sync.ts';
import type { ErrorName } from '../../../../src/protocol/errors.ts';
import type { GroupMetadataValueInput } from '../../../../src/protocol/messages/group-metadata.ts';

export interface JoinWish {
  readonly as?: string;
  readonly instance?: string;
  readonly protocols?: readonly string[];
  readonly protocolType?: string;
  readonly metadata?: string;
  readonly sessionTimeoutMs?: number;
  readonly rebalanceTimeoutMs?: number;
  /** As clients before JoinGroup v4. */
  readonly isOld?: boolean;
  readonly canSkipAssignment?: boolean;
}

/** A group lived through by its rules alone: what is heard and written is told in lines, in the order in which it happens. */
export class Story {
  readonly group = new Group('g', 0);
  readonly limits: GroupLimits;
  nowMs = 0;
  /** Records that wait to be stored; stored at once while `isStoringLate` is false. */
  readonly unstored: StorePurpose[] = [];
  isStoringLate = false;
  lastValue: GroupMetadataValueInput | undefined;
  /** Requests that were not answered yet. */
  open = 0;
  #heard: string[] = [];
  readonly #idsGiven = new Map<string, number>();

  constructor(limits: Partial<GroupLimits> = {}) {
    this.limits = { sessionTimeoutMinMs: 0, sessionTimeoutMaxMs: 1_000_000, sizeMax: 100, initialRebalanceDelayMs: 0, ...limits };
  }

  get now(): Now {
    return { monotonicMs: this.nowMs, wallMs: 1_000_000 + this.nowMs };
  }

  /** What happened since this was last asked. */
  heard(): string[] {
    const heard = this.#heard;
    this.#heard = [];
    return heard;
  }

  /** A new member called `name` gets the id `name1`, the next of that name `name2`, and so on. */
  join(name: string, wish: JoinWish = {}): void {
    const { as = '', instance = null, protocols = ['range'], protocolType = 'consumer', metadata = '', sessionTimeoutMs = 10_000, rebalanceTimeoutMs = 60_000, isOld = false, canSkipAssignment = true } = wish;
    const count = (this.#idsGiven.get(name) ?? 0) + (as === '' ? 1 : 0);
    this.#idsGiven.set(name, count);
    this.#perform(
      join(
        this.group,
        {
          memberId: as,
          newMemberId: as === '' ? `${name}${count}` : '',
          instanceId: instance,
          requiresKnownMemberId: !isOld && instance === null,
          canSkipAssignment,
          clientId: name,
          clientHost: '/127.0.0.1',
          rebalanceTimeoutMs,
          sessionTimeoutMs,
          protocolType,
          protocols: protocols.map((protocol) => ({ name: protocol, metadata: Buffer.from(metadata) })),
          reason: 'test',
          answer: this.#once((result) => `${name} joins: ${joinText(result)}`),
        },
        this.limits,
        this.now,
      ),
    );
  }

  /** Joins as clients do, once for the id and once with it; nothing is told of the first. */
  arrive(name: string, wish: JoinWish = {}): void {
    const before = this.#heard;
    this.#heard = [];
    this.join(name, wish);
    const id = /MEMBER_ID_REQUIRED (\S+)/.exec(this.#heard.join('\n'))?.[1];
    this.#heard = id === undefined ? [...before, ...this.#heard] : before;
    if (id !== undefined) this.join(name, { ...wish, as: id });
  }

  sync(memberId: string, generation: number, assignment: Readonly<Record<string, string>> = {}, more: { instance?: string; protocolName?: string; protocolType?: string } = {}): void {
    this.#perform(
      sync(
        this.group,
        {
          memberId,
          instanceId: more.instance ?? null,
          generation,
          protocolType: more.protocolType ?? null,
          protocolName: more.protocolName ?? null,
          assignment: new Map(Object.entries(assignment).map(([id, text]) => [id, Buffer.from(text)])),
          answer: this.#once(({ error, assignment: given }) => `${memberId} syncs: ${error === 'NONE' ? `"${given.toString()}"` : error}`),
        },
        this.now,
      ),
    );
  }

  heartbeat(memberId: string, generation: number, instance: string | null = null): ErrorName {
    return heartbeat(this.group, memberId, instance, generation, this.nowMs);
  }

  commits(memberId: string, generation: number, instance: string | null = null): ErrorName {
    return commitError(this.group, { memberId, instanceId: instance, generation }, this.nowMs);
  }

  leave(memberId: string, instance: string | null = null): ErrorName {
    const { error, memberErrors, effects } = leave(this.group, [{ memberId, groupInstanceId: instance, reason: null }], this.limits, this.now);
    this.#perform(effects);
    return error === 'NONE' ? memberErrors[0]! : error;
  }

  unload(): void {
    this.#perform(unloaded(this.group, this.now));
  }

  /** Time passes; the group is looked at when it asked to be, no sooner. */
  wait(ms: number): void {
    const untilMs = this.nowMs + ms;
    while (this.group.wakeAtMs <= untilMs) {
      this.nowMs = Math.max(this.nowMs, this.group.wakeAtMs);
      this.#perform(timeHasPassed(this.group, this.limits, this.now));
    }
    this.nowMs = untilMs;
  }

  /** The oldest record that waits is stored, or is not. */
  store(error: ErrorName = 'NONE'): void {
    this.#perform(stored(this.group, this.unstored.shift()!, error, this.limits, this.now));
  }

  #once<R>(tell: (result: R) => string): (result: R) => void {
    let isAnswered = false;
    this.open++;
    return (result) => {
      if (isAnswered) throw new Error(`answered twice: ${tell(result)}`);
      isAnswered = true;
      this.open--;
      this.#heard.push(tell(result));
    };
  }

  #perform(effects: Effects): void {
    for (const effect of effects) {
      if (effect.kind === 'answer-join') effect.answer(effect.result);
      else if (effect.kind === 'answer-sync') effect.answer(effect.result);
      else if (effect.kind === 'store-group') {
        this.lastValue = effect.value;
        this.#heard.push(`stored: generation ${effect.value.generation}, ${(effect.value.members ?? []).map((member) => `${member.memberId}="${member.assignment!.toString()}"`).join(' ') || 'nobody'}`);
        this.unstored.push(effect.purpose);
        if (!this.isStoringLate) this.store();
      }
    }
  }
}

function joinText({ error, memberId, generation, protocolName, leaderId, members, skipsAssignment }: JoinResult): string {
  if (error !== 'NONE') return `${error}${memberId === '' ? '' : ` ${memberId}`}`;
  const others = members.length === 0 ? '' : ` of ${members.map((member) => member.memberId).join(', ')}`;
  return `${memberId} in ${generation} by ${protocolName}, ${leaderId} leads${others}${skipsAssignment ? ', nothing to assign' : ''}`;
}

/** A group of dynamic members a1, b1, … in a stable generation, all at time 0. */
export function stableGroup(names: readonly string[], limits: Partial<GroupLimits> = {}, wish: JoinWish = {}): Story {
  const story = new Story({ initialRebalanceDelayMs: 10, ...limits });
  for (const name of names) story.arrive(name, wish);
  story.wait(10);
  // Whoever came while the first rebalance waited made it wait again.
  for (let turn = 0; story.group.state !== 'CompletingRebalance' && turn < 100; turn++) story.wait(10);
  const ids = [...story.group.members.keys()];
  for (const id of ids) story.sync(id, story.group.generation, id === story.group.leaderId ? Object.fromEntries(ids.map((one) => [one, `for ${one}`])) : {});
  story.heard();
  return story;
}
