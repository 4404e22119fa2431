import type { PartitionState } from '../zookeeper/znodes/partition-state.ts';

/**
 * Who leads: pure decisions of the controller. `live` holds the brokers that may lead, `controllerEpoch` is the epoch of
 * who decides; the result is what the state znode is to hold.
 */

/** A new partition: the first living replica leads, all living ones are in sync. Undefined when none lives. */
export function firstState(replicas: readonly number[], live: ReadonlySet<number>, controllerEpoch: number): PartitionState | undefined {
  const isr = replicas.filter((id) => live.has(id));
  const [leader] = isr;
  return leader === undefined ? undefined : { controllerEpoch, leader, leaderEpoch: 0, isr, leaderRecoveryState: 'RECOVERED' };
}

/**
 * The leader is gone: the first replica in the order of the assignment that lives and is in sync takes over; else, where
 * unclean.leader.election.enable allows it, the first that lives. Undefined when nobody can.
 */
export function electOffline(replicas: readonly number[], state: PartitionState, live: ReadonlySet<number>, isUncleanAllowed: boolean, controllerEpoch: number): PartitionState | undefined {
  const clean = replicas.find((id) => live.has(id) && state.isr.includes(id));
  const next = { ...state, controllerEpoch, leaderEpoch: state.leaderEpoch + 1 };
  if (clean !== undefined) return { ...next, leader: clean, isr: state.isr.filter((id) => live.has(id)) };
  const unclean = isUncleanAllowed ? replicas.find((id) => live.has(id)) : undefined;
  return unclean === undefined ? undefined : { ...next, leader: unclean, isr: [unclean], leaderRecoveryState: 'RECOVERING' };
}

/** The preferred leader takes over when it lives and is in sync; undefined when it leads already or cannot. */
export function electPreferred(replicas: readonly number[], state: PartitionState, live: ReadonlySet<number>, controllerEpoch: number): PartitionState | undefined {
  const [preferred] = replicas;
  if (preferred === undefined || preferred === state.leader || !live.has(preferred) || !state.isr.includes(preferred)) return undefined;
  return { ...state, controllerEpoch, leader: preferred, leaderEpoch: state.leaderEpoch + 1 };
}

/** The same leader and ISR in a new epoch: brokers take a request seriously only with one. */
export function withNewEpoch(state: PartitionState, controllerEpoch: number): PartitionState {
  return { ...state, controllerEpoch, leaderEpoch: state.leaderEpoch + 1 };
}

/** A reassignment is complete and its leader is not among the targets: the first of them that lives and is in sync. */
export function electReassigned(target: readonly number[], state: PartitionState, live: ReadonlySet<number>, controllerEpoch: number): PartitionState | undefined {
  const leader = target.find((id) => live.has(id) && state.isr.includes(id));
  return leader === undefined ? undefined : { ...withNewEpoch(state, controllerEpoch), leader };
}

/**
 * A broker stops and hands over: the first replica that lives, is in sync and does not stop leads; those that stop leave the ISR.
 * Undefined when nobody else can: then the stopping broker keeps the partition.
 */
export function electForShutdown(replicas: readonly number[], state: PartitionState, live: ReadonlySet<number>, stopping: ReadonlySet<number>, controllerEpoch: number): PartitionState | undefined {
  const leader = replicas.find((id) => live.has(id) && !stopping.has(id) && state.isr.includes(id));
  if (leader === undefined) return undefined;
  return { ...state, controllerEpoch, leader, leaderEpoch: state.leaderEpoch + 1, isr: state.isr.filter((id) => !stopping.has(id)) };
}

/**
 * A replica goes offline: it leaves the ISR unless it is the last member, who alone has everything; where it led, nobody leads.
 * In a new epoch also where that changes nothing. Undefined when it was not in the ISR.
 */
export function takenOffline(state: PartitionState, gone: number, controllerEpoch: number): PartitionState | undefined {
  if (!state.isr.includes(gone)) return undefined;
  const leader = state.leader === gone ? -1 : state.leader;
  const isr = state.isr.length === 1 ? state.isr : state.isr.filter((id) => id !== gone);
  return { ...withNewEpoch(state, controllerEpoch), leader, isr };
}

/** The same; undefined also where nothing but the epoch would change. */
export function withoutReplica(state: PartitionState, gone: number, controllerEpoch: number): PartitionState | undefined {
  const next = takenOffline(state, gone, controllerEpoch);
  return next === undefined || (next.leader === state.leader && next.isr === state.isr) ? undefined : next;
}

export interface Living {
  /** Brokers that are registered. */
  readonly registered: ReadonlySet<number>;
  /** Those of them that may lead: a broker that is about to stop may not. */
  readonly electable: ReadonlySet<number>;
}

/** True when a partition has no leader and only one that lost records, or may have, could take over. */
export function needsUncleanElection(replicas: readonly number[], state: PartitionState, { registered, electable }: Living): boolean {
  if (registered.has(state.leader)) return false;
  return !state.isr.some((id) => electable.has(id)) && replicas.some((id) => electable.has(id));
}

/**
 * What a partition's state becomes when brokers have come or gone: a dead leader is replaced where it can be, dead members
 * leave the ISR. Undefined when it stays.
 */
export function repaired(replicas: readonly number[], state: PartitionState, living: Living, isUncleanAllowed: boolean, controllerEpoch: number): PartitionState | undefined {
  if (!living.registered.has(state.leader)) {
    const elected = electOffline(replicas, state, living.electable, isUncleanAllowed, controllerEpoch);
    if (elected !== undefined) return elected;
  }
  let next: PartitionState | undefined;
  for (const id of state.isr) if (!living.registered.has(id)) next = withoutReplica(next ?? state, id, controllerEpoch) ?? next;
  return next === undefined ? undefined : { ...next, leaderEpoch: state.leaderEpoch + 1 };
}
