import { prepareStream } from './record-stream.ts';
import type { Workload } from './workload.ts';

/** Small segments, and few of them are kept: the log's start moves all the time, on each replica by itself. */
export const retention: Workload = {
  name: 'retention',
  prepare: (cluster, random) =>
    prepareStream(cluster, random, {
      topic: 'metrics',
      acks: 'all',
      promises: { isDurable: true, isTrimmed: true },
      configs: { 'min.insync.replicas': '2', 'segment.bytes': '2048', 'retention.bytes': String(4096 + random.integer(8192)), 'file.delete.delay.ms': '1000' },
    }),
};
