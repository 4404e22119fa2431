import type { CreateLiveChecker } from '../../cluster/observer.ts';

/**
 * Leader epoch and partition epoch name one leader and one ISR: those that ZooKeeper stored with them. No broker believes
 * anything else of them, and in one life none goes back to an earlier pair.
 */
export const oneIsrPerEpoch: CreateLiveChecker = ({ cluster }) => {
  const written = new Map<string, string>();
  const said = ({ leader, isr }: { readonly leader: number; readonly isr: readonly number[] }): string => `leader ${leader} and ISR [${isr.join()}]`;
  return {
    stored: ({ key, state, version }) => void written.set(`${key}@${state.leaderEpoch}/${version}`, said(state)),
    replicaChanged({ key, machine, state }, before) {
      if (before?.state === state) return;
      const { leaderEpoch, partitionEpoch } = state;
      const due = written.get(`${key}@${leaderEpoch}/${partitionEpoch}`);
      if (due !== said(state)) cluster.violate(`${machine.name} believes in ${said(state)} of ${key} in leader epoch ${leaderEpoch}, partition epoch ${partitionEpoch}, which had ${due ?? 'neither'}`);
      if (before === undefined) return;
      const isBack = leaderEpoch < before.state.leaderEpoch || (leaderEpoch === before.state.leaderEpoch && partitionEpoch < before.state.partitionEpoch);
      if (isBack) cluster.violate(`${machine.name} went back from epochs ${before.state.leaderEpoch}/${before.state.partitionEpoch} of ${key} to ${leaderEpoch}/${partitionEpoch}`);
    },
  };
};
