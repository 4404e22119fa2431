import { readFileSync } from 'node:fs';
import process from 'node:process';
import type { Logger, LogFields } from '../runtime/logger.ts';

/** What a tool may touch of the process around it; a test gives it another. */
export interface Terminal {
  out(text: string | Uint8Array): void;
  err(text: string): void;
  /** Lines or bytes of standard input. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Whether a person types and reads: standard input and output are both terminals. */
  readonly isInteractive: boolean;
  readFile(path: string): Buffer;
  /** Wall clock, for log lines. */
  now(): Date;
  /** Calls back on SIGINT and SIGTERM with the exit code that the signal asks for, instead of ending the process. */
  onSignal(listener: (exitCode: number) => void): () => void;
}

/** Ends a tool: `message` goes to standard error as it is, the process ends with `exitCode`. */
export class ToolExit extends Error {
  override readonly name = 'ToolExit';
  readonly exitCode: number;

  constructor(exitCode: number, message = '') {
    super(message);
    this.exitCode = exitCode;
  }
}

export type Tool = (args: readonly string[], terminal: Terminal) => Promise<number>;

/** Runs a tool for its exit code; a `ToolExit` becomes one. */
export async function runTool(tool: Tool, args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await tool(args, terminal);
  } catch (error) {
    if (!(error instanceof ToolExit)) throw error;
    if (error.message !== '') terminal.err(error.message);
    return error.exitCode;
  }
}

/** Runs a tool as this process, and ends it. */
export function main(tool: Tool): void {
  // A reader that went away (`| head`) ends the tool, quietly.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  runTool(tool, process.argv.slice(2), processTerminal).then(
    (exitCode) => exitWhenWritten(exitCode),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      exitWhenWritten(1);
    },
  );
}

/** What was written to a pipe may still wait for its reader, and `process.exit` would drop it. */
function exitWhenWritten(exitCode: number): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
}

const processTerminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  get input() {
    return process.stdin;
  },
  get isInteractive() {
    return process.stdin.isTTY === true && process.stdout.isTTY === true;
  },
  readFile: (path) => readFileSync(path),
  now: () => new Date(),
  onSignal(listener) {
    const onInterrupt = (): void => listener(130);
    const onTerminate = (): void => listener(143);
    process.on('SIGINT', onInterrupt);
    process.on('SIGTERM', onTerminate);
    return () => {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
    };
  },
};

/** Warnings and errors to standard error, in the layout of Kafka's tools. */
export function terminalLogger(terminal: Terminal, common: LogFields = {}): Logger {
  const nothing = (): void => undefined;
  const write = (level: string, event: string, fields: LogFields = {}): void => {
    const { error, ...rest } = { ...common, ...fields };
    const pairs = Object.entries(rest).map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
    const cause = error instanceof Error ? `: ${error.name}: ${error.message}` : '';
    terminal.err(`[${timestamp(terminal.now())}] ${level} ${event}${pairs.join('')}${cause}\n`);
  };
  return {
    debug: nothing,
    info: nothing,
    warn: (event, fields) => write('WARN', event, fields),
    error: (event, fields) => write('ERROR', event, fields),
    with: (fields) => terminalLogger(terminal, { ...common, ...fields }),
  };
}

/** `2026-11-21 03:15:21,555`, in the zone of this machine. */
export function timestamp(date: Date): string {
  const pad = (value: number, width = 2): string => String(value).padStart(width, '0');
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())},${pad(date.getMilliseconds(), 3)}`;
}
