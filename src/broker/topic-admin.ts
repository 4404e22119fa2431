import { topicZnodeVersion } from '../zookeeper/znodes/topic.ts';
import type { InterBrokerVersions } from '../protocol/inter-broker-versions.ts';
import { newTopicId } from '../controller/topic-id.ts';
import { KafkaError } from '../protocol/errors.ts';
import type { BrokerConfig } from '../runtime/config/broker-config.ts';
import { InvalidProperty } from '../runtime/config/definition.ts';
import { checkTopicOverrides } from '../runtime/config/topic-config.ts';
import type { Random } from '../runtime/random.ts';
import { AssignmentError, assignReplicas } from '../zookeeper/assignment.ts';
import { brokerIdPath, brokerIdsPath, deleteTopicPath, topicPath, topicsPath } from '../zookeeper/paths.ts';
import { decodeBrokerId } from '../zookeeper/znodes/broker-id.ts';
import { MalformedZnode } from '../zookeeper/znodes/json.ts';
import { decodeTopic, encodeTopic } from '../zookeeper/znodes/topic.ts';
import type { PartitionAssignment } from '../zookeeper/znodes/topic.ts';
import type { ZooKeeper } from '../zookeeper/zookeeper.ts';
import { ZooKeeperError } from '../zookeeper/zookeeper.ts';
import { changeEntityConfig, readEntityConfig, writeEntityConfig } from './config-store.ts';
import { collidingTopic, invalidTopicName } from './topic-names.ts';

export interface TopicRequest {
  readonly name: string;
  /** -1 for the broker's num.partitions. */
  readonly partitions: number;
  /** -1 for the broker's default.replication.factor. */
  readonly replicationFactor: number;
  /** By partition; empty to let the broker choose. */
  readonly assignment: ReadonlyMap<number, readonly number[]>;
  readonly configs: Readonly<Record<string, string>>;
}

export interface CreatedTopic {
  readonly topicId: string | undefined;
  readonly partitions: number;
  readonly replicationFactor: number;
}

/** Creates, grows and deletes topics by writing their znodes; the controller's watches do the rest (AdminZkClient). */
export interface TopicAdmin {
  /** @throws KafkaError as CreateTopics answers it */
  create(request: TopicRequest, isValidateOnly: boolean): Promise<CreatedTopic>;
  /** @throws KafkaError as CreatePartitions answers it */
  addPartitions(topic: string, count: number, assignment: readonly (readonly number[])[] | null, isValidateOnly: boolean): Promise<void>;
  /** @throws KafkaError UNKNOWN_TOPIC_OR_PARTITION */
  markForDeletion(topic: string): Promise<void>;
  configOf(topic: string): Promise<Readonly<Record<string, string>>>;
  /** Stores a topic's own properties and tells every broker, through /config/changes. */
  changeConfig(topic: string, configs: Readonly<Record<string, string>>): Promise<void>;
}

export interface TopicAdminOptions {
  readonly zookeeper: () => ZooKeeper;
  readonly random: Random;
  readonly config: BrokerConfig;
  readonly protocol: InterBrokerVersions;
}

const settled = (replicas: readonly number[]): PartitionAssignment => ({ replicas, addingReplicas: [], removingReplicas: [] });

