import { expect } from 'chai';
import { fetchRequest } from '../../../src/protocol/messages/fetch.ts';
import type { FetchResponse } from '../../../src/protocol/messages/fetch.ts';
import { leaderAndIsrRequest } from '../../../src/protocol/messages/leader-and-isr.ts';
import { listOffsetsRequest } from '../../../src/protocol/messages/list-offsets.ts';
import { produceRequest } from '../../../src/protocol/messages/produce.ts';
import type { ProduceResponse } from '../../../src/protocol/messages/produce.ts';
import { stopReplicaRequest } from '../../../src/protocol/messages/stop-replica.ts';
import { errorByCode } from '../../../src/protocol/errors.ts';
import { readRecords } from '../../../src/record/read.ts';
import type { WriteIsr } from '../../../src/replica/replica-manager.ts';
import { TestClock, producerBatch, removeTemporaryFolders, temporaryFolder } from '../../unit/log/support.ts';
import { leadership, startReplicas } from './support.ts';
import type { Leadership, TestReplicas } from './support.ts';

let clock: TestClock;
let replicas: TestReplicas;

async function begin(writeIsr?: WriteIsr, topic: Readonly<Record<string, string>> = {}, broker: Readonly<Record<string, string>> = {}): Promise<void> {
  clock = new TestClock();
  replicas = await startReplicas({ id: 1, folder: temporaryFolder(), clock, topic, broker, ...(writeIsr === undefined ? {} : { writeIsr }) });
}

const lead = (state: Partial<Leadership> = {}): Promise<unknown> =>
  replicas.send(leaderAndIsrRequest, 7, leadership({ topic: 't', leader: 1, leaderEpoch: 0, isr: [1], replicas: [1], ...state }));

async function produce(acks: number, records = producerBatch(3), timeoutMs = 1000) {
  const answer = (await replicas.send(produceRequest, 9, { acks, timeoutMs, topicData: [{ name: 't', partitionData: [{ index: 0, records }] }] })) as ProduceResponse;
  const { errorCode, baseOffset } = answer.responses[0]!.partitionResponses[0]!;
  return { error: errorByCode(errorCode), baseOffset };
}

interface Fetching {
  readonly replicaId?: number;
  readonly offset?: number;
  readonly maxWaitMs?: number;
  readonly minBytes?: number;
  readonly partitionMaxBytes?: number;
  readonly lastFetchedEpoch?: number;
  readonly currentLeaderEpoch?: number;
  readonly version?: number;
  readonly rackId?: string;
}

async function fetch({ replicaId = -1, offset = 0, maxWaitMs = 0, minBytes = 1, partitionMaxBytes = 1 << 20, lastFetchedEpoch = -1, currentLeaderEpoch = -1, version = 12, rackId = '' }: Fetching = {}) {
  const answer = (await replicas.send(fetchRequest, version, {
    replicaId,
    maxWaitMs,
    minBytes,
    rackId,
    topics: [{ topic: 't', partitions: [{ partition: 0, fetchOffset: offset, currentLeaderEpoch, ...(version < 12 ? {} : { lastFetchedEpoch }), partitionMaxBytes }] }],
  })) as FetchResponse;
  const part = answer.responses[0]!.partitions[0]!;
  return { error: errorByCode(part.errorCode), highWatermark: part.highWatermark, offsets: Array.from(readRecords(part.records!), (record) => record.offset), diverging: part.divergingEpoch, preferred: part.preferredReadReplica };
}

async function end(): Promise<void> {
  await replicas.stop();
  removeTemporaryFolders();
}

