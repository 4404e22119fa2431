import { KafkaError, errorByCode } from '../../protocol/errors.ts';
import { findCoordinatorRequest, findCoordinatorResponse } from '../../protocol/messages/find-coordinator.ts';
import type { BrokerConnection } from '../connections.ts';
import type { Node } from '../metadata.ts';

/** From here on several coordinators are asked for at once (KIP-699). */
const firstVersionWithKeys = 4;
/** Later ones are about share groups and transactions that this client does not have. */
const newestVersion = 5;
const groupKey = 0;

/** Asks any broker which one coordinates a group. @throws KafkaError COORDINATOR_NOT_AVAILABLE, GROUP_AUTHORIZATION_FAILED, … */
export async function findCoordinator(connection: BrokerConnection, groupId: string, timeoutMs: number): Promise<Node> {
  const version = connection.requests.versionFor(findCoordinatorRequest, newestVersion);
  const request = version >= firstVersionWithKeys ? { keyType: groupKey, coordinatorKeys: [groupId] } : version > 0 ? { keyType: groupKey, key: groupId } : { key: groupId };
  const response = await connection.call(findCoordinatorRequest, findCoordinatorResponse, request, timeoutMs, newestVersion);
  const found = version >= firstVersionWithKeys ? response.coordinators[0] : response;
  if (found === undefined) throw new KafkaError('UNKNOWN_SERVER_ERROR', `the answer about the coordinator of group ${groupId} names none`);
  if (found.errorCode === 0) return { id: found.nodeId, host: found.host, port: found.port, rack: null };
  const name = errorByCode(found.errorCode);
  throw new KafkaError(name, name === 'GROUP_AUTHORIZATION_FAILED' ? `Not authorized to access group: ${groupId}` : (found.errorMessage ?? `the coordinator of group ${groupId} cannot be told: ${name}`));
}
