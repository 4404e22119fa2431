import { expect } from 'chai';
import net from 'node:net';
import { connectRequestClient } from '../../src/network/request-client.ts';
import type { ReceivedRequest, RequestSink, Respond } from '../../src/network/request-sink.ts';
import { startSocketServer } from '../../src/network/socket-server.ts';
import type { SocketServer, SocketServerOptions } from '../../src/network/socket-server.ts';
import { encodeRequest, encodeResponse } from '../../src/protocol/frame.ts';
import { heartbeatRequest, heartbeatResponse } from '../../src/protocol/messages/heartbeat.ts';
import { produceRequest, produceResponse } from '../../src/protocol/messages/produce.ts';
import { silentLogger } from '../../src/runtime/logger.ts';
import { nodeClock } from '../../src/runtime/node-clock.ts';
import { createLoopWork } from '../../src/runtime/loop-work.ts';
import { createNodeNetwork } from '../../src/runtime/node-network.ts';

const network = createNodeNetwork();
const heartbeatKey = 12;

interface Waiting {
  readonly request: ReceivedRequest;
  readonly respond: Respond;
}

const muchBytes = 1 << 20;

/** A sink that answers each request with a megabyte, and tells before. */
function answeringMuch(asked: () => void): RequestSink {
  const much = Buffer.alloc(muchBytes);
  return {
    handle({ header }, respond) {
      asked();
      const head = Buffer.alloc(8);
      head.writeInt32BE(4 + much.length);
      head.writeInt32BE(header.correlationId, 4);
      respond([head, much]);
    },
    endOfTurn: () => undefined,
  };
}

/** A sink that keeps requests until the test answers them, and wakes the test at each. */
function collectingSink(): RequestSink & { readonly waiting: Waiting[]; arrived(count: number): Promise<void>; turns: number } {
  const waiting: Waiting[] = [];
  const wakes: (() => void)[] = [];
  return {
    waiting,
    turns: 0,
    handle(request, respond) {
      waiting.push({ request, respond });
      wakes.splice(0).forEach((wake) => wake());
    },
    endOfTurn() {
      this.turns++;
    },
    async arrived(count) {
      while (waiting.length < count) await new Promise<void>((resolve) => wakes.push(resolve));
    },
  };
}

const heartbeat = (correlationId: number): Buffer => Buffer.concat(encodeRequest(heartbeatRequest, 0, correlationId, 'test', { groupId: 'g', memberId: 'm' }));
const produce = (correlationId: number): Buffer => Buffer.concat(encodeRequest(produceRequest, 3, correlationId, 'test', { acks: 1 }));

function answer({ request, respond }: Waiting, throttleMs = 0): void {
  const { apiKey, apiVersion, correlationId } = request.header;
  const frame = apiKey === heartbeatKey ? encodeResponse(heartbeatResponse, apiVersion, correlationId, {}) : encodeResponse(produceResponse, apiVersion, correlationId, {});
  respond(frame, undefined, throttleMs);
}

/** A raw client that collects correlation ids of what comes back. */
async function rawClient(port: number): Promise<{ socket: net.Socket; ids: number[]; received(count: number): Promise<number[]>; closed: Promise<void> }> {
  const socket = net.connect(port, '127.0.0.1');
  const ids: number[] = [];
  const wakes: (() => void)[] = [];
  let bytes = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) {
      ids.push(bytes.readInt32BE(4));
      bytes = bytes.subarray(4 + bytes.readInt32BE(0));
    }
    wakes.splice(0).forEach((wake) => wake());
  });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  return {
    socket,
    ids,
    closed,
    async received(count) {
      while (ids.length < count) await new Promise<void>((resolve) => wakes.push(resolve));
      return ids;
    },
  };
}

