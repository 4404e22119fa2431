import path from 'node:path';
import { freePort } from '../../support/processes.ts';
import type { Bar, Bench, Figures } from '../bench.ts';
import { producerPerformance } from '../broker/java-tools.ts';
import { writePayloads } from '../broker/payloads.ts';
import { producerFigures } from '../broker/perf-lines.ts';
import { cpuSecondsOf } from '../broker/process-figures.ts';
import { startTarget } from '../broker/targets.ts';
import type { Target } from '../broker/targets.ts';

/** Kafka's ProducerPerformance without a limit: its latencies are mostly the time in its own buffer, and the tool takes more of the processors than the brokers. */
const partitions = 6;
const sizes = [
  { name: '100 B', bytes: 100, records: 1_500_000 },
  { name: '1 kB', bytes: 1000, records: 300_000 },
] as const;
const batches = [
  { name: 'default batches', properties: {} },
  { name: '128 kB batches', properties: { 'batch.size': 131_072, 'linger.ms': 5 } },
] as const;
const codecs = ['none', 'lz4'] as const;

interface Workload {
  readonly name: string;
  readonly bytes: number;
  readonly records: number;
  readonly properties: Readonly<Record<string, string | number>>;
}

const workloads: readonly Workload[] = sizes.flatMap(({ name, bytes, records }) =>
  batches.flatMap((batch) => codecs.map((codec) => ({ name: `${name}, ${batch.name}, ${codec}`, bytes, records, properties: { acks: 1, 'compression.type': codec, ...batch.properties } }))),
);
const quickWorkloads = [workloads[0]!];
const quickShare = 0.3;

async function produce(target: Target, topic: string, { name, bytes, records, properties }: Workload, payloads: string): Promise<Figures> {
  await target.createTopic(topic, partitions);
  const { cpuSeconds, result } = await cpuSecondsOf([target.processId], () => producerPerformance({ bootstrap: `127.0.0.1:${target.port}`, topic, records, payloads, properties }));
  await target.deleteTopic(topic);
  return producerFigures(name, result, cpuSeconds, bytes);
}

const each = (figure: string, bar: Bar): Record<string, Bar> => Object.fromEntries(workloads.map(({ name }) => [`${name}: ${figure}`, bar]));

export const bench: Bench = {
  name: 'java-produce',
  title: "Kafka's ProducerPerformance (one broker, 6 partitions, acks=1)",
  inQuick: true,
  bars: { ...each('records/s', { atLeast: 1 }), ...each('CPU s/M records', { atMost: 0.65 }) },
  averages: { 'records/s on average': { of: workloads.map(({ name }) => `${name}: records/s`), bar: { atLeast: 1.2 } } },
  async open(side, { zookeeper, folder, isQuick, progress }) {
    const target = await startTarget(side, { port: await freePort(), zookeeper, folder });
    const payloads = new Map<number, string>(sizes.map(({ bytes }) => [bytes, writePayloads(path.join(folder, `payloads-${bytes}`), bytes)]));
    const chosen = isQuick ? quickWorkloads.map((workload) => ({ ...workload, records: workload.records * quickShare })) : workloads;
    const measure = async (round: string): Promise<Figures> => {
      const all: Record<string, number> = {};
      for (const [index, workload] of chosen.entries()) {
        progress(`${round}: ${workload.name}`);
        Object.assign(all, await produce(target, `${round}-${index}`, workload, payloads.get(workload.bytes)!));
      }
      return all;
    };
    if (!isQuick || side !== 'ours') await measure('warm');
    return { round: (number) => measure(`round-${number}`), close: () => target.stop() };
  },
};
