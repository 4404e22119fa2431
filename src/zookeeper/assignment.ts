import type { Random } from '../runtime/random.ts';

/** A broker that may get replicas. */
export interface AssignableBroker {
  readonly id: number;
  readonly rack: string | undefined;
}

/** When partitions are added: how many there are, and the place of partition 0's first replica in the broker list. */
export interface AssignmentStart {
  readonly startPartition?: number;
  readonly fixedStartIndex?: number;
}

export type AssignmentErrorName = 'INVALID_PARTITIONS' | 'INVALID_REPLICATION_FACTOR' | 'BROKER_NOT_AVAILABLE';

export class AssignmentError extends Error {
  override readonly name: AssignmentErrorName;

  constructor(name: AssignmentErrorName, detail: string) {
    super(detail);
    this.name = name;
  }
}

/**
 * Spreads replicas over brokers as Kafka does: first replicas round robin from a random start, the others a growing
 * shift further, each on another rack as long as racks last (AdminUtils.assignReplicasToBrokers, KIP-36).
 *
 * @returns broker ids of each partition from `startPartition` (0 unless given) on, the preferred leader first
 * @throws AssignmentError
 */
export function assignReplicas(liveBrokers: readonly AssignableBroker[], partitions: number, replicationFactor: number, random: Random, start: AssignmentStart = {}): number[][] {
  if (partitions <= 0) throw new AssignmentError('INVALID_PARTITIONS', 'Number of partitions must be larger than 0.');
  if (replicationFactor <= 0) throw new AssignmentError('INVALID_REPLICATION_FACTOR', 'Replication factor must be larger than 0.');
  if (replicationFactor > liveBrokers.length) {
    throw new AssignmentError('INVALID_REPLICATION_FACTOR', `Replication factor: ${replicationFactor} larger than available brokers: ${liveBrokers.length}.`);
  }
  const brokers = liveBrokers.toSorted((a, b) => a.id - b.id);
  const hasRacks = brokers.every(({ rack }) => rack !== undefined);
  const list = hasRacks ? alternatedByRack(brokers) : brokers;
  const startIndex = start.fixedStartIndex ?? random.integer(list.length);
  const firstPartition = Math.max(0, start.startPartition ?? 0);
  let shift = start.fixedStartIndex ?? random.integer(list.length);
  const assignment: number[][] = [];
  for (let partition = firstPartition; partition < firstPartition + partitions; partition++) {
    if (partition > 0 && partition % list.length === 0) shift++;
    const first = (partition + startIndex) % list.length;
    assignment.push((hasRacks ? rackAware : plain)(list, first, shift, replicationFactor));
  }
  return assignment;
}

function plain(list: readonly AssignableBroker[], first: number, shift: number, replicationFactor: number): number[] {
  const replicas = [list[first]!.id];
  for (let index = 0; index < replicationFactor - 1; index++) {
    replicas.push(list[(first + 1 + ((shift + index) % (list.length - 1))) % list.length]!.id);
  }
  return replicas;
}

function rackAware(list: readonly AssignableBroker[], first: number, shift: number, replicationFactor: number): number[] {
  const racks = new Set(list.map(({ rack }) => rack)).size;
  const usedBrokers = new Set([list[first]!.id]);
  const usedRacks = new Set([list[first]!.rack]);
  for (let index = 0; usedBrokers.size < replicationFactor; index++) {
    const candidate = list[(first + 1 + ((shift * racks + index) % (list.length - 1))) % list.length]!;
    const isRackDone = usedRacks.has(candidate.rack) && usedRacks.size < racks;
    if (isRackDone || usedBrokers.has(candidate.id)) continue;
    usedBrokers.add(candidate.id);
    usedRacks.add(candidate.rack);
  }
  return [...usedBrokers];
}

/** One broker of each rack in turn: racks by name, a rack's brokers by id. */
function alternatedByRack(brokers: readonly AssignableBroker[]): AssignableBroker[] {
  const byRack = new Map<string, AssignableBroker[]>();
  for (const broker of brokers) byRack.set(broker.rack ?? '', [...(byRack.get(broker.rack ?? '') ?? []), broker]);
  const racks = [...byRack.keys()].sort();
  const list: AssignableBroker[] = [];
  for (let round = 0; list.length < brokers.length; round++) {
    for (const rack of racks) {
      const broker = byRack.get(rack)![round];
      if (broker !== undefined) list.push(broker);
    }
  }
  return list;
}
