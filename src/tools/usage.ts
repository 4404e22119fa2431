import { helpText } from './help.ts';
import type { OptionTable, ParsedOptions } from './options.ts';
import { ToolExit } from './terminal.ts';

/** The release whose tools these are compatible with; `--version` prints it. */
export const kafkaVersion = '3.9.1';

export const helpOptions: OptionTable = [
  { name: 'help', description: 'Print usage information.' },
  { name: 'version', description: 'Display Kafka version.' },
];

/** A message, then the help block, on standard error; exit code 1. */
export function usageError(table: OptionTable, message: string): ToolExit {
  return new ToolExit(1, `${message}\n${helpText(table)}`);
}

/**
 * Ends the tool when help or the version was asked for.
 * @throws ToolExit
 */
export function answerHelpOrVersion(table: OptionTable, options: ParsedOptions, purpose: string, out: (text: string) => void): void {
  if (options.has('help')) throw usageError(table, purpose);
  if (options.has('version')) {
    out(`${kafkaVersion}\n`);
    throw new ToolExit(0);
  }
}

/** @throws ToolExit for the first one missing */
export function requireOptions(table: OptionTable, options: ParsedOptions, ...names: readonly string[]): void {
  for (const name of names) if (!options.has(name)) throw usageError(table, `Missing required argument "[${name}]"`);
}

/** @throws ToolExit when `used` was given together with one of the others */
export function refuseTogether(table: OptionTable, options: ParsedOptions, used: string, ...others: readonly string[]): void {
  if (!options.has(used)) return;
  for (const other of others) if (options.has(other)) throw usageError(table, `Option "[${used}]" can't be used with option "[${other}]"`);
}
