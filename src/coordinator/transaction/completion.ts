import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { TopicPartition } from '../group/partition-map.ts';
import { completed, outcomeOf } from './end-transaction.ts';
import { afterMarker } from './marker.ts';
import type { Marker, MarkerResult } from './marker.ts';
import { listOf, withoutPartition } from './partitions.ts';
import type { Resident, Residents } from './residents.ts';
import type { TransactionEntry } from './transaction.ts';
import type { TransactionLog } from './transaction-log.ts';

/** Where a marker goes: to a broker; nowhere now, since the leader is not known or not alive; or nowhere at all any more. */
export type Destination = number | 'unknown' | 'deleted';

export interface CompletionOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly log: TransactionLog;
  readonly residents: Residents;
  readonly leaderOf: (topic: string, partition: number) => Destination;
  readonly sendMarkers: SendMarkers;
}

/** @param done gets the results of each marker, or an error when it is not known whether they were written; at once where this broker leads */
export type SendMarkers = (brokerId: number, markers: readonly Marker[], done: (results: readonly (readonly MarkerResult[])[] | Error) => void) => void;

/** Carries outcomes out. From the stored outcome on there is no way back: markers are sent until they are written, or leadership goes. */
export interface Completion {
  /** The outcome is stored: sends the markers, then stores that the transaction is complete. */
  complete(resident: Resident): void;
  /** Calls back once: when the transaction is complete, or after `patienceMs`. */
  whenComplete(resident: Resident, patienceMs: number, then: () => void): void;
  close(): void;
}

interface Queue {
  readonly markers: Map<Resident, TopicPartition[]>;
  isSending: boolean;
}

/** Pause before partitions whose marker could not be written, and records that could not be stored, are tried again. */
const retryMs = 100;

export function createCompletion(options: CompletionOptions): Completion {
  const { clock, logger, log, residents, leaderOf } = options;
  const queues = new Map<number, Queue>();
  const waiting = new Map<TransactionEntry, Set<() => void>>();
  const isWanted = ({ owner }: Resident): boolean => !isClosed && residents.isCurrent(owner);
  let isClosed = false;
  let again: { resident: Resident; partitions: readonly TopicPartition[] }[] = [];

  function queueOf(broker: number): Queue {
    let queue = queues.get(broker);
    if (queue === undefined) {
      queue = { markers: new Map(), isSending: false };
      queues.set(broker, queue);
    }
    return queue;
  }

  function dispatch(resident: Resident, partitions: readonly TopicPartition[]): void {
    const destinations = new Set<number>();
    const waiting: TopicPartition[] = [];
    for (const one of partitions) {
      const destination = leaderOf(one.topic, one.partition);
      if (destination === 'deleted') {
        logger.info('a partition of a transaction is not there any more; it needs no marker', { transactionalId: resident.entry.transaction.transactionalId, ...one });
        settle(resident, one);
      } else if (destination === 'unknown') {
        waiting.push(one);
      } else {
        const { markers } = queueOf(destination);
        const queued = markers.get(resident);
        if (queued === undefined) markers.set(resident, [one]);
        else queued.push(one);
        destinations.add(destination);
      }
    }
    if (waiting.length > 0) tryAgain(resident, waiting);
    for (const broker of destinations) send(broker);
  }

  function tryAgain(resident: Resident, partitions: readonly TopicPartition[]): void {
    again.push({ resident, partitions });
    if (again.length > 1) return;
    clock.setTimer(retryMs, () => {
      const due = again;
      again = [];
      for (const { resident: waiting, partitions: left } of due) if (isWanted(waiting)) dispatch(waiting, left);
    });
  }

  /** One request at a time to a broker; what comes meanwhile goes with the next. */
  function send(broker: number): void {
    const queue = queueOf(broker);
    if (queue.isSending) return;
    const batch = takeFrom(queue);
    if (batch.length === 0) return;
    queue.isSending = true;
    const markers = batch.map(([resident, partitions]) => markerOf(resident, partitions));
    options.sendMarkers(broker, markers, (results) => {
      queue.isSending = false;
      if (results instanceof Error) {
        logger.info('markers not written: trying again', { to: broker, transactions: batch.length, reason: results.message });
        for (const [resident, partitions] of batch) tryAgain(resident, partitions);
      } else {
        batch.forEach(([resident], index) => settleAll(resident, broker, results[index] ?? []));
      }
      send(broker);
    });
  }

  function takeFrom({ markers }: Queue): readonly (readonly [Resident, readonly TopicPartition[]])[] {
    const batch = Array.from(markers).filter(([resident]) => isWanted(resident));
    markers.clear();
    return batch;
  }

  function settleAll(resident: Resident, broker: number, results: readonly MarkerResult[]): void {
    if (!isWanted(resident)) return;
    const { transactionalId } = resident.entry.transaction;
    const left: TopicPartition[] = [];
    for (const { topic, partition, error } of results) {
      const next = afterMarker(error);
      if (next === 'done') {
        settle(resident, { topic, partition });
      } else if (next === 'superseded') {
        logger.warn('a marker was refused, since a later producer or coordinator has taken over', { transactionalId, topic, partition, error });
      } else {
        if (next === 'unexpected') logger.error('a marker was refused: trying again', { transactionalId, topic, partition, broker, error });
        left.push({ topic, partition });
      }
    }
    if (left.length > 0) tryAgain(resident, left);
  }

  function settle(resident: Resident, one: TopicPartition): void {
    const { entry } = resident;
    const partitions = withoutPartition(entry.transaction.partitions, one);
    entry.transaction = { ...entry.transaction, partitions };
    if (partitions.size === 0) finish(resident);
  }

  function finish(resident: Resident): void {
    const { owner, entry } = resident;
    const next = entry.pending;
    if (next === undefined || !isWanted(resident)) return;
    log.append(owner.partition, next, (error) => {
      if (!isWanted(resident)) return;
      if (error === 'NONE') {
        entry.transaction = next;
        entry.pending = undefined;
        for (const then of waiting.get(entry) ?? []) then();
      } else if (error !== 'NOT_COORDINATOR') {
        logger.warn('the end of a transaction is not stored: trying again', { transactionalId: next.transactionalId, error });
        clock.setTimer(retryMs, () => finish(resident));
      }
    });
  }

  return {
    complete(resident) {
      const { entry } = resident;
      entry.hasFailedFence = false;
      entry.pending = completed(entry.transaction, clock.nowMs());
      const partitions = listOf(entry.transaction.partitions);
      if (partitions.length === 0) finish(resident);
      else dispatch(resident, partitions);
    },
    whenComplete({ entry }, patienceMs, then) {
      const those = waiting.get(entry) ?? new Set();
      waiting.set(entry, those);
      const once = (): void => {
        if (!those.delete(once)) return;
        timer.cancel();
        if (those.size === 0) waiting.delete(entry);
        then();
      };
      those.add(once);
      const timer = clock.setTimer(patienceMs, once);
    },
    close() {
      isClosed = true;
    },
  };
}

function markerOf({ owner, entry }: Resident, partitions: readonly TopicPartition[]): Marker {
  const { producerId, producerEpoch } = entry.transaction;
  return { producerId, producerEpoch, coordinatorEpoch: owner.coordinatorEpoch, outcome: outcomeOf(entry.transaction), partitions };
}
