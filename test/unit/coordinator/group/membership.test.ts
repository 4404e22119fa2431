import { expect } from 'chai';
import fc from 'fast-check';
import { Story, stableGroup } from './story.ts';

describe('a group of dynamic members', () => {
  it('asks a newcomer to come again with the id that it gives (KIP-394), but not an old client', () => {
    const story = new Story({ initialRebalanceDelayMs: 100 });
    story.join('a');
    expect(story.heard()).to.deep.equal(['a joins: MEMBER_ID_REQUIRED a1']);
    expect(story.group.state).to.equal('Empty');
    story.join('a', { as: 'a1' });
    story.join('b', { isOld: true });
    expect(story.group.state).to.equal('PreparingRebalance');
    story.wait(300);
    expect(story.heard()).to.deep.equal(['a joins: a1 in 1 by range, a1 leads of a1, b1', 'b joins: b1 in 1 by range, a1 leads']);
  });

  it('forgets an id that was given and not used within the session timeout', () => {
    const story = new Story();
    story.join('a');
    story.wait(10_000);
    story.join('a', { as: 'a1' });
    expect(story.heard()).to.deep.equal(['a joins: MEMBER_ID_REQUIRED a1', 'a joins: UNKNOWN_MEMBER_ID a1']);
  });

  it('takes who uses an id that was given when the last member has left meanwhile', () => {
    const story = stableGroup(['a']);
    story.join('b');
    expect(story.leave('a1')).to.equal('NONE');
    expect([story.group.state, story.group.members.size]).to.deep.equal(['PreparingRebalance', 0]);
    story.heard();
    story.join('b', { as: 'b1' });
    expect(story.heard()).to.deep.equal(['b joins: b1 in 2 by range, b1 leads of b1']);
  });

  it('does not end a rebalance while an id that was given may still be used', () => {
    const story = stableGroup(['a']);
    story.join('b');
    story.heard();
    story.join('a', { as: 'a1', metadata: 'changed' });
    expect(story.group.state).to.equal('PreparingRebalance');
    story.wait(9_000);
    expect(story.heard()).to.deep.equal([]);
    story.wait(1_000);
    expect(story.heard()).to.deep.equal(['a joins: a1 in 2 by range, a1 leads of a1']);
  });

  it('waits at first for group.initial.rebalance.delay.ms, and again when somebody came meanwhile, up to the rebalance timeout (KIP-134)', () => {
    const story = new Story({ initialRebalanceDelayMs: 3000 });
    story.arrive('a', { rebalanceTimeoutMs: 7000 });
    story.wait(2000);
    story.arrive('b', { rebalanceTimeoutMs: 7000 });
    story.wait(1000); // 3000: b came
    story.wait(2000);
    story.arrive('c', { rebalanceTimeoutMs: 7000 });
    story.wait(1000); // 6000: c came; 1000 are left
    expect(story.heard()).to.deep.equal([]);
    story.arrive('d', { rebalanceTimeoutMs: 7000 });
    story.wait(1000);
    expect(story.heard()).to.have.lengthOf(4);
  });

  it('stores what the leader assigns, then tells each member its part; whom it forgot gets nothing to do', () => {
    const story = new Story({ initialRebalanceDelayMs: 10 });
    for (const name of ['a', 'b', 'c']) story.arrive(name);
    story.wait(100);
    story.heard();
    story.isStoringLate = true;
    story.sync('b1', 1);
    story.sync('a1', 1, { a1: 'x', b1: 'y' });
    expect(story.heard()).to.deep.equal(['stored: generation 1, a1="x" b1="y" c1=""']);
    expect(story.group.state).to.equal('CompletingRebalance');
    story.store();
    expect(story.heard()).to.deep.equal(['a1 syncs: "x"', 'b1 syncs: "y"']);
    story.sync('c1', 1);
    expect(story.heard()).to.deep.equal(['c1 syncs: ""']);
    expect(story.group.state).to.equal('Stable');
  });

  it('begins anew when the assignment cannot be stored', () => {
    const story = new Story({ initialRebalanceDelayMs: 10 });
    story.arrive('a');
    story.wait(10);
    story.heard();
    story.isStoringLate = true;
    story.sync('a1', 1, { a1: 'x' });
    story.store('COORDINATOR_NOT_AVAILABLE');
    expect(story.heard()).to.deep.equal(['stored: generation 1, a1="x"', 'a1 syncs: COORDINATOR_NOT_AVAILABLE']);
    expect(story.group.state).to.equal('PreparingRebalance');
  });

  it('passes over an assignment of a generation that is gone', () => {
    const story = new Story({ initialRebalanceDelayMs: 10 });
    story.arrive('a');
    story.wait(10);
    story.isStoringLate = true;
    story.sync('a1', 1, { a1: 'old' });
    story.heard();
    story.arrive('b');
    expect(story.heard()).to.deep.equal(['a1 syncs: REBALANCE_IN_PROGRESS']);
    story.store();
    expect(story.heard()).to.deep.equal([]);
    story.join('a', { as: 'a1' });
    expect(story.heard()).to.deep.equal(['b joins: b1 in 2 by range, a1 leads', 'a joins: a1 in 2 by range, a1 leads of a1, b1'].toSorted());
  });

  it('rebalances when somebody comes, and all who were there hear of it by their heartbeats', () => {
    const story = stableGroup(['a', 'b']);
    story.arrive('c');
    expect([story.heartbeat('a1', 1), story.heartbeat('b1', 1)]).to.deep.equal(['REBALANCE_IN_PROGRESS', 'REBALANCE_IN_PROGRESS']);
    story.join('a', { as: 'a1' });
    expect(story.heard()).to.deep.equal([]);
    story.join('b', { as: 'b1' });
    expect(story.heard()).to.deep.equal(['a joins: a1 in 2 by range, a1 leads of a1, b1, c1', 'b joins: b1 in 2 by range, a1 leads', 'c joins: c1 in 2 by range, a1 leads']);
  });

  it('goes on without those who do not rejoin within the longest rebalance timeout; another leads if the leader is one of them', () => {
    const story = stableGroup(['a', 'b'], {}, { sessionTimeoutMs: 500_000 });
    story.arrive('c', { rebalanceTimeoutMs: 1_000 });
    story.join('b', { as: 'b1' });
    story.wait(59_999);
    expect(story.heard()).to.deep.equal([]);
    story.wait(1);
    expect(story.heard()).to.deep.equal(['b joins: b1 in 2 by range, b1 leads of b1, c1', 'c joins: c1 in 2 by range, b1 leads']);
    expect(story.heartbeat('a1', 2)).to.equal('UNKNOWN_MEMBER_ID');
  });

  it('removes members whose sessions end, and one that waits for an answer lives', () => {
    const story = stableGroup(['a', 'b', 'c']);
    story.wait(9_000);
    story.heartbeat('a1', 1);
    story.heartbeat('b1', 1);
    story.wait(1_000);
    expect([...story.group.members.keys()]).to.deep.equal(['a1', 'b1']);
    story.join('a', { as: 'a1' });
    story.wait(8_500); // b's session would last a second more
    expect(story.heard()).to.deep.equal([]);
    story.wait(2_000);
    expect(story.heard()).to.deep.equal(['a joins: a1 in 2 by range, a1 leads of a1']);
    expect(story.group.wakeAtMs).to.be.lessThan(Infinity);
  });

  it('lets a newcomer wait in its first join for five minutes', () => {
    const story = stableGroup(['a'], {}, { sessionTimeoutMs: 999_000, rebalanceTimeoutMs: 999_000 });
    story.arrive('b');
    story.wait(5 * 60_000);
    expect(story.heard()).to.deep.equal(['b joins: UNKNOWN_MEMBER_ID']);
  });

  it('removes who does not sync in time, and rebalances', () => {
    const story = new Story({ initialRebalanceDelayMs: 10 });
    for (const name of ['a', 'b']) story.arrive(name, { sessionTimeoutMs: 500_000 });
    story.wait(20);
    story.sync('a1', 1, { a1: 'x', b1: 'y' });
    expect(story.group.state).to.equal('Stable');
    story.wait(60_000);
    expect([...story.group.members.keys()]).to.deep.equal(['a1']);
    expect(story.heartbeat('a1', 1)).to.equal('REBALANCE_IN_PROGRESS');
  });

  it('answers a member that asks again with the generation that is, unless what it says has changed or it leads', () => {
    const story = stableGroup(['a', 'b']);
    story.join('b', { as: 'b1' });
    expect(story.heard()).to.deep.equal(['b joins: b1 in 1 by range, a1 leads']);
    expect(story.group.state).to.equal('Stable');
    story.join('a', { as: 'a1' });
    expect(story.group.state).to.equal('PreparingRebalance');
  });

  it('is empty when the last member leaves: the generation goes on, and the record tells of nobody', () => {
    const story = stableGroup(['a']);
    expect(story.leave('a1')).to.equal('NONE');
    expect(story.heard()).to.deep.equal(['stored: generation 2, nobody']);
    expect(story.lastValue).to.deep.include({ generation: 2, protocol: null, leader: null, protocolType: 'consumer', members: [] });
    expect(story.group.state).to.equal('Empty');
  });

  it('takes the protocol that all have and most prefer', () => {
    const story = new Story({ initialRebalanceDelayMs: 10 });
    story.arrive('a', { protocols: ['roundrobin', 'range', 'sticky'] });
    story.arrive('b', { protocols: ['range', 'roundrobin'] });
    story.arrive('c', { protocols: ['range', 'roundrobin', 'sticky'] });
    story.arrive('d', { protocols: ['sticky'] });
    story.arrive('e', { protocolType: 'connect', protocols: ['range'] });
    story.arrive('f', { protocols: [] });
    expect(story.heard()).to.deep.equal(['d joins: INCONSISTENT_GROUP_PROTOCOL', 'e joins: INCONSISTENT_GROUP_PROTOCOL', 'f joins: INCONSISTENT_GROUP_PROTOCOL']);
    story.wait(100);
    expect(story.group.protocolName).to.equal('range');
  });

  it('has no more members than group.max.size (KIP-389)', () => {
    const story = stableGroup(['a', 'b'], { sizeMax: 2 });
    story.arrive('c');
    expect(story.heard()).to.deep.equal(['c joins: GROUP_MAX_SIZE_REACHED']);
    story.join('b', { as: 'b1' });
    expect(story.heard()).to.deep.equal(['b joins: b1 in 1 by range, a1 leads']);
  });

  it('that is given up tells whoever waits to look for the coordinator', () => {
    const story = stableGroup(['a', 'b']);
    story.arrive('c');
    story.unload();
    expect(story.heard()).to.deep.equal(['c joins: NOT_COORDINATOR c1']);
    const syncing = new Story({ initialRebalanceDelayMs: 10 });
    for (const name of ['a', 'b']) syncing.arrive(name);
    syncing.wait(20);
    syncing.heard();
    syncing.sync('b1', 1);
    syncing.unload();
    expect(syncing.heard()).to.deep.equal(['b1 syncs: NOT_COORDINATOR']);
    expect(syncing.group.wakeAtMs).to.equal(Infinity);
  });

  it('costs nothing to keep alive: a heartbeat moves a deadline, and the group is looked at once in a session timeout', () => {
    const story = stableGroup(['a', 'b', 'c']);
    let looks = 0;
    for (let turn = 0; turn < 1000; turn++) {
      story.nowMs += 100;
      for (const id of ['a1', 'b1', 'c1']) expect(story.heartbeat(id, 1)).to.equal('NONE');
      if (story.group.wakeAtMs > story.nowMs) continue;
      looks++;
      story.wait(0);
    }
    expect(looks).to.be.within(5, 15);
    expect(story.group.state).to.equal('Stable');
  });
});