describe('socket server', () => {
  let server: SocketServer;
  const sockets: net.Socket[] = [];

  async function start(sink: RequestSink, options: Partial<SocketServerOptions> = {}): Promise<number> {
    server = await startSocketServer({
      network,
      clock: nodeClock,
      logger: silentLogger,
      sink,
      listeners: [{ name: 'PLAINTEXT', host: '127.0.0.1', port: 0, securityProtocol: 'PLAINTEXT' }],
      requestBytesMax: 1 << 20,
      queuedBytesMax: -1,
      limits: { connectionsMax: 1000, perIpMax: 1000, perIpOverrides: new Map() },
      idleMsMax: 600_000,
      sendBufferBytes: -1,
      work: createLoopWork(nodeClock),
      ...options,
    });
    server.enableRequestProcessing();
    return server.endpoints[0]!.port;
  }

  async function connect(port: number): ReturnType<typeof rawClient> {
    const client = await rawClient(port);
    sockets.push(client.socket);
    return client;
  }

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await server.close();
  });

  it('holds back a request until the one before it is answered', async () => {
    const sink = collectingSink();
    const client = await connect(await start(sink));
    client.socket.write(Buffer.concat([heartbeat(1), heartbeat(2)]));
    await sink.arrived(1);
    expect(sink.waiting.length).to.equal(1);
    answer(sink.waiting[0]!);
    await sink.arrived(2);
    answer(sink.waiting[1]!);
    expect(await client.received(2)).to.deep.equal([1, 2]);
  });

  it('handles pipelined Produce requests in one turn and answers them in order', async () => {
    const sink = collectingSink();
    const client = await connect(await start(sink));
    client.socket.write(Buffer.concat([produce(1), produce(2), produce(3)]));
    await sink.arrived(3);
    answer(sink.waiting[2]!);
    answer(sink.waiting[1]!);
    answer(sink.waiting[0]!);
    expect(await client.received(3)).to.deep.equal([1, 2, 3]);
  });

  it('keeps a request that waits behind a Produce out of its turn', async () => {
    const sink = collectingSink();
    const client = await connect(await start(sink));
    client.socket.write(Buffer.concat([produce(1), heartbeat(2), produce(3)]));
    await sink.arrived(1);
    expect(sink.waiting.map(({ request }) => request.header.correlationId)).to.deep.equal([1]);
    answer(sink.waiting[0]!);
    await sink.arrived(2);
    answer(sink.waiting[1]!);
    await sink.arrived(3);
    answer(sink.waiting[2]!);
    expect(await client.received(3)).to.deep.equal([1, 2, 3]);
  });

  it('gives no answer where none is owed, and goes on', async () => {
    const sink = collectingSink();
    const client = await connect(await start(sink));
    client.socket.write(produce(1));
    await sink.arrived(1);
    sink.waiting[0]!.respond(undefined);
    client.socket.write(heartbeat(2));
    await sink.arrived(2);
    answer(sink.waiting[1]!);
    expect(await client.received(1)).to.deep.equal([2]);
  });

  it('reads no more from a throttled connection until the time is over', async () => {
    const sink = collectingSink();
    const client = await connect(await start(sink));
    client.socket.write(heartbeat(1));
    await sink.arrived(1);
    const sinceMs = performance.now();
    answer(sink.waiting[0]!, 60);
    await client.received(1);
    client.socket.write(heartbeat(2));
    await sink.arrived(2);
    expect(performance.now() - sinceMs).to.be.at.least(55);
    answer(sink.waiting[1]!);
  });

  it('closes on a frame size beyond socket.request.max.bytes and on an unknown API', async () => {
    const sink = collectingSink();
    const port = await start(sink);
    const huge = await connect(port);
    const size = Buffer.alloc(4);
    size.writeInt32BE(0x7fffffff);
    huge.socket.write(size);
    await huge.closed;
    const unknown = await connect(port);
    const frame = heartbeat(1);
    frame.writeInt16BE(999, 4);
    unknown.socket.write(frame);
    await unknown.closed;
    expect(sink.waiting.length).to.equal(0);
  });

  it('refuses connections beyond max.connections.per.ip and lets those beyond max.connections wait', async () => {
    const sink = collectingSink();
    const port = await start(sink, { limits: { connectionsMax: 1, perIpMax: 2, perIpOverrides: new Map() } });
    const first = await connect(port);
    const second = await connect(port);
    const third = await connect(port);
    await third.closed;
    second.socket.write(heartbeat(2));
    first.socket.write(heartbeat(1));
    await sink.arrived(1);
    expect(sink.waiting[0]!.request.header.correlationId).to.equal(1);
    first.socket.destroy();
    await sink.arrived(2);
    expect(sink.waiting[1]!.request.header.correlationId).to.equal(2);
  });

  it('holds back a client that does not read its answers', async () => {
    let handled = 0;
    const port = await start(answeringMuch(() => handled++));
    const client = await connect(port);
    client.socket.pause();
    for (let id = 0; id < 100; id++) client.socket.write(heartbeat(id));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(handled).to.be.below(50);
    client.socket.resume();
    await client.received(100);
    expect(client.ids).to.deep.equal(Array.from({ length: 100 }, (_, id) => id));
  });

  it('handles nothing more of a client while it has not taken what it was answered', async () => {
    let unsentBytesMax = 0;
    const port = await start(answeringMuch(() => (unsentBytesMax = Math.max(unsentBytesMax, server.figures().unsentBytes))));
    const client = await connect(port);
    client.socket.pause();
    for (let id = 0; id < 30; id++) client.socket.write(heartbeat(id));
    while (server.figures().unsentBytes === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(server.figures().unsentBytesMax).to.be.at.most(muchBytes + 8);
    client.socket.resume();
    await client.received(30);
    expect(unsentBytesMax).to.equal(0);
  });

  it('keeps little of many frames that were begun, whatever size they announce, and nothing after their end', async () => {
    const count = 500;
    const port = await start(collectingSink(), { requestBytesMax: 100 << 20 });
    const begun = Buffer.alloc(100);
    begun.writeInt32BE(100 << 20);
    const clients = await Promise.all(Array.from({ length: count }, () => connect(port)));
    for (const { socket } of clients) socket.write(begun);
    while (server.figures().keptBytes < count * 4096) await new Promise((resolve) => setImmediate(resolve));
    expect(server.figures().keptBytes).to.equal(count * 4096);
    expect(server.figures().connections).to.deep.equal(new Map([['PLAINTEXT', count]]));
    for (const { socket } of clients) socket.destroy();
    await Promise.all(clients.map(({ closed }) => closed));
    while (server.connectionCount > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(server.figures()).to.include({ keptBytes: 0, unsentBytes: 0 });
  });

  it('survives random bytes', async () => {
    const sink: RequestSink = { handle: ({ connection }) => connection.destroy('test'), endOfTurn: () => undefined };
    const port = await start(sink);
    for (let round = 0; round < 50; round++) {
      const client = await connect(port);
      client.socket.end(Buffer.from(Array.from({ length: 200 }, (_, index) => (index * 31 + round * 17) & 0xff)));
      await client.closed;
    }
    expect(server.connectionCount).to.equal(0);
  });

  it('answers the request client, and fails what is open when the connection is lost', async () => {
    const sink = collectingSink();
    const port = await start(sink);
    const client = await connectRequestClient({ network, clock: nodeClock, host: '127.0.0.1', port, clientId: 'c', connectTimeoutMs: 1000, negotiate: false });
    const first = client.send(heartbeatRequest, heartbeatResponse, 4, { groupId: 'g' }, 1000);
    await sink.arrived(1);
    answer(sink.waiting[0]!);
    expect((await first).errorCode).to.equal(0);
    const second = client.send(heartbeatRequest, heartbeatResponse, 4, { groupId: 'g' }, 1000).catch((error: unknown) => error);
    await sink.arrived(2);
    sink.waiting[1]!.request.connection.destroy('test');
    expect(await second).to.have.property('name', 'NETWORK_EXCEPTION');
    expect(client.isClosed).to.equal(true);
  });
});
