import type { GroupCoordinator } from '../../coordinator/group/coordinator.ts';
import { errorCode } from '../../protocol/errors.ts';
import { listGroupsRequest, listGroupsResponse } from '../../protocol/messages/list-groups.ts';
import type { ListGroupsRequest, ListGroupsResponseInput } from '../../protocol/messages/list-groups.ts';
import type { Handler } from '../handler.ts';

/** Groups of the newer protocol (KIP-848) need KRaft: here all are of this type. */
const groupType = 'classic';

/** ListGroups, API key 16: the groups that this broker coordinates, by state and type (KIP-518, KIP-848) without regard to case. */
export function listGroupsHandler(coordinator: GroupCoordinator): Handler<ListGroupsRequest, ListGroupsResponseInput> {
  return {
    request: listGroupsRequest,
    response: listGroupsResponse,
    handle({ statesFilter, typesFilter }, _context, answer) {
      const states = new Set(statesFilter.map((state) => state.toLowerCase()));
      const isTypeWanted = typesFilter.length === 0 || typesFilter.some((type) => type.toLowerCase() === groupType);
      const { error, groups } = coordinator.list();
      const wanted = groups.filter(({ state }) => isTypeWanted && (states.size === 0 || states.has(state.toLowerCase())));
      answer({ errorCode: errorCode(error), groups: wanted.map(({ groupId, protocolType, state }) => ({ groupId, protocolType, groupState: state, groupType })) });
    },
    failed: (_request, code) => ({ errorCode: code }),
  };
}
