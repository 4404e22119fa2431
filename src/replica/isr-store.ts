import { isrChangePrefix, isrChangesPath, partitionStatePath } from '../zookeeper/paths.ts';
import { encodeIsrChange } from '../zookeeper/znodes/isr-change.ts';
import { decodePartitionState, encodePartitionState } from '../zookeeper/znodes/partition-state.ts';
import type { ZooKeeper } from '../zookeeper/zookeeper.ts';
import { ZooKeeperError } from '../zookeeper/zookeeper.ts';
import type { Partition } from './partition.ts';
import type { WriteIsr } from './replica-manager.ts';

/**
 * Changes an ISR as brokers before 2.7 do: the leader writes the state znode, guarded by its version, and leaves a
 * notification for the controller.
 */
export function writeIsrToZooKeeper(zookeeper: () => ZooKeeper): WriteIsr {
  return async (partition, isr) => {
    const { state, topic, partition: number } = partition;
    if (state === undefined) return undefined;
    const path = partitionStatePath(topic, number);
    const data = encodePartitionState({ ...state, isr, leaderRecoveryState: 'RECOVERED' });
    const keeper = zookeeper();
    try {
      const { version } = await keeper.set(path, data, state.partitionEpoch);
      await keeper.create(`${isrChangesPath}/${isrChangePrefix}`, encodeIsrChange([{ topic, partition: number }]), 'persistent-sequential');
      return { isr, partitionEpoch: version };
    } catch (error) {
      if (!(error instanceof ZooKeeperError) || error.name !== 'BAD_VERSION') throw error;
      return storedState(keeper, partition, path);
    }
  };
}

/** The version was not ours: what is stored holds, when it is of our epoch. */
async function storedState(keeper: ZooKeeper, partition: Partition, path: string): ReturnType<WriteIsr> {
  const { data, stat } = await keeper.get(path);
  const stored = decodePartitionState(data);
  return stored.leaderEpoch === partition.leaderEpoch ? { isr: stored.isr, partitionEpoch: stat.version } : undefined;
}
