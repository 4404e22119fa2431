import type { Bench } from '../bench.ts';
import { producerPerformance } from '../broker/java-tools.ts';
import { matrixBench, produceMatrix } from '../broker/produce-bench.ts';

/** Without a limit of its rate: its latencies are mostly the time in its own buffer, and it takes more of the processors than the brokers do. */
export const bench: Bench = matrixBench({
  name: 'java-produce',
  title: "Kafka's ProducerPerformance (one broker, 6 partitions, acks=1)",
  inQuick: true,
  workloads: produceMatrix([4_000_000, 1_000_000]),
  produce: producerPerformance,
});
