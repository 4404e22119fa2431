import { expect } from 'chai';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import zlib from 'node:zlib';
import { apiByKey } from '../../../src/protocol/apis.ts';
import { decodeResponseHeader } from '../../../src/protocol/frame.ts';
import { startTestCluster } from '../../../src/testing/index.ts';
import type { TestCluster } from '../../../src/testing/index.ts';
import { controllerOf, createAssigned } from './wire.ts';

interface Exchange {
  readonly name: string;
  readonly key: number;
  readonly version: number;
  readonly request: string;
  readonly response: string;
  readonly responseVersion?: number;
}

/** Frames exchanged with a real broker 3.9.1 (shared with the tests of the protocol). */
const recorded: ReadonlyMap<string, Exchange> = new Map(
  zlib
    .gunzipSync(fs.readFileSync(path.join(import.meta.dirname, '../../unit/protocol/golden/wire.jsonl.gz')))
    .toString()
    .split('\n')
    .map((line) => JSON.parse(line) as Exchange)
    .map((exchange) => [exchange.name, exchange]),
);

/** Sends one frame on a connection of its own; undefined when the broker closes it without an answer. */
function exchange(port: number, frame: Buffer): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1');
    let received = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('close', () => resolve(undefined));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4 || received.length < 4 + received.readInt32BE(0)) return;
      resolve(received.subarray(4));
      socket.destroy();
    });
    const size = Buffer.alloc(4);
    size.writeInt32BE(frame.length);
    socket.write(Buffer.concat([size, frame]));
  });
}

function decodeAnswer({ key, version, responseVersion = version }: Exchange, bytes: Buffer): unknown {
  const { bodyStart } = decodeResponseHeader(key, responseVersion, bytes, 0, bytes.length);
  return apiByKey(key)!.response.decode(bytes, bodyStart, bytes.length, responseVersion);
}

/** Ids and addresses are masked; what Kafka gives in the order of a hash map is sorted. Documentation may be in other words. */
const own = new Set(['topicId', 'clusterId', 'host', 'port', 'controllerId', 'nodeId', 'documentation']);
function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => masked(one)).sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, own.has(name) ? '…' : masked(one)]));
}
function sortKey(value: unknown): string {
  const { name, key, partitionIndex, resourceName, brokerId } = (typeof value === 'object' && value !== null ? value : { key: value }) as Readonly<Record<string, unknown>>;
  return String(name ?? key ?? partitionIndex ?? resourceName ?? brokerId ?? '');
}

async function replay(cluster: TestCluster, name: string): Promise<void> {
  const found = recorded.get(name)!;
  const { port } = cluster.brokers.get(controllerOf(cluster))!.endpoints[0]!;
  const answer = await exchange(port, Buffer.from(found.request, 'hex'));
  if (answer === undefined) throw new Error('the connection was closed without an answer');
  expect(masked(decodeAnswer(found, answer))).to.deep.equal(masked(decodeAnswer(found, Buffer.from(found.response, 'hex'))));
}

const versions = (api: string, from: number, to: number, suffix = '1'): string[] => Array.from({ length: to - from + 1 }, (_, index) => `${api}-v${String(from + index).padStart(2, '0')}-3.9.1-${suffix}`);

describe('a broker answers what Apache Kafka 3.9.1 answered', () => {
  let pair: TestCluster;
  let single: TestCluster;

  before(async () => {
    [pair, single] = await Promise.all([startTestCluster({ brokers: 2 }), startTestCluster({ brokers: 1 })]);
    await createAssigned(pair, 'gx', [[1], [1]]);
    await createAssigned(pair, 't1', [[1], [2]], { 'retention.ms': '3600000' });
    await createAssigned(single, 'gx', [[1], [1]]);
  });
  after(async () => {
    await Promise.all([pair.stop(), single.stop()]);
  });

  // In this order: topics are created, then shown, then grown, then deleted.
  const withTwoBrokers = [
    ...versions('CreateTopics', 0, 7),
    'CreateTopics-v07-3.9.1-3',
    'CreateTopics-v07-3.9.1-4',
    ...versions('DescribeConfigs', 0, 4),
    'DescribeConfigs-v04-3.9.1-2',
    'DescribeConfigs-v04-3.9.1-3',
    'DescribeConfigs-v04-3.9.1-4',
    ...versions('Metadata', 0, 12),
    'Metadata-v12-3.9.1-3',
    'Metadata-v12-3.9.1-5',
    'Metadata-v12-3.9.1-6',
    ...versions('DescribeCluster', 0, 1),
    ...versions('CreatePartitions', 0, 3),
    ...versions('DeleteTopics', 0, 5),
    'FindCoordinator-v01-3.9.1-2',
    'FindCoordinator-v06-3.9.1-2',
    'ApiVersions-v03-3.9.1-3',
    'ApiVersions-v99-3.9.1-1',
  ];
  for (const name of withTwoBrokers) it(`to ${name}`, () => replay(pair, name));
  it('to CreateTopics with errors of each kind', () => replay(single, 'CreateTopics-v07-3.9.1-2'));
});
