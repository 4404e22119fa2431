import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

export { freePort } from '../support/processes.ts';

/**
 * Apache ZooKeeper and Apache Kafka from Maven, to compare with: fetched once into a cache, run on 127.0.0.1,
 * always stopped. Needs java and mvn; `kafkaHome` says what is missing.
 */
export type KafkaVersion = '3.9.1' | '2.4.1';

export interface JavaRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const cacheDirectory = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache'), 'real-kafka');

const pom = (version: KafkaVersion): string => {
  const scala = version === '2.4.1' ? '2.12' : '2.13';
  const dependency = (group: string, artifact: string, of: string): string =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${of}</version></dependency>`;
  return [
    '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>interop</groupId>',
    '<artifactId>kafka</artifactId><version>1</version><dependencies>',
    dependency('org.apache.kafka', `kafka_${scala}`, version),
    dependency('org.apache.kafka', 'kafka-tools', version),
    dependency('org.apache.kafka', 'connect-file', version),
    ...(version === '2.4.1' ? [] : [dependency('org.apache.kafka', 'kafka-streams', version)]),
    version === '2.4.1' ? dependency('org.slf4j', 'slf4j-log4j12', '1.7.28') : dependency('org.slf4j', 'slf4j-reload4j', '1.7.36'),
    '</dependencies></project>',
  ].join('\n');
};

const log4j = [
  'log4j.rootLogger=WARN, stderr',
  'log4j.appender.stderr=org.apache.log4j.ConsoleAppender',
  'log4j.appender.stderr.Target=System.err',
  'log4j.appender.stderr.layout=org.apache.log4j.PatternLayout',
  'log4j.appender.stderr.layout.ConversionPattern=[%d] %p %m (%c)%n',
  'log4j.logger.kafka.server.KafkaServer=INFO',
  '',
].join('\n');

/** Folder of one Kafka release, fetched when it is not there. Throws an error that says what could not be had. */
export function kafkaHome(version: KafkaVersion): string {
  const home = path.join(cacheDirectory, version);
  const complete = path.join(home, '.complete');
  if (fs.existsSync(complete) && fs.readFileSync(path.join(home, 'pom.xml'), 'utf8') === pom(version)) return home;
  fs.rmSync(complete, { force: true });
  fs.mkdirSync(home, { recursive: true });
  fs.writeFileSync(path.join(home, 'pom.xml'), pom(version));
  fs.writeFileSync(path.join(home, 'log4j.properties'), log4j);
  execFileSync('mvn', ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${path.join(home, 'libs')}`], { cwd: home, stdio: ['ignore', 'ignore', 'inherit'] });
  fs.writeFileSync(complete, '');
  return home;
}

const sourceFolder = path.join(import.meta.dirname, 'scripts/java');

/** Folder of the classes of our own small programs for Kafka's Java clients, compiled when their sources are new. */
export function javaClasses(): string {
  const sources = fs.readdirSync(sourceFolder).sort().map((name) => path.join(sourceFolder, name));
  const hash = createHash('sha256');
  for (const source of sources) hash.update(fs.readFileSync(source));
  const classes = path.join(cacheDirectory, `classes-${hash.digest('hex').slice(0, 16)}`);
  if (!fs.existsSync(classes)) {
    const unfinished = `${classes}-${process.pid}`;
    execFileSync('javac', ['-nowarn', '-cp', path.join(kafkaHome('3.9.1'), 'libs/*'), '-d', unfinished, ...sources], { stdio: ['ignore', 'ignore', 'inherit'] });
    fs.renameSync(unfinished, classes);
  }
  return classes;
}

/** A virtual machine that is to start soon rather than to run fast. */
const soon = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];
/** The collector and compiler of Kafka's own scripts. */
export const asShipped = ['-XX:+UseG1GC'];

/** Arguments of `java` for one of those programs. */
export function javaProgram(main: string, args: readonly string[]): string[] {
  return javaArguments('3.9.1', ['-Xmx256m', ...soon], [main, ...args], [javaClasses()]);
}

/** Those of any main class. @param classes folders before the release's own */
export function javaArguments(version: KafkaVersion, machine: readonly string[], main: readonly string[], classes: readonly string[] = []): string[] {
  const home = kafkaHome(version);
  const classPath = [...classes, `${path.join(home, 'libs')}/*`].join(path.delimiter);
  return [...machine, `-Dlog4j.configuration=file:${path.join(home, 'log4j.properties')}`, '-cp', classPath, ...main];
}

