import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describeZooKeeperClient } from '../integration/zookeeper-client/suite.ts';
import { freePort, startRealZooKeeper } from './real-kafka.ts';

/** Two of the server's ticks of 500 ms: the shortest session that it grants. */
describeZooKeeperClient('Apache ZooKeeper', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ottla-real-zookeeper-'));
  const port = await freePort();
  const server = await startRealZooKeeper({ port, folder });
  return {
    port,
    stop: async () => {
      await server.stop();
      fs.rmSync(folder, { recursive: true });
    },
  };
}, 1000);
