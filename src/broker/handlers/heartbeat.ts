import type { GroupCoordinator } from '../../coordinator/group/coordinator.ts';
import { errorCode } from '../../protocol/errors.ts';
import { heartbeatRequest, heartbeatResponse } from '../../protocol/messages/heartbeat.ts';
import type { HeartbeatRequest, HeartbeatResponseInput } from '../../protocol/messages/heartbeat.ts';
import type { Handler } from '../handler.ts';

/** Heartbeat, API key 12: a member's session begins anew. */
export function heartbeatHandler(coordinator: GroupCoordinator): Handler<HeartbeatRequest, HeartbeatResponseInput> {
  return {
    request: heartbeatRequest,
    response: heartbeatResponse,
    handle({ groupId, memberId, groupInstanceId, generationId }, _context, answer) {
      answer({ errorCode: errorCode(coordinator.heartbeat(groupId, memberId, groupInstanceId, generationId)) });
    },
    failed: (_request, code) => ({ errorCode: code }),
  };
}
