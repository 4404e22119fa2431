import type { Admin } from '../../client/admin-types.ts';
import { javaHashCode, javaHashOrder } from '../../client/java-hash-order.ts';
import type { TopicPartition } from '../../client/records.ts';
import type { KafkaError } from '../../protocol/errors.ts';
import { isKafkaError } from '../kafka-errors.ts';
import type { ParsedOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { partitionKey } from '../topic-partitions.ts';
import { asJava } from './failure.ts';
import { allGroupIds } from './list.ts';
import { namedPartitions } from './topics.ts';

/** --delete */
export async function deleteGroups(admin: Admin, options: ParsedOptions, { out }: Terminal): Promise<void> {
  const groupIds = options.has('all-groups') ? await allGroupIds(admin) : [...new Set(options.values('group'))];
  const outcomes = javaHashOrder(await admin.deleteConsumerGroups(groupIds), ({ name }) => javaHashCode(name));
  const failed = outcomes.filter(({ error }) => error !== undefined);
  const deleted = outcomes.filter(({ error }) => error === undefined).map(({ name }) => name);
  if (failed.length === 0) {
    out(`Deletion of requested consumer groups ('${deleted.join(', ')}') was successful.\n`);
    return;
  }
  out('\nError: Deletion of some consumer groups failed:\n');
  for (const { name, error } of failed) out(`* Group '${name}' could not be deleted due to: java.util.concurrent.ExecutionException: ${asJava(error!)}\n`);
  if (deleted.length > 0) out(`\nThese consumer groups were deleted successfully: '${deleted.join("'")}', '\n`);
}

interface Deletion extends TopicPartition {
  readonly error: KafkaError | undefined;
}

/** --delete-offsets */
export async function deleteOffsets(admin: Admin, options: ParsedOptions, { out }: Terminal): Promise<void> {
  const groupId = options.value('group') ?? '';
  const args = options.values('topic');
  const { partitions, unknown } = await deletedPartitions(admin, args);
  const { whole, deletions } = await deleteAll(admin, groupId, partitions);
  const first = whole ?? deletions.find(({ error }) => error !== undefined)?.error;
  out(first === undefined ? `Request succeed for deleting offsets with topic ${args.join(', ')} group ${groupId}\n` : `\nError: ${complaint(first, groupId)}\n`);
  const rows = [...unknown, ...deletions].toSorted((a, b) => (`${a.topic}${a.partition}` < `${b.topic}${b.partition}` ? -1 : 1));
  const line = (topic: string, partition: string, status: string): string => `${topic.padEnd(30)} ${partition.padEnd(15)} ${status.padEnd(15)}`;
  out(`\n${line('TOPIC', 'PARTITION', 'STATUS')}`);
  for (const { topic, partition, error } of rows) out(line(topic, partition < 0 ? 'Not Provided' : String(partition), error === undefined ? 'Successful' : `Error: :${asJava(error)}`));
}

async function deletedPartitions(admin: Admin, args: readonly string[]): Promise<{ readonly partitions: TopicPartition[]; readonly unknown: Deletion[] }> {
  const named = args.filter((arg) => arg.includes(':')).flatMap(namedPartitions);
  const topics = [...new Set(args.filter((arg) => !arg.includes(':')))];
  const descriptions = topics.length === 0 ? [] : await admin.describeTopics(topics);
  const all = [...named, ...descriptions.flatMap(({ name, topic }) => topic?.partitions.map(({ partition }) => ({ topic: name, partition })) ?? [])];
  return {
    partitions: [...new Map(all.map((place) => [partitionKey(place), place])).values()],
    unknown: descriptions.filter(({ error }) => error !== undefined).map(({ name, error }) => ({ topic: name, partition: -1, error })),
  };
}

/** An error of the whole request is one of each partition too. */
async function deleteAll(admin: Admin, groupId: string, partitions: readonly TopicPartition[]): Promise<{ readonly whole: KafkaError | undefined; readonly deletions: Deletion[] }> {
  if (partitions.length === 0) return { whole: undefined, deletions: [] };
  try {
    return { whole: undefined, deletions: await admin.deleteConsumerGroupOffsets(groupId, partitions) };
  } catch (error) {
    if (!isKafkaError(error)) throw error;
    return { whole: error, deletions: partitions.map((place) => ({ ...place, error })) };
  }
}

function complaint(error: KafkaError, groupId: string): string {
  switch (error.name) {
    case 'INVALID_GROUP_ID':
      return `'${groupId}' is not valid.`;
    case 'GROUP_ID_NOT_FOUND':
      return `'${groupId}' does not exist.`;
    case 'GROUP_AUTHORIZATION_FAILED':
      return `Access to '${groupId}' is not authorized.`;
    case 'NON_EMPTY_GROUP':
      return `Deleting offsets of a consumer group '${groupId}' is forbidden if the group is not empty.`;
    case 'GROUP_SUBSCRIBED_TO_TOPIC':
    case 'TOPIC_AUTHORIZATION_FAILED':
    case 'UNKNOWN_TOPIC_OR_PARTITION':
      return 'Encounter some partition level error, see the follow-up details:';
    default:
      return `Encounter some unknown error: ${error.name}`;
  }
}