describe('requests by the state of the group', () => {
  const states = {
    Empty: () => {
      const story = stableGroup(['a']);
      story.leave('a1');
      return story;
    },
    PreparingRebalance: () => {
      const story = stableGroup(['a', 'b']);
      story.arrive('c');
      return story;
    },
    CompletingRebalance: () => {
      const story = new Story({ initialRebalanceDelayMs: 10 });
      for (const name of ['a', 'b']) story.arrive(name);
      story.wait(20);
      return story;
    },
    Stable: () => stableGroup(['a', 'b']),
    Dead: () => {
      const story = stableGroup(['a']);
      story.unload();
      return story;
    },
  };
  const table = [
    ['Empty', 'UNKNOWN_MEMBER_ID', 'UNKNOWN_MEMBER_ID', 'UNKNOWN_MEMBER_ID', 'NONE', 'UNKNOWN_MEMBER_ID'],
    ['PreparingRebalance', 'REBALANCE_IN_PROGRESS', 'REBALANCE_IN_PROGRESS', 'NONE', 'UNKNOWN_MEMBER_ID', 'NONE'],
    ['CompletingRebalance', 'NONE', 'waits', 'REBALANCE_IN_PROGRESS', 'UNKNOWN_MEMBER_ID', 'NONE'],
    ['Stable', 'NONE', '"for b1"', 'NONE', 'UNKNOWN_MEMBER_ID', 'NONE'],
    ['Dead', 'COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_NOT_AVAILABLE'],
  ] as const;

  for (const [state, heartbeat, sync, memberCommit, otherCommit, leave] of table) {
    it(`are answered so in ${state}`, () => {
      const story = states[state]();
      expect(story.group.state).to.equal(state);
      const { generation } = story.group;
      const member = state === 'Dead' ? 'a1' : 'b1';
      expect(story.heartbeat(member, generation), 'heartbeat').to.equal(heartbeat);
      story.heard();
      story.sync(member, generation);
      expect(story.heard()[0]?.replace(/^.* syncs: /, '') ?? 'waits', 'sync').to.equal(sync);
      expect(story.commits(member, generation), 'commit of a member').to.equal(memberCommit);
      expect(story.commits('', -1), 'commit of one who is no member').to.equal(otherCommit);
      expect(story.leave(member), 'leave').to.equal(leave);
    });
  }

  it('know the member before its generation', () => {
    const story = stableGroup(['a']);
    expect(story.heartbeat('x', 7)).to.equal('UNKNOWN_MEMBER_ID');
    expect(story.heartbeat('a1', 7)).to.equal('ILLEGAL_GENERATION');
    expect(story.commits('a1', 7)).to.equal('ILLEGAL_GENERATION');
    story.sync('a1', 7);
    story.sync('a1', 1, {}, { protocolName: 'sticky', protocolType: 'consumer' });
    story.sync('a1', 1, {}, { protocolName: 'range', protocolType: 'connect' });
    expect(story.heard()).to.deep.equal(['a1 syncs: ILLEGAL_GENERATION', 'a1 syncs: INCONSISTENT_GROUP_PROTOCOL', 'a1 syncs: INCONSISTENT_GROUP_PROTOCOL']);
  });
});

