import type { ErrorName } from '../../protocol/errors.ts';
import { KafkaError } from '../../protocol/errors.ts';
import type { ReplicaManager } from '../../replica/replica-manager.ts';
import type { Clock, Timer } from '../../runtime/clock.ts';
import type { BrokerConfig } from '../../runtime/config/broker-config.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { TopicPartition } from '../group/partition-map.ts';
import { addPartitions, verifyPartitions } from './add-partitions.ts';
import type { Producer } from './add-partitions.ts';
import { createCompletion } from './completion.ts';
import type { Destination, SendMarkers } from './completion.ts';
import { answer } from './decision.ts';
import type { Decision } from './decision.ts';
import { endTransaction, fence } from './end-transaction.ts';
import type { Outcome } from './end-transaction.ts';
import { isExpired, isTimedOut } from './expiry.ts';
import { initProducerId } from './init-producer-id.ts';
import type { InitProducerId, ProducerIdAndEpoch } from './init-producer-id.ts';
import { createResidency } from './residency.ts';
import { createResidents } from './residents.ts';
import type { OwnedPartition, Resident } from './residents.ts';
import { createTransactionLog } from './transaction-log.ts';
import { isCompleting, newTransaction, transactionStates } from './transaction.ts';
import type { Transaction, TransactionState } from './transaction.ts';

export interface TransactionFilter {
  /** Empty for all. */
  readonly states: readonly string[];
  readonly producerIds: readonly number[];
  /** Those that began longer ago; negative for all. Milliseconds. */
  readonly durationMs: number;
}

export interface ListedTransactions {
  readonly error: ErrorName;
  readonly unknownStates: readonly string[];
  readonly transactions: readonly Transaction[];
}

export type Done = (error: ErrorName) => void;

/**
 * The coordinator of the transactional ids that belong to this broker: those whose partition of `__transaction_state` it leads.
 * @see TransactionCoordinator in Apache Kafka 3.9
 */
export interface TransactionCoordinator {
  /** @param done `given` is undefined with an error */
  initProducerId(transactionalId: string, request: InitProducerId, done: (error: ErrorName, given: ProducerIdAndEpoch | undefined) => void): void;
  addPartitions(transactionalId: string, producer: Producer, partitions: readonly TopicPartition[], done: Done): void;
  /** Whether partitions are in the open transaction; an error for each, in their order. */
  verifyPartitions(transactionalId: string, producer: Producer, partitions: readonly TopicPartition[]): readonly ErrorName[];
  /** @param done is called when the outcome is stored; markers follow */
  endTransaction(transactionalId: string, producer: Producer, outcome: Outcome, done: Done): void;
  describe(transactionalId: string): Transaction | ErrorName;
  list(filter: TransactionFilter): ListedTransactions;
  start(): void;
  close(): void;
}

export interface TransactionCoordinatorOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: BrokerConfig;
  readonly replicas: ReplicaManager;
  /** Partitions of `__transaction_state`; undefined while the topic is not known. */
  readonly partitionCount: () => number | undefined;
  /** @throws KafkaError COORDINATOR_LOAD_IN_PROGRESS when none can be had now */
  readonly newProducerId: () => Promise<number>;
  readonly leaderOf: (topic: string, partition: number) => Destination;
  readonly sendMarkers: SendMarkers;
}

/**
 * How long a request waits for the markers of the transaction before, so that a producer need not ask again: Apache Kafka
 * answers CONCURRENT_TRANSACTIONS at once, and its client comes back after so long.
 * @see TransactionManager.ADD_PARTITIONS_RETRY_BACKOFF_MS in Apache Kafka 3.9
 */
const markerPatienceMs = 20;

/** Tombstones of expired ids go in batches of so many, each far below max.message.bytes as ids are short. */
const tombstonesMax = 500;

