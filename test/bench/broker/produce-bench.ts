import path from 'node:path';
import { freePort } from '../../support/processes.ts';
import type { Bar, Bench, BenchContext, Figures } from '../bench.ts';
import type { Produced } from './java-tools.ts';
import { writePayloads } from './payloads.ts';
import { producerFigures } from './perf-lines.ts';
import type { ProducerRun } from './perf-lines.ts';
import { cpuSecondsOf } from './process-figures.ts';
import { startTarget } from './targets.ts';
import type { Brokers } from './targets.ts';

/** What a producer is asked to write; the properties are the same ones for Kafka's and librdkafka's. */
export interface Workload {
  readonly name: string;
  /** Of one record's value. */
  readonly bytes: number;
  readonly records: number;
  readonly properties: Readonly<Record<string, string | number>>;
}

export type Produce = (produced: Produced) => Promise<ProducerRun>;

const partitions = 6;
const quickShare = 0.2;

/** Small and large records, small and large batches, plain and compressed. `records`: of 100 B and of 1 kB. */
export function produceMatrix(records: readonly [number, number]): readonly Workload[] {
  const sizes = [
    { name: '100 B', bytes: 100, records: records[0] },
    { name: '1 kB', bytes: 1000, records: records[1] },
  ];
  const batches = [
    { name: 'default batches', properties: {} },
    { name: '128 kB batches', properties: { 'batch.size': 131_072, 'linger.ms': 5 } },
  ];
  return sizes.flatMap((size) =>
    batches.flatMap((batch) =>
      ['none', 'lz4'].map((codec) => ({ ...size, name: `${size.name}, ${batch.name}, ${codec}`, properties: { acks: 1, 'compression.type': codec, ...batch.properties } })),
    ),
  );
}

/** The same bar for one figure of each workload. */
export const barOfEach = (workloads: readonly Pick<Workload, 'name'>[], figure: string, bar: Bar): Record<string, Bar> =>
  Object.fromEntries(workloads.map(({ name }) => [`${name}: ${figure}`, bar]));

/** A bench of a whole matrix, against one broker. */
export function matrixBench({ workloads, produce, ...bench }: Pick<Bench, 'name' | 'title' | 'inQuick'> & { readonly workloads: readonly Workload[]; readonly produce: Produce }): Bench {
  return {
    ...bench,
    bars: { ...barOfEach(workloads, 'records/s', { atLeast: 1 }), ...barOfEach(workloads, 'CPU s/M records', { atMost: 0.65 }) },
    averages: { 'records/s on average': { of: workloads.map(({ name }) => `${name}: records/s`), bar: { atLeast: 1.2 } } },
    async open(side, context) {
      const target = await startTarget(side, { port: await freePort(), zookeeper: context.zookeeper, folder: context.folder });
      const measure = workloadsOn(target, workloads, produce, context);
      // A JVM compiles what it runs often: without this its figures are worse than they stay.
      if (!context.isQuick || side !== 'ours') await measure('warm');
      return { round: (number) => measure(`round-${number}`), close: () => target.stop() };
    },
  };
}

/** One workload after the other, each on a topic of its own; a quick run takes a part of the first one. The result names its topics after what it is given. */
export function workloadsOn(brokers: Brokers, workloads: readonly Workload[], produce: Produce, { folder, isQuick, progress }: BenchContext): (round: string) => Promise<Figures> {
  const chosen = isQuick ? workloads.slice(0, 1).map((workload) => ({ ...workload, records: workload.records * quickShare })) : workloads;
  const payloads = new Map(chosen.map(({ bytes }) => [bytes, writePayloads(path.join(folder, `payloads-${bytes}`), bytes)]));
  return async (round) => {
    const all: Record<string, number> = {};
    for (const [index, { name, bytes, records, properties }] of chosen.entries()) {
      progress(`${round}: ${name}`);
      const topic = `${round}-${index}`;
      const run = (): Promise<ProducerRun> => produce({ bootstrap: brokers.bootstrap, topic, records, payloads: payloads.get(bytes)!, properties });
      const { cpuSeconds, result } = await onTopic(brokers, topic, () => cpuSecondsOf(brokers.processIds, run));
      Object.assign(all, producerFigures(name, result, cpuSeconds, bytes));
    }
    return all;
  };
}

/** The topic is gone afterwards: with the page cache full, the kernel's work hides the brokers'. */
export async function onTopic<T>(brokers: Brokers, topic: string, run: () => Promise<T>): Promise<T> {
  await brokers.createTopic(topic, partitions);
  const result = await run();
  await brokers.deleteTopic(topic);
  return result;
}
