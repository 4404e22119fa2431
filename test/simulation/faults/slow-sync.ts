import type { FaultKind } from '../cluster/fault.ts';
import { troubleDisk } from './trouble-disk.ts';

/** Each fsync stops the process for up to two seconds. */
export const slowSync: FaultKind = {
  name: 'slow-sync',
  weight: 3,
  lengthMs: [100, 15_000],
  strike: (cluster, fault, random) => troubleDisk(cluster, fault, { syncStallMs: 1 + random.integer(2000) }),
};