export function createTopicAdmin({ zookeeper, random, config, protocol }: TopicAdminOptions): TopicAdmin {
  async function liveBrokers() {
    const ids = await zookeeper().children(brokerIdsPath);
    const found = await Promise.all(ids.map(async (id) => ({ id: Number(id), node: await zookeeper().find(brokerIdPath(Number(id))) })));
    return found.flatMap(({ id, node }) => {
      const registration = node === undefined ? undefined : readable(() => decodeBrokerId(node.data));
      return registration === undefined ? [] : [{ id, rack: registration.rack }];
    });
  }

  function choose(brokers: Awaited<ReturnType<typeof liveBrokers>>, partitions: number, replicationFactor: number, start = {}): number[][] {
    try {
      // With racks on some brokers only, all are taken as without.
      const areRacksKnown = brokers.every(({ rack }) => rack !== undefined);
      return assignReplicas(areRacksKnown ? brokers : brokers.map(({ id }) => ({ id, rack: undefined })), partitions, replicationFactor, random, start);
    } catch (error) {
      if (error instanceof AssignmentError) throw new KafkaError(error.name, error.message, { cause: error });
      throw error;
    }
  }

  async function checkName(name: string): Promise<void> {
    const invalid = invalidTopicName(name);
    if (invalid !== undefined) throw new KafkaError('INVALID_TOPIC_EXCEPTION', invalid);
    const existing = await zookeeper().children(topicsPath);
    if (existing.includes(name)) throw new KafkaError('TOPIC_ALREADY_EXISTS', `Topic '${name}' already exists.`);
    const colliding = collidingTopic(name, existing);
    if (colliding !== undefined) throw new KafkaError('INVALID_TOPIC_EXCEPTION', `Topic '${name}' collides with existing topics: ${colliding}`);
  }

  async function assignmentOf(request: TopicRequest): Promise<ReadonlyMap<number, readonly number[]>> {
    const brokers = await liveBrokers();
    if (request.assignment.size === 0) {
      const partitions = request.partitions === -1 ? config['num.partitions'] : request.partitions;
      const replicationFactor = request.replicationFactor === -1 ? config['default.replication.factor'] : request.replicationFactor;
      return new Map(choose(brokers, partitions, replicationFactor).entries());
    }
    if (request.partitions !== -1 || request.replicationFactor !== -1) {
      throw new KafkaError('INVALID_REQUEST', 'Both numPartitions or replicationFactor and replicasAssignments were set. Both cannot be used at the same time.');
    }
    checkManual(request.assignment, new Set(brokers.map(({ id }) => id)));
    return request.assignment;
  }

  return {
    async create(request, isValidateOnly) {
      await checkName(request.name);
      const assignment = await assignmentOf(request);
      try {
        checkTopicOverrides(request.configs);
      } catch (error) {
        if (error instanceof InvalidProperty) throw new KafkaError('INVALID_CONFIG', error.message, { cause: error });
        throw error;
      }
      const topicId = protocol.hasTopicIds ? newTopicId(random) : undefined;
      const partitions = new Map(Array.from(assignment, ([partition, replicas]) => [partition, settled(replicas)] as const).sort(([a], [b]) => a - b));
      if (!isValidateOnly) {
        await writeEntityConfig(zookeeper(), `topics/${request.name}`, request.configs);
        try {
          await zookeeper().create(topicPath(request.name), encodeTopic({ version: topicZnodeVersion, topicId, partitions }));
        } catch (error) {
          if (error instanceof ZooKeeperError && error.name === 'NODE_EXISTS') throw new KafkaError('TOPIC_ALREADY_EXISTS', `Topic '${request.name}' already exists.`, { cause: error });
          throw error;
        }
      }
      return { topicId: isValidateOnly ? undefined : topicId, partitions: partitions.size, replicationFactor: partitions.get(0)?.replicas.length ?? 0 };
    },

    async addPartitions(topic, count, wanted, isValidateOnly) {
      const found = await zookeeper().find(topicPath(topic));
      if (found === undefined) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `The topic '${topic}' does not exist.`);
      const stored = decodeTopic(found.data);
      const before = stored.partitions.size;
      if (count <= before) {
        const same = count === before ? `Topic already has ${before} partition(s).` : `The topic ${topic} currently has ${before} partition(s); ${count} would not be an increase.`;
        throw new KafkaError('INVALID_PARTITIONS', same);
      }
      const added = wanted ?? (await chooseMore(topic, stored.partitions, count));
      if (added.length !== count - before) {
        throw new KafkaError('INVALID_REPLICA_ASSIGNMENT', `Increasing the number of partitions by ${count - before} but ${added.length} assignments provided.`);
      }
      const brokers = await liveBrokers();
      checkManual(new Map([...Array.from(stored.partitions, ([partition, { replicas }]) => [partition, replicas] as const).slice(0, 1), ...added.map((replicas, index) => [before + index, replicas] as const)]), new Set(brokers.map(({ id }) => id)), before);
      if (isValidateOnly) return;
      const partitions = new Map([...stored.partitions, ...added.map((replicas, index) => [before + index, settled(replicas)] as const)]);
      await zookeeper().set(topicPath(topic), encodeTopic({ ...stored, partitions }), found.stat.version);
    },

    async markForDeletion(topic) {
      if ((await zookeeper().exists(topicPath(topic))) === undefined) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic ${topic}`);
      await zookeeper()
        .create(deleteTopicPath(topic), undefined)
        .catch((error: unknown) => {
          if (!(error instanceof ZooKeeperError) || error.name !== 'NODE_EXISTS') throw error; // it is marked already
        });
    },

    changeConfig: (topic, configs) => changeEntityConfig(zookeeper(), `topics/${topic}`, configs),
    configOf: (topic) => readEntityConfig(zookeeper(), `topics/${topic}`),
  };

  async function chooseMore(topic: string, partitions: ReadonlyMap<number, PartitionAssignment>, count: number): Promise<number[][]> {
    const brokers = (await liveBrokers()).toSorted((a, b) => a.id - b.id);
    const first = partitions.get(0)?.replicas ?? [];
    if (first.length === 0) throw new KafkaError('INVALID_REPLICA_ASSIGNMENT', `partition 0 of ${topic} has no replicas`);
    const fixedStartIndex = Math.max(0, brokers.findIndex(({ id }) => id >= first[0]!));
    return choose(brokers, count - partitions.size, first.length, { fixedStartIndex, startPartition: partitions.size });
  }
}

/** Undefined for a node that makes no sense: the controller names it in its log. */
function readable<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof MalformedZnode) return undefined;
    throw error;
  }
}

/** An assignment that a user gave: partitions from 0 on without gaps, living brokers, each once, as many in each. */
function checkManual(assignment: ReadonlyMap<number, readonly number[]>, live: ReadonlySet<number>, firstPartition = 0): void {
  const partitions = Array.from(assignment.keys()).filter((partition) => partition >= firstPartition).sort((a, b) => a - b);
  if (partitions.some((partition, index) => partition !== firstPartition + index)) {
    throw new KafkaError('INVALID_REPLICA_ASSIGNMENT', 'partitions should be a consecutive 0-based integer sequence');
  }
  const counts = new Set(Array.from(assignment.values(), ({ length }) => length));
  if (counts.size > 1) throw new KafkaError('INVALID_REPLICA_ASSIGNMENT', 'All partitions should have the same number of replicas');
  for (const [partition, replicas] of assignment) {
    if (replicas.length === 0) throw new KafkaError('INVALID_REPLICA_ASSIGNMENT', `Cannot have replication factor of 0 for partition id ${partition}.`);
    if (new Set(replicas).size !== replicas.length) throw new KafkaError('INVALID_REPLICA_ASSIGNMENT', `Duplicate brokers not allowed in replica assignment: ${replicas.join(', ')} for partition id ${partition}.`);
    const unknown = partition < firstPartition ? [] : replicas.filter((id) => !live.has(id));
    if (unknown.length > 0) throw new KafkaError('INVALID_REPLICA_ASSIGNMENT', `Unknown broker(s) in replica assignment: ${unknown.join(', ')}.`);
  }
}
