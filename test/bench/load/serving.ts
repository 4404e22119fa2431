import { connectRequestClient } from '../../../src/network/request-client.ts';
import type { RequestClient } from '../../../src/network/request-client.ts';
import { metadataRequest, metadataResponse } from '../../../src/protocol/messages/metadata.ts';
import type { MetadataResponse } from '../../../src/protocol/messages/metadata.ts';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { createNodeNetwork } from '../../../src/runtime/node-network.ts';

const network = createNodeNetwork();
const askAgainMs = 5;
const deadlineMs = 180_000;

export const connectTo = (port: number): Promise<RequestClient> =>
  connectRequestClient({ network, clock: nodeClock, host: '127.0.0.1', port, clientId: 'bench', connectTimeoutMs: 1000, negotiate: true });

/** @param topics none: only brokers are asked for */
export const askMetadata = (client: RequestClient, topics: readonly string[]): Promise<MetadataResponse> =>
  client.send(metadataRequest, metadataResponse, client.versionFor(metadataRequest), { topics: topics.map((name) => ({ name })) }, 30_000);

/**
 * Starts something and asks it every few milliseconds, from its first moment on, whether it serves.
 * @returns what was started, and the milliseconds until it served, whatever it printed and when
 */
export async function startServing<T>(start: () => Promise<T>, port: number, serves: (client: RequestClient) => Promise<boolean>): Promise<{ readonly running: T; readonly tookMs: number }> {
  const begunMs = performance.now();
  const asking = { isWanted: true };
  try {
    const [running, servedMs] = await Promise.all([start(), untilServed(port, serves, asking)]);
    return { running, tookMs: servedMs - begunMs };
  } finally {
    asking.isWanted = false;
  }
}

async function untilServed(port: number, serves: (client: RequestClient) => Promise<boolean>, asking: { readonly isWanted: boolean }): Promise<number> {
  let client: RequestClient | undefined;
  let last: unknown;
  for (const giveUpMs = performance.now() + deadlineMs; asking.isWanted && performance.now() < giveUpMs; ) {
    try {
      if (client?.isClosed !== false) client = await connectTo(port);
      if (await serves(client)) {
        client.close();
        return performance.now();
      }
    } catch (error) {
      last = error; // not yet: asked again until the deadline
    }
    await new Promise((resolve) => setTimeout(resolve, askAgainMs));
  }
  client?.close();
  throw new Error(`nobody served on port ${port}`, { cause: last });
}
