/*
 * The command lines of those of Kafka's tools written with argparse4j that have commands: options, then a command with options of its own.
 * Usage, help and errors are set as argparse4j sets them.
 */
import { justified } from './justified.ts';
import { ToolExit } from './terminal.ts';

export interface Argument {
  readonly name: `--${string}`;
  /** One letter, with its dash. */
  readonly short?: string;
  /** What stands for the value; the name in capitals unless given. */
  readonly metavar?: string;
  readonly type?: 'Integer' | 'Long' | 'Short';
  readonly isRequired?: boolean;
  readonly help: string;
}

export interface ArgumentGroup {
  readonly title: string;
  readonly description: string;
  readonly arguments: readonly Argument[];
}

export interface Command {
  readonly name: string;
  readonly help: string;
  readonly description?: string;
  readonly arguments: readonly Argument[];
  readonly groups?: readonly ArgumentGroup[];
}

export interface Program {
  readonly name: string;
  readonly description: string;
  readonly arguments: readonly Argument[];
  readonly commands: readonly Command[];
  /** Printed for `--version`. */
  readonly version: string;
}

export interface Parsed {
  readonly command: string;
  /** By name, with its dashes. */
  readonly values: ReadonlyMap<string, string>;
}

const lineLength = 75;
const helpColumn = 25;
const ranges = { Integer: 2 ** 31, Long: Number.MAX_SAFE_INTEGER, Short: 2 ** 15 } as const;

/** @throws ToolExit with argparse4j's words, or after help or the version was printed */
export function parseArguments(program: Program, words: readonly string[], out: (text: string) => void): Parsed {
  const values = new Map<string, string>();
  let command: Command | undefined;
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    const equals = word.startsWith('--') ? word.indexOf('=') : -1;
    const name = equals < 0 ? word : word.slice(0, equals);
    if (word === '-h' || word === '--help') {
      out(command === undefined ? programHelp(program) : commandHelp(program, command));
      throw new ToolExit(1);
    }
    if (command === undefined && (word === '-v' || word === '--version')) {
      out(`${program.version}\n`);
      throw new ToolExit(0);
    }
    const known = word.startsWith('--') ? theOne(program, command, 'option', name, argumentsOf(program, command)) : undefined;
    if (known !== undefined) {
      const value = equals < 0 ? words[++index] : word.slice(equals + 1);
      if (value === undefined || (equals < 0 && value.startsWith('-') && !/^-\d/.test(value))) throw problem(program, command, `argument ${known.name}: expected one argument`);
      values.set(known.name, checked(program, command, known, value));
    } else if (command !== undefined || word.startsWith('-')) {
      throw problem(program, command, `unrecognized arguments: '${name}'`);
    } else {
      command = theOne(program, undefined, 'command', word, program.commands);
      if (command === undefined) throw unknownCommand(program, word);
    }
  }
  if (command === undefined) throw problem(program, undefined, 'too few arguments');
  const missingHere = argumentsOf(program, command).find(({ name, isRequired }) => isRequired === true && !values.has(name));
  if (missingHere !== undefined) throw problem(program, command, `argument ${missingHere.name} is required`);
  const missing = program.arguments.find(({ name, isRequired }) => isRequired === true && !values.has(name));
  if (missing !== undefined) throw problem(program, undefined, `argument ${missing.name} is required`);
  return { command: command.name, values };
}

/** By name, or by a beginning that only one has. @throws ToolExit for one that several have */
function theOne<Named extends { readonly name: string }>(program: Program, command: Command | undefined, what: 'command' | 'option', name: string, all: readonly Named[]): Named | undefined {
  const exact = all.find((one) => one.name === name);
  if (exact !== undefined) return exact;
  const candidates = all.filter((one) => one.name.startsWith(name));
  if (candidates.length > 1) throw problem(program, command, `ambiguous ${what}: ${name} could match ${candidates.map((one) => one.name).join(', ')}`);
  return candidates[0];
}

function argumentsOf(program: Program, command: Command | undefined): readonly Argument[] {
  return command === undefined ? program.arguments : [...command.arguments, ...(command.groups ?? []).flatMap((group) => group.arguments)];
}

function checked(program: Program, command: Command | undefined, { name, type }: Argument, value: string): string {
  if (type === undefined) return value;
  const isNumber = /^[+-]?\d+$/.test(value);
  const number = Number(value);
  if (isNumber && number < ranges[type] && number >= -ranges[type]) return value;
  const why = isNumber && type === 'Short' ? `Value out of range. Value:"${value}" Radix:10` : `For input string: "${value}"`;
  throw problem(program, command, `argument ${name}: could not convert '${value}' to ${type} (${why})`);
}

