import { expect } from 'chai';
import fc from 'fast-check';
import { decideHeartbeat } from '../../../../src/client/group/heartbeat.ts';
import type { Generation, Membership, MembershipEffect, MembershipEvent } from '../../../../src/client/group/membership.ts';
import { newMembership, noGeneration, stepMembership } from '../../../../src/client/group/membership.ts';
import type { ErrorName } from '../../../../src/protocol/errors.ts';

const generation: Generation = { generationId: 3, memberId: 'm', protocolName: 'range' };
const preparing: Membership = { phase: 'preparing', generation, isRejoinNeeded: true, rejoinReason: '', isPrepareNeeded: false };
const completing: Membership = { ...preparing, phase: 'completing' };
const stable: Membership = { ...preparing, phase: 'stable', isRejoinNeeded: false };

/** What became of it, in short: phase, generation, and what is to be done. */
function outcome(state: Membership, event: MembershipEvent): string {
  const [next, effects] = stepMembership(state, event);
  const { generationId, memberId } = next.generation;
  return `${next.phase} ${generationId}/${memberId}${next.isRejoinNeeded ? ' rejoin' : ''}: ${effects.map(effectText).join(', ')}`.trimEnd();
}

function effectText(effect: MembershipEffect): string {
  if (effect.kind === 'join-again') return effect.isDelayed ? 'again later' : 'again';
  if (effect.kind === 'commit') return `${effect.outcome} ${effect.error}`;
  return effect.kind === 'fail' ? `fail ${effect.error}` : effect.kind;
}

const joined = (error: ErrorName, answer = generation): MembershipEvent => ({ kind: 'join-answered', sent: generation, error, answer, isProtocolRight: true });
const synced = (error: ErrorName): MembershipEvent => ({ kind: 'sync-answered', sent: generation, error, isProtocolRight: true });
const beaten = (error: ErrorName): MembershipEvent => ({ kind: 'heartbeat-answered', sent: generation, error });
const committed = (error: ErrorName): MembershipEvent => ({ kind: 'commit-answered', sent: generation, error });

