export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Structured log lines: an event in a few words, then fields. Never a secret, never record contents, nothing at idle.
 * An `Error` in a field named `error` is printed with its causes.
 */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** A logger whose lines all carry `fields` too. */
  with(fields: LogFields): Logger;
}

const nothing = (): void => undefined;

/** For tests and tools that say all they have to say themselves. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing, with: () => silentLogger };