describe('a group, whatever happens in whatever order', () => {
  const names = ['a', 'b', 'c', 'd'];
  const step = fc.oneof(
    fc.record({ kind: fc.constant('arrive' as const), who: fc.nat(3), isStatic: fc.boolean() }),
    fc.record({ kind: fc.constant('rejoin' as const), who: fc.nat(9), changes: fc.boolean() }),
    fc.record({ kind: fc.constant('sync' as const), who: fc.nat(9) }),
    fc.record({ kind: fc.constant('heartbeat' as const), who: fc.nat(9) }),
    fc.record({ kind: fc.constant('leave' as const), who: fc.nat(9) }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 100, 3_000, 10_000, 60_000) }),
    fc.record({ kind: fc.constant('store' as const), fails: fc.boolean() }),
  );

  it('keeps its parts consistent, answers each request once, and never sleeps past a deadline', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(2), (steps, delay) => {
        const story = new Story({ initialRebalanceDelayMs: delay * 500, sizeMax: 3 });
        story.isStoringLate = true;
        const idOf = (who: number): string => [...story.group.members.keys(), ...story.group.pendingMembers.keys(), 'nobody'][who] ?? 'nobody';
        for (const one of steps) {
          const { group } = story;
          switch (one.kind) {
            case 'arrive':
              story.arrive(names[one.who]!, one.isStatic ? { instance: `i${one.who}` } : {});
              break;
            case 'rejoin': {
              const id = idOf(one.who);
              const instance = group.members.get(id)?.instanceId;
              story.join('r', { as: id, metadata: one.changes ? String(one.who) : '', ...(instance === undefined || instance === null ? {} : { instance }) });
              break;
            }
            case 'sync':
              story.sync(idOf(one.who), group.generation);
              break;
            case 'heartbeat':
              story.heartbeat(idOf(one.who), group.generation);
              break;
            case 'leave':
              story.leave(idOf(one.who));
              break;
            case 'wait':
              story.wait(one.ms);
              break;
            case 'store':
              if (story.unstored.length > 0) story.store(one.fails ? 'NOT_COORDINATOR' : 'NONE');
              break;
          }
          const members = [...group.members.values()];
          expect(group.joiningCount).to.equal(members.filter(({ joinAnswer }) => joinAnswer !== undefined).length);
          expect(members.every(({ id }) => group.members.get(id)?.id === id)).to.equal(true);
          expect(group.leaderId === null).to.equal(members.length === 0);
          if (group.leaderId !== null) expect(group.members.has(group.leaderId)).to.equal(true);
          expect(group.state === 'Empty').to.equal(members.length === 0 && group.state !== 'PreparingRebalance');
          if (group.state === 'PreparingRebalance') expect(group.joinWait).to.not.equal(undefined);
          const deadlines = [...members.map(({ deadlineMs }) => deadlineMs), ...group.pendingMembers.values(), group.joinWait?.deadlineMs ?? Infinity, group.syncDeadlineMs];
          expect(group.wakeAtMs).to.be.at.most(Math.min(...deadlines));
        }
        story.unload();
        expect(story.open).to.equal(0);
      }),
      { numRuns: 500 },
    );
  });

  it('empties in the end when nobody is heard of any more', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.boolean()), { minLength: 1, maxLength: 8 }), (arrivals) => {
        const story = new Story({ initialRebalanceDelayMs: 100 });
        for (const [who, isStatic] of arrivals) {
          story.arrive(names[who]!, isStatic ? { instance: `i${who}` } : {});
          story.wait(1000);
        }
        story.wait(10 * 60_000);
        expect(story.group.state).to.equal('Empty');
        expect(story.group.wakeAtMs).to.equal(Infinity);
      }),
      { numRuns: 100 },
    );
  });
});
