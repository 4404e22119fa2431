import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import zlib from 'node:zlib';
import { createAdmin, createProducer } from '../../src/client/index.ts';
import { connectRequestClient } from '../../src/network/request-client.ts';
import { metadataRequest, metadataResponse } from '../../src/protocol/messages/metadata.ts';
import { nodeClock } from '../../src/runtime/node-clock.ts';
import { createNodeNetwork } from '../../src/runtime/node-network.ts';
import { startTestCluster } from '../../src/testing/index.ts';
import type { TestCluster } from '../../src/testing/index.ts';

const framesPerRun = 10_000;
/** A connection each, for most frames end theirs. */
const connectionsAtOnce = 50;
/** All the frames together are some 3 MB, and garbage adds to some 80; a broker that keeps connections, or believes the lengths in frames, goes far beyond. */
const growthBytesMax = 32 * 1024 * 1024;

/**
 * What a broker without ACLs rightly obeys where a flipped bit leaves it whole: LeaderAndIsr, StopReplica, UpdateMetadata and
 * ControlledShutdown, and CreateTopics and CreatePartitions with partitions by the ten thousand.
 */
const commandKeys: ReadonlySet<number> = new Set([4, 5, 6, 7, 19, 37]);

interface Recorded {
  readonly key: number;
  readonly request: string;
}

/** Requests that real clients and brokers sent, without their sizes; a raw SASL token has no header, and no API key. */
const recorded: readonly Recorded[] = zlib
  .gunzipSync(fs.readFileSync(path.join(import.meta.dirname, '../unit/protocol/golden/wire.jsonl.gz')))
  .toString()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded)
  .filter(({ key }) => key >= 0);
const bytesOf = ({ request }: Recorded): Buffer => Buffer.from(request, 'hex');
const allRequests = recorded.map(bytesOf);
const harmlessRequests = recorded.filter(({ key }) => !commandKeys.has(key)).map(bytesOf);

/** Whole numbers below a bound, the same in every run of one seed (xorshift32). */
function numbersOf(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

type Numbers = ReturnType<typeof numbersOf>;

function framed(payload: Buffer): Buffer {
  const frame = Buffer.alloc(4 + payload.length);
  frame.writeInt32BE(payload.length);
  payload.copy(frame, 4);
  return frame;
}

/** Any request, for what never leaves it whole. */
const golden = (below: Numbers): Buffer => Buffer.from(allRequests[below(allRequests.length)]!);
/** One that may stay whole. */
const harmless = (below: Numbers): Buffer => Buffer.from(harmlessRequests[below(harmlessRequests.length)]!);

function randomBytes(below: Numbers, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at++) bytes[at] = below(256);
  return bytes;
}

/** Each makes one frame, its size included. */
const hostilities: Readonly<Record<string, (below: Numbers) => Buffer>> = {
  'random bytes': (below) => framed(randomBytes(below, below(400))),
  'random bytes behind a right header': (below) => framed(Buffer.concat([golden(below).subarray(0, 8), randomBytes(below, below(400))])),
  'truncated requests': (below) => {
    const request = golden(below);
    return framed(request.subarray(0, below(request.length)));
  },
  'requests with bytes too many': (below) => framed(Buffer.concat([harmless(below), randomBytes(below, 1 + below(50))])),
  'sizes that are negative or huge': (below) => {
    const frame = framed(golden(below));
    frame.writeInt32BE([-1, -2_147_483_648, 2_147_483_647, 0, 1, 104_857_601][below(6)]!);
    return frame;
  },
  'unknown versions': (below) => {
    const request = golden(below);
    request.writeInt16BE([-1, -32_768, 32_767, 20 + below(1000)][below(4)]!, 2);
    return framed(request);
  },
  'unknown API keys': (below) => {
    const request = golden(below);
    request.writeInt16BE([-1, -32_768, 32_767, 100 + below(1000)][below(4)]!, 0);
    return framed(request);
  },
  'flipped bits': (below) => {
    const request = harmless(below);
    for (let flips = 1 + below(4); flips > 0; flips--) {
      const at = 4 + below(request.length - 4); // the API and its version stay, so that the body is read
      request[at]! ^= 1 << below(8);
    }
    return framed(request);
  },
  'lengths within that reach beyond the end': (below) => {
    const request = harmless(below);
    const at = 8 + below(Math.max(1, request.length - 12));
    if (at + 4 <= request.length) request.writeInt32BE([2_147_483_647, 0x7fffffff - below(1000), -1, -2, 1_000_000_000][below(5)]!, at);
    return framed(request);
  },
};

