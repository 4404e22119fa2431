import type { Terminal } from './terminal.ts';

/** A number in the spelling that is to stand in the JSON. */
export interface RawJson {
  readonly rawJson: string;
}

/** One line of the verifiable tools: a JSON object that begins with `timestamp` and `name`. */
export function printEvent(terminal: Terminal, name: string, fields: Readonly<Record<string, unknown>> = {}): void {
  const members = Object.entries({ timestamp: terminal.now().getTime(), name, ...fields }).map(([key, value]) => `${JSON.stringify(key)}:${jsonOf(value)}`);
  terminal.out(`{${members.join(',')}}\n`);
}

function jsonOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'rawJson' in value ? String(value.rawJson) : JSON.stringify(value);
}
