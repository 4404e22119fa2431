import { KafkaError } from '../../protocol/errors.ts';
import { consumerGroupHeartbeatRequest, consumerGroupHeartbeatResponse } from '../../protocol/messages/consumer-group-heartbeat.ts';
import type { ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponseInput } from '../../protocol/messages/consumer-group-heartbeat.ts';
import type { Handler } from '../handler.ts';

/** ConsumerGroupHeartbeat, API key 68: the newer group protocol (KIP-848) needs KRaft. A broker with ZooKeeper offers the API, and refuses it. */
export const consumerGroupHeartbeatHandler: Handler<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponseInput> = {
  request: consumerGroupHeartbeatRequest,
  response: consumerGroupHeartbeatResponse,
  handle() {
    throw new KafkaError('UNSUPPORTED_VERSION', 'consumer groups of the newer protocol need KRaft');
  },
  failed: (_request, code) => ({ errorCode: code, memberEpoch: 0, heartbeatIntervalMs: 0 }),
};
