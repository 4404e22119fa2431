/*
 * Where the replicas of new partitions go: Kafka's AdminUtils.assignReplicasToBrokers, to the letter, so that a topic
 * made here lies as one made there. Leaders go round the brokers from a random start; the second replica of each
 * partition stands `shift` brokers behind its leader, the third one more, and the shift grows by one with every round:
 *
 *   5 brokers, shift 0     p0   p1   p2   p3   p4   p5   p6 …
 *   leader                  0    1    2    3    4    0    1
 *   second                  1    2    3    4    0    2    3
 *   third                   2    3    4    0    1    3    4
 *
 * With racks, brokers are first put in an order in which racks alternate; a broker is passed over while its rack has a
 * replica and another rack has none.
 */
import type { Random } from '../runtime/random.ts';

export interface AssignableBroker {
  readonly id: number;
  readonly rack: string | undefined;
}

export interface AssignmentOptions {
  /** Makes the outcome certain: place in the broker list of the first leader, and first shift (>= 0). */
  readonly fixedStartIndex?: number | undefined;
  /** Number of the first partition to assign, when partitions are added; default 0. */
  readonly startPartition?: number | undefined;
}

/** Why no assignment can be made; the names are those of the protocol's errors. */
export class AssignmentError extends Error {
  override readonly name: 'INVALID_PARTITIONS' | 'INVALID_REPLICATION_FACTOR' | 'INVALID_REPLICA_ASSIGNMENT';

  constructor(name: AssignmentError['name'], detail: string) {
    super(detail);
    this.name = name;
  }
}

/**
 * Chooses brokers for partitions.
 *
 * @param brokers all live brokers; either each has a rack or none has (see `withoutPartialRacks`)
 * @returns broker ids by partition, from `startPartition` on, the preferred leader first
 * @throws AssignmentError
 */
export function assignReplicas(
  brokers: readonly AssignableBroker[],
  partitionCount: number,
  replicationFactor: number,
  random: Random,
  options: AssignmentOptions = {},
): number[][] {
  if (partitionCount <= 0) throw new AssignmentError('INVALID_PARTITIONS', 'Number of partitions must be larger than 0.');
  if (replicationFactor <= 0) throw new AssignmentError('INVALID_REPLICATION_FACTOR', 'Replication factor must be larger than 0.');
  if (replicationFactor > brokers.length) {
    throw new AssignmentError('INVALID_REPLICATION_FACTOR', `Replication factor: ${replicationFactor} larger than available brokers: ${brokers.length}.`);
  }
  const racked = brokers.filter(({ rack }) => rack !== undefined);
  if (racked.length > 0 && racked.length < brokers.length) {
    throw new AssignmentError('INVALID_REPLICA_ASSIGNMENT', 'Not all brokers have rack information for replica rack aware assignment.');
  }
  const ordered = racked.length > 0 ? alternateRacks(brokers) : [...brokers].sort((a, b) => a.id - b.id);
  const rackCount = new Set(racked.map(({ rack }) => rack)).size;
  const startIndex = options.fixedStartIndex ?? random.integer(ordered.length);
  let shift = options.fixedStartIndex ?? random.integer(ordered.length);
  const first = Math.max(0, options.startPartition ?? 0);
  return Array.from({ length: partitionCount }, (_, index) => {
    const partition = first + index;
    if (partition > 0 && partition % ordered.length === 0) shift++;
    const leaderIndex = (partition + startIndex) % ordered.length;
    return rackCount > 0 ? rackAwareReplicas(ordered, leaderIndex, shift * rackCount, replicationFactor, rackCount) : replicasBehind(ordered, leaderIndex, shift, replicationFactor);
  });
}

function replicasBehind(ordered: readonly AssignableBroker[], leaderIndex: number, shift: number, replicationFactor: number): number[] {
  return Array.from({ length: replicationFactor }, (_, replica) => ordered[replica === 0 ? leaderIndex : followerIndex(leaderIndex, shift, replica - 1, ordered.length)]!.id);
}

function followerIndex(leaderIndex: number, shift: number, replica: number, brokerCount: number): number {
  return (leaderIndex + 1 + ((shift + replica) % (brokerCount - 1))) % brokerCount;
}

function rackAwareReplicas(ordered: readonly AssignableBroker[], leaderIndex: number, shift: number, replicationFactor: number, rackCount: number): number[] {
  const leader = ordered[leaderIndex]!;
  const replicas = [leader.id];
  const racks = new Set([leader.rack]);
  for (let step = 0; replicas.length < replicationFactor; step++) {
    const { id, rack } = ordered[followerIndex(leaderIndex, shift, step, ordered.length)]!;
    const isRackFree = !racks.has(rack) || racks.size === rackCount;
    if (!isRackFree || replicas.includes(id)) continue;
    replicas.push(id);
    racks.add(rack);
  }
  return replicas;
}

/** One broker of each rack in turn, racks by name and brokers by id. */
export function alternateRacks(brokers: readonly AssignableBroker[]): AssignableBroker[] {
  const byRack = new Map<string, AssignableBroker[]>();
  for (const broker of [...brokers].sort((a, b) => a.id - b.id)) {
    const rack = broker.rack ?? '';
    byRack.set(rack, [...(byRack.get(rack) ?? []), broker]);
  }
  const racks = [...byRack.keys()].sort().map((rack) => byRack.get(rack)!);
  const most = Math.max(0, ...racks.map((rack) => rack.length));
  return Array.from({ length: most }, (_, place) => racks.flatMap((rack) => rack.slice(place, place + 1))).flat();
}

/** Racks count only where every broker has one: RackAwareMode.Safe. */
export function withoutPartialRacks(brokers: readonly AssignableBroker[]): readonly AssignableBroker[] {
  return brokers.every(({ rack }) => rack !== undefined) ? brokers : brokers.map(({ id }) => ({ id, rack: undefined }));
}