export function createTransactionCoordinator(options: TransactionCoordinatorOptions): TransactionCoordinator {
  const { clock, logger, config, replicas } = options;
  const log = createTransactionLog(replicas, clock, config['request.timeout.ms']);
  const residents = createResidents(options.partitionCount);
  const completion = createCompletion({ ...options, log, residents });
  const residency = createResidency({ ...options, residents, completion });
  const timers = new Map<string, Timer>();

  /** Stores where a transactional id goes next; it is there when the log has it. */
  function store(resident: Resident, next: Transaction, done: Done): void {
    const { owner, entry } = resident;
    entry.pending = next;
    log.append(owner.partition, next, (error) => {
      if (!residents.isCurrent(owner)) {
        done('NOT_COORDINATOR');
        return;
      }
      entry.pending = undefined;
      if (error === 'NONE') entry.transaction = next;
      else logger.info('a change of a transactional id is not stored', { transactionalId: next.transactionalId, state: next.state, error });
      done(error);
    });
  }

  function decided(resident: Resident, decision: Decision, done: Done): void {
    if (decision.kind === 'answer') done(decision.error);
    else store(resident, decision.next, done);
  }

  /** Decides, and once more when the transaction before is complete where that is what stands in the way. */
  function whenFree(resident: Resident, decide: () => Decision, then: (decision: Decision) => void): void {
    const decision = decide();
    if (decision.kind !== 'answer' || decision.error !== 'CONCURRENT_TRANSACTIONS' || !isCompleting(resident.entry.transaction)) then(decision);
    else completion.whenComplete(resident, markerPatienceMs, () => then(residents.isCurrent(resident.owner) ? decide() : answer('NOT_COORDINATOR')));
  }

  /** The producer is told of a stored outcome at once, before the markers are made: whoever reads them waits for them by itself. */
  function storeOutcome(resident: Resident, next: Transaction, done: Done): void {
    store(resident, next, (error) => {
      done(error);
      if (error === 'NONE') clock.defer(() => completion.complete(resident));
    });
  }

  function abortFenced(resident: Resident, done: Done): void {
    const { entry } = resident;
    const next = fence(entry, clock.nowMs());
    entry.transaction = { ...entry.transaction, producerEpoch: next.producerEpoch, lastProducerEpoch: next.lastProducerEpoch };
    storeOutcome(resident, next, (error) => {
      if (error !== 'NONE') entry.hasFailedFence = true;
      done(error);
    });
  }

  async function init(transactionalId: string, request: InitProducerId, newProducerId: number | undefined, done: (error: ErrorName, given: ProducerIdAndEpoch | undefined) => void): Promise<void> {
    const found = residents.find(transactionalId);
    const mustMake = found === 'TRANSACTIONAL_ID_NOT_FOUND';
    if (typeof found === 'string' && !mustMake) return done(found, undefined);
    if (mustMake && newProducerId === undefined) return init(transactionalId, request, await options.newProducerId(), done);
    const resident = residents.findOrCreate(transactionalId, () => newTransaction(transactionalId, newProducerId!, request.timeoutMs, clock.nowMs()));
    if (typeof resident === 'string') return done(resident, undefined);
    const decision = initProducerId(resident.entry, request, newProducerId, clock.nowMs());
    switch (decision.kind) {
      case 'new-producer-id':
        return init(transactionalId, request, await options.newProducerId(), done);
      case 'fence':
        return abortFenced(resident, (error) => done(error === 'NONE' ? 'CONCURRENT_TRANSACTIONS' : error, undefined));
      case 'answer':
        return done(decision.error, undefined);
      case 'store':
        return store(resident, decision.next, (error) => done(error, error === 'NONE' ? { producerId: decision.next.producerId, epoch: decision.next.producerEpoch } : undefined));
    }
  }

  /** As the answer to a producer: an id that is not here is one that it does not have. */
  function findFor(transactionalId: string): Resident | ErrorName {
    if (transactionalId === '') return 'INVALID_REQUEST';
    const found = residents.find(transactionalId);
    return found === 'TRANSACTIONAL_ID_NOT_FOUND' ? 'INVALID_PRODUCER_ID_MAPPING' : found;
  }

  function abortTimedOut(): void {
    const nowMs = clock.nowMs();
    for (const resident of [...residents].filter(({ entry }) => isTimedOut(entry, nowMs))) {
      const { transactionalId, timeoutMs } = resident.entry.transaction;
      abortFenced(resident, (error) => {
        if (error === 'NONE') logger.info('a transaction took too long and is aborted', { transactionalId, timeoutMs });
        else logger.warn('a transaction that took too long is not aborted yet', { transactionalId, error });
      });
    }
  }

  function removeExpired(): void {
    const nowMs = clock.nowMs();
    for (const owner of residents.partitions()) {
      const expired = [...owner.entries.values()].filter((entry) => isExpired(entry, nowMs, config['transactional.id.expiration.ms']));
      for (let start = 0; start < expired.length; start += tombstonesMax) bury(owner, expired.slice(start, start + tombstonesMax));
    }
  }

  function bury(owner: OwnedPartition, expired: readonly Resident['entry'][]): void {
    for (const entry of expired) entry.pending = { ...entry.transaction, state: 'Dead' };
    log.appendTombstones(owner.partition, expired.map(({ transaction }) => transaction.transactionalId), (error) => {
      if (!residents.isCurrent(owner)) return;
      for (const entry of expired) {
        entry.pending = undefined;
        if (error === 'NONE') owner.entries.delete(entry.transaction.transactionalId);
      }
      if (error === 'NONE') logger.info('transactional ids expired', { partition: owner.partition, transactionalIds: expired.length });
      else logger.warn('tombstones of expired transactional ids not appended', { partition: owner.partition, transactionalIds: expired.length, error });
    });
  }

  function repeat(property: 'transaction.abort.timed.out.transaction.cleanup.interval.ms' | 'transaction.remove.expired.transaction.cleanup.interval.ms', work: () => void): void {
    timers.set(
      property,
      clock.setTimer(config[property], () => {
        work();
        repeat(property, work);
      }),
    );
  }

  return {
    initProducerId(transactionalId, request, done) {
      if (transactionalId === '') done('INVALID_REQUEST', undefined);
      else if (request.timeoutMs <= 0 || request.timeoutMs > config['transaction.max.timeout.ms']) done('INVALID_TRANSACTION_TIMEOUT', undefined);
      else init(transactionalId, request, undefined, done).catch((error: unknown) => {
        if (!(error instanceof KafkaError)) logger.error('InitProducerId failed by a bug', { transactionalId, error });
        done(error instanceof KafkaError ? error.name : 'UNKNOWN_SERVER_ERROR', undefined);
      });
    },
    addPartitions(transactionalId, producer, partitions, done) {
      const resident = findFor(transactionalId);
      if (typeof resident === 'string') done(resident);
      else whenFree(resident, () => addPartitions(resident.entry, producer, partitions, clock.nowMs()), (decision) => decided(resident, decision, done));
    },
    verifyPartitions(transactionalId, producer, partitions) {
      const resident = findFor(transactionalId);
      return typeof resident === 'string' ? partitions.map(() => resident) : verifyPartitions(resident.entry, producer, partitions);
    },
    endTransaction(transactionalId, producer, outcome, done) {
      const resident = findFor(transactionalId);
      if (typeof resident === 'string') return done(resident);
      const decision = endTransaction(resident.entry, producer, outcome, clock.nowMs());
      if (decision.kind === 'answer') done(decision.error);
      else storeOutcome(resident, decision.next, done);
    },
    describe(transactionalId) {
      if (transactionalId === '') return 'INVALID_REQUEST';
      const found = residents.find(transactionalId);
      return typeof found === 'string' ? found : found.entry.transaction;
    },
    list({ states, producerIds, durationMs }) {
      if (residents.isLoading) return { error: 'COORDINATOR_LOAD_IN_PROGRESS', unknownStates: [], transactions: [] };
      const nowMs = clock.nowMs();
      const isAsked = ({ state, producerId, startMs }: Transaction): boolean =>
        (states.length === 0 || states.includes(state)) && (producerIds.length === 0 || producerIds.includes(producerId)) && (durationMs < 0 || nowMs - startMs > durationMs);
      return {
        error: 'NONE',
        unknownStates: states.filter((state) => !transactionStates.includes(state as TransactionState)),
        transactions: Array.from(residents, ({ entry }) => entry.transaction).filter(isAsked),
      };
    },
    start() {
      residency.start();
      repeat('transaction.abort.timed.out.transaction.cleanup.interval.ms', abortTimedOut);
      repeat('transaction.remove.expired.transaction.cleanup.interval.ms', removeExpired);
    },
    close() {
      for (const timer of timers.values()) timer.cancel();
      completion.close();
      residency.close();
    },
  };
}
