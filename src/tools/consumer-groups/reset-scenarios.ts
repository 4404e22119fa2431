import type { Admin } from '../../client/admin-types.ts';
import { offsetSpecs } from '../../client/offset-specs.ts';
import type { TopicPartition } from '../../client/records.ts';
import type { Logger } from '../../runtime/logger.ts';
import { isKafkaError } from '../kafka-errors.ts';
import type { ParsedOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { partitionHashOrder, partitionKey, partitionName } from '../topic-partitions.ts';
import { usageError } from '../usage.ts';
import type { PlannedOffset, ResetPlan } from './csv.ts';
import { WrongArgument, wrapped } from './failure.ts';
import { consumerGroupsOptions } from './options.ts';
import { parseDateTime, parseDuration } from './times.ts';

/** Everything that a plan for a group depends on. */
export interface ResetContext {
  readonly admin: Admin;
  readonly options: ParsedOptions;
  readonly terminal: Terminal;
  readonly logger: Logger;
  /** Of --from-file. */
  readonly plan: ResetPlan | undefined;
}

/** Where the group is to stand in each partition. @throws CommandFailure, WrongArgument, ToolExit */
export async function plannedOffsets(context: ResetContext, groupId: string, partitions: readonly TopicPartition[]): Promise<PlannedOffset[]> {
  const { options, admin } = context;
  const fixed = options.number('to-offset');
  if (fixed !== undefined) return within(context, partitions.map((place) => ({ ...place, offset: fixed })));
  if (options.has('to-earliest')) return logOffsets(admin, partitions, offsetSpecs.earliest);
  if (options.has('to-latest')) return logOffsets(admin, partitions, offsetSpecs.latest);
  const shift = options.number('shift-by');
  if (shift !== undefined) return within(context, shifted(partitions, await committed(admin, groupId), shift));
  const datetime = options.value('to-datetime');
  if (datetime !== undefined) return offsetsAt(context, partitions, parseDateTime(datetime));
  const duration = options.value('by-duration');
  if (duration !== undefined) return offsetsAt(context, partitions, context.terminal.now().getTime() - parseDuration(duration));
  if (context.plan !== undefined) return fromPlan(context, groupId, context.plan);
  if (options.has('to-current')) return current(admin, partitions, await committed(admin, groupId));
  const scenarios = ['to-datetime', 'by-duration', 'to-earliest', 'to-latest', 'shift-by', 'from-file', 'to-current', 'to-offset'];
  throw usageError(consumerGroupsOptions, `Option '[reset-offsets]' requires one of the following scenarios: [${scenarios.map((name) => `[${name}]`).join(', ')}]`);
}

/** In Kafka's order. @throws CommandFailure */
async function logOffsets(admin: Admin, partitions: readonly TopicPartition[], timestamp: number): Promise<PlannedOffset[]> {
  try {
    const answers = await admin.listOffsets(partitions.map(({ topic, partition }) => ({ topic, partition, timestamp })));
    return partitionHashOrder(answers.map(({ topic, partition, offset }) => ({ topic, partition, offset })));
  } catch (error) {
    throw isKafkaError(error) ? wrapped(error) : error;
  }
}

/** By partition. @throws CommandFailure */
export async function committed(admin: Admin, groupId: string): Promise<Map<string, PlannedOffset>> {
  try {
    const offsets = await admin.listConsumerGroupOffsets(groupId);
    return new Map(partitionHashOrder(offsets).map((entry) => [partitionKey(entry), entry]));
  } catch (error) {
    throw isKafkaError(error) ? wrapped(error) : error;
  }
}

function shifted(partitions: readonly TopicPartition[], offsets: ReadonlyMap<string, PlannedOffset>, shift: number): PlannedOffset[] {
  return partitions.map((place) => {
    const entry = offsets.get(partitionKey(place));
    if (entry === undefined) throw new WrongArgument(`Cannot shift offset for partition ${partitionName(place)} since there is no current committed offset`);
    return { ...place, offset: entry.offset + shift };
  });
}

/** Offsets beyond the log are moved to its ends, with a warning. */
async function within({ admin, logger }: ResetContext, wanted: readonly PlannedOffset[]): Promise<PlannedOffset[]> {
  const bounds = async (timestamp: number): Promise<Map<string, number>> => new Map((await logOffsets(admin, wanted, timestamp)).map((entry) => [partitionKey(entry), entry.offset]));
  const [starts, ends] = [await bounds(offsetSpecs.earliest), await bounds(offsetSpecs.latest)];
  const clamped = wanted.map((entry) => {
    const [start = 0, end = Infinity] = [starts.get(partitionKey(entry)), ends.get(partitionKey(entry))];
    const { offset } = entry;
    if (offset > end) logger.warn(`New offset (${offset}) is higher than latest offset for topic partition ${partitionName(entry)}. Value will be set to ${end}`);
    else if (offset < start) logger.warn(`New offset (${offset}) is lower than earliest offset for topic partition ${partitionName(entry)}. Value will be set to ${start}`);
    return { ...entry, offset: Math.min(Math.max(offset, start), end) };
  });
  return partitionHashOrder(clamped);
}

async function offsetsAt({ admin, terminal }: ResetContext, partitions: readonly TopicPartition[], timestamp: number): Promise<PlannedOffset[]> {
  const found = await logOffsets(admin, partitions, Math.max(0, timestamp));
  const without = found.filter(({ offset }) => offset < 0);
  for (const { topic, partition } of without) terminal.out(`\nWarn: Partition ${partition} from topic ${topic} is empty. Falling back to latest known offset.\n`);
  const ends = without.length === 0 ? [] : await logOffsets(admin, without, offsetSpecs.latest);
  return partitionHashOrder([...found.filter(({ offset }) => offset >= 0), ...ends]);
}

async function fromPlan(context: ResetContext, groupId: string, plan: ResetPlan): Promise<PlannedOffset[]> {
  const its = plan.get(groupId);
  if (its !== undefined) return within(context, its);
  context.terminal.out(`\nError: No reset plan for group ${groupId} found\n`);
  return [];
}

async function current(admin: Admin, partitions: readonly TopicPartition[], offsets: ReadonlyMap<string, PlannedOffset>): Promise<PlannedOffset[]> {
  const known = partitions.flatMap((place) => offsets.get(partitionKey(place)) ?? []);
  const unknown = partitions.filter((place) => !offsets.has(partitionKey(place)));
  const ends = unknown.length === 0 ? [] : await logOffsets(admin, unknown, offsetSpecs.latest);
  return partitionHashOrder([...known, ...ends]);
}
