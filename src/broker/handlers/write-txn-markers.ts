import type { Marker, MarkerResult } from '../../coordinator/transaction/marker.ts';
import { errorCode } from '../../protocol/errors.ts';
import { writeTxnMarkersRequest, writeTxnMarkersResponse } from '../../protocol/messages/write-txn-markers.ts';
import type { WriteTxnMarkersRequest, WriteTxnMarkersResponseInput } from '../../protocol/messages/write-txn-markers.ts';
import type { Handler } from '../handler.ts';
import type { MarkerWriter } from '../transaction-markers.ts';
import { byTopic } from './by-topic.ts';

/** WriteTxnMarkers, API key 27: a coordinator ends transactions in partitions that this broker leads. */
export function writeTxnMarkersHandler(writer: MarkerWriter): Handler<WriteTxnMarkersRequest, WriteTxnMarkersResponseInput> {
  return {
    request: writeTxnMarkersRequest,
    response: writeTxnMarkersResponse,
    handle(request, _context, answer) {
      const markers = request.markers.map(markerOf);
      writer.write(markers, (results) => answer(responseOf(markers, results)));
    },
    failed: (request, code) => ({
      markers: request.markers.map(({ producerId, topics }) => ({
        producerId,
        topics: topics.map(({ name, partitionIndexes }) => ({ name, partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode: code })) })),
      })),
    }),
  };
}

function markerOf({ producerId, producerEpoch, coordinatorEpoch, transactionResult, topics }: WriteTxnMarkersRequest['markers'][number]): Marker {
  return {
    producerId,
    producerEpoch,
    coordinatorEpoch,
    outcome: transactionResult ? 'commit' : 'abort',
    partitions: topics.flatMap(({ name, partitionIndexes }) => partitionIndexes.map((partition) => ({ topic: name, partition }))),
  };
}

/** One entry a producer, also where it has several markers. */
function responseOf(markers: readonly Marker[], results: readonly (readonly MarkerResult[])[]): WriteTxnMarkersResponseInput {
  const byProducer = new Map<number, MarkerResult[]>();
  markers.forEach(({ producerId }, index) => byProducer.set(producerId, [...(byProducer.get(producerId) ?? []), ...results[index]!]));
  return {
    markers: Array.from(byProducer, ([producerId, ofProducer]) => ({
      producerId,
      topics: byTopic(ofProducer, ({ partition, error }) => ({ partitionIndex: partition, errorCode: errorCode(error) })),
    })),
  };
}
