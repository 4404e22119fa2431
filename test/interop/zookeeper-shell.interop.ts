import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { silentLogger } from '../../src/runtime/logger.ts';
import { nodeClock } from '../../src/runtime/node-clock.ts';
import { nodeDisk } from '../../src/runtime/node-disk.ts';
import { createNodeNetwork } from '../../src/runtime/node-network.ts';
import { nodeRandom } from '../../src/runtime/node-random.ts';
import { startZooKeeperServer } from '../../src/zookeeper-server/server.ts';
import { comparable, playSession, sessions } from '../integration/tools/zookeeper-shell-sessions.ts';
import type { Run } from '../integration/tools/zookeeper-shell-sessions.ts';
import { freePort, runJava, startRealZooKeeper } from './real-kafka.ts';

const realShell = 'org.apache.zookeeper.ZooKeeperMainWithTlsSupportForKafka';

/** The same sessions with one side real: our shell on Apache ZooKeeper, the real shell on our server. */
describe('zookeeper-shell and Apache ZooKeeper', function () {
  this.timeout(120_000);
  let folder: string;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ottla-shell-interop-'));
  });

  afterEach(() => {
    fs.rmSync(folder, { recursive: true });
  });

  function expectSame(run: Run, wanted: Run, address: string): void {
    expect(eventsLast(comparable(run.stdout, address))).to.equal(eventsLast(comparable(wanted.stdout, '{Z}')));
    expect(comparable(withoutLog(run.stderr), address)).to.equal(wanted.stderr);
    expect(run.exitCode).to.equal(wanted.exitCode);
  }

  for (const session of sessions) {
    it(`our shell on Apache ZooKeeper: ${session.name}`, async () => {
      const port = await freePort();
      const server = await startRealZooKeeper({ port, folder });
      const address = `127.0.0.1:${port}`;
      try {
        expectSame(await playSession(address, session.stdin), session, address);
      } finally {
        await server.stop();
      }
    });

    it(`the real shell on our server: ${session.name}`, async () => {
      const server = await startZooKeeperServer({
        clock: nodeClock, random: nodeRandom, disk: nodeDisk, network: createNodeNetwork(), logger: silentLogger,
        dataDirectory: folder, host: '127.0.0.1', port: 0, preallocateBytes: 0, extendedTypes: true,
      });
      const address = `127.0.0.1:${server.port}`;
      try {
        const { status, stdout, stderr } = await runJava('3.9.1', [realShell, '-server', address], { input: session.stdin.replaceAll('{Z}', address) });
        expectSame({ stdout, stderr, exitCode: status }, session, address);
      } finally {
        await server.stop();
      }
    });
  }
});

/** Log lines and stack traces, which Java writes to the same stream. */
function withoutLog(text: string): string {
  return text.split('\n').filter((line) => !/^(\s+at |\[20\d\d-)/.test(line)).join('\n');
}

/** The real shell tells of events in a thread of its own, which may be late by a command or two on a busy machine. */
function eventsLast(text: string): string {
  const event = /\nWATCHER::\n\nWatchedEvent .*\n/g;
  return text.replace(event, '') + (text.match(event) ?? []).join('');
}
