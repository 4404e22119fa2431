import type { Logger } from '../runtime/logger.ts';
import { configEntityPath, deleteTopicPath, deleteTopicsPath, topicPath } from '../zookeeper/paths.ts';
import type { ZooKeeper } from '../zookeeper/zookeeper.ts';
import type { ClusterState, ControlledPartition } from './cluster-state.ts';
import type { GuardedWriter } from './guarded-writer.ts';
import type { Leadership } from './leadership.ts';
import type { Messenger } from './messenger.ts';

/**
 * Deletes the topics under /admin/delete_topics: every replica first, then the znodes. Replicas on living brokers go at
 * once; a topic with one on a broker that is not there, or that could not delete it, stays marked until that broker comes.
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
  readonly leadership: Leadership;
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
  const { cluster, messenger, leadership, writer, logger } = options;
  const underWay = new Map<string, Deletion>();

  const partitionsOf = (topic: string): ControlledPartition[] => Array.from(cluster.topics.get(topic)?.partitions.values() ?? []);
  const hostsOf = (topic: string): number[] => Array.from(new Set(partitionsOf(topic).flatMap(({ assignment }) => assignment.replicas))).sort((a, b) => a - b);

  /** Asks the living brokers that were not asked yet. */
  async function proceed(topic: string): Promise<void> {
    const deletion = underWay.get(topic) ?? { asked: new Set(), done: new Set() };
    if (!underWay.has(topic)) messenger.tellMetadata(cluster.brokers.keys(), partitionsOf(topic));
    underWay.set(topic, deletion);
    const left = hostsOf(topic).filter((id) => !deletion.done.has(id) && !deletion.asked.has(id));
    const absent = left.filter((id) => !cluster.brokers.has(id));
    if (absent.length > 0) logger.info('topic deletion waits for brokers', { topic, brokers: absent });
    for (const id of left) {
      if (!cluster.brokers.has(id)) continue;
      const hosted = partitionsOf(topic).filter(({ assignment }) => assignment.replicas.includes(id));
      for (const partition of hosted) await leadership.takeDeletedOffline(partition, id);
      deletion.asked.add(id);
      messenger.tellStop(id, hosted, true, (isDone) => answered(topic, id, isDone));
    }
    if (hostsOf(topic).length === 0) await forget(topic);
  }

  function answered(topic: string, brokerId: number, isDone: boolean): void {
    const deletion = underWay.get(topic);
    if (deletion === undefined || !deletion.asked.delete(brokerId)) return;
    if (!isDone) {
      logger.warn('a broker could not delete its replicas; the topic stays marked', { topic, broker: brokerId });
      return;
    }
    deletion.done.add(brokerId);
    if (hostsOf(topic).every((id) => deletion.done.has(id))) options.enqueue('topic deleted', () => forget(topic));
  }

  async function forget(topic: string): Promise<void> {
    await writer.deleteTree(topicPath(topic));
    await writer.deleteTree(configEntityPath(`topics/${topic}`));
    await writer.delete(deleteTopicPath(topic));
    cluster.topics.delete(topic);
    cluster.toDelete.delete(topic);
    underWay.delete(topic);
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
      for (const topic of Array.from(cluster.toDelete)) if (!options.isBeingReassigned(topic)) await proceed(topic);
    },
    brokerGone(brokerId) {
      for (const { asked } of underWay.values()) asked.delete(brokerId);
    },
  };
}

interface Deletion {
  /** Brokers that have not answered yet. */
  readonly asked: Set<number>;
  /** Brokers that have no replica of it any more. */
  readonly done: Set<number>;
}
