import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Disk } from '../../../src/runtime/disk.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { nodeDisk } from '../../../src/runtime/node-disk.ts';
import { createNodeNetwork } from '../../../src/runtime/node-network.ts';
import { nodeRandom } from '../../../src/runtime/node-random.ts';
import { openAcl } from '../../../src/zookeeper-server/acl.ts';
import { JuteReader, JuteWriter } from '../../../src/zookeeper-server/jute.ts';
import { startZooKeeperServer, type ZooKeeperServer, type ZooKeeperServerOptions } from '../../../src/zookeeper-server/server.ts';
import { MemoryDisk } from '../../unit/zookeeper-server/memory-disk.ts';
import { bodies, WireClient } from './wire-client.ts';

const network = createNodeNetwork();
const servers: ZooKeeperServer[] = [];
const folders: string[] = [];

async function start(more: Partial<ZooKeeperServerOptions> = {}): Promise<ZooKeeperServer> {
  const server = await startZooKeeperServer({
    clock: nodeClock, random: nodeRandom, disk: new MemoryDisk(), network, logger: silentLogger,
    dataDirectory: 'data', host: '127.0.0.1', port: 0, tickTimeMs: 500, preallocateBytes: 0, ...more,
  });
  servers.push(server);
  return server;
}

function folder(): string {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'ottla-zookeeper-server-'));
  folders.push(made);
  return made;
}

const create = (at: string, data = ''): Buffer => bodies.create(at, Buffer.from(data), openAcl, 0);
const code = (frame: Buffer | undefined): number | undefined => frame?.readInt32BE(12);
const createOp = 1;
const getData = 4;
const ping = { xid: -2, type: 11 };

/** The four-letter word's answer. */
async function word(port: number, text: string): Promise<string> {
  const client = await WireClient.raw(port);
  client.bytes(Buffer.from(text));
  return client.rest();
}

