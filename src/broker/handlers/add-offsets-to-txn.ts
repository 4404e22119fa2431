import { groupTopic } from '../../coordinator/group/group-log.ts';
import { partitionFor } from '../../coordinator/partition-for.ts';
import type { TransactionCoordinator } from '../../coordinator/transaction/coordinator.ts';
import { KafkaError, errorCode } from '../../protocol/errors.ts';
import { addOffsetsToTxnRequest, addOffsetsToTxnResponse } from '../../protocol/messages/add-offsets-to-txn.ts';
import type { AddOffsetsToTxnRequest, AddOffsetsToTxnResponseInput } from '../../protocol/messages/add-offsets-to-txn.ts';
import type { Handler } from '../handler.ts';
import { fencedError } from './fenced-error.ts';

const firstVersionWithFenced = 2;

/**
 * AddOffsetsToTxn, API key 25: the group's partition of `__consumer_offsets` becomes part of the transaction.
 * @param groupPartitionCount partitions of `__consumer_offsets`; undefined while the topic is not known
 */
export function addOffsetsToTxnHandler(coordinator: TransactionCoordinator, groupPartitionCount: () => number | undefined): Handler<AddOffsetsToTxnRequest, AddOffsetsToTxnResponseInput> {
  return {
    request: addOffsetsToTxnRequest,
    response: addOffsetsToTxnResponse,
    handle({ transactionalId, producerId, producerEpoch, groupId }, { apiVersion }, answer) {
      const count = groupPartitionCount();
      if (count === undefined) throw new KafkaError('COORDINATOR_NOT_AVAILABLE', `${groupTopic} is not there yet`);
      coordinator.addPartitions(transactionalId, { producerId, epoch: producerEpoch }, [{ topic: groupTopic, partition: partitionFor(groupId, count) }], (error) => {
        answer({ errorCode: errorCode(fencedError(error, apiVersion, firstVersionWithFenced)) });
      });
    },
    failed: (_request, code) => ({ errorCode: code }),
  };
}
