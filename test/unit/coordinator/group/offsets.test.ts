import { expect } from 'chai';
import { expiredOffsets } from '../../../../src/coordinator/group/expired-offsets.ts';
import { Group } from '../../../../src/coordinator/group/group.ts';
import type { GroupState } from '../../../../src/coordinator/group/group.ts';
import { Offsets } from '../../../../src/coordinator/group/offsets.ts';
import type { OffsetCommit } from '../../../../src/coordinator/group/offsets.ts';
import { transactionalCommitError } from '../../../../src/coordinator/group/liveness.ts';
import { stableGroup } from './story.ts';

const commit = (offset: number, topic = 't', more: { commitTimestampMs?: number; expireTimestampMs?: number } = {}): OffsetCommit => ({
  topic,
  partition: 0,
  value: { offset, leaderEpoch: -1, metadata: '', commitTimestampMs: 0, expireTimestampMs: -1, ...more },
});
const offsetOf = (offsets: Offsets, topic = 't'): number | undefined => offsets.get(topic, 0)?.offset;

describe('offsets of a group', () => {
  it('count when their record is replicated', () => {
    const offsets = new Offsets();
    const one = commit(1);
    offsets.prepare([one]);
    expect(offsetOf(offsets)).to.equal(undefined);
    expect(offsets.isUnstable('t', 0)).to.equal(true);
    offsets.appended([one], 10);
    expect(offsetOf(offsets)).to.equal(1);
    expect(offsets.isUnstable('t', 0)).to.equal(false);
  });

  it('do not count when it could not be', () => {
    const offsets = new Offsets();
    const [one, two] = [commit(1), commit(2)];
    offsets.prepare([one]);
    offsets.prepare([two]);
    offsets.failed([one]);
    expect(offsets.isUnstable('t', 0)).to.equal(true);
    offsets.failed([two]);
    expect(offsets.isUnstable('t', 0)).to.equal(false);
    expect(offsets.isEmpty).to.equal(true);
  });

  it('are those of the last batch in the log, whichever is acknowledged last', () => {
    const offsets = new Offsets();
    const [one, two] = [commit(1), commit(2)];
    offsets.prepare([one]);
    offsets.prepare([two]);
    offsets.appended([two], 11);
    offsets.appended([one], 10);
    expect(offsetOf(offsets)).to.equal(2);
  });

  it('of a transaction count from its COMMIT marker on, and not at all after ABORT', () => {
    const offsets = new Offsets();
    const [one, two] = [commit(1), commit(2)];
    offsets.prepareTransactional(7, [one]);
    offsets.appendedTransactional(7, [one], 10);
    offsets.prepareTransactional(8, [two]);
    offsets.appendedTransactional(8, [two], 11);
    expect([offsetOf(offsets), offsets.isUnstable('t', 0)]).to.deep.equal([undefined, true]);
    offsets.completeTransaction(8, false);
    expect(offsets.isUnstable('t', 0)).to.equal(true);
    offsets.completeTransaction(7, true);
    expect([offsetOf(offsets), offsets.isUnstable('t', 0)]).to.deep.equal([1, false]);
  });

  it('of a transaction do not override a later commit', () => {
    const offsets = new Offsets();
    const [one, two] = [commit(1), commit(2)];
    offsets.prepareTransactional(7, [one]);
    offsets.appendedTransactional(7, [one], 10);
    offsets.prepare([two]);
    offsets.appended([two], 11);
    offsets.completeTransaction(7, true);
    expect(offsetOf(offsets)).to.equal(2);
  });

  it('of a transaction are forgotten when they cannot be stored', () => {
    const offsets = new Offsets();
    const one = commit(1);
    offsets.prepareTransactional(7, [one]);
    offsets.failedTransactional(7, [one]);
    expect([offsets.isEmpty, offsets.hasOpenProducer(7)]).to.deep.equal([true, false]);
  });

  it('that are removed are told, what is under way too', () => {
    const offsets = new Offsets();
    offsets.load(commit(1, 'a'), 1);
    const pending = commit(2, 'b');
    offsets.prepare([pending]);
    expect(offsets.remove([{ topic: 'a', partition: 0 }, { topic: 'b', partition: 0 }, { topic: 'c', partition: 0 }]).map(({ topic }) => topic)).to.deep.equal(['a', 'b']);
    offsets.appended([pending], 5);
    expect(offsets.isEmpty).to.equal(true);
  });

  it('may be committed in a transaction by clients that do not say who they are, while others commit as members', () => {
    const story = stableGroup(['a']);
    const error = (memberId: string, generation: number, instanceId: string | null = null): string => transactionalCommitError(story.group, { memberId, instanceId, generation });
    expect([error('', -1), error('a1', 1), error('a1', 2), error('x', 1), error('', -1, 'i')]).to.deep.equal(['NONE', 'NONE', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'UNKNOWN_MEMBER_ID']);
  });
});

describe('offsets expire (KIP-211)', () => {
  const retentionMs = 100;
  const group = (state: GroupState, protocolType: string | null, stateSinceMs?: number): Group => {
    const made = new Group('g', stateSinceMs);
    made.state = state;
    made.protocolType = protocolType;
    made.offsets.load(commit(1, 'old', { commitTimestampMs: 0 }), 1);
    made.offsets.load(commit(1, 'new', { commitTimestampMs: 60 }), 2);
    return made;
  };
  const expired = (one: Group, nowMs: number): string[] => expiredOffsets(one, nowMs, retentionMs).map(({ topic }) => topic);

  it('of a group without members: all, so long after it was empty', () => {
    const one = group('Empty', 'consumer', 50);
    expect([expired(one, 149), expired(one, 150)]).to.deep.equal([[], ['old', 'new']]);
  });

  it('of a group whose record does not tell since when it is empty: each, so long after its commit', () => {
    expect(expired(group('Empty', 'consumer'), 100)).to.deep.equal(['old']);
  });

  it('of one that only commits: each, so long after its commit', () => {
    const one = group('Empty', null, 0);
    expect([expired(one, 99), expired(one, 100), expired(one, 160)]).to.deep.equal([[], ['old'], ['old', 'new']]);
  });

  it('of consumers: of topics that they do not read, so long after the commit', () => {
    const one = group('Stable', 'consumer', 0);
    one.subscribedTopics = new Set(['old']);
    expect(expired(one, 160)).to.deep.equal(['new']);
    one.subscribedTopics = undefined;
    expect(expired(one, 160)).to.deep.equal([]);
  });

  it('of other groups, and while members join: none', () => {
    for (const one of [group('Stable', 'connect', 0), group('PreparingRebalance', 'consumer', 0), group('CompletingRebalance', 'consumer', 0)]) expect(expired(one, 1000)).to.deep.equal([]);
  });

  it('when their own time has come, if a client gave them one; not while a commit is under way', () => {
    const one = group('Empty', null, 0);
    one.offsets.load(commit(1, 'own', { commitTimestampMs: 0, expireTimestampMs: 500 }), 3);
    expect(expired(one, 499)).to.deep.equal(['old', 'new']);
    one.offsets.prepare([commit(2, 'old')]);
    expect(expired(one, 500)).to.deep.equal(['new', 'own']);
  });
});
