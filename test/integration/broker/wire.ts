import { expect } from 'chai';
import type { RequestClient } from '../../../src/network/request-client.ts';
import { connectRequestClient } from '../../../src/network/request-client.ts';
import { errorByCode } from '../../../src/protocol/errors.ts';
import { createTopicsRequest, createTopicsResponse } from '../../../src/protocol/messages/create-topics.ts';
import type { CreateTopicsRequestInput } from '../../../src/protocol/messages/create-topics.ts';
import { metadataRequest, metadataResponse } from '../../../src/protocol/messages/metadata.ts';
import type { MetadataResponse } from '../../../src/protocol/messages/metadata.ts';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { createNodeNetwork } from '../../../src/runtime/node-network.ts';
import type { TestCluster } from '../../../src/testing/index.ts';

const timeoutMs = 15_000;

/** A connection to one broker, for requests as they are on the wire. */
export function connect(cluster: TestCluster, brokerId: number): Promise<RequestClient> {
  const { host, port } = cluster.brokers.get(brokerId)!.endpoints[0]!;
  return connectRequestClient({ network: createNodeNetwork(), clock: nodeClock, host, port, clientId: 'test', connectTimeoutMs: timeoutMs, negotiate: false });
}

export async function withClient<T>(cluster: TestCluster, brokerId: number, use: (client: RequestClient) => Promise<T>): Promise<T> {
  const client = await connect(cluster, brokerId);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

export function controllerOf(cluster: TestCluster): number {
  const found = Array.from(cluster.brokers).find(([, broker]) => broker.isController);
  if (found === undefined) throw new Error('no broker is the controller');
  return found[0];
}

export type TopicToCreate = NonNullable<CreateTopicsRequestInput['topics']>[number];

/** @returns `NONE` or an error with its message, by topic */
export async function createTopics(cluster: TestCluster, topics: readonly TopicToCreate[], brokerId = controllerOf(cluster)): Promise<Record<string, string>> {
  const request = { topics: topics.map((topic) => ({ numPartitions: 1, replicationFactor: 1, assignments: [], configs: [], ...topic })), timeoutMs };
  const answer = await withClient(cluster, brokerId, (client) => client.send(createTopicsRequest, createTopicsResponse, 7, request, timeoutMs));
  return Object.fromEntries(answer.topics.map(({ name, errorCode, errorMessage }) => [name, errorCode === 0 ? 'NONE' : `${errorByCode(errorCode)} ${errorMessage}`]));
}

/** A topic with these replicas, by partition. */
export async function createAssigned(cluster: TestCluster, name: string, replicas: readonly (readonly number[])[], configs: Readonly<Record<string, string>> = {}): Promise<void> {
  const created = await createTopics(cluster, [{
    name,
    numPartitions: -1,
    replicationFactor: -1,
    assignments: replicas.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds })),
    configs: Object.entries(configs).map(([property, value]) => ({ name: property, value })),
  }]);
  expect(created).to.deep.equal({ [name]: 'NONE' });
}

export function metadata(cluster: TestCluster, brokerId: number): Promise<MetadataResponse> {
  return withClient(cluster, brokerId, (client) => client.send(metadataRequest, metadataResponse, 12, { topics: null }, timeoutMs));
}

/** `leader/isr` of each partition of a topic as a broker knows them. */
export async function leadership(cluster: TestCluster, brokerId: number, topic: string): Promise<string[]> {
  const { topics } = await metadata(cluster, brokerId);
  const partitions = topics.find(({ name }) => name === topic)?.partitions ?? [];
  return partitions.toSorted((a, b) => a.partitionIndex - b.partitionIndex).map(({ leaderId, isrNodes }) => `${leaderId}/${isrNodes.join(',')}`);
}

/** Looks again and again, at most 10 seconds, until what is seen is what is wanted. */
export async function eventually<T>(look: () => Promise<T> | T, wanted: T): Promise<void> {
  const deadlineMs = nodeClock.monotonicMs() + 10_000;
  for (;;) {
    const seen = await look();
    if (JSON.stringify(seen) === JSON.stringify(wanted) || nodeClock.monotonicMs() > deadlineMs) {
      expect(seen).to.deep.equal(wanted);
      return;
    }
    await new Promise((resolve) => nodeClock.setTimer(20, () => resolve(undefined)));
  }
}
