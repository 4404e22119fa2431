import type { Admin, ConfigEntry, Reassignment } from '../../client/admin-types.ts';
import type { TopicMetadata } from '../../client/metadata.ts';
import { javaHashCode, javaHashOrder } from '../../client/java-hash-order.ts';
import { isKafkaError } from '../kafka-errors.ts';
import type { ParsedOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import type { DescribedTopic } from './description.ts';
import { describeTopic, replicationFactorOf } from './description.ts';
import { chosenTopics, collisionWarning, hasCollisionCharacters } from './names.ts';
import { TopicCommandError, topicRequest } from './request.ts';
import type { TopicService } from './service.ts';

const zeroTopicId = 'AAAAAAAAAAAAAAAAAAAAAA';

/** kafka-topics --bootstrap-server: everything through the brokers, printed as 3.9 prints it. */
export function clusterTopicService(admin: Admin, options: ParsedOptions, terminal: Terminal): TopicService {
  async function names(): Promise<string[]> {
    const asked = options.value('topic');
    const all = (await admin.listTopics()).map(({ name }) => name);
    return chosenTopics(all, asked, options.has('exclude-internal'));
  }

  async function existingNames(): Promise<string[]> {
    const found = await names();
    const asked = options.value('topic');
    // The odd form of the name is 3.9.1's own.
    if (found.length === 0 && asked !== undefined && asked !== '' && !options.has('if-exists')) throw new TopicCommandError(`Topic 'Optional[${asked}]' does not exist as expected`);
    return found;
  }

  async function create(): Promise<void> {
    const { name, partitions, replicationFactor, assignment, configs } = topicRequest(options);
    if (hasCollisionCharacters(name)) terminal.out(collisionWarning);
    if (replicationFactor !== undefined && (replicationFactor < 1 || replicationFactor > 32_767)) throw new TopicCommandError('The replication factor must be between 1 and 32767 inclusive');
    if (partitions !== undefined && partitions < 1) throw new TopicCommandError('The partitions must be greater than 0');
    const [outcome] = await admin.createTopics([{ name, partitions, replicationFactor, assignments: assignment, configs }]);
    if (outcome?.error?.name === 'TOPIC_ALREADY_EXISTS' && options.has('if-not-exists')) return;
    if (outcome?.error !== undefined) throw outcome.error;
    terminal.out(`Created topic ${name}.\n`);
  }

  async function alter(): Promise<void> {
    const { partitions, assignment } = topicRequest(options);
    const found = await existingNames();
    if (found.length === 0) return;
    const present = new Map((await admin.describeTopics(found)).map(({ name, topic }) => [name, topic?.partitions.length ?? 0]));
    const outcomes = await admin.createPartitions(
      // An assignment names all partitions; those that stand already are passed over.
      found.map((topic) => ({ topic, count: partitions ?? 0, assignments: assignment?.slice(present.get(topic)) })),
    );
    for (const { error } of outcomes) if (error !== undefined) throw error;
  }

  async function remove(): Promise<void> {
    const found = await existingNames();
    if (found.length === 0) return;
    for (const { error } of await admin.deleteTopics(found)) if (error !== undefined) throw error;
  }

  async function described(): Promise<TopicMetadata[]> {
    const topicId = options.value('topic-id');
    if (topicId !== undefined && checkTopicId(topicId) !== zeroTopicId) return describedById(topicId);
    const found = await existingNames();
    const topics: TopicMetadata[] = [];
    for (const { topic, error } of found.length === 0 ? [] : await admin.describeTopics(found)) {
      if (error !== undefined) throw error;
      if (topic !== undefined) topics.push(topic);
    }
    return javaHashOrder(topics.sort((a, b) => (a.name < b.name ? -1 : 1)), ({ name }) => javaHashCode(name), topics.length);
  }

  async function describedById(topicId: string): Promise<TopicMetadata[]> {
    const isKnown = (await admin.listTopics()).some((topic) => topic.topicId === topicId && !(options.has('exclude-internal') && topic.isInternal));
    if (!isKnown && !options.has('if-exists')) throw new TopicCommandError(`TopicId '${topicId}' does not exist as expected`);
    if (!isKnown) return [];
    return (await admin.describeTopicsById([topicId])).flatMap(({ topic }) => (topic === undefined ? [] : [topic]));
  }

  async function describe(): Promise<void> {
    if (options.has('if-exists') && options.has('topic') && options.has('topic-id')) {
      terminal.out('Only topic id will be used when both --topic and --topic-id are specified and topicId is not Uuid.ZERO_UUID\n');
    }
    const topics = await described();
    if (topics.length === 0) return;
    const [cluster, configs, reassignments] = await Promise.all([
      admin.describeCluster(),
      admin.describeConfigs(topics.map(({ name }) => ({ type: 'topic', name }))),
      movingReplicas(admin, topics),
    ]);
    const liveBrokers = new Set(cluster.nodes.map(({ id }) => id));
    const configsByTopic = new Map(configs.map((config) => [config.name, config]));
    for (const topic of topics) {
      const config = configsByTopic.get(topic.name);
      if (config?.error !== undefined) throw config.error;
      terminal.out(describeTopic(describedTopic(topic, config?.entries ?? [], reassignments, liveBrokers), options, liveBrokers));
    }
  }

  return {
    create,
    alter,
    delete: remove,
    describe,
    async list() {
      terminal.out(`${(await names()).join('\n')}\n`);
    },
    close: () => admin.close(),
  };
}

/** A cluster that cannot tell is taken to move nothing. */
async function movingReplicas(admin: Admin, topics: readonly TopicMetadata[]): Promise<ReadonlyMap<string, Reassignment>> {
  const places = topics.flatMap(({ name, partitions }) => partitions.map(({ partition }) => ({ topic: name, partition })));
  try {
    const moving = await admin.listPartitionReassignments(places);
    return new Map(moving.map((reassignment) => [`${reassignment.topic}-${reassignment.partition}`, reassignment]));
  } catch (error) {
    if (isKafkaError(error) && (error.name === 'UNSUPPORTED_VERSION' || error.name === 'CLUSTER_AUTHORIZATION_FAILED')) return new Map();
    throw error;
  }
}

function describedTopic(topic: TopicMetadata, entries: readonly ConfigEntry[], moving: ReadonlyMap<string, Reassignment>, liveBrokers: ReadonlySet<number>): DescribedTopic {
  const partitions = topic.partitions.map(({ partition, leaderId, replicas, isr }) => {
    const move = moving.get(`${topic.name}-${partition}`);
    const described = { partition, leader: liveBrokers.has(leaderId) ? leaderId : undefined, replicas, isr };
    return move === undefined ? described : { ...described, adding: move.addingReplicas, removing: move.removingReplicas };
  });
  const ordered = javaHashOrder(entries, ({ name }) => javaHashCode(name));
  const minIsr = entries.find(({ name }) => name === 'min.insync.replicas')?.value;
  return {
    name: topic.name,
    topicId: topic.topicId,
    replicationFactor: partitions[0] === undefined ? 0 : replicationFactorOf(partitions[0]),
    configs: ordered.filter(({ source }) => source !== 'DEFAULT_CONFIG').map(({ name, value }) => ({ name, value: String(value) })),
    minIsr: Number(minIsr ?? 1),
    isMarkedForDeletion: false,
    partitions,
    hasElr: true,
  };
}

/** 22 characters of base64url. @throws TopicCommandError in the words of Kafka's Uuid */
function checkTopicId(text: string): string {
  if (text.length > 24) throw new TopicCommandError(`Input string with prefix \`${text.slice(0, 24)}\` is too long to be decoded as a base64 UUID`);
  const { length } = Buffer.from(text, 'base64url');
  if (length !== 16) throw new TopicCommandError(`Input string \`${text}\` decoded as ${length} bytes, which is not equal to the expected 16 bytes of a base64-encoded UUID`);
  return text;
}
