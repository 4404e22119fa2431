import { array, bool, int16, int32, string, struct, uuid } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

/** ConsumerGroupDescribeRequest, API key 69, versions 0 to 0, flexible from 0. */
export const consumerGroupDescribeRequest = message('ConsumerGroupDescribeRequest', { apiKey: 69, versions: [0, 0], flexibleSince: 0 }, {
  groupIds: array(string()),
  includeAuthorizedOperations: bool(),
});
export type ConsumerGroupDescribeRequest = Decoded<typeof consumerGroupDescribeRequest>;
export type ConsumerGroupDescribeRequestInput = Input<typeof consumerGroupDescribeRequest>;

const topicPartitions = {
  topicId: uuid(),
  topicName: string(),
  partitions: array(int32()),
};

const assignment = {
  topicPartitions: array(struct(topicPartitions)),
};

/** ConsumerGroupDescribeResponse, API key 69, versions 0 to 0, flexible from 0. */
export const consumerGroupDescribeResponse = message('ConsumerGroupDescribeResponse', { apiKey: 69, versions: [0, 0], flexibleSince: 0 }, {
  throttleTimeMs: int32(),
  groups: array(struct({
    errorCode: int16(),
    errorMessage: string({ nullable: 0, default: null }),
    groupId: string(),
    groupState: string(),
    groupEpoch: int32(),
    assignmentEpoch: int32(),
    assignorName: string(),
    members: array(struct({
      memberId: string(),
      instanceId: string({ nullable: 0, default: null }),
      rackId: string({ nullable: 0, default: null }),
      memberEpoch: int32(),
      clientId: string(),
      clientHost: string(),
      subscribedTopicNames: array(string()),
      subscribedTopicRegex: string({ nullable: 0, default: null }),
      assignment: struct(assignment),
      targetAssignment: struct(assignment),
    })),
    authorizedOperations: int32({ default: -2147483648 }),
  })),
});
export type ConsumerGroupDescribeResponse = Decoded<typeof consumerGroupDescribeResponse>;
export type ConsumerGroupDescribeResponseInput = Input<typeof consumerGroupDescribeResponse>;
