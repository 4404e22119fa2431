import { prepareStream } from './record-stream.ts';
import type { Workload } from './workload.ts';

/** The leader's word is enough: what it alone had may be lost with it, and nothing else. */
export const acksOne: Workload = {
  name: 'acks-one',
  prepare: (cluster, random) => prepareStream(cluster, random, { topic: 'clicks', acks: 1, promises: { isDurable: false, isTrimmed: false }, configs: { 'min.insync.replicas': '1' } }),
};
