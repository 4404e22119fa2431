import { KafkaError } from '../../protocol/errors.ts';
import { consumerGroupDescribeRequest, consumerGroupDescribeResponse } from '../../protocol/messages/consumer-group-describe.ts';
import type { ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponseInput } from '../../protocol/messages/consumer-group-describe.ts';
import type { Handler } from '../handler.ts';

/** ConsumerGroupDescribe, API key 69: refused as ConsumerGroupHeartbeat is; clients then describe the group as a classic one. */
export const consumerGroupDescribeHandler: Handler<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponseInput> = {
  request: consumerGroupDescribeRequest,
  response: consumerGroupDescribeResponse,
  handle() {
    throw new KafkaError('UNSUPPORTED_VERSION', 'consumer groups of the newer protocol need KRaft');
  },
  failed: ({ groupIds }, code) => ({ groups: groupIds.map((groupId) => ({ errorCode: code, groupId, groupState: '', groupEpoch: 0, assignmentEpoch: 0, assignorName: '', members: [] })) }),
};
