import type { FaultKind } from '../cluster/fault.ts';

/** Connections of a broker are lost, all or some, with what is on the way. */
export const cutConnections: FaultKind = {
  name: 'cut-connections',
  weight: 6,
  lengthMs: [0, 0],
  strike({ machines }, { victim }, random) {
    const isAll = random.oneIn(2);
    machines[victim]!.cutConnections(() => isAll || random.oneIn(2));
  },
};
