import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import { apiByKey } from '../../../src/protocol/apis.ts';
import { decodeResponseHeader } from '../../../src/protocol/frame.ts';
import { leaderAndIsrRequest } from '../../../src/protocol/messages/leader-and-isr.ts';
import { TestClock, removeTemporaryFolders, temporaryFolder } from '../../unit/log/support.ts';
import { ConnectionClosed, leadership, startReplicas } from './support.ts';
import type { TestReplicas } from './support.ts';

interface Exchange {
  readonly name: string;
  readonly key: number;
  readonly version: number;
  readonly request: string;
  readonly response: string | null;
}

const exchanges = new Map(
  zlib
    .gunzipSync(fs.readFileSync(path.join(import.meta.dirname, '../../unit/protocol/golden/wire.jsonl.gz')))
    .toString()
    .split('\n')
    .map((line) => JSON.parse(line) as Exchange)
    .map((exchange) => [exchange.name, exchange]),
);
const topicId = '2CV9qp36SyudxVBPj5DU3A';

/** Requests whose answer does not hang on what was in the real broker's log. */
const answered = [
  'Produce-v11-3.9.1-1', // unknown topic, unknown partition
  'Produce-v11-3.9.1-2', // bad CRC
  'Produce-v11-3.9.1-3', // acks=2
  'Produce-v09-3.9.1-2', // two batches
  'Produce-v09-3.9.1-3', // empty records
  'Fetch-v00-3.9.1-2', // offset out of range
  'Fetch-v04-3.9.1-1',
  'Fetch-v12-3.9.1-2',
  'Fetch-v13-3.9.1-2',
  'Fetch-v17-3.9.1-2',
  'Fetch-v17-3.9.1-6', // unknown session id
  'Fetch-v17-3.9.1-7', // session closed
  'Fetch-v17-3.9.1-8', // unknown topic id
  'Fetch-v17-3.9.1-9', // leader epoch ahead
  'ListOffsets-v09-3.9.1-4', // latest tiered offset
  'ListOffsets-v09-3.9.1-6', // a time after all records
];
const closed = ['Produce-v11-3.9.1-5'];

describe('requests that a real broker refused', () => {
  let replicas: TestReplicas;
  before(async () => {
    replicas = await startReplicas({ id: 1, folder: temporaryFolder(), clock: new TestClock() });
    replicas.topicIds.set('gx', topicId);
    for (const partition of [0, 1]) {
      await replicas.send(leaderAndIsrRequest, 7, leadership({ topic: 'gx', partition, topicId, leader: 1, leaderEpoch: 0, isr: [1], replicas: [1] }));
    }
  });
  after(async () => {
    await replicas.stop();
    removeTemporaryFolders();
  });

  for (const name of answered) {
    it(`get its answer: ${name}`, async () => {
      const exchange = exchanges.get(name)!;
      const golden = Buffer.from(exchange.response!, 'hex');
      const { bodyStart } = decodeResponseHeader(exchange.key, exchange.version, golden, 0, golden.length);
      const expected = apiByKey(exchange.key)!.response.decode(golden, bodyStart, golden.length, exchange.version);
      expect(await replicas.ask(Buffer.from(exchange.request, 'hex'))).to.deep.equal(expected);
    });
  }

  for (const name of closed) {
    it(`lose their connection: ${name}`, async () => {
      const refused = await replicas.ask(Buffer.from(exchanges.get(name)!.request, 'hex')).catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(ConnectionClosed);
    });
  }
});
