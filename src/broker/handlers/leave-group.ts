import type { GroupCoordinator } from '../../coordinator/group/coordinator.ts';
import { errorCode } from '../../protocol/errors.ts';
import { leaveGroupRequest, leaveGroupResponse } from '../../protocol/messages/leave-group.ts';
import type { LeaveGroupRequest, LeaveGroupResponseInput } from '../../protocol/messages/leave-group.ts';
import type { Handler } from '../handler.ts';

const firstVersionWithMembers = 3;

/** LeaveGroup, API key 13: members go, or an operator takes them out. */
export function leaveGroupHandler(coordinator: GroupCoordinator): Handler<LeaveGroupRequest, LeaveGroupResponseInput> {
  return {
    request: leaveGroupRequest,
    response: leaveGroupResponse,
    handle(request, { apiVersion }, answer) {
      const leaving = apiVersion >= firstVersionWithMembers ? request.members : [{ memberId: request.memberId, groupInstanceId: null, reason: null }];
      const { error, memberErrors } = coordinator.leave(request.groupId, leaving);
      if (apiVersion < firstVersionWithMembers) {
        answer({ errorCode: errorCode(error === 'NONE' ? memberErrors[0]! : error) });
        return;
      }
      answer({
        errorCode: errorCode(error),
        members: memberErrors.map((memberError, index) => ({ memberId: leaving[index]!.memberId, groupInstanceId: leaving[index]!.groupInstanceId, errorCode: errorCode(memberError) })),
      });
    },
    failed: (_request, code) => ({ errorCode: code }),
  };
}
