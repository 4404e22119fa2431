import { createInterface } from 'node:readline';
import { getChildren } from './zookeeper-shell/operations.ts';
import { commands } from './zookeeper-shell/commands.ts';
import { Shell } from './zookeeper-shell/shell.ts';

/** zookeeper-shell: looks at and changes znodes, once or interactively. */
const usage = 'USAGE: zookeeper-shell zookeeper_host:port[/path] [-zk-tls-config-file file] [args...]';
const defaultTimeoutMs = 30_000;

interface ShellArguments {
  readonly connectString: string;
  readonly timeoutMs: number;
  readonly waitsForConnection: boolean;
  readonly command: readonly string[];
}

function parseArguments(args: readonly string[]): ShellArguments {
  let timeoutMs = defaultTimeoutMs;
  let waitsForConnection = false;
  let index = 1;
  for (; index < args.length && (args[index] as string).startsWith('-'); index++) {
    const option = args[index];
    if (option === '-timeout') timeoutMs = Number(args[++index]);
    else if (option === '-waitforconnection') waitsForConnection = true;
    else if (option === '-zk-tls-config-file') throw new Error('-zk-tls-config-file: this shell speaks to ZooKeeper without TLS only; connect to its clientPort');
    else if (option !== '-r') break;
  }
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs <= 0) throw new Error('-timeout needs a number of milliseconds');
  return { connectString: args[0] as string, timeoutMs, waitsForConnection, command: args.slice(index) };
}

async function main(args: readonly string[]): Promise<void> {
  if (args.length === 0) {
    print(`${usage}\n`);
    process.exitCode = 1;
    return;
  }
  const { connectString, timeoutMs, waitsForConnection, command } = parseArguments(args);
  print(`Connecting to ${connectString}\n`);
  const waiting: WaitingPrompt = { draw: undefined };
  const printBesidePrompt = (text: string): void => {
    print(text);
    waiting.draw?.();
  };
  const shell = new Shell({ connectString, timeoutMs, print: printBesidePrompt, complain });
  if (waitsForConnection) await firstConnection(shell, timeoutMs);
  if (command.length > 0) await shell.run(command);
  else await interact(shell, waiting);
  shell.drop();
  process.exitCode = shell.exitCode;
}

async function firstConnection(shell: Shell, timeoutMs: number): Promise<void> {
  const timer = setTimeout(() => {
    complain(`no ZooKeeper server answered within ${timeoutMs} ms`);
    process.exit(1);
  }, timeoutMs);
  await shell.session.connected;
  clearTimeout(timer);
}

/** While a person may type: draws the prompt again, below what an event printed. */
interface WaitingPrompt {
  draw: (() => void) | undefined;
}

async function interact(shell: Shell, waiting: WaitingPrompt): Promise<void> {
  const isTerminal = process.stdin.isTTY;
  print(`Welcome to ZooKeeper!\nJLine support is ${isTerminal ? 'enabled' : 'disabled'}\n`);
  const lines = createInterface(isTerminal
    ? { input: process.stdin, output: process.stdout, completer: (line: string, done: Completion) => void complete(shell, line, done) }
    : { input: process.stdin });
  const ask = (): void => {
    if (!isTerminal) return;
    lines.setPrompt(shell.prompt);
    lines.prompt(true);
    waiting.draw = ask;
  };
  ask();
  for await (const line of lines) {
    waiting.draw = undefined;
    await shell.execute(line);
    if (shell.isEnded) break;
    ask();
  }
  lines.close();
}

type Completion = (error: null, result: [string[], string]) => void;

/** Commands for the first word, paths that exist for the others. */
async function complete(shell: Shell, line: string, done: Completion): Promise<void> {
  const word = line.slice(line.lastIndexOf(' ') + 1);
  if (!line.includes(' ')) {
    done(null, [[...commands.keys()].filter((name) => name.startsWith(word)), word]);
    return;
  }
  const slash = word.lastIndexOf('/');
  const found = await getChildren(shell.session, word.slice(0, slash) || '/', false).catch(() => ({ names: [] }));
  done(null, [found.names.map((name) => `${word.slice(0, slash)}/${name}`).filter((path) => slash >= 0 && path.startsWith(word)), word]);
}

function print(text: string): void {
  process.stdout.write(text);
}

function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  complain(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
