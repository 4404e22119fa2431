import { silentLogger } from '../../../src/runtime/logger.ts';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { nodeDisk } from '../../../src/runtime/node-disk.ts';
import { createNodeNetwork } from '../../../src/runtime/node-network.ts';
import { nodeRandom } from '../../../src/runtime/node-random.ts';
import { startZooKeeperServer } from '../../../src/zookeeper-server/server.ts';

/** Our server as a process of its own: `serve.ts PORT FOLDER [TICK_MS]`; prints a line when it listens, stops on SIGTERM. */
const [port, dataDirectory, tickTimeMs = '500'] = process.argv.slice(2);
const server = await startZooKeeperServer({
  clock: nodeClock,
  random: nodeRandom,
  disk: nodeDisk,
  network: createNodeNetwork(),
  logger: silentLogger,
  dataDirectory: dataDirectory!,
  host: '127.0.0.1',
  port: Number(port),
  tickTimeMs: Number(tickTimeMs),
  maxClientConnections: 0,
  whitelist: ['*'],
  extendedTypes: true,
  superDigest: 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=', // the password is "test", as kazoo's tests have it
});
process.on('SIGTERM', () => void server.stop().then(() => process.exit(0)));
process.stdout.write(`listening on ${server.port}\n`);