/** Sends one frame and no more, and half-closes; resolves when the broker has ended the connection as well. */
function attack(port: number, frame: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1');
    let cause: NodeJS.ErrnoException | undefined;
    socket.on('error', (error: NodeJS.ErrnoException) => (cause = error));
    socket.on('close', () => {
      if (cause === undefined || cause.code === 'ECONNRESET' || cause.code === 'EPIPE') resolve();
      else reject(cause);
    });
    socket.resume();
    socket.end(frame);
  });
}

/** Sends one frame and keeps the connection open; resolves when the broker has answered or ended it. */
function provoke(port: number, frame: Buffer): Promise<'answered' | 'closed'> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(frame));
    socket.on('error', () => undefined); // a reset; 'close' follows
    socket.on('data', () => {
      resolve('answered');
      socket.destroy();
    });
    socket.on('close', () => resolve('closed'));
  });
}

/** Bytes that garbage collection leaves, in and beside the heap: resident memory also counts what is only not given back yet. */
function memoryHeld(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe('a broker among hostile clients', () => {
  let cluster: TestCluster;
  let port: number;

  before(async () => {
    cluster = await startTestCluster({ properties: { 'auto.create.topics.enable': false } });
    port = cluster.brokers.get(1)!.endpoints[0]!.port;
    const admin = createAdmin({ bootstrapServers: cluster.bootstrapServers });
    await admin.createTopics([{ name: 'steady', partitions: 1, replicationFactor: 1 }]);
    await admin.close();
  });
  after(async () => {
    await cluster?.stop();
  });

  it(`outlives ${framesPerRun} malformed frames, and serves others before, among and after them`, async () => {
    const seed = Number(process.env['OTTLA_HOSTILE_SEED'] ?? 20_261_121);
    const below = numbersOf(seed);
    const kinds = Object.values(hostilities);
    const standing = await connectRequestClient({ network: createNodeNetwork(), clock: nodeClock, host: '127.0.0.1', port, clientId: 'steady', connectTimeoutMs: 5000, negotiate: true });
    const producer = createProducer({ bootstrapServers: cluster.bootstrapServers, acks: 'all', retries: 0 });
    let sent = 0;
    const attackInTurns = async (until: number): Promise<void> => {
      const line = async (): Promise<void> => {
        while (sent < until) await attack(port, kinds[sent++ % kinds.length]!(below));
      };
      await Promise.all(Array.from({ length: connectionsAtOnce }, line));
    };
    const serves = async (): Promise<void> => {
      const metadata = await standing.send(metadataRequest, metadataResponse, standing.versionFor(metadataRequest), { topics: [{ name: 'steady' }] }, 5000);
      expect(metadata.topics[0]).to.deep.include({ errorCode: 0, name: 'steady' });
      expect(metadata.brokers).to.have.lengthOf(1);
      expect(metadata.brokers[0]).to.deep.include({ nodeId: 1, port });
      await producer.send({ topic: 'steady', value: 'still here' });
    };
    try {
      await serves();
      await attackInTurns(framesPerRun / 10);
      const before = memoryHeld();
      for (let tenth = 2; tenth <= 10; tenth++) {
        await attackInTurns((framesPerRun / 10) * tenth);
        await serves();
      }
      expect(memoryHeld() - before, `growth of memory that is held, seed ${seed}`).to.be.lessThan(growthBytesMax);
    } finally {
      await producer.close();
      standing.close();
    }
  });

  const closing: Readonly<Record<string, readonly Buffer[]>> = {
    'a negative size': [Buffer.from('ffffffff', 'hex'), Buffer.from('80000000', 'hex')],
    'a size beyond socket.request.max.bytes': [Buffer.from('06400001', 'hex'), Buffer.from('7fffffff', 'hex')],
    'less than a header': ['', '00', '0012', '00120003', '0012000300000001'].map((hex) => framed(Buffer.from(hex, 'hex'))),
    'an API that nobody knows': ['7fff0000000000010000', 'ffff0000000000010000'].map((hex) => framed(Buffer.from(hex, 'hex'))),
    'a version that nobody knows': ['0003007f000000010000', '0000ffff000000010000'].map((hex) => framed(Buffer.from(hex, 'hex'))),
    'a client id that reaches beyond the end': [framed(Buffer.from('00030001000000017fff00000000', 'hex'))],
    'an array that reaches beyond the end': [framed(Buffer.from('00030001000000010000' + '7fffffff', 'hex'))],
    'the beginning of a TLS handshake': [Buffer.from('16030100a5010000a10303', 'hex')],
    'HTTP': [Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  };
  for (const [kind, frames] of Object.entries(closing)) {
    it(`ends the connection after ${kind}`, async () => {
      for (const frame of frames) expect(await provoke(port, frame), frame.toString('hex')).to.equal('closed');
    });
  }

  it('answers ApiVersions of a version that nobody knows', async () => {
    expect(await provoke(port, framed(Buffer.from('0012007f00000001000000', 'hex')))).to.equal('answered');
  });
});
