import { KafkaError } from '../protocol/errors.ts';
import { latestProducerIdBlockPath } from '../zookeeper/paths.ts';
import { decodeProducerIdBlock, encodeProducerIdBlock, producerIdBlockSize } from '../zookeeper/znodes/latest-producer-id-block.ts';
import type { ProducerIdBlock } from '../zookeeper/znodes/latest-producer-id-block.ts';
import type { ZooKeeper } from '../zookeeper/zookeeper.ts';
import { ZooKeeperError } from '../zookeeper/zookeeper.ts';

/** Ids for idempotent producers, unique in the cluster: taken from ZooKeeper in blocks, on the first need. */
export interface ProducerIds {
  /** A block for another broker, which asks its controller for it (KIP-730). @throws ZooKeeperError, RangeError */
  claimBlock(forBroker: number): Promise<ProducerIdBlock>;
  /** @throws KafkaError COORDINATOR_LOAD_IN_PROGRESS when ZooKeeper gives no block now: clients ask again */
  next(): Promise<number>;
}

/** The block after the one that was given out last. @throws RangeError when ids have run out */
export function nextProducerIdBlock(last: ProducerIdBlock | undefined, brokerId: number): ProducerIdBlock {
  const firstId = last === undefined ? 0 : last.lastId + 1;
  if (firstId > Number.MAX_SAFE_INTEGER - producerIdBlockSize) throw new RangeError(`producer ids have run out: the last block ended at ${last?.lastId}`);
  return { brokerId, firstId, lastId: firstId + producerIdBlockSize - 1 };
}

export function createProducerIds(zookeeper: () => ZooKeeper, brokerId: number): ProducerIds {
  let nextId = 0;
  let lastId = -1;
  let claiming: Promise<void> | undefined;

  async function claimBlock(forBroker: number): Promise<ProducerIdBlock> {
    for (;;) {
      const { data, stat } = await zookeeper().get(latestProducerIdBlockPath);
      const block = nextProducerIdBlock(decodeProducerIdBlock(data), forBroker);
      try {
        await zookeeper().set(latestProducerIdBlockPath, encodeProducerIdBlock(block), stat.version);
      } catch (error) {
        if (error instanceof ZooKeeperError && error.name === 'BAD_VERSION') continue; // another broker took that block
        throw error;
      }
      return block;
    }
  }

  async function claim(): Promise<void> {
    ({ firstId: nextId, lastId } = await claimBlock(brokerId));
  }

  return {
    claimBlock,
    async next() {
      while (nextId > lastId) {
        claiming ??= claim().finally(() => {
          claiming = undefined;
        });
        await claiming.catch((error: unknown) => {
          if (!(error instanceof ZooKeeperError)) throw error;
          throw new KafkaError('COORDINATOR_LOAD_IN_PROGRESS', 'no block of producer ids could be had from ZooKeeper', { cause: error });
        });
      }
      return nextId++;
    },
  };
}