describe('ZooKeeper server', () => {
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
    for (const made of folders.splice(0)) fs.rmSync(made, { recursive: true, force: true });
  });

  describe('durability', () => {
    /** A disk whose fsyncs finish when the test says so. */
    class HeldDisk extends MemoryDisk {
      held: (() => void)[] = [];
      isHolding = false;
      override openSync(file: string, mode: 'read' | 'write' | 'truncate'): ReturnType<Disk['openSync']> {
        const opened = super.openSync(file, mode);
        opened.sync = async () => {
          if (this.isHolding) await new Promise<void>((resolve) => this.held.push(resolve));
        };
        return opened;
      }
      release(): void {
        for (const resolve of this.held.splice(0)) resolve();
      }
      async untilHeld(): Promise<void> {
        while (this.held.length === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    }

    it('shows nothing of a write, to nobody, before the disk has it', async () => {
      const disk = new HeldDisk();
      const { port } = await start({ disk });
      const [writer, reader] = [await WireClient.session(port), await WireClient.session(port)];
      await reader.call(1, 3, bodies.pathAndFlag('/a', true));
      disk.isHolding = true;
      const written = writer.call(2, createOp, create('/a'));
      await disk.untilHeld();
      let isRead = false;
      const read = reader.call(3, getData, bodies.pathAndFlag('/a', false)).finally(() => (isRead = true));
      const answeredAside = await WireClient.raw(port); // another connection is served meanwhile: the server does not stand still
      answeredAside.bytes(Buffer.from('ruok'));
      expect(await answeredAside.rest()).to.contain('not in the whitelist');
      expect(isRead).to.equal(false);
      disk.isHolding = false;
      disk.release();
      expect(code((await written).reply)).to.equal(0);
      const { events, reply } = await read;
      expect(events.map((event) => event.readInt32BE(16))).to.deep.equal([1]);
      expect(code(reply)).to.equal(0);
    });

    it('takes the writes of a turn to the disk together', async () => {
      const disk = new MemoryDisk();
      const { port } = await start({ disk });
      const client = await WireClient.session(port);
      const before = disk.syncs;
      const frames = Array.from({ length: 500 }, (_, index) => WireClient.request(index + 1, createOp, create(`/n${index}`)));
      client.bytes(Buffer.concat(frames));
      for (let index = 0; index < 500; index++) expect((await client.next())!.readInt32BE(0)).to.equal(index + 1);
      expect(disk.syncs - before).to.be.lessThan(50);
    });

    it('has after a kill at any moment all that it answered', async () => {
      const disk = new MemoryDisk();
      const { port } = await start({ disk });
      const client = await WireClient.session(port);
      for (let index = 0; index < 20; index++) {
        await client.call(index + 1, createOp, create(`/n${index}`, 'x'));
        const after = await start({ disk: disk.copy() });
        const again = await WireClient.session(after.port, 10_000, client);
        expect(again.sessionId).to.equal(client.sessionId);
        expect(code((await again.call(1, getData, bodies.pathAndFlag(`/n${index}`, false))).reply)).to.equal(0);
        again.close();
      }
    });

    it('stops, and answers nothing, when the log cannot be written', async () => {
      const disk = new MemoryDisk();
      let failure: unknown;
      const { port } = await start({ disk, failed: (error) => (failure = error) });
      const client = await WireClient.session(port);
      disk.writeError = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      expect((await client.call(1, createOp, create('/a'))).reply).to.equal(undefined);
      expect(failure).to.equal(disk.writeError);
    });
  });

  describe('files', () => {
    it('are a snapshot and a log each time the server ran, under real names', async () => {
      const dataDirectory = folder();
      for (const at of ['/a', '/b']) {
        const server = await start({ disk: nodeDisk, dataDirectory });
        const client = await WireClient.session(server.port);
        expect(code((await client.call(1, createOp, create(at))).reply)).to.equal(0);
        await client.call(2, -11, Buffer.alloc(0));
        await server.stop();
      }
      expect(fs.readdirSync(path.join(dataDirectory, 'version-2')).sort()).to.deep.equal(['log.1', 'log.4', 'snapshot.0', 'snapshot.3']);
    });

    it('are used by one server at a time', async () => {
      const dataDirectory = folder();
      await start({ disk: nodeDisk, dataDirectory });
      let message = '';
      await start({ disk: nodeDisk, dataDirectory }).catch((error: Error) => (message = error.message));
      expect(message).to.equal(`${dataDirectory} is in use by another ZooKeeper server; stop it or use another dataDir`);
    });

    it('are free again when the port was taken', async () => {
      const [disk, { port }] = [new MemoryDisk(), await start()];
      let failure: unknown;
      await start({ disk, port }).catch((error: unknown) => (failure = error));
      expect(failure).to.include({ code: 'EADDRINUSE' });
      await start({ disk });
    });

    it('get a snapshot and a new log every snapCount transactions', async () => {
      const disk = new MemoryDisk();
      const { port } = await start({ disk, snapCount: 100 });
      const client = await WireClient.session(port);
      for (let index = 0; index < 400; index++) await client.call(index, createOp, create(`/n${index}`));
      const names = disk.listSync('data/version-2');
      expect(names.filter((name) => /^snapshot\.[0-9a-f]+$/.test(name)).length).to.be.within(4, 9);
      expect(names.filter((name) => name.startsWith('log.')).length).to.be.within(4, 9);
      const after = await start({ disk: disk.copy() });
      const again = await WireClient.session(after.port);
      const { reply } = await again.call(1, 104, bodies.path('/'));
      expect(reply!.readInt32BE(16)).to.equal(403);
    });
  });

  describe('sessions', () => {
    it('end a tick at most after their timeout, and take their ephemeral nodes along', async () => {
      const { port } = await start({ tickTimeMs: 50 });
      const [dying, watcher] = [await WireClient.session(port, 150), await WireClient.session(port, 1000)];
      await dying.call(1, createOp, bodies.create('/e', null, openAcl, 1));
      const startedMs = performance.now();
      await watcher.call(1, 3, bodies.pathAndFlag('/e', true));
      const event = await watcher.next();
      expect(event!.readInt32BE(16)).to.equal(2);
      expect(performance.now() - startedMs).to.be.within(140, 2000);
      expect(await dying.next()).to.equal(undefined);
      expect((await WireClient.session(port, 150, dying)).sessionId).to.equal('0000000000000000');
    });

    it('move to the connection that knows their password, and no other', async () => {
      const { port } = await start();
      const first = await WireClient.session(port);
      const stranger = await WireClient.session(port, 10_000, { sessionId: first.sessionId, password: Buffer.alloc(16, 'x') });
      expect(stranger.sessionId).to.equal('0000000000000000');
      expect(await stranger.next()).to.equal(undefined);
      expect(code((await first.call(ping.xid, ping.type, Buffer.alloc(0))).reply)).to.equal(0);
      const second = await WireClient.session(port, 10_000, first);
      expect(second.sessionId).to.equal(first.sessionId);
      expect(await first.next()).to.equal(undefined);
    });

    it('live on through a restart, with their whole timeout', async () => {
      const disk = new MemoryDisk();
      const before = await start({ disk });
      const client = await WireClient.session(before.port, 1000);
      await client.call(1, createOp, bodies.create('/e', null, openAcl, 1));
      await before.stop();
      const after = await start({ disk });
      const again = await WireClient.session(after.port, 1000, client);
      expect(again.sessionId).to.equal(client.sessionId);
      expect(code((await again.call(1, getData, bodies.pathAndFlag('/e', false))).reply)).to.equal(0);
    });

    it('have a timeout between two and twenty ticks', async () => {
      const { port } = await start({ tickTimeMs: 200 });
      expect([(await WireClient.session(port, 1)).timeoutMs, (await WireClient.session(port, 1000)).timeoutMs, (await WireClient.session(port, 1e6)).timeoutMs]).to.deep.equal([400, 1000, 4000]);
    });

    it('are refused to a client that has seen later zxids', async () => {
      const { port } = await start();
      const client = await WireClient.raw(port);
      const writer = new JuteWriter();
      for (const write of [() => writer.int(0), () => writer.long(1000), () => writer.int(1000), () => writer.hexLong(''), () => writer.buffer(Buffer.alloc(16))]) write();
      client.send(writer.take());
      expect(await client.next()).to.equal(undefined);
    });

    it('closed by their client are answered, then the connection ends', async () => {
      const { port } = await start();
      const client = await WireClient.session(port);
      expect(code((await client.call(1, -11, Buffer.alloc(0))).reply)).to.equal(0);
      expect(await client.next()).to.equal(undefined);
    });
  });

  describe('limits', () => {
    it('on connections from one address', async () => {
      const { port } = await start({ maxClientConnections: 2 });
      const kept = [await WireClient.session(port), await WireClient.session(port)];
      expect(await (await WireClient.raw(port)).next()).to.equal(undefined);
      kept[0]!.close();
      await kept[1]!.call(ping.xid, ping.type, Buffer.alloc(0));
      await WireClient.session(port);
    });

    it('on the length of a request', async () => {
      const { port } = await start({ juteMaxBufferBytes: 1000 });
      const [fits, exceeds] = [await WireClient.session(port), await WireClient.session(port)];
      const empty = create('/a').length + 8;
      expect(code((await fits.call(1, createOp, create('/a', 'x'.repeat(1000 - empty)))).reply)).to.equal(0);
      expect((await exceeds.call(1, createOp, create('/b', 'x'.repeat(1001 - empty)))).reply).to.equal(undefined);
    });

    it('on what waits for a client that does not read', async () => {
      const { port } = await start();
      const client = await WireClient.session(port);
      await client.call(1, createOp, create('/big', 'x'.repeat(500_000)));
      const requests = 600; // 300 MB of answers
      const { rss } = process.memoryUsage();
      client.pause();
      client.bytes(Buffer.concat(Array.from({ length: requests }, (_, index) => WireClient.request(index, getData, bodies.pathAndFlag('/big', false)))));
      const other = await WireClient.session(port);
      for (let turn = 0; turn < 50; turn++) await other.call(ping.xid, ping.type, Buffer.alloc(0));
      expect(process.memoryUsage().rss - rss).to.be.lessThan(100e6);
      client.resume();
      for (let index = 0; index < requests; index++) expect((await client.next())!.readInt32BE(0)).to.equal(index);
    });
  });

  describe('input that is no request', () => {
    it('ends its connection and touches no other', async () => {
      const { port } = await start();
      const witness = await WireClient.session(port);
      await fc.assert(fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.boolean(), async (bytes, withSession) => {
        const client = withSession ? await WireClient.session(port) : await WireClient.raw(port);
        client.bytes(Buffer.from(bytes));
        client.end();
        await client.rest();
        expect(code((await witness.call(ping.xid, ping.type, Buffer.alloc(0))).reply)).to.equal(0);
      }), { numRuns: 300 });
    });

    it('with any operation and any body is answered or closed', async () => {
      const { port } = await start();
      const operations = fc.oneof(fc.integer({ min: -12, max: 25 }), fc.integer({ min: 98, max: 110 }), fc.integer());
      await fc.assert(fc.asyncProperty(operations, fc.uint8Array({ maxLength: 80 }), async (type, body) => {
        const client = await WireClient.session(port);
        const { reply } = await client.call(5, type, body);
        if (reply !== undefined) expect(reply.readInt32BE(0)).to.equal(5);
        client.close();
      }), { numRuns: 300 });
    });

    it('an unknown operation is answered Unimplemented, and closed', async () => {
      const { port } = await start();
      const client = await WireClient.session(port);
      const { reply } = await client.call(3, 77, Buffer.alloc(0));
      expect(reply!.toString('hex')).to.equal('00000003ffffffffffffffff' + 'fffffffa');
      expect(await client.next()).to.equal(undefined);
    });
  });

  describe('four-letter words', () => {
    it('are answered when whitelisted, which srvr alone is by default', async () => {
      const { port } = await start();
      expect(await word(port, 'stat')).to.equal('stat is not executed because it is not in the whitelist.\n');
      expect(await word(port, 'srvr')).to.match(/^Zookeeper version: 3\.8\.\S+, built on .*\nLatency min\/avg\/max: \d+\/\d+\.\d+\/\d+\nReceived: \d+\nSent: \d+\nConnections: 1\nOutstanding: 0\nZxid: 0x0\nMode: standalone\nNode count: 5\n$/);
      expect(await word(port, 'abcd')).to.equal('');
    });

    it('have the form of those of Apache ZooKeeper 3.8.4', async () => {
      const { port } = await start({ whitelist: ['*'] });
      const client = await WireClient.session(port, 6000);
      await client.call(1, createOp, create('/4lw'));
      await client.call(2, createOp, bodies.create('/4lw/e', null, openAcl, 1));
      await client.call(3, getData, bodies.pathAndFlag('/4lw', true));
      await client.call(4, 8, bodies.pathAndFlag('/4lw', true));
      await client.call(5, 3, bodies.pathAndFlag('/4lw/none', true));
      const golden = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, '../../unit/zookeeper-server/golden/wire/four-letter-words.json'), 'utf8')) as { answers: Record<string, string> };
      for (const name of ['ruok', 'isro', 'gtmk', 'wchs', 'wchc', 'wchp', 'stat', 'srvr', 'cons', 'dump', 'conf', 'dirs', 'crst', 'srst']) {
        expect(shape(await word(port, name)), name).to.equal(shape(golden.answers[name]!));
      }
      const values = (await word(port, 'mntr')).trimEnd().split('\n').map((line) => line.split('\t')[0]);
      expect(golden.answers['mntr']!.split('\n').map((line) => line.split('\t')[0])).to.include.members(values);
    });
  });
});

