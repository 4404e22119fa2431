import type { Logger } from '../runtime/logger.ts';
import { configEntityPath, deleteTopicPath, deleteTopicsPath, topicPath } from '../zookeeper/paths.ts';
import type { ZooKeeper } from '../zookeeper/zookeeper.ts';
import type { ClusterState, ControlledPartition } from './cluster-state.ts';
import type { GuardedWriter } from './guarded-writer.ts';
import type { Messenger } from './messenger.ts';

/**
 * Deletes the topics under /admin/delete_topics: every replica first, then the znodes. A topic with a replica on a broker
 * that is not there, or that could not delete it, stays marked until that broker comes.
 */
export interface TopicDeletion {
  /** Reads which topics are marked. */
  load(changed: () => void): Promise<void>;
  /** Begins with those that can be deleted now. */
  resume(): Promise<void>;
  /** What a broker that is gone was asked to delete must be asked again. */
  brokerGone(brokerId: number): void;
}

export interface TopicDeletionOptions {
  readonly zookeeper: ZooKeeper;
  readonly writer: GuardedWriter;
  readonly cluster: ClusterState;
  readonly messenger: Messenger;
  readonly logger: Logger;
  /** delete.topic.enable: marks are removed, and no topic, where it is false. */
  readonly isEnabled: boolean;
  /** Loads a topic that was not seen yet; false where there is none. */
  readonly isTopic: (name: string) => Promise<boolean>;
  /** A topic with a partition on its way to other brokers waits. */
  readonly isBeingReassigned: (name: string) => boolean;
  readonly enqueue: (name: string, event: () => Promise<void>) => void;
}

export function createTopicDeletion(options: TopicDeletionOptions): TopicDeletion {
  const { cluster, messenger, writer, logger } = options;
  /** Brokers that have not answered yet, by topic. */
  const asked = new Map<string, Set<number>>();

  async function begin(topic: string): Promise<void> {
    const partitions = Array.from(cluster.topics.get(topic)?.partitions.values() ?? []);
    const hosts = new Set(partitions.flatMap(({ assignment }) => assignment.replicas));
    const absent = Array.from(hosts).filter((id) => !cluster.brokers.has(id));
    if (absent.length > 0) {
      logger.info('topic deletion waits for brokers', { topic, brokers: absent });
      return;
    }
    messenger.tellMetadata(cluster.brokers.keys(), partitions);
    if (hosts.size === 0) return forget(topic);
    asked.set(topic, hosts);
    for (const id of Array.from(hosts)) messenger.tellStop(id, hostedBy(id, partitions), true, (isDone) => answered(topic, id, isDone));
    return undefined;
  }

  function answered(topic: string, brokerId: number, isDone: boolean): void {
    const hosts = asked.get(topic);
    if (hosts === undefined) return;
    if (!isDone) {
      logger.warn('a broker could not delete its replicas; the topic stays marked', { topic, broker: brokerId });
      asked.delete(topic);
      return;
    }
    hosts.delete(brokerId);
    if (hosts.size === 0) options.enqueue('topic deleted', () => forget(topic));
  }

  async function forget(topic: string): Promise<void> {
    await writer.deleteTree(topicPath(topic));
    await writer.deleteTree(configEntityPath(`topics/${topic}`));
    await writer.delete(deleteTopicPath(topic));
    cluster.topics.delete(topic);
    cluster.toDelete.delete(topic);
    asked.delete(topic);
    logger.info('topic deleted', { topic });
  }

  return {
    async load(changed) {
      for (const name of await options.zookeeper.children(deleteTopicsPath, changed)) {
        if (options.isEnabled && (await options.isTopic(name))) cluster.toDelete.add(name);
        else await writer.delete(deleteTopicPath(name));
      }
    },
    async resume() {
      for (const topic of Array.from(cluster.toDelete)) if (!asked.has(topic) && !options.isBeingReassigned(topic)) await begin(topic);
    },
    brokerGone(brokerId) {
      for (const [topic, hosts] of Array.from(asked)) if (hosts.has(brokerId)) asked.delete(topic);
    },
  };
}

function hostedBy(brokerId: number, partitions: readonly ControlledPartition[]): ControlledPartition[] {
  return partitions.filter(({ assignment }) => assignment.replicas.includes(brokerId));
}
