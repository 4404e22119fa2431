import { createProducer } from '../../../src/client/index.ts';
import type { Producer } from '../../../src/client/index.ts';
import { freePort } from '../../support/processes.ts';
import type { Bench, Figures } from '../bench.ts';
import { percentile } from '../broker/load.ts';
import { cpuSecondsOf } from '../broker/process-figures.ts';
import { startTarget } from '../broker/targets.ts';
import type { Target } from '../broker/targets.ts';

const topic = 'taken';
const partitions = 6;
const value = Buffer.alloc(100, 'x');
const loads = [
  { producers: 1, records: 1 },
  { producers: 1, records: 100 },
  { producers: 8, records: 1 },
  { producers: 8, records: 100 },
] as const;

/** One transaction after the other until the time is over. @returns the milliseconds of each commit, from the last record's acknowledgement on */
async function run(producer: Producer, records: number, endAt: number): Promise<number[]> {
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

async function measure(target: Target, seconds: number): Promise<Figures> {
  const figures: Record<string, number> = {};
  for (const { producers: count, records } of loads) {
    const producers = Array.from({ length: count }, (_, index) => createProducer({ bootstrapServers: target.bootstrap, transactionalId: `${records}-${index}`, lingerMs: 0 }));
    await Promise.all(producers.map((producer) => producer.transaction(async (transaction) => void (await transaction.send({ topic, partition: 0, value })))));
    const startedAt = performance.now();
    const { cpuSeconds, result } = await cpuSecondsOf([target.processId], () => Promise.all(producers.map((producer) => run(producer, records, startedAt + seconds * 1000))));
    const elapsedSeconds = (performance.now() - startedAt) / 1000;
    const commitsMs = result.flat().sort((one, other) => one - other);
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

export const bench: Bench = {
  name: 'transactions',
  title: 'transactions of our client, each with records for three partitions (one broker)',
  bars: {},
  async open(side, { zookeeper, folder, isQuick }) {
    const properties = { 'transaction.state.log.replication.factor': 1, 'transaction.state.log.min.isr': 1 };
    const target = await startTarget(side, { port: await freePort(), zookeeper, folder, properties });
    await target.createTopic(topic, partitions);
    const seconds = isQuick ? 1 : 3;
    // A JVM compiles what it runs often.
    for (let count = 0; count < (side === 'ours' ? 1 : 3); count++) await measure(target, seconds);
    return { round: () => measure(target, seconds), close: () => target.stop() };
  },
};
