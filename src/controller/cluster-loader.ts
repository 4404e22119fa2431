import type { Logger } from '../runtime/logger.ts';
import type { Random } from '../runtime/random.ts';
import { brokerIdPath, brokerIdsPath, isrChangesPath, logDirEventsPath, partitionStatePath, topicPath, topicsPath } from '../zookeeper/paths.ts';
import { decodeBrokerId } from '../zookeeper/znodes/broker-id.ts';
import { decodeIsrChange } from '../zookeeper/znodes/isr-change.ts';
import { MalformedZnode } from '../zookeeper/znodes/json.ts';
import { decodeLogDirEvent } from '../zookeeper/znodes/log-dir-event.ts';
import { decodePartitionState } from '../zookeeper/znodes/partition-state.ts';
import { decodeTopic, encodeTopic } from '../zookeeper/znodes/topic.ts';
import type { TopicAssignment } from '../zookeeper/znodes/topic.ts';
import type { ZooKeeper } from '../zookeeper/zookeeper.ts';
import { partitionsOf } from './cluster-state.ts';
import type { ClusterState, ControlledPartition, ControlledTopic } from './cluster-state.ts';
import type { GuardedWriter } from './guarded-writer.ts';
import { topicZnodeVersion } from '../zookeeper/znodes/topic.ts';
import type { InterBrokerVersions } from '../protocol/inter-broker-versions.ts';
import { newTopicId } from './topic-id.ts';

/** Reads ZooKeeper into the controller's copy. A node that makes no sense is named once and passed over: it must not stop the others. */
export interface ClusterLoader {
  /** @returns who has come and who is gone; a broker that bounced is both */
  loadBrokers(changed: () => void): Promise<{ readonly come: readonly number[]; readonly gone: readonly number[] }>;
  /** Loads topics that are new, and forgets those that are gone. */
  loadTopics(changed: () => void, topicChanged: (name: string) => void): Promise<void>;
  /** @returns undefined where there is no such topic */
  loadTopic(name: string, topicChanged: (name: string) => void): Promise<ControlledTopic | undefined>;
  /** Reads the state znode again, which another may have written. */
  refreshLeadership(partition: ControlledPartition): Promise<void>;
  /** Reads again the states that lack one of these brokers as a member: its leader may have taken it in and not told yet. */
  refreshIsrsWithout(brokerIds: readonly number[]): Promise<void>;
  /** Reads partitions again that these brokers lead, and whose ISR may have grown by what their former lives wrote and could not tell. */
  refreshIsrsLedBy(brokerIds: readonly number[]): Promise<void>;
  /** Reads the partitions that leaders say they have changed; `forget` removes what they left. */
  loadIsrChanges(changed: () => void): Promise<{ readonly partitions: readonly ControlledPartition[]; forget(): Promise<void> }>;
  /** Reads which brokers say that a log directory of theirs has failed. */
  loadLogDirEvents(changed: () => void): Promise<{ readonly brokerIds: readonly number[]; forget(): Promise<void> }>;
}

export interface ClusterLoaderOptions {
  readonly zookeeper: ZooKeeper;
  readonly writer: GuardedWriter;
  readonly cluster: ClusterState;
  readonly protocol: InterBrokerVersions;
  readonly random: Random;
  readonly logger: Logger;
}

