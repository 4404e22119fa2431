/*
 * Options as Kafka's tools take them (jopt-simple): `--flag value`, `--flag=value`, `-flag value`; no abbreviations;
 * `--` ends the options; what is left over is kept apart. Values are converted when they are read, not before, so that a
 * tool may report a bad number in its own way.
 */

export interface OptionDefinition {
  /** Without dashes. */
  readonly name: string;
  /** Left out: the option is a flag. */
  readonly argument?: {
    readonly type: 'String' | 'Integer' | 'Long' | '[PREFERRED,UNCLEAN]';
    /** What the help calls it, such as `topic`. */
    readonly label?: string;
    /** The flag may stand alone. */
    readonly isOptional?: boolean;
    readonly default?: string;
  };
  /** Begins with `REQUIRED: ` where the tool does not work without it. */
  readonly description: string;
}

export type OptionTable = readonly OptionDefinition[];

/** Words that do not fit the table; the message is jopt-simple's, the class is its exception's. */
export class OptionError extends Error {
  override readonly name: 'UnrecognizedOptionException' | 'OptionMissingRequiredArgumentException' | 'MultipleArgumentsForOptionException' | 'OptionArgumentConversionException';

  constructor(name: OptionError['name'], message: string) {
    super(message);
    this.name = name;
  }
}

export class ParsedOptions {
  readonly #table: ReadonlyMap<string, OptionDefinition>;
  readonly #given: ReadonlyMap<string, readonly string[]>;
  /** Words that belong to no option. */
  readonly words: readonly string[];
  /** Names of the options as they came, those that came again too. */
  readonly order: readonly string[];

  constructor(table: ReadonlyMap<string, OptionDefinition>, given: ReadonlyMap<string, readonly string[]>, words: readonly string[], order: readonly string[]) {
    this.#table = table;
    this.#given = given;
    this.words = words;
    this.order = order;
  }

  /** Whether the user gave it; a default does not count. */
  has(name: string): boolean {
    return this.#given.has(name);
  }

  /** All values given, else the default. */
  values(name: string): readonly string[] {
    const given = this.#given.get(name) ?? [];
    const fallback = this.#table.get(name)?.argument?.default;
    return given.length === 0 && fallback !== undefined ? [fallback] : given;
  }

  /** @throws OptionError when it was given more than once */
  value(name: string): string | undefined {
    const values = this.values(name);
    if (values.length > 1) throw new OptionError('MultipleArgumentsForOptionException', `Found multiple arguments for option ${name}, but you asked for only one`);
    return values[0];
  }

  /** @throws OptionError when it is no whole number of its type */
  number(name: string): number | undefined {
    const text = this.value(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    const most = this.#table.get(name)?.argument?.type === 'Integer' ? 0x7fffffff : Number.MAX_SAFE_INTEGER;
    if (!/^[+-]?\d+$/.test(text) || value > most || value < -most - 1) {
      throw new OptionError('OptionArgumentConversionException', `Cannot parse argument '${text}' of option ${name}`);
    }
    return value;
  }
}

/** @throws OptionError for an unknown option or a missing value */
export function parseOptions(definitions: OptionTable, args: readonly string[]): ParsedOptions {
  const table = new Map(definitions.map((definition) => [definition.name, definition]));
  const given = new Map<string, string[]>();
  const words: string[] = [];
  const order: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const word = args[index]!;
    if (word === '--') {
      words.push(...args.slice(index + 1));
      break;
    }
    if (!looksLikeOption(word)) {
      words.push(word);
      continue;
    }
    const { definition, attached } = recognise(table, word);
    const values = given.get(definition.name) ?? [];
    given.set(definition.name, values);
    order.push(definition.name);
    const { argument } = definition;
    if (argument === undefined) continue;
    if (attached !== undefined) {
      values.push(attached);
      continue;
    }
    const next = args[index + 1];
    if (argument.isOptional === true) {
      if (next === undefined || looksLikeOption(next)) continue;
    } else if (next === undefined) {
      throw new OptionError('OptionMissingRequiredArgumentException', `Option ${definition.name} requires an argument`);
    }
    values.push(next);
    index++;
  }
  return new ParsedOptions(table, given, words, order);
}

function looksLikeOption(word: string): boolean {
  return word.length > 1 && word.startsWith('-');
}

function recognise(table: ReadonlyMap<string, OptionDefinition>, word: string): { definition: OptionDefinition; attached: string | undefined } {
  const isLong = word.startsWith('--');
  const text = word.slice(isLong ? 2 : 1);
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  const definition = table.get(name);
  // A single dash before an unknown name is a row of one-letter options to jopt-simple: it names the first letter.
  if (definition === undefined) throw new OptionError('UnrecognizedOptionException', `${isLong ? name : name.slice(0, 1)} is not a recognized option`);
  return { definition, attached: equals < 0 ? undefined : text.slice(equals + 1) };
}
