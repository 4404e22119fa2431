import type { Random } from '../../runtime/random.ts';
import { AssignmentError, assignReplicas } from '../../zookeeper/assignment.ts';
import type { AssignableBroker } from '../../zookeeper/assignment.ts';
import { brokerIdPath, brokerIdsPath, configChangePrefix, configChangesPath, configEntityPath, deleteTopicPath, deleteTopicsPath, partitionStatePath, topicPath, topicsPath } from '../../zookeeper/paths.ts';
import type { ZooKeeper } from '../../zookeeper/zookeeper.ts';
import { decodeBrokerId } from '../../zookeeper/znodes/broker-id.ts';
import { decodeConfig, encodeConfig } from '../../zookeeper/znodes/config.ts';
import { encodeConfigChange } from '../../zookeeper/znodes/config-change.ts';
import { decodePartitionState } from '../../zookeeper/znodes/partition-state.ts';
import type { PartitionAssignment, TopicAssignment } from '../../zookeeper/znodes/topic.ts';
import { decodeTopic, encodeTopic } from '../../zookeeper/znodes/topic.ts';
import { javaHashCode, javaHashOrder } from '../../client/java-hash-order.ts';
import type { ParsedOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { isInternalTopic } from '../topic-filter.ts';
import type { DescribedPartition } from './description.ts';
import { describeTopic } from './description.ts';
import { checkTopicName, chosenTopics, collidingTopics, collisionWarning, hasCollisionCharacters } from './names.ts';
import type { TopicRequest } from './request.ts';
import { TopicCommandError, topicRequest } from './request.ts';
import type { TopicService } from './service.ts';

/** Version of the topic znode without a topic id, as 2.4 writes it; the controller adds the id. */
const topicZnodeVersion = 2;

/** kafka-topics --zookeeper: reads and writes the znodes itself, printed as 2.4 prints it. */
export function zookeeperTopicService(zooKeeper: ZooKeeper, options: ParsedOptions, terminal: Terminal, random: Random): TopicService {
  const allTopics = (): Promise<string[]> => childrenOf(zooKeeper, topicsPath);

  async function names(): Promise<string[]> {
    const asked = options.value('topic');
    return chosenTopics(await allTopics(), asked, options.has('exclude-internal'));
  }

  async function existingNames(): Promise<string[]> {
    const found = await names();
    const asked = options.value('topic');
    if (found.length === 0 && asked !== undefined && !options.has('if-exists')) throw new TopicCommandError(`Topic '${asked}' does not exist as expected`);
    return found;
  }

  async function create(): Promise<void> {
    const request = topicRequest(options);
    if (hasCollisionCharacters(request.name)) terminal.out(collisionWarning);
    const assignment = request.assignment ?? (await chooseReplicas(request.partitions ?? 0, request.replicationFactor ?? 0));
    try {
      await writeNewTopic(request, assignment);
    } catch (error) {
      if (error instanceof TopicExists && options.has('if-not-exists')) return;
      throw error;
    }
    terminal.out(`Created topic ${request.name}.\n`);
  }

  async function chooseReplicas(partitions: number, replicationFactor: number, start: { fixedStartIndex?: number; startPartition?: number } = {}): Promise<number[][]> {
    const brokers = await liveBrokers(zooKeeper);
    const racked = brokers.filter(({ rack }) => rack !== undefined);
    const isRackAware = !options.has('disable-rack-aware');
    if (isRackAware && racked.length > 0 && racked.length < brokers.length) {
      throw new TopicCommandError('Not all brokers have rack information. Add --disable-rack-aware in command line to make replica assignment without rack information.');
    }
    try {
      return assignReplicas(isRackAware ? brokers : brokers.map(({ id }) => ({ id, rack: undefined })), partitions, replicationFactor, random, start);
    } catch (error) {
      if (error instanceof AssignmentError) throw new TopicCommandError(error.message, { cause: error });
      throw error;
    }
  }

  async function writeNewTopic({ name, configs }: TopicRequest, assignment: readonly (readonly number[])[]): Promise<void> {
    checkTopicName(name);
    const existing = await allTopics();
    if (existing.includes(name)) throw new TopicExists(`Topic '${name}' already exists.`);
    const colliding = hasCollisionCharacters(name) ? collidingTopics(name, existing) : [];
    if (colliding.length > 0) throw new TopicCommandError(`Topic '${name}' collides with existing topics: ${colliding.join(', ')}`);
    await writeConfig(zooKeeper, name, configs);
    const partitions = new Map(assignment.map((replicas, partition) => [partition, settled(replicas)]));
    try {
      await zooKeeper.createPath(topicsPath);
      await zooKeeper.create(topicPath(name), encodeTopic({ version: topicZnodeVersion, topicId: undefined, partitions }));
    } catch (error) {
      if (isNodeExists(error)) throw new TopicExists(`Topic '${name}' already exists.`, { cause: error });
      throw error;
    }
  }

  async function alter(): Promise<void> {
    const request = topicRequest(options);
    for (const name of await existingNames()) {
      if (options.has('config') || options.has('delete-config')) await alterConfig(name, request);
      if (request.partitions !== undefined) await addPartitions(name, request.partitions, request.assignment);
    }
  }

  async function alterConfig(name: string, { configs, deletedConfigs }: TopicRequest): Promise<void> {
    terminal.out('WARNING: Altering topic configuration from this script has been deprecated and may be removed in future releases.\n');
    terminal.out('         Going forward, please use kafka-configs.sh for this functionality\n');
    const merged = { ...(await configOf(zooKeeper, name)), ...configs };
    const kept = Object.fromEntries(Object.entries(merged).filter(([key]) => !deletedConfigs.includes(key)));
    await writeConfig(zooKeeper, name, kept);
    await zooKeeper.createPath(configChangesPath);
    await zooKeeper.create(`${configChangesPath}/${configChangePrefix}`, encodeConfigChange(`topics/${name}`), 'persistent-sequential');
    terminal.out(`Updated config for topic ${name}.\n`);
  }

  async function addPartitions(name: string, count: number, wanted: TopicRequest['assignment']): Promise<void> {
    if (isInternalTopic(name)) throw new TopicCommandError(`The number of partitions for the internal topic ${name} cannot be changed.`);
    terminal.out('WARNING: If partitions are increased for a topic that has a key, the partition logic or ordering of the messages will be affected\n');
    const { data, stat } = await zooKeeper.get(topicPath(name));
    const topic = decodeTopic(data);
    const present = topic.partitions.size;
    if (count <= present) {
      throw new TopicCommandError(`The number of partitions for a topic can only be increased. Topic ${name} currently has ${present} partitions, ${count} would not be an increase.`);
    }
    const added = wanted?.slice(present) ?? [];
    const replicas = added.length > 0 ? added : await chooseAdded(topic, count - present);
    const partitions = new Map(topic.partitions);
    for (const [index, ids] of replicas.entries()) partitions.set(present + index, settled(ids));
    await zooKeeper.set(topicPath(name), encodeTopic({ ...topic, partitions }), stat.version);
    terminal.out('Adding partitions succeeded!\n');
  }

  async function chooseAdded(topic: TopicAssignment, count: number): Promise<number[][]> {
    const first = topic.partitions.get(0)?.replicas ?? [];
    const ids = (await liveBrokers(zooKeeper)).map(({ id }) => id);
    const fixedStartIndex = Math.max(0, ids.findIndex((id) => id >= (first[0] ?? 0)));
    return chooseReplicas(count, first.length, { fixedStartIndex, startPartition: topic.partitions.size });
  }

  async function remove(): Promise<void> {
    for (const name of await existingNames()) {
      if (isInternalTopic(name)) throw new TopicCommandError(`Topic ${name} is a kafka internal topic and is not allowed to be marked for deletion.`);
      try {
        await zooKeeper.createPath(deleteTopicsPath);
        await zooKeeper.create(deleteTopicPath(name), undefined);
        terminal.out(`Topic ${name} is marked for deletion.\nNote: This will have no impact if delete.topic.enable is not set to true.\n`);
      } catch (error) {
        if (!isNodeExists(error)) throw new TopicCommandError(`Error while deleting topic ${name}`, { cause: error });
        terminal.out(`Topic ${name} is already marked for deletion.\n`);
      }
    }
  }

  async function list(): Promise<void> {
    const marked = new Set(await childrenOf(zooKeeper, deleteTopicsPath));
    for (const name of await names()) terminal.out(marked.has(name) ? `${name} - marked for deletion\n` : `${name}\n`);
  }

  async function describe(): Promise<void> {
    const found = await existingNames();
    const live = new Set((await liveBrokers(zooKeeper)).map(({ id }) => id));
    const marked = new Set(await childrenOf(zooKeeper, deleteTopicsPath));
    for (const name of found) {
      const znode = await zooKeeper.find(topicPath(name));
      if (znode === undefined) {
        terminal.out(`Topic ${name} doesn't exist!\n`);
        continue;
      }
      const { partitions } = decodeTopic(znode.data);
      const config = Object.entries(await configOf(zooKeeper, name)).map(([key, value]) => ({ name: key, value }));
      const described = await Promise.all([...partitions].toSorted(([a], [b]) => a - b).map(([partition, { replicas }]) => describedPartition(zooKeeper, name, partition, replicas)));
      const topic = {
        name,
        topicId: undefined,
        replicationFactor: described[0]?.replicas.length ?? 0,
        configs: javaHashOrder(config, (entry) => javaHashCode(entry.name)),
        minIsr: 1,
        isMarkedForDeletion: marked.has(name),
        partitions: described,
        hasElr: false,
      };
      terminal.out(describeTopic(topic, options, live));
    }
  }

  return { create, alter, delete: remove, list, describe, close: () => zooKeeper.close() };
}

const isNodeExists = (error: unknown): boolean => error instanceof Error && error.name === 'NODE_EXISTS';

class TopicExists extends TopicCommandError {}

const settled = (replicas: readonly number[]): PartitionAssignment => ({ replicas, addingReplicas: [], removingReplicas: [] });

async function childrenOf(zooKeeper: ZooKeeper, path: string): Promise<string[]> {
  return (await zooKeeper.exists(path)) === undefined ? [] : zooKeeper.children(path);
}

async function configOf(zooKeeper: ZooKeeper, topic: string): Promise<Readonly<Record<string, string>>> {
  const znode = await zooKeeper.find(configEntityPath(`topics/${topic}`));
  return znode === undefined ? {} : decodeConfig(znode.data);
}

async function writeConfig(zooKeeper: ZooKeeper, topic: string, configs: Readonly<Record<string, string>>): Promise<void> {
  const path = configEntityPath(`topics/${topic}`);
  if ((await zooKeeper.exists(path)) !== undefined) {
    await zooKeeper.set(path, encodeConfig(configs), -1);
    return;
  }
  await zooKeeper.createPath(configEntityPath('topics'));
  await zooKeeper.create(path, encodeConfig(configs));
}

/** By ascending id. */
async function liveBrokers(zooKeeper: ZooKeeper): Promise<AssignableBroker[]> {
  const ids = (await childrenOf(zooKeeper, brokerIdsPath)).map(Number).sort((a, b) => a - b);
  const brokers = await Promise.all(ids.map(async (id) => ({ id, znode: await zooKeeper.find(brokerIdPath(id)) })));
  return brokers.flatMap(({ id, znode }) => (znode === undefined ? [] : [{ id, rack: decodeBrokerId(znode.data).rack }]));
}

async function describedPartition(zooKeeper: ZooKeeper, topic: string, partition: number, replicas: readonly number[]): Promise<DescribedPartition> {
  const znode = await zooKeeper.find(partitionStatePath(topic, partition));
  if (znode === undefined) return { partition, leader: undefined, replicas, isr: [] };
  const { leader, isr } = decodePartitionState(znode.data);
  return { partition, leader: leader < 0 ? undefined : leader, replicas, isr };
}
