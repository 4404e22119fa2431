import { expect } from 'chai';
import fc from 'fast-check';
import { zeroUuid } from '../../../src/protocol/fields.ts';
import { FetchSessionClient } from '../../../src/replica/fetch-session-client.ts';
import type { SessionFetch, WantedPart } from '../../../src/replica/fetch-session-client.ts';
import { createFetchSessions, newPart, settle } from '../../../src/replica/fetch-session.ts';
import type { FetchSessions, SessionRequest } from '../../../src/replica/fetch-session.ts';

const part = (topic: string, partition: number, fetchOffset = 0) =>
  newPart({ topic, topicId: zeroUuid, partition, currentLeaderEpoch: -1, fetchOffset, lastFetchedEpoch: -1, logStartOffset: -1, bytesMax: 1000 });
const request = (sessionId: number, sessionEpoch: number, more: Partial<SessionRequest> = {}): SessionRequest => ({ sessionId, sessionEpoch, usesTopicIds: false, isFollower: false, parts: [], forgotten: [], ...more });

function sessions(sessionsMax = 10): FetchSessions {
  let id = 0;
  return createFetchSessions({ sessionsMax, evictAfterMs: 120_000, newId: () => ++id });
}

describe('fetch sessions (KIP-227)', () => {
  it('answer everything first, then go on with what the session holds, epoch by epoch', () => {
    const cache = sessions();
    const first = cache.contextOf(request(0, 0, { parts: [part('t', 0), part('t', 1)] }), 0);
    expect(first.kind === 'full' && [first.session?.id, first.parts.length]).to.deep.equal([1, 2]);
    const second = cache.contextOf(request(1, 1, { parts: [part('t', 1, 5), part('u', 0)], forgotten: [{ topic: 't', topicId: zeroUuid, partition: 0 }] }), 1);
    expect(second.kind === 'incremental' && second.parts.map(({ topic, partition, fetchOffset }) => [topic, partition, fetchOffset])).to.deep.equal([['t', 1, 5], ['u', 0, 0]]);
    expect(cache.contextOf(request(1, 3), 2)).to.deep.equal({ kind: 'error', error: 'INVALID_FETCH_SESSION_EPOCH' });
    expect(cache.contextOf(request(1, 2), 3).kind).to.equal('incremental');
    expect(cache.contextOf(request(7, 1), 3)).to.deep.equal({ kind: 'error', error: 'FETCH_SESSION_ID_NOT_FOUND' });
  });

  it('keep what was told of a partition when a request changes its offset', () => {
    const cache = sessions();
    const first = cache.contextOf(request(0, 0, { parts: [part('t', 0)] }), 0);
    if (first.kind !== 'full') throw new Error('a first fetch is full');
    first.parts[0]!.toldHighWatermark = 12;
    const second = cache.contextOf(request(1, 1, { parts: [part('t', 0, 3)] }), 0);
    expect(second.kind === 'incremental' && [second.parts[0]!.toldHighWatermark, second.parts[0]!.fetchOffset]).to.deep.equal([12, 3]);
  });

  it('end with epoch -1, with the last partition forgotten, and by a new one with their id', () => {
    const cache = sessions();
    for (const ending of [
      request(0, -1),
      request(0, 1, { forgotten: [{ topic: 't', topicId: zeroUuid, partition: 0 }] }),
    ]) {
      const opened = cache.contextOf(request(0, 0, { parts: [part('t', 0)] }), 0);
      const id = opened.kind === 'full' ? opened.session!.id : 0;
      expect(cache.size).to.equal(1);
      cache.contextOf({ ...ending, sessionId: id }, 0);
      expect(cache.size).to.equal(0);
    }
  });

  it('are refused when names and topic ids mix', () => {
    const cache = sessions();
    cache.contextOf(request(0, 0, { parts: [part('t', 0)] }), 0);
    expect(cache.contextOf(request(1, 1, { usesTopicIds: true }), 0)).to.deep.equal({ kind: 'error', error: 'FETCH_SESSION_TOPIC_ID_ERROR' });
  });

  it('are no more than the slots: a fresh one keeps its place, an idle one or a consumer\'s against a follower gives way', () => {
    const cache = sessions(1);
    const open = (nowMs: number, isFollower = false): number | undefined => {
      const context = cache.contextOf(request(0, 0, { isFollower, parts: [part('t', 0)] }), nowMs);
      return context.kind === 'full' ? context.session?.id : undefined;
    };
    expect(open(0)).to.equal(1);
    expect(open(1)).to.equal(undefined);
    expect(open(1, true)).to.equal(2);
    expect(open(2)).to.equal(undefined);
    expect(open(2, true)).to.equal(undefined);
    expect(open(120_002)).to.equal(3);
    expect(cache.size).to.equal(1);
  });

  it('wrap their epoch to 1', () => {
    const cache = sessions();
    const opened = cache.contextOf(request(0, 0, { parts: [part('t', 0)] }), 0);
    if (opened.kind !== 'full') throw new Error('a first fetch is full');
    opened.session!.epoch = 0x7fffffff;
    expect(cache.contextOf(request(1, 0x7fffffff), 0).kind).to.equal('incremental');
    expect(cache.contextOf(request(1, 1), 0).kind).to.equal('incremental');
  });
});

