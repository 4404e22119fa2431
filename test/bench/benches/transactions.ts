import { createProducer } from '../../../src/client/index.ts';
import type { Producer } from '../../../src/client/index.ts';
import { freePort } from '../../support/processes.ts';
import type { Bar, Bench, Figures } from '../bench.ts';
import { percentile } from '../broker/load.ts';
import { cpuSecondsOf } from '../broker/process-figures.ts';
import { startTarget } from '../broker/targets.ts';
import type { Target } from '../broker/targets.ts';

const topic = 'taken';
const partitions = 6;
const value = Buffer.alloc(100, 'x');
/** Of each producer: one that is asked for less than it could do, so that both sides carry the same load, evenly spread. */
const pacedPerSecond = 40;
const loads: readonly Load[] = [
  { producers: 1, records: 1 },
  { producers: 1, records: 100 },
  { producers: 8, records: 1 },
  { producers: 8, records: 100 },
  { producers: 8, records: 1, perSecond: pacedPerSecond },
  { producers: 8, records: 100, perSecond: pacedPerSecond },
];

interface Load {
  readonly producers: number;
  readonly records: number;
  /** Transactions of each producer; as many as it can where it is not said. */
  readonly perSecond?: number;
}

/** One transaction after the other until the time is over. @returns the milliseconds of each commit, from the last record's acknowledgement on */
async function run(producer: Producer, { records, perSecond = Infinity }: Load, startAt: number, endAt: number): Promise<number[]> {
  const commitsMs: number[] = [];
  for (let number = 0; performance.now() < endAt; number++) {
    const earlyMs = startAt + (number * 1000) / perSecond - performance.now();
    if (earlyMs > 0) await new Promise((resolve) => setTimeout(resolve, earlyMs));
    let acknowledgedAt = 0;
    await producer.transaction(async (transaction) => {
      await Promise.all(Array.from({ length: records }, (_, index) => transaction.send({ topic, partition: (number + (index % 3)) % partitions, value })));
      acknowledgedAt = performance.now();
    });
    commitsMs.push(performance.now() - acknowledgedAt);
  }
  return commitsMs;
}

function nameOf({ producers, records, perSecond }: Load): string {
  const plural = (count: number): string => (count > 1 ? 's' : '');
  const pace = perSecond === undefined ? '' : `, ${producers * perSecond} transactions a second`;
  return `${producers} producer${plural(producers)}, ${records} record${plural(records)} each${pace}`;
}

/** A producer that is always at it waits for the broker, which has then as much to do as it can bear: latency tells where the load is equal. */
const bars = Object.fromEntries(
  loads.flatMap((load): [string, Bar][] => {
    const name = nameOf(load);
    if (load.perSecond === undefined) return [[`${name}: transactions/s`, { atLeast: 1 }]];
    return ['commit p50 ms', 'commit p99 ms'].map((figure) => [`${name}: ${figure}`, { atMost: 1 }]);
  }),
);

async function measure(target: Target, seconds: number): Promise<Figures> {
  const figures: Record<string, number> = {};
  for (const load of loads) {
    const { producers: count, records, perSecond } = load;
    const producers = Array.from({ length: count }, (_, index) => createProducer({ bootstrapServers: target.bootstrap, transactionalId: `${records}-${index}`, lingerMs: 0 }));
    await Promise.all(producers.map((producer) => producer.transaction(async (transaction) => void (await transaction.send({ topic, partition: 0, value })))));
    const startedAt = performance.now();
    const { cpuSeconds, result } = await cpuSecondsOf([target.processId], () => Promise.all(producers.map((producer, index) => run(producer, load, startedAt + (index / count) * (1000 / (perSecond ?? Infinity)), startedAt + seconds * 1000))));
    const elapsedSeconds = (performance.now() - startedAt) / 1000;
    const commitsMs = result.flat().sort((one, other) => one - other);
    await Promise.all(producers.map((producer) => producer.close()));
    const name = nameOf(load);
    if (perSecond === undefined) figures[`${name}: transactions/s`] = commitsMs.length / elapsedSeconds;
    Object.assign(figures, {
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
  bars,
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
