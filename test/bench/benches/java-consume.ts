import type { Bench } from '../bench.ts';
import { consumeBench } from '../broker/consume-bench.ts';
import { consumerPerformance } from '../broker/java-tools.ts';

export const bench: Bench = consumeBench({
  name: 'java-consume',
  title: "Kafka's ConsumerPerformance with a group (one broker, 6 partitions)",
  consume: consumerPerformance,
});
