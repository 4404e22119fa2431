import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { JuteReader } from '../../../src/zookeeper-server/jute.ts';
import { bodies, WireClient } from '../../integration/zookeeper-server/wire-client.ts';
import { fourLetterWord, freePort, runJava, startRealKafka, startRealZooKeeper } from '../real-kafka.ts';
import { startOurs } from './ours.ts';
import { RandomRequests, type WireRequest } from './random-requests.ts';

/** Our server beside Apache ZooKeeper 3.8: same requests, same files, same tools, and a real Kafka broker on ours. */
const folders: string[] = [];
const stops: (() => Promise<void>)[] = [];

function folder(): string {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'ottla-zookeeper-interop-'));
  folders.push(made);
  return made;
}

async function ours(inFolder: string): Promise<{ readonly port: number; stop(signal?: NodeJS.Signals): Promise<void> }> {
  const port = await freePort();
  const { stop } = await startOurs(port, inFolder);
  stops.push(() => stop('SIGKILL'));
  return { port, stop };
}

async function apache(inFolder: string): Promise<{ readonly port: number; stop(signal?: NodeJS.Signals): Promise<void> }> {
  const port = await freePort();
  const { stop } = await startRealZooKeeper({ port, folder: inFolder });
  stops.push(() => stop('SIGKILL'));
  // It says imok before it takes sessions.
  while (!(await fourLetterWord(port, 'srvr')).includes('Mode: standalone')) await new Promise((resolve) => setTimeout(resolve, 50));
  return { port, stop };
}

/** Types whose replies hold a set, in whatever order. */
const unordered: ReadonlySet<number> = new Set([8, 12, 22, 103]);
const sinceMs = Date.now();

/** A reply without what differs from server to server: session ids, the clock, the order of sets. */
function comparable(frame: Buffer | undefined, sessions: readonly WireClient[], type: number): string {
  if (frame === undefined) return 'closed';
  const texts: string[] = [];
  let hex = frame.toString('hex');
  sessions.forEach(({ sessionId }, index) => (hex = hex.replaceAll(sessionId, `<session ${index}>`)));
  for (const ms of [sinceMs, Date.now()]) hex = hex.replaceAll(new RegExp(`00000${ms.toString(16).slice(0, 5)}[0-9a-f]{6}`, 'g'), '<time>');
  if (!unordered.has(type)) return hex;
  for (const [byte] of hex.replace(/<[^>]*>/g, '').matchAll(/../g)) texts.push(byte);
  return texts.sort().join('');
}

const sorted = (events: readonly Buffer[]): string => events.map((event) => event.toString('hex')).sort().join('\n');

/** Two sessions on a server; what the first hears, the second must hear too. */
class Pair {
  readonly clients: readonly WireClient[];

  constructor(clients: readonly WireClient[]) {
    this.clients = clients;
  }

  static async on(port: number): Promise<Pair> {
    return new Pair([await WireClient.session(port, 10_000), await WireClient.session(port, 10_000)]);
  }

  async answer(who: number, xid: number, { type, body }: WireRequest): Promise<string> {
    const mine = await this.clients[who]!.call(xid, type, body);
    const other = await this.clients[1 - who]!.call(-2, 11, Buffer.alloc(0));
    return [comparable(mine.reply, this.clients, type), sorted(mine.events), sorted(other.events)].join(' | ');
  }
}

/** Every node that is to be seen: path, data with stat, ACL; codes where that is refused. */
async function treeOf(port: number): Promise<string[]> {
  const client = await WireClient.session(port);
  await client.call(-4, 100, bodies.auth('digest', 'bob:pw'));
  const lines: string[] = [];
  const visit = async (at: string): Promise<void> => {
    const [data, acl, children] = [
      (await client.call(1, 4, bodies.pathAndFlag(at, false))).reply!,
      (await client.call(1, 6, bodies.path(at))).reply!,
      (await client.call(1, 8, bodies.pathAndFlag(at, false))).reply!,
    ];
    lines.push(`${at} ${data.toString('hex', 12)} ${acl.toString('hex', 12)}`);
    if (children.readInt32BE(12) !== 0) return;
    for (const name of new JuteReader(children, 16).vector((one) => one.string()).sort()) await visit(at === '/' ? `/${name}` : `${at}/${name}`);
  };
  await visit('/');
  await client.call(2, -11, Buffer.alloc(0));
  return lines;
}

async function play(port: number, seed: number, count: number): Promise<void> {
  const [pair, requests] = [await Pair.on(port), new RandomRequests(seed)];
  for (let xid = 1; xid <= count; xid++) {
    const request = requests.next();
    await pair.answer(requests.below(2), request.xid ?? xid, request);
  }
}