/** Runs one of Kafka's main classes to its end. */
export function runJava(version: KafkaVersion, main: readonly string[], options: { readonly input?: string | Buffer; readonly timeoutMs?: number } = {}): Promise<JavaRun> {
  return new Promise((resolve, reject) => {
    const child = spawn('java', javaArguments(version, ['-Xmx256m', ...soon], main), { stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 60_000);
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ status: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
    });
    child.stdin.on('error', () => undefined); // the tool may end before it has read everything
    child.stdin.end(options.input ?? '');
  });
}

export interface RunningJava {
  readonly process: ChildProcess;
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

async function startJava(version: KafkaVersion, machine: readonly string[], main: readonly string[], ready: (output: string) => boolean): Promise<RunningJava> {
  const child = spawn('java', javaArguments(version, machine, main), { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${main[0]} was not ready within 90 s:\n${output}`));
    }, 90_000);
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      if (!ready(output)) return;
      clearTimeout(timer);
      output = '';
      resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('close', (code) => {
      clearTimeout(timer);
      reject(new Error(`${main[0]} ended with ${code} before it was ready:\n${output}`));
    });
  });
  return {
    process: child,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
    },
  };
}

export interface RealKafkaOptions {
  readonly version?: KafkaVersion;
  readonly id: number;
  readonly port: number;
  readonly zookeeper: string;
  readonly folder: string;
  readonly properties?: Readonly<Record<string, string | number>>;
}

/** Starts Kafka as it is compared with in answers, not in time; resolves when it has said that it started. */
export const startRealKafka = (options: RealKafkaOptions): Promise<RunningJava> => startKafka(options, soon);

/** The same with the collector and compiler of Kafka's own scripts, to measure it. */
export const startMeasuredKafka = (options: RealKafkaOptions): Promise<RunningJava> => startKafka(options, asShipped);

function startKafka(options: RealKafkaOptions, machine: readonly string[]): Promise<RunningJava> {
  const { id, port, zookeeper, folder, properties = {}, version = '3.9.1' } = options;
  fs.mkdirSync(folder, { recursive: true });
  const all: Record<string, string | number> = {
    'broker.id': id,
    listeners: `PLAINTEXT://127.0.0.1:${port}`,
    'log.dirs': path.join(folder, 'logs'),
    'zookeeper.connect': zookeeper,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    ...properties,
  };
  const file = path.join(folder, 'server.properties');
  fs.writeFileSync(file, Object.entries(all).map(([name, value]) => `${name}=${value}\n`).join(''));
  return startJava(version, ['-Xms512m', '-Xmx512m', ...machine], ['kafka.Kafka', file], (output) => /started \(kafka\.server\.KafkaServer\)/.test(output));
}

/** Starts a standalone Apache ZooKeeper 3.8; resolves when it answers. */
export async function startRealZooKeeper(options: { readonly port: number; readonly folder: string }): Promise<RunningJava> {
  const { port, folder } = options;
  fs.mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'zoo.cfg');
  const settings = { dataDir: folder, clientPort: port, clientPortAddress: '127.0.0.1', maxClientCnxns: 0, 'admin.enableServer': false, tickTime: 500, '4lw.commands.whitelist': '*', extendedTypesEnabled: true };
  fs.writeFileSync(file, Object.entries(settings).map(([name, value]) => `${name}=${value}\n`).join(''));
  const home = kafkaHome('3.9.1');
  const child = spawn('java', ['-Xmx256m', '-Dzookeeper.extendedTypesEnabled=true', `-Dlog4j.configuration=file:${path.join(home, 'log4j.properties')}`, '-cp', `${path.join(home, 'libs')}/*`, 'org.apache.zookeeper.server.quorum.QuorumPeerMain', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-4000)));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let hasEnded = false;
  void ended.then(() => (hasEnded = true));
  const deadline = performance.now() + 60_000;
  while (!(await fourLetterWord(port, 'srvr')).includes('Mode: standalone')) {
    if (hasEnded || performance.now() > deadline) throw new Error(`ZooKeeper did not start:\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    process: child,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
    },
  };
}

const fourLetterWordMs = 2000;

/** What a ZooKeeper server answers to one of its four-letter words within two seconds; empty when nobody does. */
export function fourLetterWord(port: number, word: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = net.connect(port, '127.0.0.1', () => socket.write(word));
    socket.setTimeout(fourLetterWordMs, () => socket.destroy());
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('error', () => resolve(''));
    socket.on('close', () => resolve(answer));
  });
}
