import type { GroupCoordinator } from '../../coordinator/group/coordinator.ts';
import { errorCode } from '../../protocol/errors.ts';
import { deleteGroupsRequest, deleteGroupsResponse } from '../../protocol/messages/delete-groups.ts';
import type { DeleteGroupsRequest, DeleteGroupsResponseInput } from '../../protocol/messages/delete-groups.ts';
import type { Handler } from '../handler.ts';

/** DeleteGroups, API key 42: groups without members go, with all their offsets. */
export function deleteGroupsHandler(coordinator: GroupCoordinator): Handler<DeleteGroupsRequest, DeleteGroupsResponseInput> {
  return {
    request: deleteGroupsRequest,
    response: deleteGroupsResponse,
    handle({ groupsNames }, _context, answer) {
      answer({ results: Array.from(new Set(groupsNames), (groupId) => ({ groupId, errorCode: errorCode(coordinator.deleteGroup(groupId)) })) });
    },
    failed: ({ groupsNames }, code) => ({ results: groupsNames.map((groupId) => ({ groupId, errorCode: code })) }),
  };
}
