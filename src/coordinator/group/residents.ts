import type { ErrorName } from '../../protocol/errors.ts';
import type { Timer } from '../../runtime/clock.ts';
import { partitionFor } from '../partition-for.ts';
import { Group } from './group.ts';

/** A group that this broker coordinates, and the one timer that it has. */
export interface Resident {
  readonly group: Group;
  /** Of `__consumer_offsets`. */
  readonly partition: number;
  timer: Timer | undefined;
  /** When the timer goes off; monotonic milliseconds, Infinity for never. */
  timerAtMs: number;
}

/** Made anew each time that leadership comes, so that what was begun under an earlier one can tell. */
export interface OwnedPartition {
  isLoading: boolean;
  readonly groups: Map<string, Resident>;
  /** Groups that hold offsets of a producer's open transaction. */
  readonly openProducers: Map<number, Set<Resident>>;
}

/** The groups of the partitions of `__consumer_offsets` that this broker leads. */
export interface Residents {
  readonly isLoading: boolean;
  [Symbol.iterator](): Iterator<Resident>;
  /** Groups by partition, so that a long walk can rest in between. */
  partitions(): Iterable<ReadonlyMap<string, Resident>>;
  owns(partition: number): boolean;
  isCurrent(partition: number, owner: OwnedPartition): boolean;
  /**
   * @param mayBeEmpty offsets may be kept under the empty group id, of clients that gave none
   * @returns the group; GROUP_ID_NOT_FOUND when it would be here but is not; else why it is not for this broker
   */
  find(groupId: string, mayBeEmpty: boolean): Resident | ErrorName;
  /** As `find`, but a group that is not there is made. */
  findOrCreate(groupId: string, mayBeEmpty: boolean, wallMs: number): Resident | ErrorName;
  beginLoading(partition: number): OwnedPartition;
  endLoading(partition: number, groups: readonly Group[]): readonly Resident[];
  /** The groups that were here. */
  giveUp(partition: number): readonly Resident[];
  remove(resident: Resident): void;
  opened(producerId: number, resident: Resident): void;
  openOf(producerId: number, partition: number): readonly Resident[];
  closed(producerId: number, resident: Resident): void;
}

const none: readonly Resident[] = [];

/** @param partitionCount of `__consumer_offsets`; undefined while the topic is not known */
export function createResidents(partitionCount: () => number | undefined): Residents {
  const owned = new Map<number, OwnedPartition>();
  let loading = 0;

  function put(owner: OwnedPartition, partition: number, group: Group): Resident {
    const resident: Resident = { group, partition, timer: undefined, timerAtMs: Infinity };
    owner.groups.set(group.id, resident);
    for (const producerId of group.offsets.openProducers) open(owner, producerId, resident);
    return resident;
  }

  function open({ openProducers }: OwnedPartition, producerId: number, resident: Resident): void {
    const groups = openProducers.get(producerId);
    if (groups === undefined) openProducers.set(producerId, new Set([resident]));
    else groups.add(resident);
  }

  function close(owner: OwnedPartition | undefined, producerId: number, resident: Resident): void {
    const groups = owner?.openProducers.get(producerId);
    groups?.delete(resident);
    if (groups?.size === 0) owner?.openProducers.delete(producerId);
  }

  function find(groupId: string, mayBeEmpty: boolean): Resident | ErrorName {
    if (groupId === '' && !mayBeEmpty) return 'INVALID_GROUP_ID';
    const count = partitionCount();
    const owner = count === undefined ? undefined : owned.get(partitionFor(groupId, count));
    if (owner === undefined) return 'NOT_COORDINATOR';
    return owner.isLoading ? 'COORDINATOR_LOAD_IN_PROGRESS' : (owner.groups.get(groupId) ?? 'GROUP_ID_NOT_FOUND');
  }

  return {
    get isLoading() {
      return loading > 0;
    },
    *[Symbol.iterator]() {
      for (const { groups } of owned.values()) yield* groups.values();
    },
    *partitions() {
      for (const { groups } of owned.values()) yield groups;
    },
    owns: (partition) => owned.has(partition),
    isCurrent: (partition, owner) => owned.get(partition) === owner,
    find,
    findOrCreate(groupId, mayBeEmpty, wallMs) {
      const found = find(groupId, mayBeEmpty);
      if (found !== 'GROUP_ID_NOT_FOUND') return found;
      const partition = partitionFor(groupId, partitionCount()!);
      return put(owned.get(partition)!, partition, new Group(groupId, wallMs));
    },
    beginLoading(partition) {
      const owner: OwnedPartition = { isLoading: true, groups: new Map(), openProducers: new Map() };
      owned.set(partition, owner);
      loading++;
      return owner;
    },
    endLoading(partition, groups) {
      const owner = owned.get(partition);
      if (owner === undefined) return none;
      owner.isLoading = false;
      loading--;
      return groups.map((group) => put(owner, partition, group));
    },
    giveUp(partition) {
      const owner = owned.get(partition);
      if (owner === undefined) return none;
      owned.delete(partition);
      if (owner.isLoading) loading--;
      return [...owner.groups.values()];
    },
    remove(resident) {
      const owner = owned.get(resident.partition);
      if (owner?.groups.get(resident.group.id) !== resident) return;
      owner.groups.delete(resident.group.id);
      for (const producerId of resident.group.offsets.openProducers) close(owner, producerId, resident);
    },
    opened(producerId, resident) {
      const owner = owned.get(resident.partition);
      if (owner !== undefined) open(owner, producerId, resident);
    },
    openOf: (producerId, partition) => [...(owned.get(partition)?.openProducers.get(producerId) ?? none)],
    closed: (producerId, resident) => close(owned.get(resident.partition), producerId, resident),
  };
}
