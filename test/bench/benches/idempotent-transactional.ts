import { freePort } from '../../support/processes.ts';
import type { Bench, BenchContext, Figures } from '../bench.ts';
import { javaProgram, producerPerformance } from '../broker/java-tools.ts';
import { cpuSecondsOf } from '../broker/process-figures.ts';
import { barOfEach, onTopic, workloadsOn } from '../broker/produce-bench.ts';
import type { Workload } from '../broker/produce-bench.ts';
import { startTarget } from '../broker/targets.ts';
import type { Target } from '../broker/targets.ts';

/** Kafka's ProducerPerformance with acks=all; and, since that tool cuts its transactions by time, a loop of our own around Kafka's producer for those of 100 records. */
const properties = { acks: 'all', 'enable.idempotence': 'true' };
const idempotent: readonly Workload[] = [
  { name: 'idempotent, 100 B', bytes: 100, records: 4_000_000, properties },
  { name: 'idempotent, 1 kB', bytes: 1000, records: 1_000_000, properties },
];
const recordsEach = 100;
const bytes = 100;
const transactional = [
  { name: 'transactions of 100, 1 producer', producers: 1 },
  { name: 'transactions of 100, 8 producers', producers: 8 },
] as const;

async function transactions(target: Target, round: string, { name, producers }: (typeof transactional)[number], seconds: number): Promise<Figures> {
  const topic = `${round}-${producers}`;
  const args = [target.bootstrap, topic, producers, recordsEach, bytes, seconds].map(String);
  const { cpuSeconds, result } = await onTopic(target, topic, () => cpuSecondsOf([target.processId], () => javaProgram('TransactionalLoad', args)));
  const [count, tookSeconds, p50Ms, p99Ms] = result.trim().split(' ').map(Number) as [number, number, number, number];
  return {
    [`${name}: records/s`]: (count * recordsEach) / tookSeconds,
    [`${name}: commit p50 ms`]: p50Ms,
    [`${name}: commit p99 ms`]: p99Ms,
    // The first second's transactions are in the CPU and not in the count, on either side.
    [`${name}: CPU s/M records`]: (cpuSeconds * 1e6) / (count * recordsEach),
  };
}

function measureOn(target: Target, context: BenchContext): (round: string) => Promise<Figures> {
  const produce = workloadsOn(target, idempotent, producerPerformance, context);
  return async (round) => {
    const all: Record<string, number> = { ...(await produce(round)) };
    for (const load of transactional) {
      context.progress(`${round}: ${load.name}`);
      Object.assign(all, await transactions(target, round, load, context.isQuick ? 1 : 3));
    }
    return all;
  };
}

export const bench: Bench = {
  name: 'idempotent-transactional',
  title: "Kafka's producer, idempotent and with transactions (one broker, 6 partitions)",
  bars: { ...barOfEach(idempotent, 'records/s', { atLeast: 1.1 }), ...barOfEach(transactional, 'records/s', { atLeast: 1.1 }) },
  async open(side, context) {
    const own = { 'transaction.state.log.replication.factor': 1, 'transaction.state.log.min.isr': 1 };
    const target = await startTarget(side, { port: await freePort(), zookeeper: context.zookeeper, folder: context.folder, properties: own });
    const measure = measureOn(target, context);
    for (let count = 0; count < (side === 'ours' ? 1 : 2); count++) await measure(`warm-${count}`);
    return { round: (number) => measure(`round-${number}`), close: () => target.stop() };
  },
};