describe('a follower\'s end of a fetch session', () => {
  const wantedPart = (partition: number, fetchOffset: number): WantedPart => ({ topic: 't', partition, currentLeaderEpoch: 0, fetchOffset, lastFetchedEpoch: 0, logStartOffset: 0 });
  const asRequest = ({ sessionId, sessionEpoch, parts, forgotten }: SessionFetch): SessionRequest =>
    request(sessionId, sessionEpoch, { isFollower: true, parts: parts.map(({ topic, partition, fetchOffset }) => part(topic, partition, fetchOffset)), forgotten: forgotten.map((gone) => ({ ...gone, topicId: zeroUuid })) });

  it('says only what changed', () => {
    const client = new FetchSessionClient();
    for (const partition of [0, 1, 2]) client.want(`t-${partition}`, wantedPart(partition, 0));
    client.next();
    client.answered(9);
    client.drop('t-0');
    client.want('t-1', wantedPart(1, 4));
    client.drop('t-2');
    client.want('t-2', wantedPart(2, 0));
    const { sessionId, sessionEpoch, parts, forgotten } = client.next();
    expect([sessionId, sessionEpoch, parts.map(({ partition }) => partition), forgotten.map(({ partition }) => partition)]).to.deep.equal([9, 1, [1], [0]]);
  });

  it('makes the leader read what the follower wants, whatever is refused, evicted or lost on the way', () => {
    const step = fc.record({
      offsets: fc.dictionary(fc.constantFrom('0', '1', '2', '3'), fc.nat(9), { minKeys: 1 }),
      fate: fc.constantFrom('answered', 'answered', 'answered', 'answer lost', 'request lost', 'evicted'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        let cache = sessions(1);
        const client = new FetchSessionClient();
        for (const { offsets, fate } of steps) {
          const wanted = new Map(Object.entries(offsets).map(([partition, offset]) => [`t-${partition}`, wantedPart(Number(partition), offset)]));
          for (const key of ['t-0', 't-1', 't-2', 't-3']) {
            const one = wanted.get(key);
            if (one === undefined) client.drop(key);
            else client.want(key, one);
          }
          const sent = client.next();
          if (fate === 'evicted') cache = sessions(1);
          if (fate === 'request lost') {
            client.failed(false);
            continue;
          }
          const context = cache.contextOf(asRequest(sent), 0);
          if (fate === 'answer lost') client.failed(false);
          else if (context.kind === 'error') client.failed(context.error === 'FETCH_SESSION_ID_NOT_FOUND');
          else {
            const parts = context.session === undefined ? context.parts : Array.from(context.session.parts.values());
            const read = new Map(parts.map((one) => [`t-${one.partition}`, one.fetchOffset]));
            expect(read).to.deep.equal(new Map(Array.from(wanted, ([key, { fetchOffset }]) => [key, fetchOffset])));
            client.answered(context.session?.id ?? 0);
          }
        }
      }),
    );
  });
});

describe('what a session\'s next answer must look at', () => {
  const due = (context: ReturnType<FetchSessions['contextOf']>): number[] => (context.kind === 'error' ? [] : context.parts.map(({ partition }) => partition));

  it('is what the request names and what was not answered to the end; those that gave records come last', () => {
    const cache = sessions();
    const first = cache.contextOf(request(0, 0, { parts: [part('t', 0), part('t', 1), part('t', 2), part('t', 3)] }), 0);
    expect(due(first)).to.deep.equal([0, 1, 2, 3]);
    if (first.kind !== 'full' || first.session === undefined) throw new Error('a first fetch opens a session');
    const [idle, gave, cut, failed] = first.parts;
    settle(first.session, idle!, true, false);
    settle(first.session, gave!, false, true);
    settle(first.session, cut!, false, false);
    settle(first.session, failed!, false, false);
    expect(due(cache.contextOf(request(1, 1), 1))).to.deep.equal([2, 3, 1]);
    expect(due(cache.contextOf(request(1, 2, { parts: [part('t', 0, 7)], forgotten: [{ topic: 't', topicId: zeroUuid, partition: 2 }] }), 2))).to.deep.equal([3, 1, 0]);
  });
});