describe('membership of a consumer group', () => {
  const rows: readonly (readonly [Membership, MembershipEvent, string])[] = [
    [preparing, joined('NONE', { ...generation, generationId: 4 }), 'completing 4/m rejoin: synchronise'],
    [newMembership, joined('NONE'), 'unjoined -1/ rejoin: again later'],
    [preparing, joined('COORDINATOR_LOAD_IN_PROGRESS'), 'preparing 3/m rejoin: again later'],
    [preparing, joined('NOT_COORDINATOR'), 'preparing 3/m rejoin: forget-coordinator, again later'],
    [preparing, joined('UNKNOWN_MEMBER_ID'), 'unjoined -1/ rejoin: again'],
    [preparing, joined('MEMBER_ID_REQUIRED', { ...noGeneration, memberId: 'given' }), 'preparing -1/given rejoin: again'],
    [preparing, joined('REBALANCE_IN_PROGRESS'), 'preparing 3/m rejoin: again'],
    [preparing, joined('FENCED_INSTANCE_ID'), 'preparing 3/m rejoin: fail FENCED_INSTANCE_ID'],
    [preparing, joined('GROUP_MAX_SIZE_REACHED'), 'preparing 3/m rejoin: fail GROUP_MAX_SIZE_REACHED'],
    [preparing, joined('INCONSISTENT_GROUP_PROTOCOL'), 'preparing 3/m rejoin: fail INCONSISTENT_GROUP_PROTOCOL'],
    [preparing, { kind: 'join-failed', error: 'NETWORK_EXCEPTION' }, 'preparing 3/m rejoin: again later'],
    [preparing, { kind: 'join-failed', error: 'UNSUPPORTED_VERSION' }, 'preparing 3/m rejoin: fail UNSUPPORTED_VERSION'],
    [completing, synced('NONE'), 'stable 3/m: complete'],
    [newMembership, synced('NONE'), 'unjoined -1/ rejoin: again'],
    [completing, synced('REBALANCE_IN_PROGRESS'), 'completing 3/m rejoin: again'],
    [completing, synced('ILLEGAL_GENERATION'), 'unjoined -1/m rejoin: again'],
    [completing, synced('UNKNOWN_MEMBER_ID'), 'unjoined -1/ rejoin: again'],
    [completing, synced('COORDINATOR_NOT_AVAILABLE'), 'completing 3/m rejoin: forget-coordinator, again later'],
    [completing, synced('GROUP_AUTHORIZATION_FAILED'), 'completing 3/m rejoin: fail GROUP_AUTHORIZATION_FAILED'],
    [stable, beaten('NONE'), 'stable 3/m:'],
    [stable, beaten('NOT_COORDINATOR'), 'stable 3/m: forget-coordinator'],
    [stable, beaten('REBALANCE_IN_PROGRESS'), 'stable 3/m rejoin:'],
    [stable, beaten('ILLEGAL_GENERATION'), 'unjoined -1/m rejoin:'],
    [stable, beaten('UNKNOWN_MEMBER_ID'), 'unjoined -1/ rejoin:'],
    [stable, beaten('FENCED_INSTANCE_ID'), 'unjoined -1/ rejoin: fail FENCED_INSTANCE_ID'],
    [{ ...stable, generation: { ...generation, generationId: 9 } }, beaten('UNKNOWN_MEMBER_ID'), 'stable 9/m:'],
    [stable, committed('NONE'), 'stable 3/m: done NONE'],
    [stable, committed('COORDINATOR_LOAD_IN_PROGRESS'), 'stable 3/m: again COORDINATOR_LOAD_IN_PROGRESS'],
    [stable, committed('NOT_COORDINATOR'), 'stable 3/m: forget-coordinator, again NOT_COORDINATOR'],
    [stable, committed('REBALANCE_IN_PROGRESS'), 'stable 3/m rejoin: failed REBALANCE_IN_PROGRESS'],
    [stable, committed('ILLEGAL_GENERATION'), 'unjoined -1/m rejoin: failed ILLEGAL_GENERATION'],
    [{ ...preparing, generation: { ...generation, generationId: 9 } }, committed('ILLEGAL_GENERATION'), 'preparing 9/m rejoin: failed REBALANCE_IN_PROGRESS'],
    [stable, committed('OFFSET_METADATA_TOO_LARGE'), 'stable 3/m: failed OFFSET_METADATA_TOO_LARGE'],
    [stable, { kind: 'left' }, 'unjoined -1/ rejoin:'],
  ];
  for (const [state, event, expected] of rows) {
    it(`${state.phase}, ${event.kind}${'error' in event ? ` ${event.error}` : ''} -> ${expected}`, () => {
      expect(outcome(state, event)).to.equal(expected);
    });
  }

  it('never synchronises or completes without a member id and a generation, whatever is answered', () => {
    const errors = fc.constantFrom<ErrorName>('NONE', 'UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS', 'NOT_COORDINATOR', 'MEMBER_ID_REQUIRED');
    const event = fc.tuple(fc.constantFrom(joined, synced, beaten, committed), errors).map(([make, error]) => make(error));
    fc.assert(
      fc.property(fc.array(fc.oneof(event, fc.constantFrom<MembershipEvent>({ kind: 'join-sent' }, { kind: 'left' }))), (events) => {
        let state = newMembership;
        for (const next of events) {
          const [after, effects] = stepMembership(state, next);
          if (effects.some(({ kind }) => kind === 'synchronise' || kind === 'complete')) expect([after.generation.generationId, after.generation.memberId]).to.deep.equal([3, 'm']);
          state = after;
        }
      }),
    );
  });
});

describe('heartbeats of a member', () => {
  const limits = { sessionTimeoutMs: 10_000, heartbeatIntervalMs: 3000, maxPollIntervalMs: 60_000, retryBackoffMs: 100 };
  const times = { sentMs: 0, confirmedMs: 0, isAwaited: false, hasFailed: false, polledMs: 0 };

  it('go out every heartbeat.interval.ms, and sooner after a failure', () => {
    expect(decideHeartbeat(times, limits, 1000)).to.deep.equal({ kind: 'wait', delayMs: 2000 });
    expect(decideHeartbeat(times, limits, 3000)).to.deep.equal({ kind: 'send' });
    expect(decideHeartbeat({ ...times, hasFailed: true }, limits, 100)).to.deep.equal({ kind: 'send' });
    expect(decideHeartbeat({ ...times, isAwaited: true }, limits, 3000)).to.deep.equal({ kind: 'wait', delayMs: 100 });
  });

  it('find the coordinator lost after session.timeout.ms, and the application after max.poll.interval.ms', () => {
    expect(decideHeartbeat(times, limits, 10_000)).to.deep.equal({ kind: 'session-expired' });
    expect(decideHeartbeat({ ...times, sentMs: 59_000, confirmedMs: 59_000 }, limits, 60_000)).to.deep.equal({ kind: 'poll-expired' });
    expect(decideHeartbeat({ ...times, sentMs: 59_000, confirmedMs: 59_000, polledMs: Infinity }, limits, 60_000)).to.deep.equal({ kind: 'wait', delayMs: 2000 });
  });
});
