import { expect } from 'chai';
import fc from 'fast-check';
import { backoffMs } from '../../../src/client/backoff.ts';
import { parseAddresses } from '../../../src/client/connection-options.ts';
import type { TopicMetadata } from '../../../src/client/metadata.ts';
import { murmur2, partitionOfKey } from '../../../src/client/murmur2.ts';
import { StickyPartition, nextPartition } from '../../../src/client/partitioner.ts';
import type { Random } from '../../../src/runtime/random.ts';

/** Hash and partition of 3, 12 and 100, as Kafka's Java client computes them. */
const vectors: readonly (readonly [hex: string, hash: number, of3: number, of12: number, of100: number])[] = [
  ['', 275646681, 0, 9, 81],
  ['61', -1563381124, 1, 4, 24],
  ['6162', 316155434, 2, 2, 34],
  ['616263', 479470107, 0, 3, 7],
  ['61626364', -1323649548, 2, 8, 0],
  ['6162636465', 461995741, 1, 1, 41],
  ['3231', -973932308, 0, 0, 40],
  ['666f6f626172', -790332482, 0, 6, 66],
  ['612d6c6974746c652d6269742d6c6f6e672d737472696e67', -985981536, 2, 8, 12],
  ['612d6c6974746c652d6269742d6c6f6e6765722d737472696e67', -1486304829, 2, 11, 19],
  ['6b61666b61', -798503068, 1, 4, 80],
  ['c3a9e282ac', 1912689889, 1, 1, 89],
  ['30313233343536373839', -631703640, 2, 8, 8],
  ['00', 375494588, 2, 8, 88],
  ['ff', -311467685, 0, 3, 63],
  ['00000000', 850957120, 1, 4, 20],
  ['80ff7f', -1765891516, 1, 4, 32],
  ['0102030405060708', -1574696873, 0, 3, 75],
];

const topic = (leaders: readonly number[]): TopicMetadata => ({
  name: 't',
  topicId: undefined,
  isInternal: false,
  partitions: leaders.map((leaderId, partition) => ({ partition, leaderId, leaderEpoch: 0, replicas: [1], isr: [1], offlineReplicas: [] })),
});
const always = (value: number): Random => ({ integer: (bound) => Math.min(value, bound - 1), bytes: (length) => Buffer.alloc(length) });

describe('the partition of a record', () => {
  it('with a key is that of the Java client', () => {
    for (const [hex, hash, ...partitions] of vectors) {
      const key = Buffer.from(hex, 'hex');
      expect(murmur2(key), hex).to.equal(hash);
      expect([3, 12, 100].map((count) => partitionOfKey(key, count)), hex).to.deep.equal(partitions);
    }
  });

  it('without a key is one that has a leader', () => {
    expect(nextPartition(topic([-1, 2, -1]), () => 0, always(0))).to.equal(1);
    expect(nextPartition(topic([-1, -1]), () => 0, always(1))).to.equal(1);
  });

  it('without a key is the likelier the shorter its queue', () => {
    const lengths = [0, 3];
    const drawn = Array.from({ length: 5 }, (_, value) => nextPartition(topic([1, 1]), (partition) => lengths[partition]!, always(value)));
    expect(drawn).to.deep.equal([0, 0, 0, 0, 1]);
  });

  it('without a key stays until batch.size bytes went there, and longer while a batch is not full', () => {
    const sticky = new StickyPartition();
    let chance = 0;
    const random: Random = { integer: () => chance, bytes: (length) => Buffer.alloc(length) };
    const choose = (allFull: boolean): number => sticky.choose(topic([1, 1]), () => 0, 100, () => allFull, random);
    expect(choose(true)).to.equal(0);
    chance = 1;
    sticky.added(0, 99);
    expect(choose(true)).to.equal(0);
    sticky.added(0, 1);
    expect(choose(false)).to.equal(0);
    expect(choose(true)).to.equal(1);
    chance = 0;
    sticky.added(1, 200);
    expect(choose(false)).to.equal(0);
  });
});

describe('back-off', () => {
  it('doubles up to its maximum, plus or minus a fifth', () => {
    const middle = always(5000);
    expect([1, 2, 3, 4, 5, 6].map((failures) => backoffMs(middle, 100, 1000, failures))).to.deep.equal([100, 200, 400, 800, 1000, 1000]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.nat(10_000), (failures, chance) => {
        const waitMs = backoffMs(always(chance), 100, 1000, failures);
        const exact = Math.min(1000, 100 * 2 ** Math.min(failures - 1, 30));
        expect(waitMs).to.be.within(exact * 0.8 - 1, Math.min(1000, exact * 1.2 + 1));
      }),
    );
  });
});

describe('bootstrapServers', () => {
  it('is read as Kafka reads it', () => {
    expect(parseAddresses('a:1, [::1]:2,')).to.deep.equal([{ host: 'a', port: 1 }, { host: '::1', port: 2 }]);
    expect(parseAddresses(['b:3'])).to.deep.equal([{ host: 'b', port: 3 }]);
  });

  it('is refused without a port or a host', () => {
    for (const text of ['', 'nohostport', ':9092', 'a:70000']) expect(() => parseAddresses(text), text).to.throw().with.property('name', 'INVALID_CONFIG');
  });
});
