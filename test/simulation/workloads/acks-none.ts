import { prepareStream } from './record-stream.ts';
import type { Workload } from './workload.ts';

/** Nobody answers: anything may be lost, and nothing is made up. */
export const acksNone: Workload = {
  name: 'acks-none',
  prepare: (cluster, random) => prepareStream(cluster, random, { topic: 'traces', acks: 0, promises: { isDurable: false, isTrimmed: false, isUnordered: true }, configs: {} }),
};
