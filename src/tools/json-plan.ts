/*
 * The JSON files that tools read (plans of partitions), with the complaints of Kafka's own decoder, which scripts and
 * people know.
 */

import type { Terminal } from './terminal.ts';

/** What is wrong with a file; the message alone is shown. */
export class PlanError extends Error {
  override readonly name = 'PlanError';
}

/** @throws PlanError */
export function parseJson(text: string, complaint: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new PlanError(complaint, { cause: error });
  }
}

/** The fields of one JSON object. */
export class PlanObject {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new PlanError(`Expected JSON object, received ${shown(value)}`);
    this.#fields = value as Readonly<Record<string, unknown>>;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#fields, name);
  }

  string(name: string): string {
    return asString(this.#value(name));
  }

  /** In the range of Java's int. */
  integer(name: string): number {
    return asInteger(this.#value(name), 'Integer', 0x7fffffff);
  }

  long(name: string): number {
    return asInteger(this.#value(name), 'Long', Number.MAX_SAFE_INTEGER);
  }

  integers(name: string): number[] {
    return asArray(this.#value(name)).map((value) => asInteger(value, 'Integer', 0x7fffffff));
  }

  strings(name: string): string[] {
    return asArray(this.#value(name)).map(asString);
  }

  objects(name: string): PlanObject[] {
    return asArray(this.#value(name)).map((value) => new PlanObject(value));
  }

  #value(name: string): unknown {
    if (!this.has(name)) throw new PlanError(`No such field exists: \`${name}\``);
    return this.#fields[name];
  }
}

function asString(value: unknown): string {
  if (typeof value !== 'string') throw new PlanError(`Expected \`String\` value, received ${shown(value)}`);
  return value;
}

function asInteger(value: unknown, type: string, most: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value > most || value < -most - 1) throw new PlanError(`Expected \`${type}\` value, received ${shown(value)}`);
  return value;
}

function asArray(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new PlanError(`Expected JSON array, received ${shown(value)}`);
  return value as readonly unknown[];
}

const shown = (value: unknown): string => JSON.stringify(value);

/** The version a plan names, 1 when it names none. @throws PlanError for another than 1 */
export function checkVersion(plan: PlanObject): void {
  const version = plan.has('version') ? plan.integer('version') : 1;
  if (version !== 1) throw new PlanError(`Not supported version field value ${version}`);
}

/** @throws PlanError that names the file when it cannot be read */
export function readPlanFile(terminal: Terminal, path: string): string {
  try {
    return terminal.readFile(path).toString();
  } catch (error) {
    throw new PlanError(`Unable to read file ${path}`, { cause: error });
  }
}
