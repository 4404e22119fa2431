import type { GroupCoordinator } from '../../coordinator/group/coordinator.ts';
import { errorCode } from '../../protocol/errors.ts';
import { joinGroupRequest, joinGroupResponse } from '../../protocol/messages/join-group.ts';
import type { JoinGroupRequest, JoinGroupResponseInput } from '../../protocol/messages/join-group.ts';
import type { Handler } from '../handler.ts';
import { javaAddress } from './java-address.ts';

const firstVersionWithRebalanceTimeout = 1;
const firstVersionThatRequiresMemberId = 4;
const firstVersionWithNullProtocol = 7;
const firstVersionThatSkipsAssignment = 9;

/** JoinGroup, API key 11: answered when all members of the group have joined. */
export function joinGroupHandler(coordinator: GroupCoordinator): Handler<JoinGroupRequest, JoinGroupResponseInput> {
  return {
    request: joinGroupRequest,
    response: joinGroupResponse,
    handle(request, { apiVersion, clientId, connection }, answer) {
      coordinator.join(request.groupId, {
        memberId: request.memberId,
        instanceId: request.groupInstanceId,
        requiresKnownMemberId: apiVersion >= firstVersionThatRequiresMemberId && request.groupInstanceId === null,
        canSkipAssignment: apiVersion >= firstVersionThatSkipsAssignment,
        clientId: clientId ?? '',
        clientHost: javaAddress(connection.remoteAddress),
        rebalanceTimeoutMs: apiVersion >= firstVersionWithRebalanceTimeout ? request.rebalanceTimeoutMs : request.sessionTimeoutMs,
        sessionTimeoutMs: request.sessionTimeoutMs,
        protocolType: request.protocolType,
        protocols: request.protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) })),
        reason: request.reason ?? 'not provided',
        answer: (result) =>
          answer({
            errorCode: errorCode(result.error),
            generationId: result.generation,
            protocolType: result.protocolType,
            protocolName: nameFor(apiVersion, result.protocolName),
            leader: result.leaderId,
            skipAssignment: result.skipsAssignment,
            memberId: result.memberId,
            members: result.members,
          }),
      });
    },
    failed: (_request, code, _message, apiVersion) => ({ errorCode: code, protocolName: nameFor(apiVersion, null), leader: '', memberId: '' }),
  };
}

/** Versions that cannot carry null say "no protocol" by the empty name, and the others the other way round. */
function nameFor(apiVersion: number, name: string | null): string | null {
  if (apiVersion < firstVersionWithNullProtocol) return name ?? '';
  return name === '' ? null : name;
}
