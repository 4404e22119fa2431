import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect } from 'chai';

interface Run {
  readonly stdout: string;
  readonly exitCode: number;
}

/** `ps` is replaced by one that shows chosen processes only: the tools stop whatever they find on the machine. */
describe('zookeeper-server-start, zookeeper-server-stop and kafka-server-stop', () => {
  let folder: string;
  let children: ChildProcess[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ottla-start-stop-'));
    showProcesses([]);
  });

  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children = [];
    rmSync(folder, { recursive: true });
  });

  function showProcesses(lines: readonly string[]): void {
    const file = join(folder, 'ps');
    writeFileSync(file, `#!/bin/sh\ncat <<'END'\n${lines.map((line) => `${line}\n`).join('')}END\n`);
    chmodSync(file, 0o755);
  }

  function start(tool: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
    const file = new URL(`../../../src/tools/${tool}.ts`, import.meta.url).pathname;
    const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
      env: { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH']}`, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    return child;
  }

  async function run(tool: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Run> {
    return ended(start(tool, args, env));
  }

  function ended(child: ChildProcess): Promise<Run> {
    let stdout = '';
    child.stdout?.on('data', (bytes: Buffer) => { stdout += bytes.toString(); });
    return new Promise((resolve) => { child.once('close', (code) => resolve({ stdout, exitCode: code ?? -1 })); });
  }

  function untilPrinted(child: ChildProcess, text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      let printed = '';
      child.stdout?.on('data', (bytes: Buffer) => {
        printed += bytes.toString();
        if (printed.includes(text)) resolve();
      });
      child.once('close', () => reject(new Error(`ended before it said ${text}: ${printed}`)));
    });
  }

  function propertiesFile(): string {
    const file = join(folder, 'zookeeper.properties');
    writeFileSync(file, `dataDir=${folder}/data\nclientPort=0\nclientPortAddress=127.0.0.1\npreAllocSize=64\n`);
    return file;
  }

  it('start the server, and stop it with SIGTERM', async () => {
    const server = start('zookeeper-server-start', [propertiesFile()]);
    const end = ended(server);
    await untilPrinted(server, 'binding to port 127.0.0.1:');
    showProcesses([`  1 init`, `  ${server.pid} /usr/bin/node /opt/ottla/bin/zookeeper-server-start config/zookeeper.properties`]);
    expect(await run('zookeeper-server-stop')).to.deep.equal({ stdout: '', exitCode: 0 });
    expect((await end).exitCode).to.equal(143);
  });

  it('go on in the background with -daemon', async () => {
    expect((await run('zookeeper-server-start', ['-daemon'], { LOG_DIR: folder })).exitCode).to.equal(0);
    expect(existsSync(join(folder, 'zookeeper.out'))).to.equal(true);
  });

  it('say how they are used, and what is wrong with a file', async () => {
    const bad = join(folder, 'bad.properties');
    writeFileSync(bad, 'clientPort=0\n');
    const [none, missing, malformed] = await Promise.all([run('zookeeper-server-start'), run('zookeeper-server-start', [join(folder, 'nowhere')]), run('zookeeper-server-start', [bad])]);
    expect(none).to.deep.equal({ stdout: 'USAGE: zookeeper-server-start [-daemon] zookeeper.properties\n', exitCode: 1 });
    expect(missing.exitCode).to.equal(2);
    expect(malformed.stdout).to.include('dataDir is not set');
    expect(malformed.exitCode).to.equal(2);
  });

  it('find nothing to stop among others', async () => {
    showProcesses([`  ${process.pid} vim zookeeper-server-start kafka-server-start`, '  1 node kafka-server-start -daemon x']);
    const [zookeeper, kafka] = await Promise.all([run('zookeeper-server-stop'), run('kafka-server-stop')]);
    expect(zookeeper).to.deep.equal({ stdout: 'No zookeeper server to stop\n', exitCode: 1 });
    expect(kafka).to.deep.equal({ stdout: 'No kafka server to stop\n', exitCode: 1 });
  });

  it('stop brokers of either kind, all or by node id, with the signal asked for', async () => {
    const ready = 'process.stdout.write("ready"); setInterval(() => {}, 1000)';
    const victims = [1, 2].map(() => spawn(process.execPath, ['-e', ready], { stdio: ['ignore', 'pipe', 'inherit'] }));
    children.push(...victims);
    const ends = victims.map((victim) => new Promise((resolve) => { victim.once('exit', (_, signal) => resolve(signal)); }));
    await Promise.all(victims.map((victim) => untilPrinted(victim, 'ready')));
    writeFileSync(join(folder, 'one.properties'), 'broker.id=1\n');
    writeFileSync(join(folder, 'two.properties'), 'broker.id=2\n');
    showProcesses([
      `${victims[0]?.pid} node /opt/ottla/bin/kafka-server-start.sh ${folder}/one.properties`,
      `${victims[1]?.pid} java -Xmx1G -cp x kafka.Kafka ${folder}/two.properties`,
    ]);
    expect((await run('kafka-server-stop', ['--node-id=2'])).exitCode).to.equal(0);
    expect(await ends[1]).to.equal('SIGTERM');
    expect((await run('kafka-server-stop', [], { SIGNAL: 'KILL' })).exitCode).to.equal(0);
    expect(await ends[0]).to.equal('SIGKILL');
  });
});
