import type { FaultKind } from '../cluster/fault.ts';

/** The ZooKeeper session ends while the broker runs and does not know it yet. */
export const expireSession: FaultKind = {
  name: 'expire-session',
  weight: 6,
  lengthMs: [0, 0],
  strike({ machines }, { victim }) {
    machines[victim]!.expireSession();
  },
};
