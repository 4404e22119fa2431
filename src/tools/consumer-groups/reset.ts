import { javaHashCode, javaHashOrder } from '../../client/java-hash-order.ts';
import type { Admin } from '../../client/admin-types.ts';
import type { TopicPartition } from '../../client/records.ts';
import { isKafkaError } from '../kafka-errors.ts';
import type { ParsedOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { terminalLogger } from '../terminal.ts';
import { usageError } from '../usage.ts';
import type { PlannedOffset, ResetPlan } from './csv.ts';
import { csvLine, parsePlan } from './csv.ts';
import { CommandFailure, wrapped } from './failure.ts';
import { allGroupIds } from './list.ts';
import { consumerGroupsOptions } from './options.ts';
import type { ResetContext } from './reset-scenarios.ts';
import { committed, plannedOffsets } from './reset-scenarios.ts';
import { partitionsOf } from './topics.ts';

/** --reset-offsets. @throws CommandFailure, WrongArgument, ToolExit */
export async function resetOffsets(admin: Admin, options: ParsedOptions, terminal: Terminal): Promise<void> {
  const groupIds = options.has('all-groups') ? await allGroupIds(admin) : [...new Set(options.values('group'))];
  const groups = javaHashOrder(await admin.describeConsumerGroups(groupIds), ({ groupId }) => javaHashCode(groupId));
  const context: ResetContext = { admin, options, terminal, logger: terminalLogger(terminal), plan: readPlan(options, terminal) };
  const result: { groupId: string; offsets: readonly PlannedOffset[] }[] = [];
  for (const { groupId, state, error } of groups) {
    if (error !== undefined) throw wrapped(error);
    if (state !== 'Empty' && state !== 'Dead') {
      terminal.out(`\nError: Assignments can only be reset if the group '${groupId}' is inactive, but the current state is ${state}.\n`);
      result.push({ groupId, offsets: [] });
      continue;
    }
    const offsets = await plannedOffsets(context, groupId, await scopeOf(context, groupId));
    if (options.has('execute')) await execute(admin, groupId, offsets);
    result.push({ groupId, offsets });
  }
  if (options.has('export')) printCsv(result, options.values('group').length === 1, terminal);
  else printTable(result, terminal);
}

/** @throws CommandFailure */
function readPlan(options: ParsedOptions, terminal: Terminal): ResetPlan | undefined {
  const file = options.value('from-file');
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = terminal.readFile(file).toString();
  } catch (error) {
    throw new CommandFailure(`java.io.IOException: Unable to read file ${file}`, { cause: error });
  }
  const groups = options.values('group');
  return parsePlan(text, groups.length === 1 ? groups[0] : undefined);
}

async function scopeOf({ admin, options }: ResetContext, groupId: string): Promise<TopicPartition[]> {
  if (options.has('all-topics')) return [...(await committed(admin, groupId)).values()].map(({ topic, partition }) => ({ topic, partition }));
  if (options.has('topic')) return partitionsOf(admin, options.values('topic'));
  if (!options.has('from-file')) throw usageError(consumerGroupsOptions, 'One of the reset scopes should be defined: --all-topics, --topic.');
  return [];
}

async function execute(admin: Admin, groupId: string, offsets: readonly PlannedOffset[]): Promise<void> {
  try {
    const outcomes = await admin.alterConsumerGroupOffsets(groupId, offsets);
    const failed = outcomes.find(({ error }) => error !== undefined);
    if (failed?.error !== undefined) throw failed.error;
  } catch (error) {
    throw isKafkaError(error) ? wrapped(error) : error;
  }
}

type Result = readonly { readonly groupId: string; readonly offsets: readonly PlannedOffset[] }[];

/** All in one line, as 3.9 prints it. */
function printTable(result: Result, terminal: Terminal): void {
  const line = (cells: readonly (string | number)[]): string => cells.map((cell, index) => String(cell).padEnd([30, 30, 10, 15][index]!)).join(' ');
  if (result.length > 0) terminal.out(`\n${line(['GROUP', 'TOPIC', 'PARTITION', 'NEW-OFFSET'])}`);
  for (const { groupId, offsets } of result) for (const { topic, partition, offset } of offsets) terminal.out(line([groupId, topic, partition, offset]));
}

function printCsv(result: Result, isOneGroup: boolean, terminal: Terminal): void {
  const lines = result.flatMap(({ groupId, offsets }) => offsets.map(({ topic, partition, offset }) => csvLine(isOneGroup ? [topic, partition, offset] : [groupId, topic, partition, offset])));
  terminal.out(`${lines.join('')}\n`);
}
