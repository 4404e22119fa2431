import { KafkaError } from '../../protocol/errors.ts';
import { deleteRecordsRequest, deleteRecordsResponse } from '../../protocol/messages/delete-records.ts';
import type { DeleteRecordsRequest, DeleteRecordsResponseInput } from '../../protocol/messages/delete-records.ts';
import { deleteRecords } from '../../replica/delete-records.ts';
import type { DeletionResult } from '../../replica/delete-records.ts';
import type { ReplicaManager } from '../../replica/replica-manager.ts';
import type { Handler } from '../handler.ts';
import { internalTopicNames } from '../topic-names.ts';

/** DeleteRecords, API key 21 (KIP-107). */
export function deleteRecordsHandler(replicas: ReplicaManager): Handler<DeleteRecordsRequest, DeleteRecordsResponseInput> {
  return {
    request: deleteRecordsRequest,
    response: deleteRecordsResponse,
    async handle({ topics, timeoutMs }, _context, answer) {
      const wishes = topics.flatMap(({ name, partitions }) => partitions.map(({ partitionIndex, offset }) => ({ topic: name, partition: partitionIndex, offset })));
      const allowed = wishes.filter(({ topic }) => !internalTopicNames.has(topic));
      const results = await deleteRecords(replicas, allowed, timeoutMs);
      const resultOf = (wish: (typeof wishes)[number]): DeletionResult =>
        results[allowed.indexOf(wish)] ?? { lowWatermark: -1, error: new KafkaError('INVALID_TOPIC_EXCEPTION', `Cannot delete records of internal topic ${wish.topic}`) };
      let next = 0;
      answer({
        topics: topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ partitionIndex }) => {
            const { lowWatermark, error } = resultOf(wishes[next++]!);
            return { partitionIndex, lowWatermark, errorCode: error?.code ?? 0 };
          }),
        })),
      });
    },
    failed: ({ topics }, code) => ({
      topics: topics.map(({ name, partitions }) => ({ name, partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, lowWatermark: -1, errorCode: code })) })),
    }),
  };
}