/** A command's answer with everything that differs from run to run made equal. */
function shape(answer: string): string {
  const lines = answer
    .replace(/3\.8\.4-\S+ built on .*/g, 'VERSION')
    .replace(/0x[0-9a-f]+/g, 'ID')
    .replace(/(Sun|Mon|Tue|Wed|Thu|Fri|Sat) \w{3} +\d+ [\d:]+ UTC \d{4}/g, 'DATE')
    .replace(/(dataDir|dataLogDir)=.*/g, '$1=')
    .replace(/[A-Z]{4}(?=,est)/g, 'NAME')
    .replace(/\d+(\.\d+)?/g, '9')
    .trimEnd()
    .split('\n');
  return [...new Set(lines)].sort().join('\n');
}

describe('the connect reply', () => {
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
  });

  it('ends with the read-only byte only for a client that sent one', async () => {
    const { port } = await start();
    for (const [last, length] of [[Buffer.alloc(0), 36], [Buffer.alloc(1), 37]] as const) {
      const client = await WireClient.raw(port);
      const writer = new JuteWriter();
      writer.int(0);
      writer.long(0);
      writer.int(5000);
      writer.hexLong('');
      writer.buffer(Buffer.alloc(16));
      writer.raw(last);
      client.send(writer.take());
      const reply = await client.next();
      expect(reply!.length).to.equal(length);
      expect(new JuteReader(reply!, 4).int()).to.equal(5000);
      client.close();
    }
  });
});
