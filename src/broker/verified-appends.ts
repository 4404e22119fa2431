import type { Verification } from '../log/verifications.ts';
import { baseSequence, isTransactional, noSequence, producerEpoch, producerId } from '../record/batch.ts';
import { KafkaError } from '../protocol/errors.ts';
import type { ErrorName } from '../protocol/errors.ts';
import type { ProducePart, ReplicaManager } from '../replica/replica-manager.ts';
import { protocolError } from '../replica/errors.ts';
import type { Producer } from '../coordinator/transaction/add-partitions.ts';
import type { Verified } from '../coordinator/group/group-log.ts';
import type { TransactionVerifier } from './transaction-verifier.ts';

/** The records of a transaction were not appended, for a reason that the producer is told in words. */
export class VerificationFailure extends KafkaError {}

/** The parts of a transactional Produce request, and what is to be done once they are verified. */
export interface TransactionalAppend {
  readonly transactionalId: string;
  readonly parts: readonly ProducePart[];
  readonly knowsAbortable: boolean;
  readonly append: () => void;
}

/** Appends of transactions, in the order in which a connection sent them, also where the first must wait for its verification. */
export interface VerifiedAppends {
  /**
   * Gives the parts that may not be appended their error, and calls `append`.
   * @param connection any object: appends of the same one keep their order
   */
  begin(connection: object, request: TransactionalAppend): void;
  /** As `begin`, for an append that the group coordinator makes. `done` gets the proof that goes with it, where one is needed. */
  verifyOne(topic: string, partition: number, producer: TransactionalProducer, done: Verified): void;
}

export interface TransactionalProducer extends Producer {
  readonly transactionalId: string;
  readonly knowsAbortable: boolean;
}

export interface VerifiedAppendsOptions {
  readonly replicas: ReplicaManager;
  readonly verifier: TransactionVerifier;
  /** transaction.partition.verification.enable */
  readonly isEnabled: () => boolean;
}

export function createVerifiedAppends({ replicas, verifier, isEnabled }: VerifiedAppendsOptions): VerifiedAppends {
  /** Connections with a verification under way, and what they sent since. */
  const waiting = new WeakMap<object, TransactionalAppend[]>();

  /** Parts of a transaction that has not begun in their partition, as far as this broker knows. */
  function unverified(parts: readonly ProducePart[]): ProducePart[] {
    return parts.filter((part) => {
      if (part.error !== undefined || !isTransactional(part.records, 0)) return false;
      try {
        const { log } = replicas.leaderOf(part.topic, part.partition, -1);
        part.verification = log.beginVerification(producerId(part.records, 0), baseSequence(part.records, 0), producerEpoch(part.records, 0));
      } catch (error) {
        const known = protocolError(error);
        if (known === undefined) throw error;
        part.error = known;
      }
      return part.verification !== undefined;
    });
  }

  function start(connection: object, request: TransactionalAppend): void {
    const { transactionalId, parts, knowsAbortable } = request;
    const producers = new Set(parts.flatMap(({ error, records }) => (error === undefined && isTransactional(records, 0) ? [`${producerId(records, 0)}/${producerEpoch(records, 0)}`] : [])));
    if (producers.size > 1) throw new KafkaError('INVALID_PRODUCER_ID_MAPPING', 'Transactional records contained more than one producer ID');
    const asked = isEnabled() ? unverified(parts) : [];
    const [first] = asked;
    if (first === undefined) {
      request.append();
      return;
    }
    let isAnswered = false;
    const producer = { producerId: producerId(first.records, 0), epoch: producerEpoch(first.records, 0) };
    verifier.verify({ transactionalId, producer, partitions: asked, knowsAbortable }, (errors) => {
      isAnswered = true;
      asked.forEach((part, index) => {
        part.error = refusal(errors[index]!);
      });
      request.append();
      replicas.flushSoon();
      goOn(connection);
    });
    if (isAnswered) return;
    keep(request);
    waiting.set(connection, []);
  }

  function goOn(connection: object): void {
    const queue = waiting.get(connection);
    waiting.delete(connection);
    while (queue !== undefined && queue.length > 0) {
      start(connection, queue.shift()!);
      // It waits in its turn: those behind it do too.
      if (waiting.has(connection)) waiting.set(connection, queue.splice(0));
    }
  }

  return {
    verifyOne(topic, partition, producer, done) {
      if (!isEnabled()) return done('NONE', undefined);
      const { transactionalId, knowsAbortable, producerId: id, epoch } = producer;
      let verification: Verification | undefined;
      try {
        verification = replicas.leaderOf(topic, partition, -1).log.beginVerification(id, noSequence, epoch);
      } catch (error) {
        const known = protocolError(error);
        if (known === undefined) throw error;
        return done(known.name, undefined);
      }
      if (verification === undefined) return done('NONE', undefined);
      verifier.verify({ transactionalId, producer, partitions: [{ topic, partition }], knowsAbortable }, ([error]) => done(error!, verification));
    },
    begin(connection, request) {
      const queue = waiting.get(connection);
      if (queue === undefined) {
        start(connection, request);
      } else {
        keep(request);
        queue.push(request);
      }
    },
  };
}

/** The records lie in a buffer that others will use after this turn. */
function keep({ parts }: TransactionalAppend): void {
  for (const part of parts) part.records = Buffer.from(part.records);
}

/** Errors of coordinators are no producer's: they are told as one that makes it try again (ReplicaManager.handleProduceAppend). */
function refusal(error: ErrorName): KafkaError | undefined {
  switch (error) {
    case 'NONE':
      return undefined;
    case 'INVALID_TXN_STATE':
      return new VerificationFailure(error, 'Partition was not added to the transaction');
    case 'CONCURRENT_TRANSACTIONS':
    case 'NETWORK_EXCEPTION':
    case 'COORDINATOR_LOAD_IN_PROGRESS':
    case 'COORDINATOR_NOT_AVAILABLE':
    case 'NOT_COORDINATOR':
      return new VerificationFailure('NOT_ENOUGH_REPLICAS', `Unable to verify the partition has been added to the transaction. Underlying error: ${error}`);
    default:
      return new KafkaError(error, 'the transaction coordinator does not know the partition as part of the transaction');
  }
}
