import { expect } from 'chai';
import { createLoader } from '../../../../src/coordinator/group/loader.ts';
import type { Group } from '../../../../src/coordinator/group/group.ts';
import { encodeOffsetValue } from '../../../../src/coordinator/group/offset-value.ts';
import { encodeGroupKey, encodeOffsetKey } from '../../../../src/coordinator/group/record-keys.ts';
import { readBatches } from '../../../../src/record/batch.ts';
import { buildBatch } from '../../../../src/record/build.ts';
import type { BatchOptions } from '../../../../src/record/build.ts';
import { buildEndTransactionMarker } from '../../../../src/record/control.ts';
import { goldenLogs } from '../../../golden/logs.ts';

const offsetValue = (offset: number): Buffer => encodeOffsetValue({ offset, leaderEpoch: -1, metadata: '', commitTimestampMs: 0, expireTimestampMs: -1 }, 3);

/** A log, batch by batch. */
function load(batches: readonly ((baseOffset: number) => Buffer)[]): { groups: Record<string, string[]>; loaded: readonly Group[]; unreadable: readonly number[] } {
  const loader = createLoader();
  let offset = 0;
  for (const batch of batches) {
    const bytes = batch(offset);
    offset = loader.take(bytes, 0);
    bytes.fill(0); // what was taken must not be a view
  }
  const { groups, unreadable } = loader.finish(0);
  return { groups: told(groups), loaded: groups, unreadable: unreadable.map((one) => one.offset) };
}

const told = (groups: readonly Group[]): Record<string, string[]> =>
  Object.fromEntries(groups.map((group) => [group.id, Array.from(group.offsets, ({ topic, partition, value }) => `${topic}-${partition}: ${value.offset}`).sort()]));
const commit = (group: string, offset: number | null, options: BatchOptions = {}) => (baseOffset: number): Buffer =>
  buildBatch({ ...options, baseOffset }, [{ timestamp: 0, key: encodeOffsetKey(group, 't', 0), value: offset === null ? null : offsetValue(offset) }]);
const inTransaction = (producerId: number): BatchOptions => ({ producerId, producerEpoch: 0, baseSequence: 0, isTransactional: true });
const marker = (type: 'COMMIT' | 'ABORT', producerId: number) => (baseOffset: number): Buffer =>
  buildEndTransactionMarker({ type, producerId, producerEpoch: 0, coordinatorEpoch: 0, timestampMs: 0, baseOffset });

describe('groups out of a log', () => {
  it('have the latest offset of each partition, and none that was removed', () => {
    expect(load([commit('a', 1), commit('b', 1), commit('a', 2), commit('b', null)]).groups).to.deep.equal({ a: ['t-0: 2'] });
  });

  it('have offsets of transactions that were committed, from the marker on', () => {
    const { groups, loaded } = load([
      commit('a', 1, inTransaction(1)), marker('COMMIT', 1), commit('b', 1, inTransaction(1)), marker('ABORT', 1), commit('c', 5), commit('c', 6, inTransaction(2)),
    ]);
    expect(groups).to.deep.equal({ a: ['t-0: 1'], c: ['t-0: 5'] });
    const open = loaded.find(({ id }) => id === 'c')!;
    expect(open.offsets.isUnstable('t', 0)).to.equal(true);
    open.offsets.completeTransaction(2, true);
    expect(open.offsets.get('t', 0)?.offset).to.equal(6);
  });

  it('have what was committed later in the log, though the transaction of an earlier one ended after it', () => {
    expect(load([commit('a', 1, inTransaction(1)), commit('a', 2), marker('COMMIT', 1)]).groups).to.deep.equal({ a: ['t-0: 2'] });
  });

  it('are there also with offsets of an open transaction alone', () => {
    const { loaded } = load([commit('a', 1, inTransaction(1))]);
    expect(loaded.map(({ id, state, protocolType }) => [id, state, protocolType])).to.deep.equal([['a', 'Empty', null]]);
    expect([...loaded[0]!.offsets.openProducers]).to.deep.equal([1]);
  });

  it('are loaded though some records cannot be read: those are told', () => {
    const strange = (key: Buffer | null, value: Buffer | null) => (baseOffset: number): Buffer => buildBatch({ baseOffset }, [{ timestamp: 0, key, value }]);
    const { groups, unreadable } = load([
      commit('a', 1),
      strange(encodeOffsetKey('b', 't', 0), Buffer.from([0, 3, 1])),
      strange(null, Buffer.from('x')),
      strange(Buffer.from([0, 9, 1]), Buffer.from('of a later release')),
      strange(encodeGroupKey('c'), Buffer.from([0, 77])),
      commit('a', 2),
    ]);
    expect(groups).to.deep.equal({ a: ['t-0: 2'] });
    expect(unreadable).to.deep.equal([1, 2, 4]);
  });

  it('are those that Kafka 3.9.1 left: with members, without, deleted, and with offsets of transactions', () => {
    const groups = [...goldenLogs()]
      .filter(([name]) => name.startsWith('kafka-3.9.1/clean/__consumer_offsets-') && name.endsWith('.log'))
      .flatMap(([, file]) => {
        const loader = createLoader();
        for (const start of readBatches(file)) loader.take(file, start);
        const { groups: found, unreadable } = loader.finish(0);
        expect(unreadable).to.deep.equal([]);
        return found;
      });
    const allOfTopic = ['grp-0: 10', 'grp-1: 10', 'grp-2: 10', 'grp-3: 10'];
    expect(told(groups)).to.deep.equal({ 'g-classic': allOfTopic, 'g-static': allOfTopic, 'g-simple': ['grp-0: 3'], 'g-txn': ['grp-0: 7'], 'g-two': allOfTopic });
    expect(groups.map(({ id, state, generation, protocolType }) => [id, state, generation, protocolType])).to.deep.equal([
      ['g-classic', 'Empty', 2, 'consumer'],
      ['g-static', 'Stable', 1, 'consumer'],
      ['g-simple', 'Empty', 0, null],
      ['g-txn', 'Empty', 0, null],
      ['g-two', 'Empty', 3, 'consumer'],
    ]);
    const [member] = groups[1]!.members.values();
    expect(member).to.deep.include({ instanceId: 'inst-1', clientId: 'static-1', clientHost: '/127.0.0.1', rebalanceTimeoutMs: 300_000, sessionTimeoutMs: 300_000 });
    expect([...groups[1]!.subscribedTopics!]).to.deep.equal(['grp']);
  });
});
