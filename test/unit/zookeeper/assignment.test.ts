import { expect } from 'chai';
import fc from 'fast-check';
import type { AssignableBroker } from '../../../src/zookeeper/assignment.ts';
import { assignReplicas } from '../../../src/zookeeper/assignment.ts';
import { nodeRandom } from '../../../src/runtime/node-random.ts';

const plain = (count: number): AssignableBroker[] => Array.from({ length: count }, (_, id) => ({ id, rack: undefined }));
const racked = (racks: Readonly<Record<number, string>>): AssignableBroker[] => Object.entries(racks).map(([id, rack]) => ({ id: Number(id), rack }));
const lists = (assignment: readonly (readonly number[])[], first = 0): string => assignment.map((replicas, index) => `${first + index}:${replicas.join(',')}`).join(' ');

/** Results computed by Kafka 3.9.1's AdminUtils. */
describe('assignment of replicas to brokers', () => {
  it('is Kafka\'s without racks', () => {
    expect(lists(assignReplicas(plain(5), 10, 3, nodeRandom, { fixedStartIndex: 0 }))).to.equal(
      '0:0,1,2 1:1,2,3 2:2,3,4 3:3,4,0 4:4,0,1 5:0,2,3 6:1,3,4 7:2,4,0 8:3,0,1 9:4,1,2',
    );
    expect(lists(assignReplicas(plain(5), 4, 3, nodeRandom, { fixedStartIndex: 2, startPartition: 1 }), 1)).to.equal('1:3,1,2 2:4,2,3 3:0,3,4 4:1,4,0');
  });

  it('is Kafka\'s with racks', () => {
    const six = racked({ 0: 'rack1', 1: 'rack3', 2: 'rack3', 3: 'rack2', 4: 'rack2', 5: 'rack1' });
    expect(lists(assignReplicas(six, 7, 3, nodeRandom, { fixedStartIndex: 0 }))).to.equal('0:0,3,1 1:3,1,5 2:1,5,4 3:5,4,2 4:4,2,0 5:2,0,3 6:0,4,2');
    expect(lists(assignReplicas(six, 6, 2, nodeRandom, { fixedStartIndex: 3 }))).to.equal('0:5,1 1:4,5 2:2,4 3:0,2 4:3,0 5:1,3');
    const uneven = racked({ 1: 'a', 2: 'a', 3: 'b' });
    expect(lists(assignReplicas(uneven, 4, 3, nodeRandom, { fixedStartIndex: 0 }))).to.equal('0:1,3,2 1:3,2,1 2:2,3,1 3:1,3,2');
    expect(lists(assignReplicas(uneven, 6, 2, nodeRandom, { fixedStartIndex: 0 }))).to.equal('0:1,3 1:3,2 2:2,3 3:1,3 4:3,2 5:2,3');
  });

  it('refuses what cannot be', () => {
    expect(() => assignReplicas(plain(5), 1, 6, nodeRandom)).to.throw('Replication factor: 6 larger than available brokers: 5.');
    expect(() => assignReplicas(plain(5), 0, 1, nodeRandom)).to.throw('Number of partitions must be larger than 0.');
    expect(() => assignReplicas(plain(5), 1, 0, nodeRandom)).to.throw('Replication factor must be larger than 0.');
  });

  it('puts no two replicas of a partition on one broker, whatever racks and start', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }), { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 20 }), fc.nat(), (racks, partitions, pick) => {
        const brokers = racks.map((rack, id) => ({ id, rack }));
        const replicationFactor = 1 + (pick % brokers.length);
        for (const replicas of assignReplicas(brokers, partitions, replicationFactor, nodeRandom)) {
          expect(new Set(replicas).size).to.equal(replicationFactor);
        }
      }),
    );
  });
});
