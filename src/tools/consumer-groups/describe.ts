import type { Admin } from '../../client/admin-types.ts';
import type { GroupDescription, GroupMemberDescription } from '../../client/admin-group-types.ts';
import { offsetSpecs } from '../../client/offset-specs.ts';
import type { TopicPartition } from '../../client/records.ts';
import type { Terminal } from '../terminal.ts';
import { partitionHashOrder, partitionKey } from '../topic-partitions.ts';
import { CommandFailure, asJava } from './failure.ts';

const missing = '-';
const widthMin = 15;

/** @throws CommandFailure when one of the groups cannot be described */
export async function describeGroups(admin: Admin, groupIds: readonly string[]): Promise<GroupDescription[]> {
  const groups = await admin.describeConsumerGroups([...new Set(groupIds)]);
  const failed = groups.find(({ error }) => error !== undefined);
  if (failed?.error !== undefined) throw new CommandFailure(asJava(failed.error));
  return groups.toSorted((a, b) => (a.groupId < b.groupId ? -1 : 1));
}

/** Says what there is to say of the state; true when rows are to follow. */
function tellState({ groupId, state }: GroupDescription, rowCount: number, { out, err }: Terminal): boolean {
  if (state === 'Dead') out(`\nError: Consumer group '${groupId}' does not exist.\n`);
  if (state === 'Empty') err(`\nConsumer group '${groupId}' has no active members.\n`);
  if (state === 'PreparingRebalance' || state === 'CompletingRebalance') err(`\nWarning: Consumer group '${groupId}' is rebalancing.\n`);
  return state !== 'Dead' && rowCount > 0;
}

const pad = (cells: readonly string[], widths: readonly number[]): string => cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' ');

const widest = (rows: readonly (readonly string[])[], column: number, least = widthMin): number => Math.max(least, ...rows.map((row) => row[column]!.length));

/** --offsets. The last line has no end, as with Kafka's. */
export async function printOffsets(admin: Admin, groups: readonly GroupDescription[], terminal: Terminal): Promise<void> {
  const tables: { group: GroupDescription; rows: string[][] }[] = [];
  for (const group of groups) tables.push({ group, rows: await offsetRows(admin, group) });
  for (const { group, rows } of tables) {
    if (!tellState(group, rows.length, terminal)) continue;
    const widths = [widest(rows, 0), widest(rows, 1), 10, 15, 15, 15, widest(rows, 6), widest(rows, 7), 0];
    const header = ['GROUP', 'TOPIC', 'PARTITION', 'CURRENT-OFFSET', 'LOG-END-OFFSET', 'LAG', 'CONSUMER-ID', 'HOST', 'CLIENT-ID'];
    terminal.out([header, ...rows].map((row) => `\n${pad(row, widths)}`).join(''));
  }
}

async function offsetRows(admin: Admin, group: GroupDescription): Promise<string[][]> {
  const committed = new Map((await admin.listConsumerGroupOffsets(group.groupId)).map((entry) => [partitionKey(entry), entry]));
  const active = group.members.filter(({ partitions }) => partitions.length > 0).toSorted((a, b) => b.partitions.length - a.partitions.length);
  const assigned = new Set(active.flatMap(({ partitions }) => partitions.map(partitionKey)));
  const unassigned = [...committed.values()].filter((entry) => !assigned.has(partitionKey(entry)));
  const parts: { member: GroupMemberDescription | undefined; partitions: readonly TopicPartition[] }[] = active.map((member) => ({ member, partitions: member.partitions }));
  if (unassigned.length > 0) parts.push({ member: undefined, partitions: unassigned });
  const rows: string[][] = [];
  for (const { member, partitions } of parts) {
    const ends = await endOffsets(admin, partitions);
    for (const place of partitionHashOrder(partitions.toSorted((a, b) => a.partition - b.partition))) {
      const offset = committed.get(partitionKey(place))?.offset;
      const end = ends.get(partitionKey(place));
      const lag = offset === undefined || end === undefined ? undefined : end - offset;
      const numbers = [offset, end, lag].map((value) => (value === undefined ? missing : String(value)));
      rows.push([group.groupId, place.topic, String(place.partition), ...numbers, member?.memberId ?? missing, member?.host ?? missing, member?.clientId ?? missing]);
    }
  }
  return rows;
}

async function endOffsets(admin: Admin, partitions: readonly TopicPartition[]): Promise<Map<string, number>> {
  const answers = await admin.listOffsets(partitions.map(({ topic, partition }) => ({ topic, partition, timestamp: offsetSpecs.latest })));
  return new Map(answers.map((answer) => [partitionKey(answer), answer.offset]));
}

/** --members */
export function printMembers(groups: readonly GroupDescription[], isVerbose: boolean, terminal: Terminal): void {
  for (const group of groups) {
    const rows = group.members.map(({ memberId, groupInstanceId = '', host, clientId, partitions }) => [group.groupId, memberId, groupInstanceId, host, clientId, String(partitions.length)]);
    const isShown = tellState(group, rows.length, terminal);
    const hasStatic = isShown && rows.some((row) => row[2] !== '');
    const sized = isShown ? rows : [];
    const columns = hasStatic ? [0, 1, 2, 3, 4, 5] : [0, 1, 3, 4, 5];
    const widths = [widest(sized, 0), widest(sized, 1), widest(sized, 2, 17), widest(sized, 3), widest(sized, 4), widthMin];
    const line = (row: readonly string[]): string => `${pad(columns.map((column) => row[column]!), columns.map((column) => widths[column]!))} `;
    terminal.out(`\n${line(['GROUP', 'CONSUMER-ID', 'GROUP-INSTANCE-ID', 'HOST', 'CLIENT-ID', '#PARTITIONS'])}${isVerbose ? 'ASSIGNMENT' : ''}\n`);
    for (const [index, row] of rows.entries()) terminal.out(`${line(row)}${isVerbose ? assignmentText(group.members[index]!.partitions) : ''}\n`);
  }
}

/** As 3.9 prints them: without the names of the topics, numbers in the order of their text. */
function assignmentText(partitions: readonly TopicPartition[]): string {
  if (partitions.length === 0) return missing;
  const topics = new Map<string, string[]>();
  for (const { topic, partition } of partitions) topics.set(topic, [...(topics.get(topic) ?? []), String(partition)]);
  return [...topics.values()].map((its) => `(${its.toSorted().join(',')})`).toSorted().join(', ');
}

/** --state */
export function printStates(groups: readonly GroupDescription[], terminal: Terminal): void {
  for (const group of groups) {
    if (!tellState(group, 1, terminal)) continue;
    const { id, host, port } = group.coordinator;
    const coordinator = `${host}:${port}  (${id})`;
    const widths = [Math.max(25, coordinator.length), 25, 20, 15, 0];
    const header = ['GROUP', 'COORDINATOR (ID)', 'ASSIGNMENT-STRATEGY', 'STATE', '#MEMBERS'];
    const row = [group.groupId, coordinator, group.assignor, group.state, String(group.members.length)];
    terminal.out(`\n${pad(header, widths)}\n${pad(row, widths)}\n`);
  }
}
