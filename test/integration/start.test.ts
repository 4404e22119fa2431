import { expect } from 'chai';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { freePort, runTool } from '../support/processes.ts';

const launcher = path.join(import.meta.dirname, '../../dist/tools/ottla-start.cjs');

interface Started {
  readonly process: ChildProcess;
  output(): string;
  printed(pattern: RegExp): Promise<void>;
  readonly ended: Promise<number | null>;
}

function start(args: readonly string[]): Started {
  const child = spawn(process.execPath, [launcher, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const wakes = new Set<() => void>();
  const read = (chunk: Buffer): void => {
    output += chunk.toString();
    for (const wake of wakes) wake();
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    process: child,
    ended,
    output: () => output,
    async printed(pattern) {
      let isOver = false;
      void ended.then(() => {
        isOver = true;
        for (const wake of wakes) wake();
      });
      while (!pattern.test(output)) {
        if (isOver) throw new Error(`ended without ${pattern}:\n${output}`);
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            wakes.delete(wake);
            resolve();
          };
          wakes.add(wake);
        });
      }
    },
  };
}

/** The first of so many ports in a row that are free. */
async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = await freePort();
    const servers = await Promise.all(Array.from({ length: count }, (_, index) => tryListen(first + index)));
    for (const server of servers) server?.close();
    if (servers.every((server) => server !== undefined)) return first;
  }
}

function tryListen(port: number): Promise<net.Server | undefined> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

describe('npm start', () => {
  let folder: string;
  let running: Started[];
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ottla-start-'));
    running = [];
  });
  afterEach(async () => {
    for (const { process: child, ended } of running) {
      child.kill('SIGTERM');
      await ended;
    }
    fs.rmSync(folder, { recursive: true, force: true });
  });

  async function started(brokers: number, ports?: { zookeeper: number; first: number }): Promise<Started & { zookeeper: number; first: number }> {
    const { zookeeper, first } = ports ?? { zookeeper: await freePort(), first: await freePorts(brokers) };
    const server = start(['--brokers', String(brokers), '--data', folder, '--zookeeper-port', String(zookeeper), '--port', String(first)]);
    running.push(server);
    return { ...server, zookeeper, first };
  }

  it('starts three brokers that serve a replicated topic, keeps its data, and stops cleanly', async () => {
    const cluster = await started(3);
    await cluster.printed(/in another terminal, try/i);
    const created = await runTool('kafka-topics', ['--create', '--zookeeper', `localhost:${cluster.zookeeper}`, '--replication-factor', '2', '--partitions', '1', '--topic', 'my-replicated-topic']);
    expect(created.stdout, created.stderr).to.equal('Created topic my-replicated-topic.\n');
    const bootstrap = `localhost:${cluster.first}`;
    const produced = await runTool('kafka-console-producer', ['--broker-list', bootstrap, '--topic', 'my-replicated-topic'], { input: 'one\ntwo\n' });
    expect(produced.status, produced.stderr).to.equal(0);
    cluster.process.kill('SIGINT');
    expect(await cluster.ended, cluster.output()).to.equal(0);

    const again = await started(3, cluster);
    await again.printed(/in another terminal, try/i);
    const consumed = await runTool('kafka-console-consumer', ['--bootstrap-server', bootstrap, '--from-beginning', '--topic', 'my-replicated-topic', '--max-messages', '2']);
    expect(consumed.stdout).to.equal('one\ntwo\n');
  });

  it('says what to do when a port is taken', async () => {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    const cluster = await started(1, { zookeeper: await freePort(), first: port });
    expect(await cluster.ended).to.equal(1);
    expect(cluster.output()).to.equal(`port ${port} for broker 1 is taken by another process; free it, or choose another: npm start -- --port PORT\n`);
    server.close();
  });

  it('refuses a data folder that another cluster uses', async () => {
    const first = await started(1);
    await first.printed(/in another terminal, try/i);
    const second = await started(1);
    expect(await second.ended).to.equal(1);
    expect(second.output()).to.include(`${folder} is in use by a cluster that runs`);
  });

  it('goes on without a broker that dies and says how to start it again', async () => {
    const cluster = await started(2);
    await cluster.printed(/in another terminal, try/i);
    const lock = fs.readFileSync(path.join(folder, 'broker-2/logs/.lock'), 'latin1');
    process.kill(Number(lock.split(' ')[0]), 'SIGKILL');
    await cluster.printed(/broker 2 was killed by SIGKILL; the others go on; start it again with: bin\/kafka-server-start .*broker-2\/server\.properties/);
    const { stdout } = await runTool('kafka-topics', ['--list', '--bootstrap-server', `localhost:${cluster.first}`]);
    expect(stdout).to.equal('\n');
  });
});
