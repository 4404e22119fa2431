import type { GroupCoordinator } from '../../coordinator/group/coordinator.ts';
import { KafkaError, errorCode } from '../../protocol/errors.ts';
import { syncGroupRequest, syncGroupResponse } from '../../protocol/messages/sync-group.ts';
import type { SyncGroupRequest, SyncGroupResponseInput } from '../../protocol/messages/sync-group.ts';
import type { Handler } from '../handler.ts';

const firstVersionWithProtocol = 5;

/** SyncGroup, API key 14: answered when the leader has told who does what, and that is stored. */
export function syncGroupHandler(coordinator: GroupCoordinator): Handler<SyncGroupRequest, SyncGroupResponseInput> {
  return {
    request: syncGroupRequest,
    response: syncGroupResponse,
    handle(request, { apiVersion }, answer) {
      const { protocolType, protocolName } = request;
      if (apiVersion >= firstVersionWithProtocol && (protocolType === null || protocolName === null)) {
        throw new KafkaError('INCONSISTENT_GROUP_PROTOCOL', 'SyncGroup names the protocol since version 5');
      }
      coordinator.sync(request.groupId, {
        memberId: request.memberId,
        instanceId: request.groupInstanceId,
        generation: request.generationId,
        protocolType,
        protocolName,
        assignment: new Map(request.assignments.map(({ memberId, assignment }) => [memberId, Buffer.from(assignment)])),
        answer: (result) => answer({ errorCode: errorCode(result.error), protocolType: result.protocolType, protocolName: result.protocolName, assignment: result.assignment }),
      });
    },
    failed: (_request, code) => ({ errorCode: code, assignment: Buffer.alloc(0) }),
  };
}
