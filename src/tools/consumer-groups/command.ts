import type { Admin } from '../../client/admin-types.ts';
import { openAdmin } from '../admin-client.ts';
import { ConfigException, readPropertiesFile } from '../client-properties.ts';
import { isKafkaError } from '../kafka-errors.ts';
import type { ParsedOptions } from '../options.ts';
import { OptionError, parseOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { ToolExit } from '../terminal.ts';
import { usageError } from '../usage.ts';
import { deleteGroups, deleteOffsets } from './delete.ts';
import { describeGroups, printMembers, printOffsets, printStates } from './describe.ts';
import { CommandFailure, WrongArgument, asJava } from './failure.ts';
import { allGroupIds, listGroups } from './list.ts';
import type { Action } from './options.ts';
import { checkedAction, consumerGroupsOptions, noArguments } from './options.ts';
import { resetOffsets } from './reset.ts';

/** kafka-consumer-groups. A command that fails says so on standard output, and ends with 0 all the same, as Kafka's does. */
export async function consumerGroupsTool(args: readonly string[], terminal: Terminal): Promise<number> {
  if (args.length === 0) throw noArguments();
  const options = parse(args);
  const action = checkedAction(options, terminal);
  try {
    await run(action, options, terminal);
  } catch (error) {
    if (error instanceof WrongArgument) throw usageError(consumerGroupsOptions, error.message);
    terminal.out(`\nError: Executing consumer group command failed due to ${reason(error)}\n`);
  }
  return 0;
}

function parse(args: readonly string[]): ParsedOptions {
  try {
    return parseOptions(consumerGroupsOptions, args);
  } catch (error) {
    if (error instanceof OptionError) throw new ToolExit(1, `Exception in thread "main" joptsimple.${error.name}: ${error.message}\n`);
    throw error;
  }
}

async function run(action: Action, options: ParsedOptions, terminal: Terminal): Promise<void> {
  const timeout = options.number('timeout');
  const file = options.value('command-config');
  const properties = file === undefined ? {} : readPropertiesFile(terminal, file);
  const admin = await openAdmin(terminal, options.value('bootstrap-server') ?? '', { 'client.id': 'adminclient-1', ...properties, 'default.api.timeout.ms': String(timeout) });
  try {
    await actions[action](admin, options, terminal);
  } finally {
    await admin.close();
  }
}

const actions: Readonly<Record<Action, (admin: Admin, options: ParsedOptions, terminal: Terminal) => Promise<void>>> = {
  list: listGroups,
  describe,
  delete: deleteGroups,
  'reset-offsets': resetOffsets,
  'delete-offsets': deleteOffsets,
};

async function describe(admin: Admin, options: ParsedOptions, terminal: Terminal): Promise<void> {
  const groups = await describeGroups(admin, options.has('all-groups') ? await allGroupIds(admin) : options.values('group'));
  if (options.has('members')) printMembers(groups, options.has('verbose'), terminal);
  else if (options.has('state')) printStates(groups, terminal);
  else await printOffsets(admin, groups, terminal);
}

/** @throws what is a bug here, and what ends the tool */
function reason(error: unknown): string {
  if (isKafkaError(error)) return asJava(error);
  if (error instanceof CommandFailure || error instanceof OptionError || error instanceof ConfigException) return error.message;
  throw error;
}
