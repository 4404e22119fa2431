import type { RequestClient } from '../../../src/network/request-client.ts';
import { createTopicsRequest, createTopicsResponse } from '../../../src/protocol/messages/create-topics.ts';
import { askMetadata } from './serving.ts';

const usualDeadlineMs = 300_000;
const askAgainMs = 50;

/** One replica each; resolves when all partitions have a leader. */
export async function createTopicOf(client: RequestClient, name: string, numPartitions: number, deadlineMs = usualDeadlineMs): Promise<void> {
  const giveUpMs = performance.now() + deadlineMs;
  const request = { topics: [{ name, numPartitions, replicationFactor: 1 }], timeoutMs: deadlineMs };
  const { topics: [created] } = await client.send(createTopicsRequest, createTopicsResponse, client.versionFor(createTopicsRequest), request, deadlineMs);
  if (created!.errorCode !== 0) throw new Error(`topic ${name} was not created: error ${created!.errorCode} ${created!.errorMessage}`);
  for (;;) {
    const { topics: [found] } = await askMetadata(client, [name]);
    if (found!.errorCode === 0 && found!.partitions.length === numPartitions && found!.partitions.every(({ leaderId }) => leaderId >= 0)) return;
    if (performance.now() > giveUpMs) throw new Error(`not all partitions of ${name} have a leader`);
    await new Promise((resolve) => setTimeout(resolve, askAgainMs));
  }
}
