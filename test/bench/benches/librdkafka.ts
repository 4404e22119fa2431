import type { Bench } from '../bench.ts';
import { librdkafkaProduce } from '../broker/librdkafka.ts';
import { matrixBench, produceMatrix } from '../broker/produce-bench.ts';

/** Its default batches are of 1 MB at most, after 5 ms. As with Kafka's tool, latencies are mostly the time in its own queue. */
export const bench: Bench = matrixBench({
  name: 'librdkafka',
  title: 'a producer with librdkafka, in C (one broker, 6 partitions, acks=1)',
  workloads: produceMatrix([3_000_000, 500_000]),
  produce: librdkafkaProduce,
});
