import { KafkaError, errorByCode } from '../protocol/errors.ts';
import type { ErrorName } from '../protocol/errors.ts';
import { findCoordinatorRequest, findCoordinatorResponse } from '../protocol/messages/find-coordinator.ts';
import type { Cluster } from './cluster.ts';
import type { BrokerConnection } from './connections.ts';
import { withinTime } from './waiting.ts';

/** Kafka's numbers of CoordinatorType. */
const coordinatorTypes = { group: 0, transaction: 1 } as const;
const firstVersionWithKeys = 4;
/** A broker that answers so does not coordinate the key (any more), or is gone. */
const movedErrors: readonly ErrorName[] = ['NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE', 'NETWORK_EXCEPTION', 'REQUEST_TIMED_OUT', 'LEADER_NOT_AVAILABLE'];

/** The broker that coordinates a group or a transactional id, looked for again when it is another. */
export interface Coordinator {
  readonly brokerId: number;
  /**
   * Calls the coordinator, again while a failure may pass.
   * @param run throws a KafkaError for what the coordinator refused
   * @throws KafkaError REQUEST_TIMED_OUT when the time is up; what `run` throws where that is not worth another try
   */
  call<T>(name: string, timeoutMs: number, run: (connection: BrokerConnection, timeoutMs: number) => Promise<T>): Promise<T>;
}

export function coordinatorOf(cluster: Cluster, type: keyof typeof coordinatorTypes, key: string): Coordinator {
  let brokerId = -1;
  const { clock } = cluster.runtime;

  async function find(remainingMs: number): Promise<number> {
    const connection = await withinTime(clock, remainingMs, cluster.anyBroker(), () => 'no connection to any broker in time');
    const keyType = coordinatorTypes[type];
    const request = connection.requests.versionFor(findCoordinatorRequest) < firstVersionWithKeys ? { key, keyType } : { keyType, coordinatorKeys: [key] };
    const response = await connection.call(findCoordinatorRequest, findCoordinatorResponse, request, Math.min(remainingMs, cluster.settings.requestTimeoutMs));
    const { errorCode, nodeId } = response.coordinators[0] ?? response;
    throwError(errorCode, `the coordinator of the ${type} ${key} is not known`);
    if (!cluster.metadata.nodes.has(nodeId)) await withinTime(clock, remainingMs, cluster.update(), () => 'no metadata in time');
    return nodeId;
  }

  return {
    get brokerId() {
      return brokerId;
    },
    call(name, timeoutMs, run) {
      const attempt = async (remainingMs: number) => {
        try {
          if (brokerId < 0) brokerId = await find(remainingMs);
          const connection = await withinTime(clock, remainingMs, cluster.broker(brokerId), () => `no connection to broker ${brokerId} in time`);
          return await run(connection, Math.max(1, Math.min(remainingMs, cluster.settings.requestTimeoutMs)));
        } catch (error) {
          if (error instanceof KafkaError && movedErrors.includes(error.name)) brokerId = -1;
          throw error;
        }
      };
      return cluster.retry(timeoutMs, attempt, (last, attempts) => new KafkaError('REQUEST_TIMED_OUT', `${name} for the ${type} ${key} timed out after ${attempts} attempt(s)`, { cause: last }));
    },
  };
}

/** @throws KafkaError unless the code is 0 */
export function throwError(code: number, detail: string): void {
  if (code !== 0) throw new KafkaError(errorByCode(code), `${detail}: ${errorByCode(code)}`);
}
