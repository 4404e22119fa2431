import { array, bool, int16, int32, int64, string, struct } from '../fields.ts';
import { message } from '../schema.ts';
import type { Decoded, Input } from '../schema.ts';

const addPartitionsToTxnTopic = {
  name: string(),
  partitions: array(int32()),
};

/** AddPartitionsToTxnRequest, API key 24, versions 0 to 5, flexible from 3. */
export const addPartitionsToTxnRequest = message('AddPartitionsToTxnRequest', { apiKey: 24, versions: [0, 5], flexibleSince: 3 }, {
  transactions: array(struct({
    transactionalId: string({ since: 4 }),
    producerId: int64({ since: 4 }),
    producerEpoch: int16({ since: 4 }),
    verifyOnly: bool({ since: 4 }),
    topics: array(struct(addPartitionsToTxnTopic), { since: 4 }),
  }), { since: 4 }),
  v3AndBelowTransactionalId: string({ until: 3 }),
  v3AndBelowProducerId: int64({ until: 3 }),
  v3AndBelowProducerEpoch: int16({ until: 3 }),
  v3AndBelowTopics: array(struct(addPartitionsToTxnTopic), { until: 3 }),
});
export type AddPartitionsToTxnRequest = Decoded<typeof addPartitionsToTxnRequest>;
export type AddPartitionsToTxnRequestInput = Input<typeof addPartitionsToTxnRequest>;

const addPartitionsToTxnPartitionResult = {
  partitionIndex: int32(),
  partitionErrorCode: int16(),
};

const addPartitionsToTxnTopicResult = {
  name: string(),
  resultsByPartition: array(struct(addPartitionsToTxnPartitionResult)),
};

/** AddPartitionsToTxnResponse, API key 24, versions 0 to 5, flexible from 3. */
export const addPartitionsToTxnResponse = message('AddPartitionsToTxnResponse', { apiKey: 24, versions: [0, 5], flexibleSince: 3 }, {
  throttleTimeMs: int32(),
  errorCode: int16({ since: 4, ignorable: true }),
  resultsByTransaction: array(struct({
    transactionalId: string({ since: 4 }),
    topicResults: array(struct(addPartitionsToTxnTopicResult), { since: 4 }),
  }), { since: 4 }),
  resultsByTopicV3AndBelow: array(struct(addPartitionsToTxnTopicResult), { until: 3 }),
});
export type AddPartitionsToTxnResponse = Decoded<typeof addPartitionsToTxnResponse>;
export type AddPartitionsToTxnResponseInput = Input<typeof addPartitionsToTxnResponse>;
