import { nodeClock } from '../../runtime/node-clock.ts';
import { nodeRandom } from '../../runtime/node-random.ts';
import { brokerIdPath, brokerIdsPath } from '../../zookeeper/paths.ts';
import { decodeBrokerId } from '../../zookeeper/znodes/broker-id.ts';
import type { Terminal } from '../terminal.ts';
import { terminalLogger } from '../terminal.ts';
import { ReassignError } from './errors.ts';

const timeoutMs = 30_000;

/** Addresses of the live brokers, as bootstrap.servers takes them; plain listeners where there are any. @throws ReassignError when none is alive */
export async function brokersInZooKeeper(connectString: string, terminal: Terminal): Promise<string> {
  const { connectZooKeeper } = await import('../../zookeeper/node-client.ts');
  const zooKeeper = await connectZooKeeper({ clock: nodeClock, random: nodeRandom, logger: terminalLogger(terminal), connectString, sessionTimeoutMs: timeoutMs, connectionTimeoutMs: timeoutMs });
  try {
    const ids = await zooKeeper.children(brokerIdsPath);
    const znodes = await Promise.all(ids.map((id) => zooKeeper.find(brokerIdPath(Number(id)))));
    const addresses = znodes.flatMap((znode) => {
      const endpoints = znode === undefined ? [] : decodeBrokerId(znode.data).endpoints;
      const endpoint = endpoints.find(({ securityProtocol }) => securityProtocol === 'PLAINTEXT') ?? endpoints[0];
      return endpoint === undefined ? [] : [`${endpoint.host}:${endpoint.port}`];
    });
    if (addresses.length === 0) throw new ReassignError('no broker is registered in ZooKeeper');
    return addresses.join(',');
  } finally {
    await zooKeeper.close();
  }
}
