import { consumerOffsetPath } from '../zookeeper/paths.ts';
import { decodeConsumerOffset, encodeConsumerOffset } from '../zookeeper/znodes/consumer-offset.ts';
import type { ZooKeeper } from '../zookeeper/zookeeper.ts';
import { ZooKeeperError } from '../zookeeper/zookeeper.ts';

/** Where clients of the first version of OffsetCommit and OffsetFetch have their offsets. */
export interface ZooKeeperOffsets {
  /** Undefined when there is none. @throws ZooKeeperError, MalformedZnode */
  find(group: string, topic: string, partition: number): Promise<number | undefined>;
  /** @throws ZooKeeperError */
  store(group: string, topic: string, partition: number, offset: number): Promise<void>;
}

const anyVersion = -1;

export function createZooKeeperOffsets(zookeeper: () => ZooKeeper): ZooKeeperOffsets {
  async function set(path: string, data: Buffer): Promise<boolean> {
    try {
      await zookeeper().set(path, data, anyVersion);
      return true;
    } catch (error) {
      if (error instanceof ZooKeeperError && error.name === 'NO_NODE') return false;
      throw error;
    }
  }

  return {
    async find(group, topic, partition) {
      const found = await zookeeper().find(consumerOffsetPath(group, topic, partition));
      return found === undefined || found.data.length === 0 ? undefined : decodeConsumerOffset(found.data);
    },
    async store(group, topic, partition, offset) {
      const path = consumerOffsetPath(group, topic, partition);
      const data = encodeConsumerOffset(offset);
      if (await set(path, data)) return;
      await zookeeper().createPath(path);
      await set(path, data);
    },
  };
}
