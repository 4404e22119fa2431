import { LogError } from './errors.ts';
import type { AppendOrigin } from './partition-log.ts';

/** What a producer's batch says of itself. */
export interface ProducerBatch {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly maxTimestamp: number;
  readonly isTransactional: boolean;
  /** Set for the end of a transaction. */
  readonly marker: EndMarker | undefined;
}

export interface EndMarker {
  readonly isAbort: boolean;
  readonly coordinatorEpoch: number;
}

export interface SequenceRange {
  readonly lastSequence: number;
  readonly lastOffset: number;
  readonly offsetDelta: number;
  readonly timestamp: number;
}

/** What the log remembers of one producer id. */
export interface ProducerEntry {
  readonly producerId: number;
  /** -1 when none is known. */
  readonly producerEpoch: number;
  /** -1 when none is known. */
  readonly coordinatorEpoch: number;
  readonly lastTimestamp: number;
  /** First offset of the open transaction, -1 when there is none. */
  readonly transactionFirstOffset: number;
  /** The last batches, oldest first, at most five: as many as a client has in flight. */
  readonly batches: readonly SequenceRange[];
}

export interface CompletedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Offset of the marker. */
  readonly lastOffset: number;
  readonly isAborted: boolean;
}

const batchesMax = 5;
const sequenceMax = 0x7fff_ffff;

export function unknownProducer(producerId: number): ProducerEntry {
  return { producerId, producerEpoch: -1, coordinatorEpoch: -1, lastTimestamp: -1, transactionFirstOffset: -1, batches: [] };
}

/** The batch that the log has already, when a producer sends one again (same epoch, same sequences). */
export function findDuplicate(entry: ProducerEntry, batch: ProducerBatch): SequenceRange | undefined {
  if (entry.producerEpoch !== batch.producerEpoch) return undefined;
  return entry.batches.find((known) => known.lastSequence === batch.lastSequence && firstSequence(known) === batch.baseSequence);
}

function firstSequence({ lastSequence, offsetDelta }: SequenceRange): number {
  const first = lastSequence - offsetDelta;
  return first >= 0 ? first : first + sequenceMax + 1;
}

/**
 * The entry after a batch. Pure.
 * @param lowestSequence of the batches that wait for the transaction to be verified, if any do
 * @throws LogError for what `origin` may not send: INVALID_PRODUCER_EPOCH, OUT_OF_ORDER_SEQUENCE_NUMBER,
 * INVALID_TXN_STATE, TRANSACTION_COORDINATOR_FENCED. Replication is never refused.
 * @see ProducerAppendInfo in Apache Kafka 3.9
 */
export function afterBatch(entry: ProducerEntry, batch: ProducerBatch, origin: AppendOrigin, lowestSequence = Infinity): ProducerEntry {
  if (origin !== 'replication') checkEpoch(entry, batch);
  return batch.marker === undefined ? afterData(entry, batch, origin, lowestSequence) : afterMarker(entry, batch, batch.marker, origin);
}

function afterData(entry: ProducerEntry, batch: ProducerBatch, origin: AppendOrigin, lowestSequence: number): ProducerEntry {
  if (origin === 'client') checkSequence(entry, batch, lowestSequence);
  if (origin !== 'replication' && entry.transactionFirstOffset >= 0 && !batch.isTransactional) {
    throw new LogError('INVALID_TXN_STATE', `Expected transactional write from producer ${batch.producerId} at offset ${batch.baseOffset}`);
  }
  const range: SequenceRange = {
    lastSequence: batch.lastSequence,
    lastOffset: batch.lastOffset,
    offsetDelta: batch.lastOffset - batch.baseOffset,
    timestamp: batch.maxTimestamp,
  };
  const earlier = entry.producerEpoch === batch.producerEpoch ? entry.batches.slice(1 - batchesMax) : [];
  return {
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    coordinatorEpoch: entry.coordinatorEpoch,
    lastTimestamp: batch.maxTimestamp,
    transactionFirstOffset: batch.isTransactional && entry.transactionFirstOffset < 0 ? batch.baseOffset : entry.transactionFirstOffset,
    batches: [...earlier, range],
  };
}

function afterMarker(entry: ProducerEntry, batch: ProducerBatch, marker: EndMarker, origin: AppendOrigin): ProducerEntry {
  if (origin !== 'replication' && entry.coordinatorEpoch > marker.coordinatorEpoch) {
    throw new LogError(
      'TRANSACTION_COORDINATOR_FENCED',
      `Invalid coordinator epoch for producerId ${batch.producerId} at offset ${batch.baseOffset}: ${marker.coordinatorEpoch} (zombie), ${entry.coordinatorEpoch} (current)`,
    );
  }
  return {
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    coordinatorEpoch: marker.coordinatorEpoch,
    lastTimestamp: batch.maxTimestamp,
    transactionFirstOffset: -1,
    batches: entry.producerEpoch === batch.producerEpoch ? entry.batches : [],
  };
}

function checkEpoch(entry: ProducerEntry, batch: ProducerBatch): void {
  if (batch.producerEpoch >= entry.producerEpoch) return;
  throw new LogError(
    'INVALID_PRODUCER_EPOCH',
    `Epoch of producer ${batch.producerId} at offset ${batch.baseOffset} is ${batch.producerEpoch}, which is smaller than the last seen epoch ${entry.producerEpoch}`,
  );
}

function checkSequence(entry: ProducerEntry, batch: ProducerBatch, lowestSequence: number): void {
  if (batch.baseSequence > lowestSequence) {
    throw new LogError(
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
      `Out of order sequence number for producer ${batch.producerId} at offset ${batch.baseOffset}: ${batch.baseSequence} (incoming seq. number), ` +
        `${lowestSequence} (earliest seen sequence)`,
    );
  }
  if (entry.producerEpoch === -1) return; // nothing is known of it, perhaps because retention took its records: any sequence will do
  if (batch.producerEpoch !== entry.producerEpoch) {
    if (batch.baseSequence === 0) return;
    throw new LogError(
      'OUT_OF_ORDER_SEQUENCE_NUMBER',
      `Invalid sequence number for new epoch of producer ${batch.producerId} at offset ${batch.baseOffset}: ${batch.producerEpoch} (request epoch), ` +
        `${batch.baseSequence} (seq. number), ${entry.producerEpoch} (current producer epoch)`,
    );
  }
  const last = entry.batches.at(-1)?.lastSequence ?? -1;
  if (batch.baseSequence === last + 1 || (batch.baseSequence === 0 && last === sequenceMax)) return;
  throw new LogError(
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    `Out of order sequence number for producer ${batch.producerId} at offset ${batch.baseOffset}: ${batch.baseSequence} (incoming seq. number), ` +
      `${last} (current end sequence number)`,
  );
}
