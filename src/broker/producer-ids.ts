import { KafkaError } from '../protocol/errors.ts';
import { latestProducerIdBlockPath } from '../zookeeper/paths.ts';
import { decodeProducerIdBlock, encodeProducerIdBlock, producerIdBlockSize } from '../zookeeper/znodes/latest-producer-id-block.ts';
import type { ProducerIdBlock } from '../zookeeper/znodes/latest-producer-id-block.ts';
import type { Logger } from '../runtime/logger.ts';
import type { ZooKeeper } from '../zookeeper/zookeeper.ts';
import { ZooKeeperError } from '../zookeeper/zookeeper.ts';

/** Ids for producers, unique in the cluster: taken in blocks, on the first need, and the next block when nine tenths of one are given out. */
export interface ProducerIds {
  /** A block for another broker, which asks its controller for it (KIP-730). @throws ZooKeeperError, RangeError */
  claimBlock(forBroker: number): Promise<ProducerIdBlock>;
  /** @throws KafkaError COORDINATOR_LOAD_IN_PROGRESS when no block is to be had now: clients ask again */
  next(): Promise<number>;
}

/** The block after the one that was given out last. @throws RangeError when ids have run out */
export function nextProducerIdBlock(last: ProducerIdBlock | undefined, brokerId: number): ProducerIdBlock {
  const firstId = last === undefined ? 0 : last.lastId + 1;
  if (firstId > Number.MAX_SAFE_INTEGER - producerIdBlockSize) throw new RangeError(`producer ids have run out: the last block ended at ${last?.lastId}`);
  return { brokerId, firstId, lastId: firstId + producerIdBlockSize - 1 };
}

export interface ProducerIdsOptions {
  readonly zookeeper: () => ZooKeeper;
  readonly brokerId: number;
  /** Asks the controller for a block; undefined where inter.broker.protocol.version is below 3.0, and brokers help themselves. @throws KafkaError */
  readonly askController: ((claimHere: () => Promise<ProducerIdBlock>) => Promise<ProducerIdBlock>) | undefined;
  readonly logger: Logger;
}

/** Part of a block after which the next one is asked for. */
const prefetchAt = 0.9;

export function createProducerIds({ zookeeper, brokerId, askController, logger }: ProducerIdsOptions): ProducerIds {
  let nextId = 0;
  let block: ProducerIdBlock | undefined;
  let following: Promise<ProducerIdBlock> | undefined;

  async function claimBlock(forBroker: number): Promise<ProducerIdBlock> {
    for (;;) {
      const { data, stat } = await zookeeper().get(latestProducerIdBlockPath);
      const claimed = nextProducerIdBlock(decodeProducerIdBlock(data), forBroker);
      try {
        await zookeeper().set(latestProducerIdBlockPath, encodeProducerIdBlock(claimed), stat.version);
      } catch (error) {
        if (error instanceof ZooKeeperError && error.name === 'BAD_VERSION') continue; // another broker took that block
        throw error;
      }
      return claimed;
    }
  }

  /** Who asks while a block is on its way waits for the same one. */
  function claim(): Promise<ProducerIdBlock> {
    const claimHere = (): Promise<ProducerIdBlock> => claimBlock(brokerId);
    following ??= askController === undefined ? claimHere() : askController(claimHere);
    return following;
  }

  async function takeBlock(): Promise<void> {
    const claiming = claim();
    try {
      const claimed = await claiming;
      if (following !== claiming) return; // another request has taken it over
      block = claimed;
      nextId = claimed.firstId;
    } catch (error) {
      if (!(error instanceof ZooKeeperError) && !(error instanceof KafkaError)) throw error;
      throw new KafkaError('COORDINATOR_LOAD_IN_PROGRESS', 'no block of producer ids could be had', { cause: error });
    } finally {
      if (following === claiming) following = undefined;
    }
  }

  function prefetch({ firstId, lastId }: ProducerIdBlock): void {
    if (nextId !== firstId + Math.floor((lastId - firstId + 1) * prefetchAt)) return;
    const claiming = claim();
    claiming.catch((error: unknown) => {
      logger.warn('the next block of producer ids could not be had; asking again when it is needed', { error });
      if (following === claiming) following = undefined;
    });
  }

  return {
    claimBlock,
    async next() {
      while (block === undefined || nextId > block.lastId) await takeBlock();
      prefetch(block);
      return nextId++;
    },
  };
}
