import { InvalidProperty } from '../runtime/config/definition.ts';
import { neverMs } from './in-sync.ts';

/** A replica as a selector sees it. */
export interface ReplicaView {
  readonly id: number;
  readonly rack: string | undefined;
  readonly logEndOffset: number;
  /** On the monotonic clock; `neverMs` for never. */
  readonly caughtUpAtMs: number;
}

/**
 * From which replica a consumer should read (KIP-392). Pure.
 * @param others replicas in the ISR that hold the offset asked for
 */
export type ReplicaSelector = (rack: string, leader: ReplicaView, others: readonly ReplicaView[]) => ReplicaView;

const rackAware = 'org.apache.kafka.common.replica.RackAwareReplicaSelector';

/**
 * @param className replica.selector.class; undefined for none: consumers read from the leader
 * @throws InvalidProperty for a class of somebody's own, since no Java class can be loaded here
 */
export function replicaSelectorOf(className: string | undefined): ReplicaSelector | undefined {
  if (className === undefined || className === '') return undefined;
  if (className === rackAware) return selectByRack;
  throw new InvalidProperty('replica.selector.class', className, `this broker knows ${rackAware} alone; set that, or leave the property out so that consumers read from leaders`);
}

/** The leader when it is in the consumer's rack or nobody is; else who is most caught up there. */
export const selectByRack: ReplicaSelector = (rack, leader, others) => {
  if (rack === '' || leader.rack === rack) return leader;
  const [first] = others.filter((replica) => replica.rack === rack).toSorted(byCatchingUp);
  return first ?? leader;
};

/** The most caught up first; of equals the one with the higher id. */
function byCatchingUp(one: ReplicaView, other: ReplicaView): number {
  if (one.logEndOffset !== other.logEndOffset) return other.logEndOffset - one.logEndOffset;
  if (one.caughtUpAtMs !== other.caughtUpAtMs) return one.caughtUpAtMs === neverMs || other.caughtUpAtMs > one.caughtUpAtMs ? 1 : -1;
  return other.id - one.id;
}
