import type { Bench } from '../bench.ts';
import { startCluster } from '../broker/cluster.ts';
import { producerPerformance } from '../broker/java-tools.ts';
import { barOfEach, workloadsOn } from '../broker/produce-bench.ts';
import type { Workload } from '../broker/produce-bench.ts';

/** The CPU is that of all three brokers; a GB is counted once, as the producer sends it. */
const properties = { acks: 'all', 'enable.idempotence': 'false' };
const large = { 'batch.size': 131_072, 'linger.ms': 5 };
const workloads: readonly Workload[] = [
  { name: '100 B, default batches', bytes: 100, records: 300_000, properties },
  { name: '1 kB, default batches', bytes: 1000, records: 80_000, properties },
  { name: '1 kB, 128 kB batches', bytes: 1000, records: 200_000, properties: { ...properties, ...large } },
];

export const bench: Bench = {
  name: 'three-brokers',
  title: "Kafka's ProducerPerformance with acks=all (three brokers, replication factor 3, min.insync.replicas=2, 6 partitions)",
  bars: { ...barOfEach(workloads, 'records/s', { atLeast: 1.1 }), ...barOfEach(workloads, 'CPU s/GB', { atMost: 0.7 }) },
  async open(side, context) {
    const cluster = await startCluster(side, { ...context, properties: { 'min.insync.replicas': 2 } });
    const measure = workloadsOn(cluster, workloads, producerPerformance, context);
    await measure('warm');
    return { round: (number) => measure(`round-${number}`), close: () => cluster.stop() };
  },
};