export function createClusterLoader({ zookeeper, writer, cluster, protocol, random, logger }: ClusterLoaderOptions): ClusterLoader {
  function decoded<T>(path: string, decode: () => T): T | undefined {
    try {
      return decode();
    } catch (error) {
      if (!(error instanceof MalformedZnode)) throw error;
      logger.error('a znode makes no sense and is passed over', { path, error });
      return undefined;
    }
  }

  async function loadBrokers(changed: () => void): ReturnType<ClusterLoader['loadBrokers']> {
    const ids = (await zookeeper.children(brokerIdsPath, changed)).map(Number);
    const found = await Promise.all(ids.map(async (id) => ({ id, node: await zookeeper.find(brokerIdPath(id)) })));
    const come: number[] = [];
    const gone = Array.from(cluster.brokers.keys()).filter((id) => !ids.includes(id));
    for (const { id, node } of found) {
      const known = cluster.brokers.get(id);
      if (node === undefined || known?.epoch === node.stat.czxid) continue;
      const registration = decoded(brokerIdPath(id), () => decodeBrokerId(node.data));
      if (registration === undefined) continue;
      if (known !== undefined) gone.push(id);
      cluster.brokers.set(id, { id, epoch: node.stat.czxid, registration });
      come.push(id);
    }
    for (const id of gone) {
      cluster.stopping.delete(id);
      cluster.offlineReplicas.delete(id);
      if (!come.includes(id)) cluster.brokers.delete(id);
    }
    return { come, gone };
  }

  async function loadTopic(name: string, topicChanged: (name: string) => void): Promise<ControlledTopic | undefined> {
    const path = topicPath(name);
    const found = await zookeeper.find(path, () => topicChanged(name));
    const stored = found === undefined ? undefined : decoded(path, () => decodeTopic(found.data));
    if (found === undefined || stored === undefined) return undefined;
    const topicId = stored.topicId ?? (protocol.hasTopicIds ? await giveTopicId(path, stored, found.stat.version) : undefined);
    const known = cluster.topics.get(name);
    const partitions = await Promise.all(
      Array.from(stored.partitions, async ([partition, assignment]): Promise<ControlledPartition> => {
        // Only the controller assigns partitions that are: what it knows stands.
        return known?.partitions.get(partition) ?? { topic: name, partition, assignment, leadership: await readLeadership(name, partition) };
      }),
    );
    const topic: ControlledTopic = { name, topicId, partitions: new Map(partitions.map((one) => [one.partition, one])) };
    cluster.topics.set(name, topic);
    return topic;
  }

  async function giveTopicId(path: string, stored: TopicAssignment, version: number): Promise<string> {
    const topicId = newTopicId(random);
    await writer.write([{ kind: 'set', path, data: encodeTopic({ ...stored, version: topicZnodeVersion, topicId }), version }]);
    return topicId;
  }

  async function readLeadership(topic: string, partition: number): Promise<ControlledPartition['leadership']> {
    const path = partitionStatePath(topic, partition);
    const found = await zookeeper.find(path);
    const state = found === undefined ? undefined : decoded(path, () => decodePartitionState(found.data));
    return found === undefined || state === undefined ? undefined : { state, version: found.stat.version };
  }

  async function refreshLeadership(partition: ControlledPartition): Promise<void> {
    partition.leadership = await readLeadership(partition.topic, partition.partition);
  }

  async function notifications<T>(path: string, changed: () => void, decode: (data: Buffer) => T): Promise<{ readonly told: readonly T[]; forget(): Promise<void> }> {
    const paths = (await zookeeper.children(path, changed)).map((name) => `${path}/${name}`);
    const told: T[] = [];
    for (const one of paths) {
      const found = await zookeeper.find(one);
      const value = found === undefined ? undefined : decoded(one, () => decode(found.data));
      if (value !== undefined) told.push(value);
    }
    return {
      told,
      async forget() {
        await Promise.all(paths.map((one) => writer.delete(one)));
      },
    };
  }

  return {
    loadBrokers,
    loadTopic,
    refreshLeadership,
    async refreshIsrsLedBy(brokerIds) {
      const isDoubtful = ({ assignment: { replicas }, leadership }: ControlledPartition): boolean =>
        leadership !== undefined && brokerIds.includes(leadership.state.leader) && replicas.some((id) => !leadership.state.isr.includes(id));
      await Promise.all(Array.from(partitionsOf(cluster)).filter(isDoubtful).map(refreshLeadership));
    },
    async refreshIsrsWithout(brokerIds) {
      const isDoubtful = ({ assignment: { replicas }, leadership }: ControlledPartition): boolean =>
        leadership !== undefined && brokerIds.some((id) => replicas.includes(id) && !leadership.state.isr.includes(id));
      await Promise.all(Array.from(partitionsOf(cluster)).filter(isDoubtful).map(refreshLeadership));
    },
    async loadTopics(changed, topicChanged) {
      const names = new Set(await zookeeper.children(topicsPath, changed));
      for (const known of Array.from(cluster.topics.keys())) if (!names.has(known)) cluster.topics.delete(known);
      await Promise.all(Array.from(names).filter((name) => !cluster.topics.has(name)).map((name) => loadTopic(name, topicChanged)));
    },
    async loadIsrChanges(changed) {
      const { told, forget } = await notifications(isrChangesPath, changed, decodeIsrChange);
      const partitions = new Set(told.flat().flatMap(({ topic, partition }) => cluster.topics.get(topic)?.partitions.get(partition) ?? []));
      await Promise.all(Array.from(partitions, (partition) => refreshLeadership(partition)));
      return { partitions: Array.from(partitions), forget };
    },
    async loadLogDirEvents(changed) {
      const { told, forget } = await notifications(logDirEventsPath, changed, decodeLogDirEvent);
      return { brokerIds: Array.from(new Set(told)).filter((id) => cluster.brokers.has(id)), forget };
    },
  };
}
