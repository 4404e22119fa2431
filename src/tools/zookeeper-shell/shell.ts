import { commandList, commands, usageOf } from './commands.ts';
import type { CommandContext } from './commands.ts';
import { KeeperError, ShellError } from './keeper-error.ts';
import { ShellSession } from './session.ts';
import type { ShellEvent } from './session.ts';
import { parseWords, splitLine } from './words.ts';

export interface ShellOptions {
  /** `host:port[,…][/chroot]`. */
  readonly connectString: string;
  readonly timeoutMs: number;
  print(text: string): void;
  complain(line: string): void;
}

const historyShown = 10;

/** The commands of ZooKeeper's shell, one after the other, with the texts and exit codes of ZooKeeperMain 3.8. */
export class Shell {
  /** Of the command before; what the process ends with. */
  exitCode = 0;
  isEnded = false;
  readonly #options: ShellOptions;
  #session: ShellSession;
  #connectString: string;
  #printsWatches = true;
  readonly #history: string[] = [];

  constructor(options: ShellOptions) {
    this.#options = options;
    this.#connectString = options.connectString;
    this.#session = this.#open(options.connectString);
  }

  get prompt(): string {
    const state = this.#session.isConnected ? 'CONNECTED' : this.#session.isAlive ? 'CONNECTING' : 'CLOSED';
    return `[zk: ${this.#connectString}(${state}) ${this.#history.length}] `;
  }

  /** Whether completing or prompting may ask the server. */
  get session(): ShellSession {
    return this.#session;
  }

  /** A line of an interactive shell; an empty one does nothing. */
  async execute(line: string): Promise<void> {
    if (line === '') return;
    this.#history.push(line);
    await this.run(splitLine(line));
  }

  /** One command. Never rejects: its error is printed and sets `exitCode`. */
  async run(words: readonly string[]): Promise<void> {
    try {
      await this.#dispatch(words);
      if (!this.isEnded) this.exitCode = 0;
    } catch (error) {
      this.exitCode = error instanceof ShellError ? error.exitCode : 1;
      this.#options.complain(error instanceof KeeperError ? error.shellText : error instanceof Error ? error.message : String(error));
    }
  }

  /** Leaves as a process does that just ends: the session lives until its timeout. */
  drop(): void {
    this.#session.drop();
  }

  #open(connectString: string): ShellSession {
    return new ShellSession(connectString, this.#options.timeoutMs, (event) => this.#tell(event));
  }

  #tell({ state, type, path }: ShellEvent): void {
    if (this.#printsWatches) this.#options.print(`\nWATCHER::\n\nWatchedEvent state:${state} type:${type} path:${path ?? 'null'}\n`);
  }

  async #dispatch(words: readonly string[]): Promise<void> {
    const [name, argument] = words;
    if (name === undefined) {
      this.#options.complain(commandList());
      throw new ShellError('No command entered');
    }
    const command = commands.get(name);
    if (command === undefined) {
      this.#options.complain(commandList());
      throw new ShellError(`Command not found: Command not found ${name}`, 127);
    }
    if (name === 'quit') {
      await this.#session.close();
      this.isEnded = true;
      return;
    }
    if (name === 'redo' && argument !== undefined) await this.#redo(argument);
    else if (name === 'history') this.#printHistory();
    else if (name === 'printwatches') this.#setPrintWatches(argument);
    else if (name === 'connect') await this.#reconnect(argument);
    if (!this.#session.isAlive) {
      this.#options.print('Not connected\n');
      return;
    }
    const parsed = parseWords(words, command.letters);
    if (parsed.words.length < command.wordsMin) throw new ShellError(usageOf(name));
    const { print, complain } = this.#options;
    const context: CommandContext = { session: this.#session, print, complain, tell: (event) => this.#tell(event) };
    await command.run(context, parsed);
  }

  #printHistory(): void {
    const last = Math.max(0, this.#history.length - 1);
    for (let index = Math.max(0, last - historyShown); index <= last; index++) this.#options.print(`${index} - ${this.#history[index] ?? 'null'}\n`);
  }

  #setPrintWatches(argument: string | undefined): void {
    if (argument === undefined) this.#options.print(`printwatches is ${this.#printsWatches ? 'on' : 'off'}\n`);
    else this.#printsWatches = argument === 'on';
  }

  async #redo(argument: string): Promise<void> {
    const index = Number(argument);
    const current = Math.max(0, this.#history.length - 1);
    const line = this.#history[index];
    if (!Number.isInteger(index) || index >= current || line === undefined) throw new ShellError('Command index out of range');
    const words = splitLine(line);
    if (words[0] === 'redo') throw new ShellError('No redoing redos');
    this.#history[current] = line;
    await this.run(words);
  }

  async #reconnect(connectString: string | undefined): Promise<void> {
    await this.#session.close();
    this.#connectString = connectString ?? this.#connectString;
    this.#session = this.#open(this.#connectString);
  }
}
