import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { expect } from 'chai';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { nodeRandom } from '../../../src/runtime/node-random.ts';
import { connectZooKeeper } from '../../../src/zookeeper/node-client.ts';
import { ZooKeeperError } from '../../../src/zookeeper/zookeeper.ts';
import type { ZooKeeper } from '../../../src/zookeeper/zookeeper.ts';

const existsType = 3;
const closeType = -11;

/** A request as far as the script needs it. */
interface Request {
  readonly xid: number;
  readonly type: number;
  /** Counts connections from 1. */
  readonly connection: number;
}

/** Answers the handshake, existence questions with the root's stat and the closing; what else to send is up to each test. */
class ScriptedServer {
  connectionCount = 0;
  /** Bytes to send for an exists request; undefined for the ordinary answer. */
  script: (request: Request) => Buffer | undefined = () => undefined;
  isSilent = false;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server = createServer((socket) => this.#accept(socket));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => { this.#server.listen(0, '127.0.0.1', resolve); });
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Ends all connections after what was sent. */
  cut(): void {
    for (const socket of this.#sockets) socket.end();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => { this.#server.close(resolve); });
  }

  send(bytes: Buffer): void {
    for (const socket of this.#sockets) socket.write(bytes);
  }

  #accept(socket: Socket): void {
    const connection = ++this.connectionCount;
    this.#sockets.add(socket);
    let received = Buffer.alloc(0);
    let isGreeted = false;
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (bytes) => {
      if (this.isSilent) return;
      received = Buffer.concat([received, bytes]);
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
        const frame = received.subarray(4, 4 + received.readInt32BE(0));
        received = received.subarray(4 + frame.length);
        if (isGreeted) this.#answer(socket, { xid: frame.readInt32BE(0), type: frame.readInt32BE(4), connection });
        else socket.write(greeting);
        isGreeted = true;
      }
    });
  }

  #answer(socket: Socket, request: Request): void {
    if (request.type === closeType) {
      socket.end(reply(request.xid, 0));
      return;
    }
    const special = request.type === existsType ? this.script(request) : undefined;
    socket.write(special ?? reply(request.xid, 0, request.type === existsType ? Buffer.alloc(68) : Buffer.alloc(0)));
  }
}

function framed(...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.concat([integer(Buffer.byteLength(value)), Buffer.from(value)]);
}

function reply(xid: number, error: number, body = Buffer.alloc(0)): Buffer {
  return framed(integer(xid), Buffer.alloc(8), integer(error), body);
}

const greeting = framed(integer(0), integer(3000), Buffer.from('0100000000000001', 'hex'), integer(16), Buffer.alloc(16));

describe('ZooKeeper client on a server that breaks the rules', () => {
  let server: ScriptedServer;
  let address: string;
  let zooKeeper: ZooKeeper;

  async function connect(connectString: string): Promise<ZooKeeper> {
    return connectZooKeeper({ clock: nodeClock, random: nodeRandom, logger: silentLogger, connectString, sessionTimeoutMs: 3000, connectionTimeoutMs: 5000 });
  }

  beforeEach(async () => {
    server = new ScriptedServer();
    address = await server.start();
    zooKeeper = await connect(address);
  });

  afterEach(async () => {
    await zooKeeper.close();
    await server.stop();
  });

  it('survives an error code that it does not know', async () => {
    server.script = ({ xid }) => reply(xid, -125);
    const error: unknown = await zooKeeper.exists('/').catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(ZooKeeperError).with.property('name', 'SYSTEM_ERROR');
    expect(server.connectionCount).to.equal(1);
  });

  it('starts afresh after a frame that was cut off with its connection', async () => {
    server.script = ({ xid, connection }) => {
      if (connection > 1) return undefined;
      setImmediate(() => server.cut());
      return reply(xid, 0, Buffer.alloc(68)).subarray(0, 30);
    };
    expect((await zooKeeper.exists('/'))?.version).to.equal(0);
    expect(server.connectionCount).to.equal(2);
  });

  for (const [what, bytes] of [
    ['an answer to nothing', reply(12_345, 0)],
    ['an event that it does not know', framed(integer(-1), Buffer.alloc(8, 0xff), integer(0), integer(99), integer(3), text('/'))],
    ['a frame too short for an answer', framed(integer(1))],
    ['a frame of two gibibytes', integer(0x7fffffff)],
    ['a frame of negative length', integer(-5)],
    ['the news that the session has moved', reply(0, -118)],
  ] as const) {
    it(`gives up the connection, not the call, after ${what}`, async () => {
      server.script = ({ connection }) => (connection > 1 ? undefined : bytes);
      expect((await zooKeeper.exists('/'))?.version).to.equal(0);
      expect(server.connectionCount).to.equal(2);
    });
  }

  it('reads answers that come byte by byte', async () => {
    server.script = ({ xid }) => {
      const whole = reply(xid, 0, Buffer.alloc(68));
      for (const byte of whole.subarray(0, -1)) server.send(Buffer.from([byte]));
      return whole.subarray(-1);
    };
    expect((await zooKeeper.exists('/'))?.version).to.equal(0);
    expect(server.connectionCount).to.equal(1);
  });

  it('takes twenty thousand events in one go', async () => {
    const event = framed(integer(-1), Buffer.alloc(8, 0xff), integer(0), integer(3), integer(3), text('/nobody/watches'));
    server.script = ({ xid }) => Buffer.concat([...Array.from({ length: 20_000 }, () => event), reply(xid, 0, Buffer.alloc(68))]);
    expect((await zooKeeper.exists('/'))?.version).to.equal(0);
    expect(server.connectionCount).to.equal(1);
  });

  it('goes on to another server when one accepts and then says nothing', async () => {
    const mute = new ScriptedServer();
    mute.isSilent = true;
    const muteAddress = await mute.start();
    const other = await connect(`${muteAddress},${address}`);
    expect((await other.exists('/'))?.version).to.equal(0);
    await other.close();
    await mute.stop();
  });
});
