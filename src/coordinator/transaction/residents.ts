import type { ErrorName } from '../../protocol/errors.ts';
import { partitionFor } from '../partition-for.ts';
import { entryOf } from './transaction.ts';
import type { Transaction, TransactionEntry } from './transaction.ts';

/** A partition of `__transaction_state` that this broker leads. Made anew each time that leadership comes. */
export interface OwnedPartition {
  readonly partition: number;
  /** The leader epoch with which leadership came: markers carry it, and one of an earlier coordinator is refused. */
  readonly coordinatorEpoch: number;
  isLoading: boolean;
  readonly entries: Map<string, TransactionEntry>;
}

/** A transactional id and the leadership under which it is coordinated. */
export interface Resident {
  readonly owner: OwnedPartition;
  readonly entry: TransactionEntry;
}

/** The transactional ids of the partitions of `__transaction_state` that this broker leads. */
export interface Residents {
  readonly isLoading: boolean;
  [Symbol.iterator](): Iterator<Resident>;
  partitions(): Iterable<OwnedPartition>;
  owns(partition: number): boolean;
  /** Whether leadership has not gone meanwhile. */
  isCurrent(owner: OwnedPartition): boolean;
  /** @returns TRANSACTIONAL_ID_NOT_FOUND when it would be here but is not; else why it is not for this broker */
  find(transactionalId: string): Resident | ErrorName;
  /** As `find`, but an id that is not there is made. */
  findOrCreate(transactionalId: string, make: () => Transaction): Resident | ErrorName;
  beginLoading(partition: number, coordinatorEpoch: number): OwnedPartition;
  endLoading(owner: OwnedPartition, transactions: Iterable<Transaction>): readonly Resident[];
  /** The partition that is not led here any more. */
  giveUp(partition: number): OwnedPartition | undefined;
}

/** @param partitionCount of `__transaction_state`; undefined while the topic is not known */
export function createResidents(partitionCount: () => number | undefined): Residents {
  const owned = new Map<number, OwnedPartition>();
  let loading = 0;

  function ownerOf(transactionalId: string): OwnedPartition | undefined {
    const count = partitionCount();
    return count === undefined ? undefined : owned.get(partitionFor(transactionalId, count));
  }

  function find(transactionalId: string): Resident | ErrorName {
    const owner = ownerOf(transactionalId);
    if (owner === undefined) return 'NOT_COORDINATOR';
    if (owner.isLoading) return 'COORDINATOR_LOAD_IN_PROGRESS';
    const entry = owner.entries.get(transactionalId);
    return entry === undefined ? 'TRANSACTIONAL_ID_NOT_FOUND' : { owner, entry };
  }

  return {
    get isLoading() {
      return loading > 0;
    },
    *[Symbol.iterator]() {
      for (const owner of owned.values()) for (const entry of owner.entries.values()) yield { owner, entry };
    },
    partitions: () => owned.values(),
    owns: (partition) => owned.has(partition),
    isCurrent: (owner) => owned.get(owner.partition) === owner,
    find,
    findOrCreate(transactionalId, make) {
      const found = find(transactionalId);
      if (found !== 'TRANSACTIONAL_ID_NOT_FOUND') return found;
      const owner = ownerOf(transactionalId)!;
      const entry = entryOf(make());
      owner.entries.set(transactionalId, entry);
      return { owner, entry };
    },
    beginLoading(partition, coordinatorEpoch) {
      const owner: OwnedPartition = { partition, coordinatorEpoch, isLoading: true, entries: new Map() };
      owned.set(partition, owner);
      loading++;
      return owner;
    },
    endLoading(owner, transactions) {
      owner.isLoading = false;
      loading--;
      return Array.from(transactions, (transaction) => {
        const entry = entryOf(transaction);
        owner.entries.set(transaction.transactionalId, entry);
        return { owner, entry };
      });
    },
    giveUp(partition) {
      const owner = owned.get(partition);
      if (owner === undefined) return undefined;
      owned.delete(partition);
      if (owner.isLoading) loading--;
      return owner;
    },
  };
}
