import { freePort } from '../../support/processes.ts';
import type { Bench, Figures } from '../bench.ts';
import { consumerPerformance } from '../broker/java-tools.ts';
import { checkProduceAnswer, produceFrame, runLoad } from '../broker/load.ts';
import { cpuSecondsOf } from '../broker/process-figures.ts';
import { startTarget } from '../broker/targets.ts';
import type { Target } from '../broker/targets.ts';

/** Kafka's ConsumerPerformance, a new group each time, reads topics that were filled at the start (batches of 16 KB) and lie in the page cache. */
const partitions = 6;
const workloads = [
  { name: '100 B', topic: 'small', bytes: 100, perBatch: 150, records: 3_000_000 },
  { name: '1 kB', topic: 'large', bytes: 1000, perBatch: 16, records: 1_000_000 },
] as const;
type Workload = (typeof workloads)[number];

async function fill(target: Target, { topic, bytes, perBatch, records }: Workload): Promise<void> {
  await target.createTopic(topic, partitions);
  const { payloadBytes } = produceFrame(topic, 0, bytes, perBatch);
  for (let filled = 0; filled < records; ) {
    const frame = (connection: number): Buffer => produceFrame(topic, connection, bytes, perBatch).frame;
    const { requests } = await runLoad({ port: target.port, connections: partitions, inFlight: 2, seconds: 0.5, payloadBytes, frame, check: checkProduceAnswer });
    filled += requests * perBatch;
  }
}

async function consume(target: Target, { name, topic, bytes, records }: Workload, group: string): Promise<Figures> {
  const { cpuSeconds, result } = await cpuSecondsOf([target.processId], () => consumerPerformance({ bootstrap: `127.0.0.1:${target.port}`, topic, records, group }));
  return {
    [`${name}: records/s`]: result.fetchedRecordsPerSecond,
    [`${name}: CPU s/M records`]: (cpuSeconds * 1e6) / result.records,
    [`${name}: CPU s/GB`]: (cpuSeconds * 1e9) / (result.records * bytes),
    [`${name}: first assignment ms`]: result.rebalanceMs,
  };
}

export const bench: Bench = {
  name: 'java-consume',
  title: "Kafka's ConsumerPerformance with a group (one broker, 6 partitions)",
  bars: {},
  async open(side, { zookeeper, folder, progress }) {
    const target = await startTarget(side, { port: await freePort(), zookeeper, folder, properties: { 'group.initial.rebalance.delay.ms': 0, 'offsets.topic.replication.factor': 1 } });
    await target.createOffsetsTopic();
    for (const workload of workloads) await fill(target, workload);
    const measure = async (round: string): Promise<Figures> => {
      const all: Record<string, number> = {};
      for (const workload of workloads) {
        progress(`${round}: ${workload.name}`);
        Object.assign(all, await consume(target, workload, `${round}-${workload.topic}`));
      }
      return all;
    };
    for (let count = 0; count < 2; count++) await measure(`warm-${count}`);
    return { round: (number) => measure(`round-${number}`), close: () => target.stop() };
  },
};
