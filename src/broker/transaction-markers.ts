import type { GroupCoordinator } from '../coordinator/group/coordinator.ts';
import { groupTopic } from '../coordinator/group/group-log.ts';
import type { Destination, SendMarkers } from '../coordinator/transaction/completion.ts';
import { transactionTopic } from '../coordinator/transaction/transaction-log.ts';
import type { Marker, MarkerResult } from '../coordinator/transaction/marker.ts';
import { errorByCode } from '../protocol/errors.ts';
import { writeTxnMarkersRequest, writeTxnMarkersResponse } from '../protocol/messages/write-txn-markers.ts';
import type { WriteTxnMarkersRequestInput, WriteTxnMarkersResponse } from '../protocol/messages/write-txn-markers.ts';
import { buildEndTransactionMarker } from '../record/control.ts';
import type { ProducePart, ReplicaManager } from '../replica/replica-manager.ts';
import type { Clock } from '../runtime/clock.ts';
import type { BrokerChannels } from './broker-channels.ts';
import type { MetadataCache } from './metadata-cache.ts';
import { byTopic } from './handlers/by-topic.ts';

/** Ends transactions in the partitions that this broker leads. */
export interface MarkerWriter {
  /** @param done gets a result for each partition of each marker, when they are replicated */
  write(markers: readonly Marker[], done: (results: readonly (readonly MarkerResult[])[]) => void): void;
}

export interface MarkerWriterOptions {
  readonly replicas: ReplicaManager;
  readonly groups: GroupCoordinator;
  readonly clock: Clock;
  /** request.timeout.ms */
  readonly timeoutMs: number;
}

export function createMarkerWriter({ replicas, groups, clock, timeoutMs }: MarkerWriterOptions): MarkerWriter {
  function partsOf({ producerId, producerEpoch, coordinatorEpoch, outcome, partitions }: Marker): ProducePart[] {
    const records = buildEndTransactionMarker({ type: outcome === 'commit' ? 'COMMIT' : 'ABORT', producerId, producerEpoch, coordinatorEpoch, timestampMs: clock.nowMs() });
    return partitions.map(({ topic, partition }) => ({
      topic,
      partition,
      records: Buffer.from(records), // each log writes its own offset into it
      origin: 'coordinator',
      error: undefined,
      baseOffset: -1,
      logAppendTimeMs: -1,
      logStartOffset: -1,
      requiredOffset: -1,
      replica: undefined,
    }));
  }

  function writeOne(marker: Marker, done: (results: readonly MarkerResult[]) => void): void {
    const isHosted = ({ topic, partition }: { readonly topic: string; readonly partition: number }): boolean => replicas.partitionOf(topic, partition) !== undefined;
    const elsewhere = marker.partitions.filter((one) => !isHosted(one)).map(({ topic, partition }): MarkerResult => ({ topic, partition, error: 'UNKNOWN_TOPIC_OR_PARTITION' }));
    const parts = partsOf({ ...marker, partitions: marker.partitions.filter(isHosted) });
    if (parts.length === 0) {
      done(elsewhere);
      return;
    }
    replicas.append(parts, -1, timeoutMs, () => {
      const written = parts.map(({ topic, partition, error }): MarkerResult => ({ topic, partition, error: error?.name ?? 'NONE' }));
      // The offsets that the transaction committed count from now on, or never.
      for (const { topic, partition, error } of written) if (topic === groupTopic && error === 'NONE') groups.transactionCompleted(marker.producerId, partition, marker.outcome === 'commit');
      done([...elsewhere, ...written]);
    });
  }

  return {
    write(markers, done) {
      const results: (readonly MarkerResult[])[] = [];
      let missing = markers.length;
      if (missing === 0) done(results);
      markers.forEach((marker, index) =>
        writeOne(marker, (ofMarker) => {
          results[index] = ofMarker;
          missing--;
          if (missing === 0) done(results);
        }),
      );
      replicas.flushSoon();
    },
  };
}

/** Where the marker of a partition goes, as far as this broker knows the cluster. */
export function markerDestination(cache: MetadataCache, topic: string, partition: number): Destination {
  // Without a word from the controller yet, nothing is known to be gone.
  if (!cache.topics.has(transactionTopic)) return 'unknown';
  const leader = cache.topics.get(topic)?.partitions.get(partition)?.leader;
  if (leader === undefined) return 'deleted';
  return cache.brokers.has(leader) ? leader : 'unknown';
}

/** Has a broker write markers, which may be this one. */
export function sendMarkersVia(brokerId: number, writer: MarkerWriter, channels: BrokerChannels, version: number): SendMarkers {
  return (destination, markers, done) => {
    if (destination === brokerId) {
      writer.write(markers, done);
      return;
    }
    channels.send(destination, writeTxnMarkersRequest, writeTxnMarkersResponse, { lowest: 0, highest: version }, requestOf(markers)).then((answer) => done(resultsOf(answer, markers)), done);
  };
}

function resultsOf(answer: WriteTxnMarkersResponse, markers: readonly Marker[]): readonly (readonly MarkerResult[])[] {
  const byProducer = new Map(answer.markers.map(({ producerId, topics }) => [producerId, topics]));
  return markers.map(({ producerId }) =>
    (byProducer.get(producerId) ?? []).flatMap(({ name, partitions }) => partitions.map(({ partitionIndex, errorCode }) => ({ topic: name, partition: partitionIndex, error: errorByCode(errorCode) }))),
  );
}

function requestOf(markers: readonly Marker[]): WriteTxnMarkersRequestInput {
  return {
    markers: markers.map(({ producerId, producerEpoch, coordinatorEpoch, outcome, partitions }) => ({
      producerId,
      producerEpoch,
      coordinatorEpoch,
      transactionResult: outcome === 'commit',
      topics: byTopic(partitions, ({ partition }) => partition).map(({ name, partitions: partitionIndexes }) => ({ name, partitionIndexes })),
    })),
  };
}