describe('leader of a partition with one replica', () => {
  afterEach(end);

  it('answers acks=1 and acks=all at once, and its records can be read', async () => {
    await begin();
    await lead();
    expect(await produce(1)).to.deep.equal({ error: 'NONE', baseOffset: 0 });
    expect(await produce(-1)).to.deep.equal({ error: 'NONE', baseOffset: 3 });
    const { offsets, highWatermark } = await fetch();
    expect([offsets, highWatermark]).to.deep.equal([[0, 1, 2, 3, 4, 5], 6]);
  });

  it('lets a fetch wait for records, and no longer than it asks', async () => {
    await begin();
    await lead();
    const waiting = fetch({ maxWaitMs: 500 });
    clock.pass(499);
    await produce(1);
    expect((await waiting).offsets).to.deep.equal([0, 1, 2]);
    const late = fetch({ offset: 3, maxWaitMs: 500 });
    clock.pass(500);
    expect(await late).to.deep.include({ error: 'NONE', offsets: [] });
    expect(replicas.manager.waiting.size()).to.equal(0);
  });

  it('keeps nothing of a fetch that was answered, at once or after it waited', async () => {
    await begin();
    await lead();
    await produce(1);
    await fetch();
    expect(replicas.closeListeners.size).to.equal(0);
    const waiting = fetch({ offset: 3, maxWaitMs: 500 });
    expect(replicas.closeListeners.size).to.equal(1);
    await produce(1);
    expect((await waiting).offsets).to.deep.equal([3, 4, 5]);
    expect(replicas.closeListeners.size).to.equal(0);
  });

  it('looks at a fetch session once that nobody goes on with, and tells the next fetch of one what came meanwhile', async () => {
    await begin();
    await lead();
    const { waiting, partitionOf } = replicas.manager;
    const inSession = async (sessionId: number, sessionEpoch: number, fetchOffset: number, maxWaitMs = 0) => {
      const topics = fetchOffset < 0 ? [] : [{ topic: 't', partitions: [{ partition: 0, fetchOffset, currentLeaderEpoch: -1, partitionMaxBytes: 1 << 20 }] }];
      return (await replicas.send(fetchRequest, 12, { replicaId: -1, maxWaitMs, minBytes: 1, sessionId, sessionEpoch, topics })) as FetchResponse;
    };
    const watching = (): number => waiting.watching(partitionOf('t', 0)!);
    const offsetsOf = ({ responses }: FetchResponse): number[] => responses.flatMap(({ partitions }) => Array.from(readRecords(partitions[0]!.records!), ({ offset }) => offset));
    const [gone, kept] = [await inSession(0, 0, 0), await inSession(0, 0, 0)];
    expect(watching()).to.equal(2);
    await produce(1);
    expect(watching(), 'both are due, and none waits').to.equal(0);
    expect(offsetsOf(await inSession(kept.sessionId, 1, -1))).to.deep.equal([0, 1, 2]);
    const next = inSession(kept.sessionId, 2, 3, 500);
    await produce(1);
    expect(offsetsOf(await next)).to.deep.equal([3, 4, 5]);
    await produce(1);
    expect(offsetsOf(await inSession(kept.sessionId, 3, 6))).to.deep.equal([6, 7, 8]);
    expect(offsetsOf(await inSession(gone.sessionId, 1, -1))).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('lets a fetch wait for as many bytes as it asks', async () => {
    await begin();
    await lead();
    const batch = producerBatch(3);
    const waiting = fetch({ maxWaitMs: 500, minBytes: 2 * batch.length });
    await produce(1, Buffer.from(batch));
    expect(replicas.manager.waiting.size()).to.equal(1);
    await produce(1, Buffer.from(batch));
    expect((await waiting).offsets).to.deep.equal([0, 1, 2, 3, 4, 5]);
  });

  it('gives the first batch whole to a fetch with too small a limit, and nothing of it before v3', async () => {
    await begin();
    await lead();
    await produce(1);
    await produce(1);
    expect((await fetch({ partitionMaxBytes: 10 })).offsets).to.deep.equal([0, 1, 2]);
    expect((await fetch({ partitionMaxBytes: 10, version: 2 })).offsets).to.deep.equal([]);
  });

  it('checks the epoch that a fetcher believes in', async () => {
    await begin();
    await lead({ leaderEpoch: 5 });
    expect((await fetch({ currentLeaderEpoch: 4 })).error).to.equal('FENCED_LEADER_EPOCH');
    expect((await fetch({ currentLeaderEpoch: 6 })).error).to.equal('UNKNOWN_LEADER_EPOCH');
    expect((await fetch({ currentLeaderEpoch: 5 })).error).to.equal('NONE');
  });

  it('tells a fetcher whose log parts from its own where', async () => {
    await begin();
    await lead({ leaderEpoch: 2 });
    await produce(1);
    await lead({ leaderEpoch: 7 });
    await produce(1);
    expect((await fetch({ offset: 5, lastFetchedEpoch: 2 })).diverging).to.deep.equal({ epoch: 2, endOffset: 3 });
    expect((await fetch({ offset: 5, lastFetchedEpoch: 4 })).diverging).to.deep.equal({ epoch: 2, endOffset: 3 });
    expect((await fetch({ offset: 3, lastFetchedEpoch: 2 })).offsets).to.deep.equal([3, 4, 5]);
    expect((await fetch({ offset: 3, lastFetchedEpoch: 1 })).diverging).to.deep.equal({ epoch: 1, endOffset: 0 });
    expect((await fetch({ offset: 3, lastFetchedEpoch: 8 })).error).to.equal('OFFSET_OUT_OF_RANGE');
  });

  it('refuses an internal topic to clients other than the admin tool', async () => {
    await begin();
    await lead({ topic: '__consumer_offsets' });
    const request = { acks: 1, timeoutMs: 1, topicData: [{ name: '__consumer_offsets', partitionData: [{ index: 0, records: producerBatch(1, { key: 'k' }) }] }] };
    const codes = [];
    for (const clientId of ['c', '__admin_client']) {
      const answer = (await replicas.send(produceRequest, 9, request, clientId)) as ProduceResponse;
      codes.push(errorByCode(answer.responses[0]!.partitionResponses[0]!.errorCode));
    }
    expect(codes).to.deep.equal(['INVALID_TOPIC_EXCEPTION', 'NONE']);
  });
});

describe('leader of a partition with followers', () => {
  afterEach(end);

  const three = { isr: [1, 2, 3], replicas: [1, 2, 3] };

  it('answers acks=all when all in-sync replicas have fetched the records, and only then shows them to consumers', async () => {
    await begin();
    await lead(three);
    const produced = produce(-1);
    let isAnswered = false;
    void produced.then(() => (isAnswered = true));
    const consumer = fetch({ maxWaitMs: 500 });
    await fetch({ replicaId: 2, offset: 3 });
    await fetch({ replicaId: 3, offset: 0 });
    expect([isAnswered, replicas.manager.partitionOf('t', 0)!.log.highWatermark]).to.deep.equal([false, 0]);
    expect((await fetch({ replicaId: 3, offset: 3 })).highWatermark).to.equal(3);
    expect(await produced).to.deep.equal({ error: 'NONE', baseOffset: 0 });
    expect((await consumer).offsets).to.deep.equal([0, 1, 2]);
  });

  it('sends a consumer that names its rack to the follower there, when that one is in sync and has the offset (KIP-392)', async () => {
    await begin(undefined, {}, { 'replica.selector.class': 'org.apache.kafka.common.replica.RackAwareReplicaSelector' });
    await lead({ ...three, isr: [1, 2] });
    void produce(-1);
    await fetch({ replicaId: 2, offset: 3 });
    await fetch({ replicaId: 3, offset: 1 });
    const near = async (rackId: string, fetching: Fetching = {}) => {
      const { error, preferred, offsets, highWatermark } = await fetch({ rackId, maxWaitMs: 500, ...fetching });
      return [error, preferred, offsets.length, highWatermark];
    };
    expect(await near('rack-2')).to.deep.equal(['NONE', 2, 0, 3]);
    expect(await near('rack-1')).to.deep.equal(['NONE', -1, 3, 3]);
    expect(await near('rack-3')).to.deep.equal(['NONE', -1, 3, 3]);
    expect(await near('elsewhere')).to.deep.equal(['NONE', -1, 3, 3]);
    expect(await near('rack-2', { version: 10 })).to.deep.equal(['NONE', -1, 3, 3]);
    void produce(-1);
    expect(await near('rack-2', { offset: 3 })).to.deep.equal(['NONE', 2, 0, 3]);
    expect(await near('rack-2', { offset: 4, maxWaitMs: 0 })).to.deep.equal(['NONE', -1, 0, 3]);
  });

  it('answers REQUEST_TIMED_OUT when the followers do not come', async () => {
    await begin();
    await lead(three);
    const produced = produce(-1, producerBatch(1), 700);
    clock.pass(700);
    expect((await produced).error).to.equal('REQUEST_TIMED_OUT');
  });

  it('answers NOT_LEADER_OR_FOLLOWER to produces and fetches that wait when it leads no more', async () => {
    await begin();
    await lead(three);
    const produced = produce(-1);
    const fetched = fetch({ maxWaitMs: 500, version: 10 });
    await lead({ ...three, leader: 2, leaderEpoch: 1 });
    expect((await produced).error).to.equal('NOT_LEADER_OR_FOLLOWER');
    expect((await fetched).error).to.equal('NOT_LEADER_OR_FOLLOWER');
    expect((await produce(1)).error).to.equal('NOT_LEADER_OR_FOLLOWER');
  });

  it('refuses acks=all with fewer in-sync replicas than min.insync.replicas, and holds the high watermark', async () => {
    await begin(undefined, { 'min.insync.replicas': '2' });
    await lead({ isr: [1], replicas: [1, 2, 3] });
    expect((await produce(-1)).error).to.equal('NOT_ENOUGH_REPLICAS');
    expect((await produce(1)).error).to.equal('NONE');
    expect((await fetch()).highWatermark).to.equal(0);
  });

  it('takes a follower that caught up into the ISR, and drops one that lags', async () => {
    const written: (readonly number[])[] = [];
    await begin((_partition, isr) => {
      written.push(isr);
      return Promise.resolve({ isr, partitionEpoch: written.length });
    });
    await lead({ isr: [1, 2], replicas: [1, 2, 3] });
    replicas.manager.start();
    await fetch({ replicaId: 3, offset: 0 });
    expect(written).to.deep.equal([[1, 2, 3]]);
    await produce(1);
    clock.pass(20_000);
    await fetch({ replicaId: 3, offset: 3 });
    clock.pass(25_001);
    expect(written).to.deep.equal([[1, 2, 3], [1, 3]]);
  });

  it('does not pass the high watermark over a follower that may be in the ISR, while an answer of ZooKeeper is lost', async () => {
    const answers: ((isStored: boolean) => void)[] = [];
    await begin((_partition, isr) => new Promise((resolve, reject) => {
      answers.push((isStored) => (isStored ? resolve({ isr, partitionEpoch: 1 }) : reject(new Error('connection lost'))));
    }));
    await lead({ isr: [1], replicas: [1, 2] });
    await fetch({ replicaId: 2, offset: 0 });
    expect(answers.length).to.equal(1);
    answers[0]!(false);
    await produce(1);
    await Promise.resolve();
    clock.pass(60_000);
    expect([answers.length, (await fetch()).highWatermark]).to.deep.equal([2, 0]);
    answers[1]!(true);
    await Promise.resolve();
    await fetch({ replicaId: 2, offset: 3 });
    const partition = replicas.manager.partitionOf('t', 0)!;
    expect([partition.state!.isr, partition.pendingIsr, partition.log.highWatermark]).to.deep.equal([[1, 2], undefined, 3]);
  });

  it('tells no end to consumers before its high watermark has reached its epoch (KIP-207)', async () => {
    await begin();
    await lead(three);
    await produce(1);
    await lead({ ...three, leaderEpoch: 1 });
    const ask = async (): Promise<string> => {
      const answer = (await replicas.send(listOffsetsRequest, 5, { replicaId: -1, topics: [{ name: 't', partitions: [{ partitionIndex: 0, timestamp: -1 }] }] })) as { topics: { partitions: { errorCode: number }[] }[] };
      return errorByCode(answer.topics[0]!.partitions[0]!.errorCode);
    };
    expect(await ask()).to.equal('OFFSET_NOT_AVAILABLE');
    for (const replicaId of [2, 3]) await fetch({ replicaId, offset: 3 });
    expect(await ask()).to.equal('NONE');
  });
});

describe('what the controller says', () => {
  afterEach(end);

  const codesOf = (answer: unknown): string[] => (answer as { topics: { partitionErrors: { errorCode: number }[] }[] }).topics.flatMap(({ partitionErrors }) => partitionErrors.map(({ errorCode }) => errorByCode(errorCode)));

  it('is refused per partition when its leader epoch is not newer, this broker no replica, or the topic id another', async () => {
    await begin();
    expect(codesOf(await lead({ topicId: '2CV9qp36SyudxVBPj5DU3A', leaderEpoch: 3 }))).to.deep.equal(['NONE']);
    expect(codesOf(await lead({ topicId: '2CV9qp36SyudxVBPj5DU3A', leaderEpoch: 3 }))).to.deep.equal(['STALE_CONTROLLER_EPOCH']);
    expect(codesOf(await lead({ topicId: '2CV9qp36SyudxVBPj5DU3Q', leaderEpoch: 4 }))).to.deep.equal(['INCONSISTENT_TOPIC_ID']);
    expect(codesOf(await lead({ topic: 'u', leader: 2, isr: [2], replicas: [2] }))).to.deep.equal(['UNKNOWN_TOPIC_OR_PARTITION']);
  });

  it('is refused as a whole from a controller of an older epoch', async () => {
    await begin();
    await lead();
    const answer = (await replicas.send(leaderAndIsrRequest, 7, { ...leadership({ topic: 't', leader: 1, leaderEpoch: 9, isr: [1], replicas: [1] }), controllerEpoch: 0 })) as { errorCode: number };
    expect(errorByCode(answer.errorCode)).to.equal('STALE_CONTROLLER_EPOCH');
  });

  it('stops and deletes a replica; an older leader epoch stops nothing', async () => {
    await begin();
    await lead({ leaderEpoch: 5 });
    const stop = async (leaderEpoch: number, deletePartition: boolean): Promise<string> => {
      const answer = (await replicas.send(stopReplicaRequest, 4, { controllerId: 1, controllerEpoch: 1, brokerEpoch: 0, topicStates: [{ topicName: 't', partitionStates: [{ partitionIndex: 0, leaderEpoch, deletePartition }] }] })) as { partitionErrors: { errorCode: number }[] };
      return errorByCode(answer.partitionErrors[0]!.errorCode);
    };
    expect(await stop(4, true)).to.equal('FENCED_LEADER_EPOCH');
    expect(await stop(5, false)).to.equal('NONE');
    expect([replicas.manager.partitionOf('t', 0), replicas.logs.logOf('t', 0)?.topic]).to.deep.equal([undefined, 't']);
    expect(await stop(-2, true)).to.equal('NONE');
    expect(replicas.logs.logOf('t', 0)).to.equal(undefined);
    expect((await produce(1)).error).to.equal('UNKNOWN_TOPIC_OR_PARTITION');
  });
});
