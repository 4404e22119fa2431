import { freePort } from '../../support/processes.ts';
import type { Bench, Figures } from '../bench.ts';
import { checkProduceAnswer, produceFrame, runLoad } from './load.ts';
import { cpuSecondsOf } from './process-figures.ts';
import { startTarget } from './targets.ts';
import type { Target } from './targets.ts';

const partitions = 6;
const workloads = [
  { name: '100 B', topic: 'small', bytes: 100, perBatch: 150, records: 3_000_000 },
  { name: '1 kB', topic: 'large', bytes: 1000, perBatch: 16, records: 1_000_000 },
] as const;
type Workload = (typeof workloads)[number];

export interface Consumed {
  readonly bootstrap: string;
  readonly topic: string;
  readonly records: number;
  /** A new one, of which the consumer is the only member. */
  readonly group: string;
}

export interface Received {
  /** More than were asked for, when the last answer has more. */
  readonly records: number;
  /** From the first assignment or the first records on. */
  readonly recordsPerSecond: number;
}

async function fill(target: Target, { topic, bytes, perBatch, records }: Workload): Promise<void> {
  await target.createTopic(topic, partitions);
  for (let filled = 0; filled < records; ) {
    const frame = (connection: number): Buffer => produceFrame(topic, connection, bytes, perBatch).frame;
    const { requests } = await runLoad({ port: target.port, connections: partitions, inFlight: 2, seconds: 0.5, frame, check: checkProduceAnswer });
    filled += requests * perBatch;
  }
}

/** Consumers read topics from the first offset on that were filled at the start (batches of 16 KB) and lie in the page cache. */
export function consumeBench({ consume, ...bench }: Pick<Bench, 'name' | 'title'> & { readonly consume: (consumed: Consumed) => Promise<Received> }): Bench {
  const measure = async (target: Target, round: string, progress: (text: string) => void): Promise<Figures> => {
    const all: Record<string, number> = {};
    for (const { name, topic, records, bytes } of workloads) {
      progress(`${round}: ${name}`);
      const run = (): Promise<Received> => consume({ bootstrap: target.bootstrap, topic, records, group: `${round}-${topic}` });
      const { cpuSeconds, result } = await cpuSecondsOf([target.processId], run);
      all[`${name}: records/s`] = result.recordsPerSecond;
      all[`${name}: CPU s/M records`] = (cpuSeconds * 1e6) / result.records;
      all[`${name}: CPU s/GB`] = (cpuSeconds * 1e9) / (result.records * bytes);
    }
    return all;
  };
  return {
    ...bench,
    bars: {},
    async open(side, { zookeeper, folder, progress }) {
      const properties = { 'group.initial.rebalance.delay.ms': 0, 'offsets.topic.replication.factor': 1 };
      const target = await startTarget(side, { port: await freePort(), zookeeper, folder, properties });
      await target.createOffsetsTopic();
      for (const workload of workloads) await fill(target, workload);
      for (let count = 0; count < 2; count++) await measure(target, `warm-${count}`, progress);
      return { round: (number) => measure(target, `round-${number}`, progress), close: () => target.stop() };
    },
  };
}
