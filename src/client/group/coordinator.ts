import { KafkaError } from '../../protocol/errors.ts';
import type { MessageSchema } from '../../protocol/schema.ts';
import type { Cluster } from '../cluster.ts';
import type { BrokerConnection } from '../connections.ts';
import { createConnections } from '../connections.ts';
import type { Node } from '../metadata.ts';
import { withinTime } from '../waiting.ts';
import { findCoordinator } from './find-coordinator.ts';

/** The broker that keeps the group. A connection of its own: a JoinGroup that waits there must not hold up fetches. */
export interface Coordinator {
  /** Undefined while it is not known. */
  readonly node: Node | undefined;
  /** Looks for it, once at a time. @throws KafkaError */
  find(timeoutMs: number): Promise<void>;
  /** @throws KafkaError COORDINATOR_NOT_AVAILABLE while it is not known, NETWORK_EXCEPTION, REQUEST_TIMED_OUT, UNSUPPORTED_VERSION */
  call<Q, A>(request: MessageSchema<unknown, Q>, response: MessageSchema<A, never>, value: Q | ((version: number) => Q), timeoutMs: number): Promise<A>;
  forget(): void;
  close(): void;
}

export function createCoordinator(cluster: Cluster, groupId: string): Coordinator {
  const { clock, logger } = cluster.runtime;
  const connections = createConnections(cluster.runtime, cluster.settings, cluster.signal);
  let node: Node | undefined;
  let finding: Promise<void> | undefined;

  async function findOnce(): Promise<void> {
    const connection = await cluster.anyBroker();
    node = await findCoordinator(connection, groupId, cluster.settings.requestTimeoutMs);
    logger.info('group coordinator found', { groupId, brokerId: node.id, host: node.host, port: node.port });
  }

  async function connected(): Promise<BrokerConnection> {
    if (node === undefined) throw new KafkaError('COORDINATOR_NOT_AVAILABLE', `the coordinator of group ${groupId} is not known`);
    return connections.to(node);
  }

  function forget(): void {
    node = undefined;
  }

  return {
    get node() {
      return node;
    },
    find(timeoutMs) {
      finding ??= findOnce().finally(() => {
        finding = undefined;
      });
      return withinTime(clock, timeoutMs, finding, () => `the coordinator of group ${groupId} was not found in time`);
    },
    async call(request, response, value, timeoutMs) {
      const asked = node;
      try {
        const connection = await connected();
        const version = connection.requests.versionFor(request);
        const body = typeof value === 'function' ? (value as (version: number) => Parameters<typeof request.encode>[1])(version) : value;
        return await connection.call(request, response, body, timeoutMs);
      } catch (error) {
        // A connection that is gone says nothing good of the broker behind it.
        if (asked === node && error instanceof KafkaError && (error.name === 'NETWORK_EXCEPTION' || error.name === 'REQUEST_TIMED_OUT')) forget();
        throw error;
      }
    },
    forget,
    close: () => connections.close(),
  };
}
