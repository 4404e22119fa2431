import type { FaultKind } from '../cluster/fault.ts';
import { troubleDisk } from './trouble-disk.ts';

/** Files cannot grow: a write leaves a part of its bytes and fails. */
export const fullDisk: FaultKind = {
  name: 'full-disk',
  weight: 3,
  lengthMs: [100, 15_000],
  strike: (cluster, fault) => troubleDisk(cluster, fault, { unwritable: 'ENOSPC' }),
};