function problem(program: Program, command: Command | undefined, detail: string, more = ''): ToolExit {
  return new ToolExit(1, `${usage(program, command)}\n${justified(`${program.name}: error: ${detail}`, 0)}\n${more}`);
}

function unknownCommand(program: Program, word: string): ToolExit {
  const choices = program.commands.map(({ name }) => `'${name}'`).join(', ');
  const candidates = program.commands.map(({ name }) => ({ name, cost: name.startsWith(word) ? 0 : editCost(word, name) }));
  const best = Math.min(...candidates.map(({ cost }) => cost));
  const likely = candidates.filter(({ cost }) => cost === best && best <= likenessMax).map(({ name }) => `\t${name}\n`);
  return problem(program, undefined, `invalid choice: '${word}' (choose from ${choices})`, likely.length === 0 ? '' : `\nDid you mean:\n${likely.join('')}`);
}

const likenessMax = 7;

/** Edit distance in which a letter added costs 1, replaced 2, left out 4, and two swapped nothing: what somebody typed is mostly too short. */
function editCost(typed: string, name: string): number {
  const rows: number[][] = [Array.from({ length: name.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= typed.length; row++) {
    const costs = [row * 4];
    for (let column = 1; column <= name.length; column++) {
      const isSame = typed[row - 1] === name[column - 1];
      let cost = rows[row - 1]![column - 1]! + (isSame ? 0 : 2);
      if (row > 1 && column > 1 && !isSame && typed[row - 1] === name[column - 2] && typed[row - 2] === name[column - 1]) cost = Math.min(cost, rows[row - 2]![column - 2]!);
      costs.push(Math.min(cost, rows[row - 1]![column]! + 4, costs[column - 1]! + 1));
    }
    rows.push(costs);
  }
  return rows[typed.length]![name.length]!;
}

const isOptional = ({ isRequired }: Argument): boolean => isRequired !== true;
const metavarOf = ({ name, metavar }: Argument): string => metavar ?? name.slice(2).toUpperCase().replaceAll('-', '_');
const usageOf = (argument: Argument): string => {
  const whole = `${argument.name} ${metavarOf(argument)}`;
  return isOptional(argument) ? `[${whole}]` : whole;
};

function usage(program: Program, command: Command | undefined): string {
  const required = program.arguments.filter((argument) => !isOptional(argument)).map(usageOf);
  const pieces =
    command === undefined
      ? ['[-h]', '[-v]', ...program.arguments.map(usageOf), 'COMMAND', '...']
      : [...required, command.name, '[-h]', ...argumentsOf(program, command).map(usageOf)];
  const indent = `usage: ${program.name} `.length;
  const lines = [`usage: ${program.name}`];
  for (const piece of pieces) {
    const line = lines.at(-1)!;
    if (line.length + 1 + piece.length <= lineLength || line.trim() === '') lines[lines.length - 1] = `${line} ${piece}`;
    else lines.push(' '.repeat(indent) + piece);
  }
  return lines.join('\n');
}

function programHelp(program: Program): string {
  const options = [help('-h, --help', 'show this help message and exit'), help('-v, --version', 'show the version of this Kafka distribution and exit'), ...program.arguments.map(argumentHelp)];
  const commands = program.commands.map((one) => help(one.name, one.help, 4));
  return `${usage(program, undefined)}\n\n${justified(program.description, 0)}\n\noptional arguments:\n${options.join('')}\ncommands:\n  COMMAND\n${commands.join('')}`;
}

function commandHelp(program: Program, command: Command): string {
  const description = command.description === undefined ? '' : `${justified(command.description, 0)}\n\n`;
  const options = [help('-h, --help', 'show this help message and exit'), ...command.arguments.map(argumentHelp)];
  const groups = (command.groups ?? []).map((group) => `\n${group.title}:\n${justified(group.description, 2)}\n\n${group.arguments.map(argumentHelp).join('')}`);
  return `${usage(program, command)}\n\n${description}optional arguments:\n${options.join('')}${groups.join('')}`;
}

const argumentHelp = (argument: Argument): string => help(`${argument.name} ${metavarOf(argument)}`, argument.help);

/** Names that are too long for their column have a line of their own. */
function help(names: string, text: string, indent = 2): string {
  const start = ' '.repeat(indent) + names;
  if (start.length + 2 > helpColumn) return `${start}\n${justified(text, helpColumn)}\n`;
  return `${justified(text, helpColumn, start.padEnd(helpColumn))}\n`;
}
