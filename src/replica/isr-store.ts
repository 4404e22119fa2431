import { isrChangePrefix, isrChangesPath, partitionStatePath } from '../zookeeper/paths.ts';
import { encodeIsrChange } from '../zookeeper/znodes/isr-change.ts';
import { decodePartitionState, encodePartitionState } from '../zookeeper/znodes/partition-state.ts';
import type { TopicPartition } from '../zookeeper/znodes/partitions.ts';
import type { ZooKeeper } from '../zookeeper/zookeeper.ts';
import { ZooKeeperError } from '../zookeeper/zookeeper.ts';
import type { Partition } from './partition.ts';
import type { WriteIsr } from './replica-manager.ts';

/**
 * Changes an ISR as brokers before 2.7 do, which controllers up to 3.9 understand: the leader writes the state znode,
 * guarded by its version, and leaves a notification for the controller.
 */
export function writeIsrToZooKeeper(zookeeper: () => ZooKeeper): WriteIsr {
  const notify = createNotifier(zookeeper);
  return async (partition, isr) => {
    const { state, topic, partition: number } = partition;
    if (state === undefined) return undefined;
    const path = partitionStatePath(topic, number);
    const data = encodePartitionState({ ...state, isr, leaderRecoveryState: 'RECOVERED' });
    const keeper = zookeeper();
    try {
      const { version } = await keeper.set(path, data, state.partitionEpoch);
      notify({ topic, partition: number });
      return { isr, partitionEpoch: version };
    } catch (error) {
      if (!(error instanceof ZooKeeperError) || error.name !== 'BAD_VERSION') throw error;
      const stored = await storedState(keeper, partition, path);
      // It may be our own write, whose answer was lost: the controller has not heard of it then.
      if (stored !== undefined) notify({ topic, partition: number });
      return stored;
    }
  };
}

/** The version was not ours: what is stored holds, when it is of our epoch. */
async function storedState(keeper: ZooKeeper, partition: Partition, path: string): ReturnType<WriteIsr> {
  const { data, stat } = await keeper.get(path);
  const stored = decodePartitionState(data);
  return stored.leaderEpoch === partition.leaderEpoch ? { isr: stored.isr, partitionEpoch: stat.version } : undefined;
}

/**
 * One notification is on its way at a time; changes made meanwhile share the next. One that fails goes with the next
 * change: until then brokers that do not lead the partition merely show an old ISR.
 */
function createNotifier(zookeeper: () => ZooKeeper): (changed: TopicPartition) => void {
  let changes: TopicPartition[] = [];
  let isUnderWay = false;

  async function send(): Promise<void> {
    isUnderWay = true;
    while (changes.length > 0) {
      const sent = changes;
      changes = [];
      try {
        await zookeeper().create(`${isrChangesPath}/${isrChangePrefix}`, encodeIsrChange(sent), 'persistent-sequential');
      } catch {
        changes.unshift(...sent);
        break;
      }
    }
    isUnderWay = false;
  }

  return (changed) => {
    changes.push(changed);
    if (!isUnderWay) void send();
  };
}
