import type { KafkaError } from '../protocol/errors.ts';
import { initProducerIdRequest, initProducerIdResponse } from '../protocol/messages/init-producer-id.ts';
import type { PartitionQueue } from './accumulator.ts';
import type { Cluster } from './cluster.ts';
import type { ProducerBatch } from './producer-batch.ts';
import { throwError } from './producer-coordinator.ts';
import { Sequences } from './producer-sequences.ts';

/** What the sender asks and tells, so that each record is written once and in order. */
export interface Delivery {
  /** Of the producer's transactions. */
  readonly transactionalId: string | null;
  /** Whether the queue's first batch may go now; where not, the sender is woken when it may. */
  mayGo(queue: PartitionQueue): boolean;
  /** The batch goes now. */
  taken(batch: ProducerBatch): void;
  succeeded(batch: ProducerBatch): void;
  split(batch: ProducerBatch, parts: readonly ProducerBatch[]): void;
  /** The leader refused the batch because of its number, or knows no producer. True when it is to be sent again. */
  outOfOrder(batch: ProducerBatch): boolean;
  /** Whether batches are sent again at all: not while their transaction is aborted. */
  readonly mayRetry: boolean;
  /** The batch has failed for good. */
  failed(batch: ProducerBatch, error: KafkaError): void;
}

/** What a transactional producer adds: which partitions are part of the transaction, and what a failure means. */
export interface TransactionGate {
  readonly transactionalId: string;
  /** Why nothing is sent: the transaction is aborted, or will be. */
  readonly refusal: Error | undefined;
  /** Whether the partition is part of the open transaction; else it is made so, and the sender woken. */
  isPart(topic: string, partition: number): boolean;
  batchFailed(error: KafkaError): void;
}

export interface DeliveryOptions {
  readonly cluster: Cluster;
  readonly sequences: Sequences;
  readonly gate: TransactionGate | undefined;
  readonly wake: () => void;
  /** Fails all that waits: there is no identity to be had. */
  readonly failAll: (error: Error) => void;
}

export function createDelivery({ cluster, sequences, gate, wake, failAll }: DeliveryOptions): Delivery {
  let isAsking = false;

  /** Any broker gives an idempotent producer its id; tried until records run out of time. */
  function askForIdentity(): void {
    if (isAsking || gate !== undefined) return;
    isAsking = true;
    const attempt = async () => {
      const connection = await cluster.anyBroker();
      const answer = await connection.call(initProducerIdRequest, initProducerIdResponse, { transactionalId: null, transactionTimeoutMs: 0x7fff_ffff }, cluster.settings.requestTimeoutMs);
      throwError(answer.errorCode, 'the producer gets no id');
      return { producerId: answer.producerId, epoch: answer.producerEpoch };
    };
    cluster.retry(Infinity, attempt, (last) => last as Error).then(
      (identity) => {
        isAsking = false;
        sequences.identity = identity;
        wake();
      },
      (error: unknown) => {
        isAsking = false;
        failAll(error as Error);
      },
    );
  }

  return {
    transactionalId: gate?.transactionalId ?? null,
    get mayRetry() {
      return gate?.refusal === undefined;
    },
    mayGo(queue) {
      if (gate?.refusal !== undefined) {
        failAll(gate.refusal);
        return false;
      }
      if (gate?.isPart(queue.topic, queue.partition) === false) return false;
      const mayGo = sequences.mayGo(queue.batches[0]!, queue.inFlight);
      if (sequences.identity === undefined) askForIdentity();
      return mayGo;
    },
    taken: (batch) => sequences.number(batch),
    succeeded: (batch) => sequences.succeeded(batch),
    split: (batch, parts) => sequences.split(batch, parts),
    outOfOrder(batch) {
      if (!sequences.isMissingBefore(batch)) return true;
      // In a transaction something is lost then, and all of it must be aborted.
      if (gate === undefined) sequences.gapFound(batch);
      return gate === undefined;
    },
    failed(batch, error) {
      sequences.failed(batch);
      gate?.batchFailed(error);
    },
  };
}
