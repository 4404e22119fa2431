import { expect } from 'chai';
import { LogError } from '../../../src/log/errors.ts';
import { decodeSnapshot, encodeSnapshot } from '../../../src/log/producer-snapshot.ts';
import { afterBatch, findDuplicate, unknownProducer } from '../../../src/log/producer-state.ts';
import type { ProducerBatch, ProducerEntry } from '../../../src/log/producer-state.ts';
import { goldenLogs } from '../../golden/logs.ts';

const sequenceMax = 0x7fff_ffff;

function sent(values: Partial<ProducerBatch> & { readonly from?: number; readonly count?: number }): ProducerBatch {
  const { from = 0, count = 1, ...rest } = values;
  const last = from + count - 1;
  return {
    producerId: 7, producerEpoch: 0, baseSequence: from, lastSequence: last > sequenceMax ? last - sequenceMax - 1 : last,
    baseOffset: from, lastOffset: last, maxTimestamp: 1000, isTransactional: false, marker: undefined, ...rest,
  };
}

function after(...batches: readonly ProducerBatch[]): ProducerEntry {
  return batches.reduce((entry, one) => afterBatch(entry, one, 'replication'), unknownProducer(7));
}

const refused = (entry: ProducerEntry, one: ProducerBatch, origin: 'client' | 'coordinator' = 'client'): string | undefined => {
  try {
    afterBatch(entry, one, origin);
    return undefined;
  } catch (error) {
    return (error as LogError).kafkaError;
  }
};

describe('state of an idempotent producer', () => {
  const five = after(...[0, 1, 2, 3, 4, 5].map((from) => sent({ from: from * 2, count: 2 })));

  it('remembers the last five batches, so that one sent again is known', () => {
    expect(five.batches.map(({ lastSequence }) => lastSequence)).to.deep.equal([3, 5, 7, 9, 11]);
    expect(findDuplicate(five, sent({ from: 4, count: 2 }))).to.include({ lastOffset: 5 });
    expect(findDuplicate(five, sent({ from: 0, count: 2 }))).to.equal(undefined);
    expect(findDuplicate(five, sent({ from: 4, count: 1 }))).to.equal(undefined);
    expect(findDuplicate(five, sent({ from: 4, count: 2, producerEpoch: 1 }))).to.equal(undefined);
  });

  for (const [name, batch, answer] of [
    ['the next sequence', sent({ from: 12 }), undefined],
    ['a gap', sent({ from: 13 }), 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    ['an old sequence that is no duplicate', sent({ from: 1 }), 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    ['a new epoch from sequence 0', sent({ from: 0, producerEpoch: 1 }), undefined],
    ['a new epoch from another sequence', sent({ from: 12, producerEpoch: 1 }), 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    ['an old epoch', sent({ from: 12, producerEpoch: -1 }), 'INVALID_PRODUCER_EPOCH'],
  ] as const) {
    it(`answers ${answer ?? 'yes'} to ${name}`, () => expect(refused(five, batch)).to.equal(answer));
  }

  it('takes any sequence of a producer that it does not know', () => {
    expect(refused(unknownProducer(7), sent({ from: 1234 }))).to.equal(undefined);
  });

  it('goes on at 0 after the greatest sequence', () => {
    const full = after(sent({ from: sequenceMax }));
    expect(refused(full, sent({ from: 0 }))).to.equal(undefined);
    const wrapped = after(sent({ from: sequenceMax - 1, count: 4, lastSequence: 1 }));
    expect(findDuplicate(wrapped, sent({ from: sequenceMax - 1, count: 4, lastSequence: 1 }))).to.not.equal(undefined);
  });

  it('opens a transaction with its first batch and ends it with the marker', () => {
    const open = after(sent({ from: 0, isTransactional: true }), sent({ from: 1, isTransactional: true }));
    expect(open.transactionFirstOffset).to.equal(0);
    expect(refused(open, sent({ from: 2 }))).to.equal('INVALID_TXN_STATE');
    const marker = { isAbort: false, coordinatorEpoch: 3 };
    const ended = afterBatch(open, sent({ from: 2, isTransactional: true, marker }), 'coordinator');
    expect([ended.transactionFirstOffset, ended.coordinatorEpoch, ended.batches.length]).to.deep.equal([-1, 3, 2]);
    expect(refused(ended, sent({ from: 3, marker: { isAbort: true, coordinatorEpoch: 2 } }), 'coordinator')).to.equal('TRANSACTION_COORDINATOR_FENCED');
  });

  it('refuses nothing that a leader has stored', () => {
    expect(afterBatch(five, sent({ from: 50, producerEpoch: 0 }), 'replication').batches.at(-1)?.lastSequence).to.equal(50);
  });
});

describe('producer snapshot', () => {
  it('of every golden log decodes, and encodes to the same bytes', () => {
    const snapshots = [...goldenLogs()].filter(([name]) => name.endsWith('.snapshot'));
    expect(snapshots.length).to.be.greaterThan(100);
    for (const [name, bytes] of snapshots) expect(encodeSnapshot(decodeSnapshot(name, bytes)).toString('hex'), name).to.equal(bytes.toString('hex'));
  });

  it('says what expected.json says', () => {
    const expected = JSON.parse(goldenLogs().get('kafka-3.9.1/crash/after/torn-txn-0/expected.json')!.toString()) as { producerSnapshots: Record<string, { producerId: number; lastSequence: number; currentTxnFirstOffset: number }[]> };
    for (const [file, producers] of Object.entries(expected.producerSnapshots)) {
      const entries = decodeSnapshot(file, goldenLogs().get(`kafka-3.9.1/crash/after/torn-txn-0/${file}`)!);
      expect(entries.map((entry) => [entry.producerId, entry.batches.at(-1)?.lastSequence ?? -1, entry.transactionFirstOffset])).to.deep.equal(
        producers.map((one) => [one.producerId, one.lastSequence, one.currentTxnFirstOffset]),
      );
    }
  });

  it('is refused at every length but its own and with any bit flipped', () => {
    const bytes = encodeSnapshot([after(sent({ from: 3, count: 2 }))]);
    for (let length = 0; length < bytes.length; length++) expect(() => decodeSnapshot('x', bytes.subarray(0, length))).to.throw().with.property('name', 'MalformedFile');
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 4;
      expect(() => decodeSnapshot('x', flipped)).to.throw().with.property('name', 'MalformedFile');
    }
  });
});
