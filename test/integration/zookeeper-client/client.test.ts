import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { nodeDisk } from '../../../src/runtime/node-disk.ts';
import { createNodeNetwork } from '../../../src/runtime/node-network.ts';
import { nodeRandom } from '../../../src/runtime/node-random.ts';
import { startZooKeeperServer } from '../../../src/zookeeper-server/server.ts';
import { describeZooKeeperClient } from './suite.ts';

const tickTimeMs = 250;

describeZooKeeperClient('the embedded server', async () => {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'ottla-zookeeper-'));
  const server = await startZooKeeperServer({
    clock: nodeClock, random: nodeRandom, disk: nodeDisk, network: createNodeNetwork(), logger: silentLogger,
    dataDirectory, host: '127.0.0.1', port: 0, tickTimeMs, preallocateBytes: 0, maxClientConnections: 0,
  });
  return {
    port: server.port,
    stop: async () => {
      await server.stop();
      await rm(dataDirectory, { recursive: true });
    },
  };
}, 4 * tickTimeMs);
