import type { Controller } from '../../controller/controller.ts';
import { listPartitionReassignmentsRequest, listPartitionReassignmentsResponse } from '../../protocol/messages/list-partition-reassignments.ts';
import type { ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponseInput } from '../../protocol/messages/list-partition-reassignments.ts';
import type { Handler } from '../handler.ts';

/** ListPartitionReassignments, API key 46: partitions that are on their way to other brokers (KIP-455). */
export function listPartitionReassignmentsHandler(controller: Controller): Handler<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponseInput> {
  return {
    request: listPartitionReassignmentsRequest,
    response: listPartitionReassignmentsResponse,
    async handle({ topics: wanted }, _context, answer) {
      const running = await controller.requests().reassignments();
      const isWanted = (topic: string, partition: number): boolean => wanted === null || wanted.some(({ name, partitionIndexes }) => name === topic && partitionIndexes.includes(partition));
      const chosen = running.filter(({ topic, partition }) => isWanted(topic, partition));
      answer({
        errorCode: 0,
        errorMessage: null,
        topics: Array.from(new Set(chosen.map(({ topic }) => topic)), (name) => ({
          name,
          partitions: chosen.filter(({ topic }) => topic === name).map(({ partition, assignment }) => ({ partitionIndex: partition, ...assignment })),
        })),
      });
    },
    failed: (_request, code, message) => ({ errorCode: code, errorMessage: message, topics: [] }),
  };
}