describe('our ZooKeeper server beside Apache ZooKeeper 3.8', () => {
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
    for (const made of folders.splice(0)) fs.rmSync(made, { recursive: true, force: true });
  });

  const seed = Number(process.env['SEED'] ?? 1 + Math.floor(Math.random() * 1e6));
  it(`gives the same replies and events to 6,000 random requests (SEED=${seed})`, async () => {
    const pairs = await Promise.all([Pair.on((await ours(folder())).port), Pair.on((await apache(folder())).port)]);
    const requests = new RandomRequests(seed);
    for (let xid = 1; xid <= 6000; xid++) {
      const request = requests.next();
      const who = requests.below(2);
      const [mine, theirs] = await Promise.all(pairs.map((pair) => pair.answer(who, request.xid ?? xid, request)));
      expect(mine, `request ${xid} by client ${who}: ${request.name}`).to.equal(theirs);
    }
  });

  it('opens the folder of a killed Apache ZooKeeper, with its sessions', async () => {
    const data = folder();
    const before = await apache(data);
    await play(before.port, 5, 3000);
    const session = await WireClient.session(before.port);
    await session.call(1, 1, bodies.create('/mine', null, [{ permissions: 31, scheme: 'world', id: 'anyone' }], 1));
    const wanted = await treeOf(before.port);
    await before.stop('SIGKILL');
    const after = await ours(data);
    expect((await WireClient.session(after.port, 10_000, session)).sessionId).to.equal(session.sessionId);
    expect(await treeOf(after.port)).to.deep.equal(wanted);
  });

  it('leaves, killed, a folder that Apache ZooKeeper opens, with its sessions', async () => {
    const data = folder();
    const before = await ours(data);
    await play(before.port, 5, 3000);
    const session = await WireClient.session(before.port);
    await session.call(1, 1, bodies.create('/mine', null, [{ permissions: 31, scheme: 'world', id: 'anyone' }], 1));
    const wanted = await treeOf(before.port);
    await before.stop('SIGKILL');
    const after = await apache(data);
    expect((await WireClient.session(after.port, 10_000, session)).sessionId).to.equal(session.sessionId);
    expect(await treeOf(after.port)).to.deep.equal(wanted);
    await after.stop('SIGKILL');
    expect(await treeOf((await ours(data)).port)).to.deep.equal(wanted);
  });

  it('answers the real shell as Apache ZooKeeper does', async () => {
    const commands = [
      'create /a one', 'create -e /a/e two', 'create -s /a/s- three', 'create -c /c', 'create -t 100000 /t four', 'ls -R /', 'ls -s /a', 'get -s /a', 'set -s /a five', 'stat /a/e',
      'addauth digest bob:pw', 'create /p six auth::cdrwa', 'getAcl -s /p', 'setAcl /a world:anyone:cdrwa', 'setquota -n 3 -b 100 /a', 'listquota /a', 'delquota /a', 'getEphemerals', 'getAllChildrenNumber /',
      'whoami', 'addWatch -m PERSISTENT_RECURSIVE /a', 'set /a seven', 'create /a/new', 'delete /a/new', 'removewatches /a', 'sync /a', 'config', 'reconfig -add server.2=localhost:1:2:observer;3', 'deleteall /a', 'get /none', 'delete /zookeeper', 'ls /', 'quit', '',
    ].join('\n');
    const outputs = await Promise.all([ours(folder()), apache(folder())].map(async (server) => {
      const { stdout } = await runJava('3.9.1', ['org.apache.zookeeper.ZooKeeperMain', '-server', `127.0.0.1:${(await server).port}`], { input: commands });
      return stdout.replace(/127\.0\.0\.1:\d+/g, 'SERVER').replace(/(time = ).*/g, '$1TIME').replace(/0x[0-9a-f]{15,16}/g, 'SESSION');
    }));
    expect(outputs[0]).to.contain('/a/s-0000000001');
    // Events come when they come: lines are compared as sets.
    expect(outputs[0]!.split('\n').sort()).to.deep.equal(outputs[1]!.split('\n').sort());
  });

  it('carries a real Kafka 3.9.1 broker through kills of either', async () => {
    const [data, logs] = [folder(), folder()];
    const port = await freePort();
    let zookeeper = await startOurs(port, data);
    stops.push(() => zookeeper.stop('SIGKILL'));
    const kafkaPort = await freePort();
    const broker = (): ReturnType<typeof startRealKafka> =>
      startRealKafka({ id: 1, port: kafkaPort, zookeeper: `127.0.0.1:${port}`, folder: logs, properties: { 'offsets.topic.num.partitions': 1, 'zookeeper.session.timeout.ms': 6000 } });
    const topics = async (...args: readonly string[]): Promise<string> => {
      const run = await runJava('3.9.1', ['org.apache.kafka.tools.TopicCommand', '--bootstrap-server', `127.0.0.1:${kafkaPort}`, ...args]);
      return run.stdout;
    };
    let kafka = await broker();
    stops.push(() => kafka.stop('SIGKILL'));
    expect(await topics('--create', '--topic', 't1', '--partitions', '3')).to.contain('Created topic t1.');
    await runJava('3.9.1', ['kafka.tools.ConsoleProducer', '--bootstrap-server', `127.0.0.1:${kafkaPort}`, '--topic', 't1'], { input: Array.from({ length: 1000 }, (_, index) => `${index}\n`).join('') });
    await zookeeper.stop('SIGKILL');
    zookeeper = await startOurs(port, data);
    expect(await topics('--create', '--topic', 't2')).to.contain('Created topic t2.');
    await kafka.stop('SIGKILL');
    const watcher = await WireClient.session(port, 10_000);
    const { reply } = await watcher.call(1, 3, bodies.pathAndFlag('/brokers/ids/1', true));
    if (reply!.readInt32BE(12) === 0) await watcher.next();
    watcher.close();
    kafka = await broker();
    expect(await topics('--list')).to.match(/t1\nt2\n/);
    const consumed = await runJava('3.9.1', ['org.apache.kafka.tools.consumer.ConsoleConsumer', '--bootstrap-server', `127.0.0.1:${kafkaPort}`, '--topic', 't1', '--from-beginning', '--max-messages', '1000', '--timeout-ms', '30000']);
    expect(new Set(consumed.stdout.trim().split('\n')).size).to.equal(1000);
    await kafka.stop();
    const client = await WireClient.session(port);
    expect((await client.call(1, 3, bodies.pathAndFlag('/brokers/ids/1', false))).reply!.readInt32BE(12)).to.equal(-101);
  });
});
