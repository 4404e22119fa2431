import { array, int16, int32, string, struct, uuid } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** ConsumerGroupHeartbeatRequest, API key 68, versions 0 to 0, flexible from 0. */
export const consumerGroupHeartbeatRequest = message('ConsumerGroupHeartbeatRequest', { apiKey: 68, versions: [0, 0], flexibleSince: 0 }, {
  groupId: string(),
  memberId: string(),
  memberEpoch: int32(),
  instanceId: string({ nullable: 0, default: null }),
  rackId: string({ nullable: 0, default: null }),
  rebalanceTimeoutMs: int32({ default: -1 }),
  subscribedTopicNames: array(string(), { nullable: 0, default: null }),
  serverAssignor: string({ nullable: 0, default: null }),
  topicPartitions: array(struct({
    topicId: uuid(),
    partitions: array(int32()),
  }), { nullable: 0, default: null }),
});
export type ConsumerGroupHeartbeatRequest = Decoded<typeof consumerGroupHeartbeatRequest>;
export type ConsumerGroupHeartbeatRequestInput = Input<typeof consumerGroupHeartbeatRequest>;

const topicPartitions = {
  topicId: uuid(),
  partitions: array(int32()),
};

/** ConsumerGroupHeartbeatResponse, API key 68, versions 0 to 0, flexible from 0. */
export const consumerGroupHeartbeatResponse = message('ConsumerGroupHeartbeatResponse', { apiKey: 68, versions: [0, 0], flexibleSince: 0 }, {
  throttleTimeMs: int32(),
  errorCode: int16(),
  errorMessage: string({ nullable: 0, default: null }),
  memberId: string({ nullable: 0, default: null }),
  memberEpoch: int32(),
  heartbeatIntervalMs: int32(),
  assignment: struct({
    topicPartitions: array(struct(topicPartitions)),
  }, { nullable: 0, default: null }),
});
export type ConsumerGroupHeartbeatResponse = Decoded<typeof consumerGroupHeartbeatResponse>;
export type ConsumerGroupHeartbeatResponseInput = Input<typeof consumerGroupHeartbeatResponse>;
