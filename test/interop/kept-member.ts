import { connectRequestClient } from '../../src/network/request-client.ts';
import type { RequestClient } from '../../src/network/request-client.ts';
import { nodeClock } from '../../src/runtime/node-clock.ts';
import { createNodeNetwork } from '../../src/runtime/node-network.ts';
import { heartbeat, join, sendJoin, sync } from '../integration/broker/group-wire.ts';

/** One member of a group, with a session that outlives the restarts of its broker. */
export interface KeptMember {
  readonly memberId: string;
  readonly generationId: number;
}

async function withCoordinator<T>(port: number, use: (client: RequestClient) => Promise<T>): Promise<T> {
  const client = await connectRequestClient({ network: createNodeNetwork(), clock: nodeClock, host: '127.0.0.1', port, clientId: 'kept', connectTimeoutMs: 10_000, negotiate: false });
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

const joinOptions = { sessionTimeoutMs: 300_000, rebalanceTimeoutMs: 300_000 };
/** A subscription, or an assignment, of version 0 with no topic: Kafka's tools read it. */
const nothing = '\0'.repeat(10);
const nothingElse = `${nothing}more`;

export const joinAlone = (port: number, group: string): Promise<KeptMember> =>
  withCoordinator(port, async (client) => {
    const { memberId, generationId } = await join(client, group, { ...joinOptions, metadata: Buffer.from(nothing) });
    await sync(client, group, { memberId, generationId }, { [memberId]: nothing });
    return { memberId, generationId };
  });

/** What the member is told in its generation; then it leads the next one. */
export const stillThere = (port: number, group: string, member: KeptMember): Promise<{ heartbeat: string; sync: string; rejoined: KeptMember }> =>
  withCoordinator(port, async (client) => {
    const told = await heartbeat(client, group, member);
    const { error } = await sync(client, group, member);
    const { memberId, generationId } = await sendJoin(client, group, { ...joinOptions, memberId: member.memberId, metadata: Buffer.from(nothingElse) });
    await sync(client, group, { memberId, generationId }, { [memberId]: nothing });
    return { heartbeat: told, sync: error, rejoined: { memberId, generationId } };
  });
