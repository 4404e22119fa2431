import type { Controller } from '../../controller/controller.ts';
import { alterPartitionReassignmentsRequest, alterPartitionReassignmentsResponse } from '../../protocol/messages/alter-partition-reassignments.ts';
import type { AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponseInput } from '../../protocol/messages/alter-partition-reassignments.ts';
import type { Handler } from '../handler.ts';

/** AlterPartitionReassignments, API key 45: moves partitions to other brokers, or takes a move back (KIP-455). */
export function alterPartitionReassignmentsHandler(controller: Controller): Handler<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponseInput> {
  return {
    request: alterPartitionReassignmentsRequest,
    response: alterPartitionReassignmentsResponse,
    async handle({ topics }, _context, answer) {
      const wishes = topics.flatMap(({ name, partitions }) => partitions.map(({ partitionIndex, replicas }) => ({ topic: name, partition: partitionIndex, target: replicas ?? undefined })));
      const faults = await controller.requests().reassign(wishes);
      let next = 0;
      answer({
        errorCode: 0,
        errorMessage: null,
        responses: topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ partitionIndex }) => {
            const fault = faults[next++];
            return { partitionIndex, errorCode: fault?.code ?? 0, errorMessage: fault?.message ?? null };
          }),
        })),
      });
    },
    failed: (_request, code, message) => ({ errorCode: code, errorMessage: message, responses: [] }),
  };
}
