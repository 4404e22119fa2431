import type { Bench } from '../bench.ts';
import { consumeBench } from '../broker/consume-bench.ts';
import { librdkafkaConsume } from '../broker/librdkafka.ts';

export const bench: Bench = consumeBench({
  name: 'librdkafka-consume',
  title: 'a consumer with librdkafka, in C, with a group (one broker, 6 partitions)',
  consume: librdkafkaConsume,
});
