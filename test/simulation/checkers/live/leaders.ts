import type { CreateLiveChecker } from '../../cluster/observer.ts';

/** No two brokers lead a partition in one epoch, and none leads in an epoch that ZooKeeper gave to another. */
export const oneLeaderPerEpoch: CreateLiveChecker = ({ cluster }) => {
  const leaders = new Map<string, number>();
  function leads(key: string, epoch: number, id: number, who: string): void {
    const known = leaders.get(`${key}@${epoch}`);
    if (known === undefined) leaders.set(`${key}@${epoch}`, id);
    else if (known !== id) cluster.violate(`${who} says that broker ${id} leads ${key} in epoch ${epoch}, which is broker ${known}'s`);
  }
  return {
    replicaChanged(now, before) {
      if (now.isLeader && (before?.isLeader !== true || before.leaderEpoch !== now.leaderEpoch)) leads(now.key, now.leaderEpoch, now.machine.id, now.machine.name);
    },
    stored({ key, state }) {
      if (state.leader >= 0) leads(key, state.leaderEpoch, state.leader, 'ZooKeeper');
    },
  };
};
