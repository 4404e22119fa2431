import type { Admin } from '../../client/admin-types.ts';
import type { GroupListing } from '../../client/admin-group-types.ts';
import { javaHashCode, javaHashOrder } from '../../client/java-hash-order.ts';
import type { KafkaError } from '../../protocol/errors.ts';
import { isKafkaError } from '../kafka-errors.ts';
import type { ParsedOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { CommandFailure, WrongArgument, asJava } from './failure.ts';

const states = ['PreparingRebalance', 'CompletingRebalance', 'Stable', 'Dead', 'Empty', 'Assigning', 'Reconciling'];
const types = ['Consumer', 'Classic'];

const noBrokers = 'org.apache.kafka.common.KafkaException: Failed to find brokers to send ListGroups';

/** Whether nobody could be asked at all: the list has words of its own for that. */
const isUnreachable = (error: KafkaError): boolean => error.name === 'REQUEST_TIMED_OUT' && error.message.endsWith('Call: listNodes');

async function listings(admin: Admin, filter: { readonly states: readonly string[]; readonly types: readonly string[] }): Promise<GroupListing[]> {
  return javaHashOrder(await admin.listConsumerGroups(filter), ({ groupId }) => javaHashCode(groupId));
}

/** All group ids, in Kafka's order. @throws CommandFailure */
export async function allGroupIds(admin: Admin): Promise<string[]> {
  try {
    return (await listings(admin, { states: [], types: [] })).map(({ groupId }) => groupId);
  } catch (error) {
    if (!isKafkaError(error)) throw error;
    throw new CommandFailure(`java.util.concurrent.ExecutionException: ${isUnreachable(error) ? noBrokers : asJava(error)}`, { cause: error });
  }
}

/** --list. @throws CommandFailure, WrongArgument */
export async function listGroups(admin: Admin, options: ParsedOptions, terminal: Terminal): Promise<void> {
  const [isWithType, isWithState] = [options.has('type'), options.has('state')];
  if (!isWithType && !isWithState) {
    for (const groupId of await allGroupIds(admin)) terminal.out(`${groupId}\n`);
    return;
  }
  const wanted = { types: chosen('types', types, options.value('type')), states: chosen('state', states, options.value('state')) };
  const groups = await listings(admin, wanted).catch((error: unknown) => {
    throw isKafkaError(error) ? new CommandFailure(isUnreachable(error) ? noBrokers : asJava(error), { cause: error }) : error;
  });
  const width = Math.max(15, ...groups.map(({ groupId }) => groupId.length)) + 10;
  const line = (group: string, type: string, state: string): string =>
    `${group.padEnd(width)}${isWithType ? ` ${type.padEnd(20)}` : ''}${isWithState ? ` ${state.padEnd(20)}` : ''}\n`;
  terminal.out(line('GROUP', 'TYPE', 'STATE'));
  for (const { groupId, type, state } of groups) terminal.out(line(groupId, named(types, type), named(states, state)));
}

const named = (names: readonly string[], text: string | undefined): string => names.find((name) => name.toLowerCase() === text?.toLowerCase()) ?? 'Unknown';

/** @throws WrongArgument */
function chosen(what: 'state' | 'types', names: readonly string[], text: string | undefined): string[] {
  if (text === undefined || text === '') return [];
  return text.split(',').map((part) => {
    const name = names.find((candidate) => candidate.toLowerCase() === part.trim().toLowerCase());
    if (name !== undefined) return what === 'types' ? name.toLowerCase() : name;
    throw new WrongArgument(`Invalid ${what} list '${what === 'types' ? text.toLowerCase() : text}'. Valid ${what === 'types' ? 'types' : 'states'} are: ${names.join(', ')}`);
  });
}
