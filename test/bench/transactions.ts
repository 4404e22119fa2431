import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createProducer } from '../../src/client/index.ts';
import type { Producer } from '../../src/client/index.ts';
import type { Figures } from './bench.ts';
import { freePort, startOurZooKeeper } from '../support/processes.ts';
import { percentile } from './broker/load.ts';
import { figuresOf } from './broker/process-figures.ts';
import { option, printMedians, targetNames } from './broker/rounds.ts';
import { startTarget } from './broker/targets.ts';
import type { Target } from './broker/targets.ts';

/**
 * Transactions of our client against our broker and Apache Kafka 3.9.1, in turns, round by round: some producers at once, each
 * transaction with records for three partitions. `--rounds N`, `--seconds S`; without Java, ours alone.
 */
const rounds = option('rounds', 5);
const seconds = option('seconds', 3);
const partitions = 6;
const value = Buffer.alloc(100, 'x');
const loads = [
  { producers: 1, records: 1 },
  { producers: 1, records: 100 },
  { producers: 8, records: 1 },
  { producers: 8, records: 100 },
] as const;

/** One transaction after the other until the time is over. @returns the milliseconds of each commit, from the last record's acknowledgement on */
async function run(producer: Producer, topic: string, records: number, endAt: number): Promise<number[]> {
  const commitsMs: number[] = [];
  for (let number = 0; performance.now() < endAt; number++) {
    let acknowledgedAt = 0;
    await producer.transaction(async (transaction) => {
      await Promise.all(Array.from({ length: records }, (_, index) => transaction.send({ topic, partition: (number + (index % 3)) % partitions, value })));
      acknowledgedAt = performance.now();
    });
    commitsMs.push(performance.now() - acknowledgedAt);
  }
  return commitsMs;
}

async function measure(target: Target, topic: string): Promise<Figures> {
  const figures: Record<string, number> = {};
  for (const { producers: count, records } of loads) {
    const producers = Array.from({ length: count }, (_, index) => createProducer({ bootstrapServers: `127.0.0.1:${target.port}`, transactionalId: `${records}-${index}`, lingerMs: 0 }));
    await Promise.all(producers.map((producer) => producer.transaction(async (transaction) => void (await transaction.send({ topic, partition: 0, value })))));
    const cpuBefore = figuresOf(target.processId).cpuSeconds;
    const startedAt = performance.now();
    const commitsMs = (await Promise.all(producers.map((producer) => run(producer, topic, records, startedAt + seconds * 1000)))).flat().sort((a, b) => a - b);
    const elapsedSeconds = (performance.now() - startedAt) / 1000;
    const cpuSeconds = figuresOf(target.processId).cpuSeconds - cpuBefore;
    await Promise.all(producers.map((producer) => producer.close()));
    const name = `${count} producer${count > 1 ? 's' : ''}, ${records} record${records > 1 ? 's' : ''} each`;
    Object.assign(figures, {
      [`${name}: transactions/s`]: commitsMs.length / elapsedSeconds,
      [`${name}: commit p50 ms`]: percentile(commitsMs, 0.5),
      [`${name}: commit p99 ms`]: percentile(commitsMs, 0.99),
      [`${name}: CPU ms/transaction`]: (cpuSeconds * 1000) / commitsMs.length,
    });
  }
  return figures;
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ottla-bench-'));
const zookeeper = await startOurZooKeeper(folder);
try {
  const names = targetNames();
  const properties = { 'transaction.state.log.replication.factor': 1, 'transaction.state.log.min.isr': 1 };
  const targets: Target[] = [];
  for (const [index, name] of names.entries()) {
    const target = await startTarget(name, { port: await freePort(), zookeeper: `127.0.0.1:${zookeeper.port}/${index}`, folder: path.join(folder, String(index)), properties });
    await target.createTopic('taken', partitions);
    targets.push(target);
  }
  // A JVM compiles what it runs often.
  for (const target of targets) for (let count = 0; count < (target.name === 'ours' ? 1 : 3); count++) await measure(target, 'taken');
  const all = new Map<Target['name'], Figures[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) for (const target of targets) all.get(target.name)!.push(await measure(target, 'taken'));
  printMedians(all);
  for (const target of targets) await target.stop();
} finally {
  await zookeeper.stop();
  fs.rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
