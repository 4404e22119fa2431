import { expect } from 'chai';
import { Story } from './story.ts';

/** a (who leads) and b, both static, in generation 1. */
function stableStaticGroup(): Story {
  const story = new Story({ initialRebalanceDelayMs: 10 });
  story.join('a', { instance: 'ia' });
  story.join('b', { instance: 'ib' });
  story.wait(20);
  story.sync('a1', 1, { a1: 'x', b1: 'y' }, { instance: 'ia' });
  story.sync('b1', 1, {}, { instance: 'ib' });
  story.heard();
  return story;
}

describe('static members (KIP-345)', () => {
  it('join at once, without being asked to come again', () => {
    const story = new Story();
    story.join('a', { instance: 'ia' });
    story.wait(0);
    expect(story.heard()).to.deep.equal(['a joins: a1 in 1 by range, a1 leads of a1']);
  });

  it('come back under a new id without a rebalance: the record is stored, and who was before is fenced', () => {
    const story = stableStaticGroup();
    story.join('b', { instance: 'ib' });
    expect(story.heard()).to.deep.equal(['stored: generation 1, a1="x" b2="y"', 'b joins: b2 in 1 by range, a1 leads']);
    expect(story.group.state).to.equal('Stable');
    story.sync('b2', 1, {}, { instance: 'ib' });
    expect(story.heard()).to.deep.equal(['b2 syncs: "y"']);
    expect(story.heartbeat('b1', 1, 'ib')).to.equal('FENCED_INSTANCE_ID');
    expect(story.commits('b1', 1, 'ib')).to.equal('FENCED_INSTANCE_ID');
    expect(story.leave('b1', 'ib')).to.equal('FENCED_INSTANCE_ID');
    expect(story.heartbeat('b1', 1)).to.equal('UNKNOWN_MEMBER_ID');
    expect(story.heartbeat('b2', 1, 'other')).to.equal('UNKNOWN_MEMBER_ID');
  });

  it('that lead come back as leader with nothing to assign (KIP-814); an old client is told of its former id as the leader', () => {
    const story = stableStaticGroup();
    story.join('a', { instance: 'ia' });
    expect(story.heard()).to.include('a joins: a2 in 1 by range, a2 leads of b1, a2, nothing to assign');
    story.join('a', { instance: 'ia', canSkipAssignment: false });
    expect(story.heard()).to.include('a joins: a3 in 1 by range, a2 leads');
    expect(story.group.leaderId).to.equal('a3');
  });

  it('rebalance the group when the protocol would be another', () => {
    const story = stableStaticGroup();
    story.leave('b1', 'ib');
    story.join('a', { as: 'a1', instance: 'ia' });
    story.sync('a1', 2, {}, { instance: 'ia' });
    story.heard();
    story.join('a', { instance: 'ia', protocols: ['sticky', 'range'] });
    expect(story.heard()).to.deep.equal(['a joins: a2 in 3 by sticky, a2 leads of a2']);
  });

  it('rebalance the group when they come back while the leader assigns', () => {
    const story = new Story({ initialRebalanceDelayMs: 10 });
    story.join('a', { instance: 'ia' });
    story.join('b', { instance: 'ib' });
    story.wait(20);
    story.sync('b1', 1, {}, { instance: 'ib' });
    story.heard();
    story.join('b', { instance: 'ib' });
    expect(story.heard()).to.deep.equal(['b1 syncs: FENCED_INSTANCE_ID']);
    expect(story.group.state).to.equal('PreparingRebalance');
  });

  it('stay what they were when the new id cannot be stored', () => {
    const story = stableStaticGroup();
    story.isStoringLate = true;
    story.join('b', { instance: 'ib', metadata: 'new', sessionTimeoutMs: 77 });
    story.store('NOT_COORDINATOR');
    expect(story.heard()).to.include('b joins: NOT_COORDINATOR');
    const member = story.group.members.get('b1')!;
    expect({ metadata: member.protocols[0]!.metadata.toString(), timeout: member.sessionTimeoutMs, joining: story.group.joiningCount }).to.deep.equal({ metadata: '', timeout: 10_000, joining: 0 });
    expect(story.heartbeat('b1', 1, 'ib')).to.equal('NONE');
  });

  it('wait with the rest when a rebalance begins before the new id is stored', () => {
    const story = stableStaticGroup();
    story.isStoringLate = true;
    story.join('b', { instance: 'ib' });
    story.arrive('c');
    story.heard();
    story.store();
    expect(story.heard()).to.deep.equal([]);
    story.join('a', { as: 'a1', instance: 'ia' });
    expect(story.heard()).to.deep.equal(['a joins: a1 in 2 by range, a1 leads of a1, b2, c1', 'b joins: b2 in 2 by range, a1 leads', 'c joins: c1 in 2 by range, a1 leads']);
  });

  it('are not removed when they miss a rebalance, only when their session ends', () => {
    const story = stableStaticGroup();
    story.group.members.get('b1')!.sessionTimeoutMs = 300_000;
    story.heartbeat('b1', 1, 'ib');
    story.arrive('c');
    story.join('a', { as: 'a1', instance: 'ia' });
    story.wait(60_000);
    expect(story.heard()).to.deep.equal(['a joins: a1 in 2 by range, a1 leads of a1, b1, c1', 'c joins: c1 in 2 by range, a1 leads']);
  });

  it('are waited for once more when no member at all rejoins', () => {
    const story = stableStaticGroup();
    for (const member of story.group.members.values()) member.sessionTimeoutMs = 500_000;
    story.heartbeat('a1', 1, 'ia');
    story.heartbeat('b1', 1, 'ib');
    story.arrive('c');
    story.leave('c1');
    story.wait(60_000);
    expect(story.group.state).to.equal('PreparingRebalance');
    story.join('b', { as: 'b1', instance: 'ib' });
    story.wait(60_000);
    expect(story.heard()).to.include('b joins: b1 in 2 by range, b1 leads of a1, b1');
  });

  it('are taken out by their instance id, whoever asks', () => {
    const story = stableStaticGroup();
    expect(story.leave('', 'nobody')).to.equal('UNKNOWN_MEMBER_ID');
    expect(story.leave('', 'ib')).to.equal('NONE');
    expect([...story.group.members.keys()]).to.deep.equal(['a1']);
  });
});
