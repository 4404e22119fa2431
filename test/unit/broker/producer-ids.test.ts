import { expect } from 'chai';
import { createProducerIds } from '../../../src/broker/producer-ids.ts';
import { KafkaError } from '../../../src/protocol/errors.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import type { ZooKeeper } from '../../../src/zookeeper/zookeeper.ts';

const noZooKeeper = (): ZooKeeper => {
  throw new Error('not asked where there is a controller to ask');
};

describe('producer ids', () => {
  it('are each given once, and the next block is asked for when nine tenths of one are gone', async () => {
    let asked = 0;
    const ids = createProducerIds({
      zookeeper: noZooKeeper,
      brokerId: 1,
      logger: silentLogger,
      askController: () => {
        const firstId = 1000 * asked++;
        return Promise.resolve({ brokerId: 1, firstId, lastId: firstId + 999 });
      },
    });
    const given = await Promise.all(Array.from({ length: 900 }, () => ids.next()));
    expect([new Set(given).size, asked]).to.deep.equal([900, 1]);
    given.push(await ids.next());
    expect(asked).to.equal(2);
    for (let count = 0; count < 200; count++) given.push(await ids.next());
    expect([given, asked]).to.deep.equal([Array.from({ length: 1101 }, (_, id) => id), 2]);
  });

  it('are to be asked for again while the controller gives none', async () => {
    let isUp = false;
    const ids = createProducerIds({
      zookeeper: noZooKeeper,
      brokerId: 1,
      logger: silentLogger,
      askController: () => (isUp ? Promise.resolve({ brokerId: 1, firstId: 5, lastId: 9 }) : Promise.reject(new KafkaError('NOT_CONTROLLER', 'another is'))),
    });
    expect(await ids.next().then(String, (error: Error) => error.name)).to.equal('COORDINATOR_LOAD_IN_PROGRESS');
    isUp = true;
    expect(await ids.next()).to.equal(5);
  });
});
