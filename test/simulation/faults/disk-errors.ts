import type { FaultKind } from '../cluster/fault.ts';
import { troubleDisk } from './trouble-disk.ts';

/** Reads, writes or fsyncs fail with EIO. */
export const diskErrors: FaultKind = {
  name: 'disk-errors',
  weight: 3,
  lengthMs: [100, 15_000],
  strike: (cluster, fault, random) => troubleDisk(cluster, fault, [{ isUnreadable: true }, { unwritable: 'EIO' as const }, { isSyncFailing: true }][random.integer(3)]!),
};
