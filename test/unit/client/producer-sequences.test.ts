import { expect } from 'chai';
import fc from 'fast-check';
import { ProducerBatch } from '../../../src/client/producer-batch.ts';
import { Sequences } from '../../../src/client/producer-sequences.ts';
import { isTransactional, producerEpoch, producerId, baseSequence, isBatchIntact } from '../../../src/record/batch.ts';

let order = 0;
function batchOf(...values: string[]): ProducerBatch {
  const batch = new ProducerBatch('t', 0, order++, 0, 'none', 1_000_000, 1);
  for (const value of values) batch.append(1, null, Buffer.from(value), [], () => undefined, () => undefined);
  return batch;
}

describe('numbers of batches', () => {
  it('run on within a partition, and are written into the batch', () => {
    const sequences = new Sequences(true);
    const [first, second] = [batchOf('a', 'b'), batchOf('c')];
    expect(sequences.mayGo(first, 0)).to.equal(false);
    sequences.identity = { producerId: 7, epoch: 3 };
    sequences.number(first);
    sequences.number(second);
    expect([first.sequence, second.sequence]).to.deep.equal([0, 2]);
    const bytes = second.bytes();
    expect([producerId(bytes, 0), producerEpoch(bytes, 0), baseSequence(bytes, 0), isTransactional(bytes, 0), isBatchIntact(bytes, 0)]).to.deep.equal([7, 3, 2, true, true]);
  });

  it('stay with a batch that is sent again, which waits until it is the first', () => {
    const sequences = new Sequences(false);
    sequences.identity = { producerId: 7, epoch: 0 };
    const [first, second] = [batchOf('a'), batchOf('b')];
    sequences.number(first);
    sequences.number(second);
    expect([sequences.mayGo(second, 0), sequences.mayGo(first, 0)]).to.deep.equal([false, true]);
    sequences.succeeded(first);
    expect([sequences.mayGo(second, 0), second.sequence]).to.deep.equal([true, 1]);
  });

  it('begin anew behind a batch that was never written, once nothing is on its way', () => {
    const sequences = new Sequences(false);
    sequences.identity = { producerId: 7, epoch: 0 };
    const [lost, next, last] = [batchOf('a'), batchOf('b'), batchOf('c')];
    sequences.number(lost);
    sequences.number(next);
    sequences.failed(lost);
    expect(sequences.mayGo(last, 1)).to.equal(false); // the outcome of the second tells
    expect(sequences.isMissingBefore(next)).to.equal(true);
    sequences.gapFound(next);
    expect([sequences.mayGo(next, 1), sequences.mayGo(next, 0)]).to.deep.equal([false, true]);
    sequences.number(next);
    expect([next.sequence, sequences.identity]).to.deep.equal([0, { producerId: 7, epoch: 1 }]);
  });

  it('run on behind a batch that failed here and was written all the same', () => {
    const sequences = new Sequences(false);
    sequences.identity = { producerId: 7, epoch: 0 };
    const [expired, next, last] = [batchOf('a'), batchOf('b'), batchOf('c')];
    sequences.number(expired);
    sequences.number(next);
    sequences.failed(expired);
    sequences.succeeded(next);
    expect(sequences.mayGo(last, 0)).to.equal(true);
    sequences.number(last);
    expect(last.sequence).to.equal(2);
  });

  it('of halves are those of the whole', () => {
    const sequences = new Sequences(false);
    sequences.identity = { producerId: 7, epoch: 0 };
    const whole = batchOf('a', 'b', 'c');
    sequences.number(whole);
    const parts = whole.split();
    sequences.split(whole, parts);
    expect(parts.map(({ sequence, recordCount }) => [sequence, recordCount])).to.deep.equal([[0, 2], [2, 1]]);
    expect([sequences.mayGo(parts[1], 0), sequences.mayGo(parts[0], 0)]).to.deep.equal([false, true]);
  });

  it('have a leader write each record once and in order, whatever is lost on the way', () => {
    /** A leader as Apache Kafka's: each number once, the next in order, or 0 of a later epoch. */
    const leader = () => {
      const log: string[] = [];
      let epoch = -1;
      let last = -1;
      const seen = new Set<string>();
      return {
        log,
        append(bytes: Buffer, value: string): 'ok' | 'refused' {
          const [itsEpoch, sequence] = [producerEpoch(bytes, 0), baseSequence(bytes, 0)];
          if (seen.has(`${itsEpoch}/${sequence}`)) return 'ok';
          if (itsEpoch < epoch || sequence !== (itsEpoch > epoch ? 0 : last + 1)) return 'refused';
          epoch = itsEpoch;
          last = sequence;
          seen.add(`${itsEpoch}/${sequence}`);
          log.push(value);
          return 'ok';
        },
      };
    };
    const event = fc.constantFrom('send', 'send', 'arrive', 'arrive', 'lose request', 'lose answer', 'expire');
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80 }), (events) => {
        const sequences = new Sequences(false);
        sequences.identity = { producerId: 1, epoch: 0 };
        const { log, append } = leader();
        let queue: { readonly batch: ProducerBatch; readonly value: string }[] = [];
        const flying: { readonly batch: ProducerBatch; readonly value: string }[] = [];
        const succeeded: string[] = [];
        const expired = new Set<string>();
        let count = 0;
        const putBack = (one: { readonly batch: ProducerBatch; readonly value: string }): void => {
          queue = [...queue, one].sort((a, b) => a.batch.order - b.batch.order);
        };
        const arrive = (one: (typeof flying)[number], isAnswerLost: boolean): void => {
          const outcome = append(one.batch.bytes(), one.value);
          if (isAnswerLost) putBack(one);
          else if (outcome === 'ok') {
            sequences.succeeded(one.batch);
            succeeded.push(one.value);
          } else {
            if (sequences.isMissingBefore(one.batch)) sequences.gapFound(one.batch);
            putBack(one);
          }
        };
        const send = (): void => {
          const [first] = queue;
          if (first === undefined || !sequences.mayGo(first.batch, flying.length)) return;
          queue.shift();
          sequences.number(first.batch);
          flying.push(first);
        };
        for (const what of events) {
          if (what === 'send') {
            const value = String(count++);
            putBack({ batch: batchOf(value), value });
            send();
          } else if (what === 'expire') {
            const one = queue.shift();
            if (one === undefined) continue;
            sequences.failed(one.batch);
            expired.add(one.value);
          } else if (flying.length > 0) {
            // One connection keeps the order of its requests.
            const one = flying.shift();
            if (what === 'lose request') putBack(one!);
            else arrive(one!, what === 'lose answer');
          }
          send();
        }
        for (let round = 0; (queue.length > 0 || flying.length > 0) && round < 1000; round++) {
          send();
          const one = flying.shift();
          if (one !== undefined) arrive(one, false);
        }
        expect(queue.length + flying.length).to.equal(0);
        expect(new Set(log).size, 'written twice').to.equal(log.length);
        expect(log.map(Number)).to.deep.equal(log.map(Number).sort((a, b) => a - b));
        for (let value = 0; value < count; value++) if (!expired.has(String(value))) expect(log).to.include(String(value));
        for (const value of succeeded) expect(log).to.include(value);
      }),
      { numRuns: 500 },
    );
  });
});
