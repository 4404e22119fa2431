import type { FetchRequest, FetchResponseInput } from '../protocol/messages/fetch.ts';
import { bytesOf } from '../protocol/writer.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { Handler } from './handler.ts';

/** Counts the bytes of records that a Fetch handler gives to consumers and to followers, at the cost of one look at each partition answered. */
export function countedFetch(handler: Handler<FetchRequest, FetchResponseInput>, metrics: Metrics): Handler<FetchRequest, FetchResponseInput> {
  const toConsumers = metrics.counter('kafka.server:type=BrokerTopicMetrics,name=BytesOutPerSec');
  const toFollowers = metrics.counter('kafka.server:type=BrokerTopicMetrics,name=ReplicationBytesOutPerSec');
  return {
    ...handler,
    handle(request, context, answer) {
      const counter = request.replicaId >= 0 || request.replicaState.replicaId >= 0 ? toFollowers : toConsumers;
      return handler.handle(request, context, (response, sent) => {
        for (const { partitions } of response?.responses ?? []) for (const { records } of partitions ?? []) if (records !== null && records !== undefined) counter.count += bytesOf(records);
        answer(response, sent);
      });
    },
  };
}
