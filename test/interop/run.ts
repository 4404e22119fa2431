import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { goClients, javaAndMaven, kcat, nodeClients, python } from './requirements.ts';
import { javaClasses, kafkaHome } from './real-kafka.ts';

/**
 * Runs every `*.interop.ts` below this folder, one after the other, against software that nobody here wrote; files that differ in a release alone
 * run together, since those mostly wait for sessions to end.
 * What cannot be had on this machine is named at the end, and counts as a failure where CI=true. A run of everything ends with
 * `npm run bench -- --quick`, for the record: it fails when a bench does not run, not by what it measures.
 */
interface Requirement {
  readonly name: string;
  readonly prepare: () => unknown;
}

const requirements: readonly Requirement[] = [
  { name: 'A JDK and Maven', prepare: javaAndMaven },
  { name: 'Apache Kafka 3.9.1 with Kafka Streams and ZooKeeper 3.8', prepare: () => kafkaHome('3.9.1') },
  { name: 'programs with the Java clients', prepare: javaClasses },
  { name: 'Apache Kafka 2.4.1', prepare: () => kafkaHome('2.4.1') },
  { name: 'kcat', prepare: kcat },
  { name: 'kafka-python, confluent-kafka and kazoo', prepare: python },
  { name: 'kafkajs', prepare: nodeClients },
  { name: 'franz-go and sarama', prepare: goClients },
];

const benchMs = 600_000;
const root = path.join(import.meta.dirname, '../..');
const wanted = process.argv.slice(2);
const files = fs
  .readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.interop.ts') && (wanted.length === 0 || wanted.some((name) => file.includes(name))))
  .sort();

const missing: string[] = [];
for (const { name, prepare } of requirements) {
  process.stdout.write(`preparing ${name}\n`);
  try {
    prepare();
  } catch (error) {
    missing.push(`${name}: ${(error as Error).message.split('\n')[0]}`);
  }
}

const mocha = path.join(root, 'node_modules/mocha/bin/mocha.js');

/** Resolves with whether it passed. What it prints comes at once where it runs alone, else when it has ended. */
function runFile(file: string, isAlone: boolean): Promise<boolean> {
  const heading = `\n== ${file}\n`;
  if (isAlone) process.stdout.write(heading);
  const args = [mocha, '--no-config', '--import=tsx', '--timeout=300000', '--forbid-only', '--exit', path.join(import.meta.dirname, file)];
  const child = spawn(process.execPath, args, { cwd: root, stdio: isAlone ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
  const told: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => told.push(chunk));
  return new Promise((resolve) => {
    child.once('close', (status) => {
      if (!isAlone) process.stdout.write(`${heading}${Buffer.concat(told).toString()}`);
      resolve(status === 0);
    });
  });
}

const withoutRelease = (file: string): string => file.replace(/-\d+(\.\d+)+(?=\.interop\.ts$)/, '');
const failed: string[] = [];
for (const name of new Set(files.map(withoutRelease))) {
  const together = files.filter((file) => withoutRelease(file) === name);
  const passed = await Promise.all(together.map((file) => runFile(file, together.length === 1)));
  failed.push(...together.filter((_, index) => !passed[index]));
}

if (wanted.length === 0) {
  process.stdout.write('\n== bench --quick\n');
  const bench = spawnSync(process.execPath, ['--import=tsx', path.join(root, 'test/bench/run.ts'), '--quick'], { cwd: root, stdio: 'inherit', timeout: benchMs });
  if (bench.status !== 0) failed.push('bench --quick');
}

for (const text of missing) process.stdout.write(`could not be had here, so what needs it did not run: ${text}\n`);
for (const file of failed) process.stdout.write(`failed: ${file}\n`);
process.exit(failed.length > 0 || (missing.length > 0 && process.env['CI'] === 'true') ? 1 : 0);
