import { prepareStream } from './record-stream.ts';
import type { Workload } from './workload.ts';

/** What most people rely on: three replicas, two of them in sync at least, and acks=all. Nothing acknowledged is ever lost. */
export const acksAll: Workload = {
  name: 'acks-all',
  prepare: (cluster, random) =>
    prepareStream(cluster, random, {
      topic: 'orders',
      acks: 'all',
      promises: { isDurable: true, isIdempotent: true, isTrimmed: false },
      configs: { 'min.insync.replicas': '2', 'segment.bytes': String([1 << 30, 65_536, 4096][random.integer(3)]!) },
    }),
};
