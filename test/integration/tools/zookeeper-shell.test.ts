import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { nodeDisk } from '../../../src/runtime/node-disk.ts';
import { createNodeNetwork } from '../../../src/runtime/node-network.ts';
import { nodeRandom } from '../../../src/runtime/node-random.ts';
import type { ZooKeeperServer, ZooKeeperServerOptions } from '../../../src/zookeeper-server/server.ts';
import { startZooKeeperServer } from '../../../src/zookeeper-server/server.ts';
import { banner, comparable, openShell, playSession, readJson, sessions } from './zookeeper-shell-sessions.ts';
import type { Run } from './zookeeper-shell-sessions.ts';

/** One-shot runs of the real shell, in an order in which each finds what it needs. */
const runs = readJson<readonly (Run & { readonly name: string; readonly args: readonly string[] })[]>('zookeeper-shell-golden.json');

/** A command that ends in the client races with the connecting, in the real shell too. */
function afterConnecting(text: string): string {
  return text.replace(/^Connecting to .*\n(\nWATCHER::\n\nWatchedEvent state:SyncConnected type:None path:null\n)?/, '');
}

describe('zookeeper-shell', () => {
  let server: ZooKeeperServer;
  let directory: string;

  async function start(options: Partial<ZooKeeperServerOptions> = {}): Promise<string> {
    directory = await mkdtemp(join(tmpdir(), 'ottla-shell-'));
    server = await startZooKeeperServer({
      clock: nodeClock, random: nodeRandom, disk: nodeDisk, network: createNodeNetwork(), logger: silentLogger,
      dataDirectory: directory, host: '127.0.0.1', port: 0, preallocateBytes: 0, ...options,
    });
    return `127.0.0.1:${server.port}`;
  }

  afterEach(async () => {
    await server.stop();
    await rm(directory, { recursive: true });
  });

  async function oneShot(connectString: string, words: readonly string[]): Promise<Run> {
    const { shell, printed } = openShell(connectString);
    await shell.run(words);
    shell.drop();
    return { stdout: `Connecting to ${connectString}\n${printed.stdout}`, stderr: printed.stderr, exitCode: shell.exitCode };
  }

  for (const { name, stdin, stdout, stderr, exitCode } of sessions) {
    it(`prints what the real one prints: ${name}`, async () => {
      const address = await start({ extendedTypes: true });
      const played = await playSession(address, stdin);
      expect(comparable(played.stdout, address)).to.equal(comparable(stdout, '{Z}'));
      expect(comparable(played.stderr, address)).to.equal(stderr);
      expect(played.exitCode).to.equal(exitCode);
    });
  }

  it('answers single commands with the real texts and exit codes', async () => {
    const address = await start();
    for (const { name, args, stdout, stderr, exitCode } of runs) {
      const run = await oneShot(address, args);
      expect(afterConnecting(comparable(run.stdout, address)), name).to.equal(afterConnecting(comparable(stdout, '{Z}')));
      expect(run.stderr, name).to.equal(stderr);
      expect(run.exitCode, name).to.equal(exitCode);
    }
  });

  it('stays below its chroot', async () => {
    const address = await start();
    await oneShot(address, ['create', '/kafka']);
    expect((await oneShot(`${address}/kafka`, ['create', '-s', '/a-'])).stderr).to.equal('Created /a-0000000000\n');
    expect((await oneShot(`${address}/kafka`, ['ls', '/'])).stdout).to.match(/\n\[a-0000000000\]\n$/);
    expect((await oneShot(address, ['ls', '/kafka'])).stdout).to.match(/\n\[a-0000000000\]\n$/);
    expect((await oneShot(`${address}/kafka`, ['get', '/b'])).stderr).to.equal('Node does not exist: /b\n');
  });

  it('sets its watches again when the connection was lost, and says so', async () => {
    const address = await start();
    const { shell, printed } = openShell(address);
    await shell.execute('create /a');
    await shell.execute('get -w /a');
    await server.stop();
    server = await startZooKeeperServer({
      clock: nodeClock, random: nodeRandom, disk: nodeDisk, network: createNodeNetwork(), logger: silentLogger,
      dataDirectory: directory, host: '127.0.0.1', port: Number(address.split(':')[1]), preallocateBytes: 0,
    });
    const eventCount = (): number => printed.stdout.split('WatchedEvent').length - 1;
    while (eventCount() < 3) await shell.execute('sync /');
    await shell.execute('set /a x');
    shell.drop();
    const events = [...printed.stdout.matchAll(/WatchedEvent (.*)/g)].map(([, event]) => event);
    expect(events).to.deep.equal([
      'state:SyncConnected type:None path:null', 'state:Disconnected type:None path:null',
      'state:SyncConnected type:None path:null', 'state:SyncConnected type:NodeDataChanged path:/a',
    ]);
  });

  function runTool(args: readonly string[], stdin: string): Promise<Run> {
    return new Promise((resolve) => {
      const tool = new URL('../../../src/tools/zookeeper-shell.ts', import.meta.url).pathname;
      const child = spawn(process.execPath, ['--import', 'tsx', tool, ...args]);
      const printed = { stdout: '', stderr: '' };
      child.stdout.on('data', (bytes: Buffer) => { printed.stdout += bytes.toString(); });
      child.stderr.on('data', (bytes: Buffer) => { printed.stderr += bytes.toString(); });
      child.on('close', (code) => resolve({ ...printed, exitCode: code ?? -1 }));
      child.stdin.end(stdin);
    });
  }

  it('is a program with a usage line, one-shot commands, and lines from standard input', async () => {
    const address = await start();
    const [none, once, lines, unreachable] = await Promise.all([
      runTool([], ''), runTool([address, '-timeout', '5000', '-waitforconnection', 'ls', '/'], ''), runTool([address], 'ls /\nbogus'), runTool(['127.0.0.1:1', 'ls', '/'], ''),
    ]);
    const connected = '\nWATCHER::\n\nWatchedEvent state:SyncConnected type:None path:null\n';
    expect(none.stdout).to.equal('USAGE: zookeeper-shell zookeeper_host:port[/path] [-zk-tls-config-file file] [args...]\n');
    expect(none.exitCode).to.equal(1);
    expect(once).to.deep.equal({ stdout: `Connecting to ${address}\n${connected}[zookeeper]\n`, stderr: '', exitCode: 0 });
    expect(lines.stdout).to.equal(`Connecting to ${address}\n${banner}${connected}[zookeeper]\n`);
    expect(lines.exitCode).to.equal(127);
    expect(unreachable).to.deep.equal({ stdout: 'Connecting to 127.0.0.1:1\n', stderr: 'KeeperErrorCode = ConnectionLoss for /\n', exitCode: 1 });
  });
});
