/*
 * Arguments as Kafka's tools on argparse4j take them (producer-perf-test, verifiable-*): long flags, which may be
 * shortened as long as they stay unique, `--flag value` and `--flag=value`. Help goes to standard output and ends with 1.
 */
import type { Terminal } from './terminal.ts';
import { ToolExit } from './terminal.ts';

export interface Argument {
  /** With its dashes. */
  readonly flag: string;
  /** What the help calls its value; left out, the argument is a switch. */
  readonly value?: string;
  readonly type?: 'String' | 'Integer' | 'Long';
  /** Takes all words up to the next flag. */
  readonly isMany?: boolean;
  readonly isRequired?: boolean;
  readonly default?: string;
  /** One of those with the same name must be given, and one alone. */
  readonly group?: string;
  readonly description: string;
}

export interface ArgumentTable {
  readonly program: string;
  /** The lines of `usage: …`, as argparse4j breaks them. */
  readonly usage: string;
  readonly description: string;
  readonly arguments: readonly Argument[];
}

export interface ParsedArguments {
  has(flag: string): boolean;
  value(flag: string): string | undefined;
  values(flag: string): readonly string[];
  number(flag: string): number;
}

/** @throws ToolExit for help, and for what does not fit the table */
export function parseArguments(table: ArgumentTable, args: readonly string[], terminal: Terminal): ParsedArguments {
  if (args.length === 0) {
    terminal.out(helpOf(table));
    throw new ToolExit(0);
  }
  const given = new Map<string, string[]>();
  for (let index = 0; index < args.length; ) index = takeOne(table, args, index, given, terminal);
  checkGiven(table, given);
  const parsed: ParsedArguments = {
    has: (flag) => given.has(flag),
    values: (flag) => given.get(flag) ?? [],
    value: (flag) => given.get(flag)?.at(-1) ?? table.arguments.find((argument) => argument.flag === flag)?.default,
    number: (flag) => Number(parsed.value(flag)),
  };
  for (const { flag, type } of table.arguments) if (type === 'Integer' || type === 'Long') checkNumber(table, flag, type, given.get(flag)?.at(-1));
  return parsed;
}

export function argumentError({ program, usage }: ArgumentTable, message: string): ToolExit {
  return new ToolExit(1, `${usage}\n${program}: error: ${message}\n`);
}

/** @returns the index behind what was taken */
function takeOne(table: ArgumentTable, args: readonly string[], index: number, given: Map<string, string[]>, terminal: Terminal): number {
  const word = args[index]!;
  if (word === '-h' || word === '--help') {
    terminal.out(helpOf(table));
    throw new ToolExit(1);
  }
  const equals = word.indexOf('=');
  const name = equals < 0 ? word : word.slice(0, equals);
  const argument = find(table, name);
  if (argument === undefined) throw argumentError(table, `unrecognized arguments: '${word}'`);
  if (argument.value === undefined) {
    given.set(argument.flag, []);
    return index + 1;
  }
  if (equals >= 0 && argument.isMany !== true) {
    given.set(argument.flag, [word.slice(equals + 1)]);
    return index + 1;
  }
  let end = index + 1;
  while (end < args.length && (!/^--?[A-Za-z]/.test(args[end]!) || end === index) && (argument.isMany === true || end === index + 1)) end++;
  if (end === index + 1) throw argumentError(table, `argument ${argument.flag}: expected ${argument.isMany === true ? 'at least ' : ''}one argument`);
  given.set(argument.flag, args.slice(index + 1, end));
  return end;
}

function find(table: ArgumentTable, name: string): Argument | undefined {
  if (!name.startsWith('--')) return undefined;
  const exact = table.arguments.find(({ flag }) => flag === name);
  if (exact !== undefined) return exact;
  const beginning = table.arguments.filter(({ flag }) => flag.startsWith(name));
  if (beginning.length > 1) throw argumentError(table, `ambiguous option: ${name} could match ${beginning.map(({ flag }) => flag).join(', ')}`);
  return beginning[0];
}

function checkGiven(table: ArgumentTable, given: ReadonlyMap<string, unknown>): void {
  const groups = new Set(table.arguments.flatMap(({ group }) => group ?? []));
  for (const group of groups) {
    const its = table.arguments.filter((argument) => argument.group === group).map(({ flag }) => flag);
    const [first, second] = [...given.keys()].filter((flag) => its.includes(flag));
    if (second !== undefined) throw argumentError(table, `argument ${second}: not allowed with argument ${first}`);
  }
  for (const { flag, isRequired } of table.arguments) if (isRequired === true && !given.has(flag)) throw argumentError(table, `argument ${flag} is required`);
  for (const group of groups) {
    const its = table.arguments.filter((argument) => argument.group === group).map(({ flag }) => flag);
    if (!its.some((flag) => given.has(flag))) throw argumentError(table, `one of the arguments ${its.join(' ')} is required`);
  }
}

function checkNumber(table: ArgumentTable, flag: string, type: 'Integer' | 'Long', text: string | undefined): void {
  const most = type === 'Integer' ? 0x7fffffff : Number.MAX_SAFE_INTEGER;
  if (text === undefined || (/^[+-]?\d+$/.test(text) && Math.abs(Number(text)) <= most)) return;
  throw argumentError(table, `argument ${flag}: could not convert '${text}' to ${type}`);
}

/** Usage, and the help block, whose words are our own. */
export function helpOf(table: ArgumentTable): string {
  return `${table.usage}\n\n${helpBlock(table)}`;
}

export function helpBlock({ description, arguments: list }: ArgumentTable): string {
  const lines = list.map((argument) => {
    const name = argument.value === undefined ? argument.flag : `${argument.flag} ${argument.value}`;
    const fallback = argument.default === undefined ? '' : ` (default: ${argument.default})`;
    return `  ${name.padEnd(21)} ${name.length > 21 ? `\n${' '.repeat(24)}` : ''}${argument.description}${fallback}`.replace(' \n', '\n');
  });
  return `${description}\n\nnamed arguments:\n  -h, --help             show this help message and exit\n${lines.join('\n')}\n`;
}
