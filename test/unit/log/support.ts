import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { topicConfigOf } from '../../../src/runtime/config/topic-config.ts';
import { parseBrokerConfig } from '../../../src/runtime/config/broker-config.ts';
import type { BrokerConfig } from '../../../src/runtime/config/broker-config.ts';
import type { Clock, Timer } from '../../../src/runtime/clock.ts';
import type { Disk, DiskFile } from '../../../src/runtime/disk.ts';
import { inProcessWorkers } from '../../../src/runtime/in-process-workers.ts';
import { createLoopWork } from '../../../src/runtime/loop-work.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { nodeDisk } from '../../../src/runtime/node-disk.ts';
import { nodeRandom } from '../../../src/runtime/node-random.ts';
import { openLogManager } from '../../../src/log/disk-log-manager.ts';
import type { LogManager, LogManagerOptions } from '../../../src/log/log-manager.ts';
import { buildBatch } from '../../../src/record/build.ts';
import type { BatchOptions } from '../../../src/record/build.ts';

/** Time that moves when the test says so. */
export class TestClock implements Clock {
  #nowMs: number;
  #timers: { atMs: number; callback: () => void }[] = [];

  /** @param nowMs the hour in which the golden logs were made */
  constructor(nowMs = 1_795_230_300_000) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    this.#timers.push(timer);
    return { cancel: () => void (this.#timers = this.#timers.filter((other) => other !== timer)) };
  }

  defer(callback: () => void): void {
    setImmediate(callback);
  }

  get timerCount(): number {
    return this.#timers.length;
  }

  /** Fires what is due, in order of time. */
  pass(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const due = this.#timers.filter(({ atMs }) => atMs <= untilMs).sort((one, other) => one.atMs - other.atMs)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== due);
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      due.callback();
    }
    this.#nowMs = untilMs;
  }
}

const folders: string[] = [];

/** Removed by `removeTemporaryFolders`. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ottla-log-'));
  folders.push(folder);
  return folder;
}

export function removeTemporaryFolders(): void {
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
}

export function brokerConfig(directories: readonly string[], properties: Readonly<Record<string, string>> = {}): BrokerConfig {
  return parseBrokerConfig({ 'zookeeper.connect': 'localhost', 'broker.id': '1', 'log.dirs': directories.join(','), ...properties });
}

export interface TestManagerOptions {
  readonly clock?: Clock;
  readonly disk?: Disk;
  readonly broker?: Readonly<Record<string, string>>;
  /** Properties of all topics, or of one. */
  readonly topic?: Readonly<Record<string, string>> | ((topic: string) => Readonly<Record<string, string>>);
}

export function managerOptions(directories: readonly string[], { clock = new TestClock(), disk = nodeDisk, broker = {}, topic = {} }: TestManagerOptions = {}): LogManagerOptions {
  const config = brokerConfig(directories, broker);
  const overridesOf = typeof topic === 'function' ? topic : () => topic;
  return { clock, random: nodeRandom, disk, workers: inProcessWorkers({ clock, disk }), logger: silentLogger, config, topicConfigOf: (name) => topicConfigOf(config, overridesOf(name)), work: createLoopWork(clock) };
}

export function openManager(directories: readonly string[], options: TestManagerOptions = {}): Promise<LogManager> {
  return openLogManager(managerOptions(directories, options));
}

/** A batch with `count` records, as a producer sends it. */
export function producerBatch(count: number, options: BatchOptions & { readonly timestamp?: number; readonly valueBytes?: number; readonly key?: string } = {}): Buffer {
  const { timestamp = 1_700_000_000_000, valueBytes = 20, key, ...batch } = options;
  const records = Array.from({ length: count }, (_, index) => ({
    timestamp: timestamp + index,
    key: key === undefined ? null : Buffer.from(key),
    value: Buffer.alloc(valueBytes, 97 + (index % 26)),
  }));
  return buildBatch(batch, records);
}

/** All files below a folder by relative path. */
export function contentOf(folder: string): Map<string, Buffer> {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => fs.statSync(path.join(folder, name)).isFile());
  return new Map(names.sort().map((name) => [name, fs.readFileSync(path.join(folder, name))]));
}

export function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: made by the test`), { code });
}

/** A disk on which the test makes calls fail: `fails` names the operation and the path. */
export function failingDisk(fails: (operation: string, file: string) => string | undefined): Disk {
  const check = (operation: string, file: string): void => {
    const code = fails(operation, file);
    if (code !== undefined) throw systemError(code);
  };
  const wrap = (file: DiskFile): DiskFile =>
    new Proxy(file, {
      get(target, property) {
        const value: unknown = Reflect.get(target, property);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          check(String(property), target.path);
          return Reflect.apply(value, target, args);
        };
      },
    });
  return new Proxy(nodeDisk, {
    get(target, property) {
      const value = Reflect.get(target, property) as (...args: unknown[]) => unknown;
      return (...args: unknown[]): unknown => {
        check(String(property), String(args[0]));
        const result = value.apply(target, args);
        return property === 'openSync' ? wrap(result as DiskFile) : result;
      };
    },
  });
}
