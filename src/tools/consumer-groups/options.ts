import type { OptionTable, ParsedOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { ToolExit } from '../terminal.ts';
import { answerHelpOrVersion, helpOptions, refuseTogether, requireOptions, usageError } from '../usage.ts';

const flag = (name: string, description: string): OptionTable[number] => ({ name, description });
const valued = (name: string, label: string, description: string): OptionTable[number] => ({ name, argument: { type: 'String', label }, description });

export const consumerGroupsOptions: OptionTable = [
  valued('bootstrap-server', 'server to connect to', 'REQUIRED: One or more brokers, host:port, to learn the cluster from.'),
  valued('command-config', 'command config property file', 'A properties file for the admin client.'),
  valued('group', 'consumer group', 'The consumer group to act on; may be repeated.'),
  flag('all-groups', 'Act on every consumer group.'),
  valued('topic', 'topic', 'With --reset-offsets and --delete-offsets: a topic, or topic:0,1,2 for some of its partitions; may be repeated.'),
  flag('all-topics', 'With --reset-offsets: all partitions that the group has committed offsets of.'),
  flag('list', 'List the consumer groups.'),
  flag('describe', 'Describe groups: offsets and how far behind they are, or members, or state.'),
  flag('delete', 'Delete groups that have no members, with their offsets.'),
  flag('reset-offsets', 'Move the committed offsets of groups that have no members; a plan only, unless --execute is given.'),
  flag('delete-offsets', 'Delete committed offsets of topics that no member is subscribed to.'),
  { name: 'timeout', argument: { type: 'Long', label: 'timeout (ms)', default: '5000' }, description: 'How long one step may take.' },
  flag('members', 'With --describe: the members of the group.'),
  flag('offsets', 'With --describe: offsets of all partitions, which is what is shown by default.'),
  { name: 'state', argument: { type: 'String', isOptional: true }, description: 'With --describe: the state of the group. With --list: states too, or the groups in certain states, separated by commas.' },
  { name: 'type', argument: { type: 'String', isOptional: true }, description: 'With --list: types too, or the groups of certain types, separated by commas.' },
  flag('verbose', 'With --describe --members: the partitions of each member too.'),
  flag('dry-run', 'Show what --reset-offsets would do.'),
  flag('execute', 'Do what --reset-offsets shows.'),
  flag('export', 'Print the plan of --reset-offsets as CSV.'),
  { name: 'to-offset', argument: { type: 'Long', label: 'offset' }, description: 'Reset to this offset.' },
  valued('from-file', 'path to CSV file', 'Reset to the offsets in a CSV file.'),
  valued('to-datetime', 'datetime', "Reset to the first offset from a time on: 'YYYY-MM-DDTHH:mm:SS.sss'"),
  valued('by-duration', 'duration', "Reset to the first offset from so long ago on: 'PnDTnHnMnS'"),
  flag('to-earliest', 'Reset to the start of the log.'),
  flag('to-latest', 'Reset to the end of the log.'),
  flag('to-current', 'Keep the committed offsets; the end of the log where there are none.'),
  { name: 'shift-by', argument: { type: 'Long', label: 'number-of-offsets' }, description: 'Move the committed offsets so far forward, or back where negative.' },
  ...helpOptions,
];

const purpose = 'This tool helps to list all consumer groups, describe a consumer group, delete consumer group info, or reset consumer group offsets.';
const actions = ['list', 'describe', 'delete', 'reset-offsets', 'delete-offsets'] as const;
export type Action = (typeof actions)[number];

/** In the order of Java's HashSet, which messages name them in. */
const scopes = '[all-groups], [group]';
const scenarios = ['to-offset', 'to-datetime', 'by-duration', 'to-earliest', 'to-latest', 'to-current', 'shift-by', 'from-file'];

const dryRunWarning =
  'WARN: No action will be performed as the --execute option is missing.In a future major release, the default behavior of this command will be to prompt the user before executing the reset rather than doing a dry run. You should add the --dry-run option explicitly if you are scripting this command and want to keep the current default behavior without prompting.\n';

/** @throws ToolExit for flags that do not fit together */
export function checkedAction(options: ParsedOptions, terminal: Terminal): Action {
  const table = consumerGroupsOptions;
  refuseUnavailable(options);
  answerHelpOrVersion(table, options, purpose, terminal.out);
  requireOptions(table, options, 'bootstrap-server');
  const hasScope = options.has('group') || options.has('all-groups');
  if (options.has('describe')) checkDescribe(options, hasScope);
  if (options.has('delete')) {
    if (!hasScope) throw usageError(table, `Option [delete] takes one of these options: ${scopes}`);
    if (options.has('topic')) throw usageError(table, 'The consumer does not support topic-specific offset deletion from a consumer group.');
  }
  if (options.has('delete-offsets') && !(options.has('group') && options.has('topic'))) throw usageError(table, `Option [delete-offsets] takes the following options: ${scopes}`);
  if (options.has('reset-offsets')) checkReset(options, terminal, hasScope);
  refuseTogether(table, options, 'group', 'all-groups', 'list');
  refuseTogether(table, options, 'topic', 'list', 'describe');
  const chosen = actions.filter((action) => options.has(action));
  if (chosen.length !== 1) throw usageError(table, `Command must include exactly one action: ${actions.map((action) => `--${action}`).join(', ')}`);
  return chosen[0]!;
}

export function noArguments(): ToolExit {
  return usageError(consumerGroupsOptions, purpose);
}

/** Options that exist beside certain others alone (jopt-simple's availableIf). */
function refuseUnavailable(options: ParsedOptions): void {
  const isDescribe = options.has('describe');
  const wrong = [
    ...['members', 'offsets', 'verbose'].filter((name) => options.has(name) && !isDescribe),
    ...(options.has('state') && !isDescribe && !options.has('list') ? ['state'] : []),
    ...(options.has('type') && !options.has('list') ? ['type'] : []),
  ];
  if (wrong.length === 0 || options.has('help')) return;
  throw new ToolExit(1, `Exception in thread "main" joptsimple.UnavailableOptionException: Option(s) [${wrong.join(', ')}] are unavailable given other options on the command line\n`);
}

function checkDescribe(options: ParsedOptions, hasScope: boolean): void {
  if (!hasScope) throw usageError(consumerGroupsOptions, 'Option [describe] takes one of these options: [reset-offsets], [describe], [delete], [list]');
  if (['members', 'offsets', 'state'].filter((name) => options.has(name)).length > 1) {
    throw usageError(consumerGroupsOptions, 'Option [describe] takes at most one of these options: [members], [offsets], [state]');
  }
  if (options.value('state') !== undefined) throw usageError(consumerGroupsOptions, 'Option [describe] does not take a value for [state]');
}

function checkReset(options: ParsedOptions, terminal: Terminal, hasScope: boolean): void {
  if (options.has('dry-run') && options.has('execute')) throw usageError(consumerGroupsOptions, 'Option [reset-offsets] only accepts one of [execute] and [dry-run]');
  if (!options.has('dry-run') && !options.has('execute')) terminal.err(dryRunWarning);
  if (!hasScope) throw usageError(consumerGroupsOptions, `Option [reset-offsets] takes one of these options: ${scopes}`);
  for (const scenario of scenarios) refuseTogether(consumerGroupsOptions, options, scenario, ...scenarios.filter((other) => other !== scenario));
}
