import { expect } from 'chai';
import fc from 'fast-check';
import { createLoader } from '../../../../src/coordinator/transaction/loader.ts';
import { listOf, noPartitions, partitionsOf, withoutPartition, withPartitions } from '../../../../src/coordinator/transaction/partitions.ts';
import { decodeTransaction, decodeTransactionKey, encodeTransaction, encodeTransactionKey } from '../../../../src/coordinator/transaction/transaction-record.ts';
import { transactionStates } from '../../../../src/coordinator/transaction/transaction.ts';
import type { Transaction } from '../../../../src/coordinator/transaction/transaction.ts';
import { KafkaError } from '../../../../src/protocol/errors.ts';
import { MalformedMessage } from '../../../../src/protocol/malformed-message.ts';
import { readBatches } from '../../../../src/record/batch.ts';
import { buildBatch } from '../../../../src/record/build.ts';
import { readBatchRecords } from '../../../../src/record/read.ts';
import { goldenLogs } from '../../../golden/logs.ts';

const partition = fc.record({ topic: fc.string({ maxLength: 10 }), partition: fc.nat(1000) });
const transactions: fc.Arbitrary<Transaction> = fc
  .record({
    transactionalId: fc.string(),
    producerId: fc.maxSafeNat(),
    producerEpoch: fc.nat(0x7fff),
    timeoutMs: fc.nat(),
    state: fc.constantFrom(...transactionStates.slice(0, 6)),
    partitions: fc.array(partition).map(partitionsOf),
    startMs: fc.maxSafeNat(),
    updatedMs: fc.maxSafeNat(),
  })
  .map((transaction) => ({ ...transaction, lastProducerId: -1, lastProducerEpoch: -1, partitions: transaction.state === 'Empty' ? noPartitions : transaction.partitions }));

const goldenStates = (): readonly [string, Buffer][] => [...goldenLogs()].filter(([name]) => /__transaction_state-\d+\/\d+\.log$/.test(name));

describe('records of __transaction_state', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(transactions, (transaction) => {
        expect(decodeTransaction(transaction.transactionalId, encodeTransaction(transaction))).to.deep.equal(transaction);
        expect(decodeTransactionKey(encodeTransactionKey(transaction.transactionalId))).to.equal(transaction.transactionalId);
      }),
    );
  });

  it('have the bytes that Apache Kafka writes', () => {
    let records = 0;
    for (const [name, bytes] of goldenStates()) {
      for (const start of readBatches(bytes)) {
        for (const { key, value } of readBatchRecords(bytes, start)) {
          const transactionalId = decodeTransactionKey(key!)!;
          expect(encodeTransactionKey(transactionalId), name).to.deep.equal(key);
          if (value !== null) expect(encodeTransaction(decodeTransaction(transactionalId, value)), name).to.deep.equal(value);
          records++;
        }
      }
    }
    expect(records).to.be.greaterThan(20);
  });

  it('are refused where they are malformed, by an error that says so', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        for (const read of [() => decodeTransaction('t', Buffer.from(bytes)), () => decodeTransactionKey(Buffer.from(bytes))]) {
          try {
            read();
          } catch (error) {
            expect(error instanceof MalformedMessage || error instanceof KafkaError || error instanceof RangeError, String(error)).to.equal(true);
          }
        }
      }),
    );
  });
});

describe('transactional ids out of a log', () => {
  const record = (transaction: Transaction) => ({ timestamp: 0, key: encodeTransactionKey(transaction.transactionalId), value: encodeTransaction(transaction) });

  it('have the latest record, and are gone with a tombstone', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(transactions, fc.boolean())), (history) => {
        const loader = createLoader();
        const expected = new Map<string, Transaction>();
        history.forEach(([transaction, isTombstone], offset) => {
          const written = isTombstone ? { ...record(transaction), value: null } : record(transaction);
          loader.take(buildBatch({ baseOffset: offset }, [written]), 0);
          if (isTombstone) expected.delete(transaction.transactionalId);
          else expected.set(transaction.transactionalId, transaction);
        });
        expect([...loader.transactions].sort()).to.deep.equal([...expected].sort());
        expect(loader.unreadable).to.deep.equal([]);
      }),
    );
  });

  it('are those of logs that Apache Kafka wrote', () => {
    for (const [name, bytes] of goldenStates()) {
      const loader = createLoader();
      for (const start of readBatches(bytes)) loader.take(bytes, start);
      expect(loader.unreadable, name).to.deep.equal([]);
      for (const { state } of loader.transactions.values()) expect(['Empty', 'Ongoing', 'CompleteCommit', 'CompleteAbort'], name).to.include(state);
    }
  });

  it('pass over records that cannot be read, and keys of later releases', () => {
    const loader = createLoader();
    const laterKey = Buffer.from([0, 9, 1, 2, 3]);
    loader.take(buildBatch({ baseOffset: 0 }, [{ key: laterKey, value: null }, { key: encodeTransactionKey('t'), value: Buffer.from([0, 0, 1]) }]), 0);
    expect(loader.unreadable.map(({ offset }) => offset)).to.deep.equal([1]);
  });
});

describe('partitions of a transaction', () => {
  it('are a set', () => {
    fc.assert(
      fc.property(fc.array(partition), fc.array(partition), (first, second) => {
        const both = withPartitions(partitionsOf(first), second);
        const name = (one: { topic: string; partition: number }): string => `${one.partition}/${one.topic}`;
        expect(new Set(listOf(both).map(name))).to.deep.equal(new Set([...first, ...second].map(name)));
        expect(listOf(both)).to.have.length(new Set([...first, ...second].map(name)).size);
        let left = both;
        for (const one of [...first, ...second]) left = withoutPartition(left, one);
        expect(left.size).to.equal(0);
      }),
    );
  });
});
