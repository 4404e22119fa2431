import type { GroupCoordinator } from '../../coordinator/group/coordinator.ts';
import { errorCode } from '../../protocol/errors.ts';
import { describeGroupsRequest, describeGroupsResponse } from '../../protocol/messages/describe-groups.ts';
import type { DescribeGroupsRequest, DescribeGroupsResponseInput } from '../../protocol/messages/describe-groups.ts';
import { allGroupOperations } from '../authorized-operations.ts';
import type { Handler } from '../handler.ts';

/** DescribeGroups, API key 15. */
export function describeGroupsHandler(coordinator: GroupCoordinator): Handler<DescribeGroupsRequest, DescribeGroupsResponseInput> {
  return {
    request: describeGroupsRequest,
    response: describeGroupsResponse,
    handle({ groups, includeAuthorizedOperations }, _context, answer) {
      answer({
        groups: groups.map((groupId) => {
          const { error, state, protocolType, protocol, members } = coordinator.describe(groupId);
          return {
            errorCode: errorCode(error),
            groupId,
            groupState: state,
            protocolType,
            protocolData: protocol,
            members: members.map(({ metadata, assignment, ...member }) => ({ ...member, memberMetadata: metadata, memberAssignment: assignment })),
            ...(includeAuthorizedOperations && error === 'NONE' ? { authorizedOperations: allGroupOperations } : {}),
          };
        }),
      });
    },
    failed: ({ groups }, code) => ({
      groups: groups.map((groupId) => ({ errorCode: code, groupId, groupState: '', protocolType: '', protocolData: '', members: [] })),
    }),
  };
}
