import { expect } from 'chai';
import { firstMetadata } from '../../../src/broker/first-metadata.ts';
import { createMetadataCache } from '../../../src/broker/metadata-cache.ts';
import { metadataHandler } from '../../../src/broker/handlers/metadata.ts';
import { errorByCode, KafkaError } from '../../../src/protocol/errors.ts';
import { zeroUuid } from '../../../src/protocol/fields.ts';
import type { MetadataRequest, MetadataResponseInput } from '../../../src/protocol/messages/metadata.ts';
import { updateMetadataRequest } from '../../../src/protocol/messages/update-metadata.ts';
import type { UpdateMetadataRequest, UpdateMetadataRequestInput } from '../../../src/protocol/messages/update-metadata.ts';
import { Writer } from '../../../src/protocol/writer.ts';
import { ManualClock } from '../zookeeper/manual-clock.ts';
import { requestContext } from './support.ts';

const topicId = 'OT08TVQzQ5ut5HcWE_L2ug';

/** What a broker reads of a request that a controller wrote. */
function received(request: UpdateMetadataRequestInput, version: number): UpdateMetadataRequest {
  const writer = new Writer();
  updateMetadataRequest.encode(writer, request, version);
  const bytes = Buffer.concat(writer.finish());
  return updateMetadataRequest.decode(bytes, 0, bytes.length, version);
}

const endpoint = (listener: string, port: number) => ({ listener, host: `${listener.toLowerCase()}.example.org`, port, securityProtocol: 0 });
const liveBrokers = [
  { id: 1, endpoints: [endpoint('INSIDE', 1001), endpoint('OUTSIDE', 2001)], rack: 'r1' },
  { id: 2, endpoints: [endpoint('INSIDE', 1002)], rack: null },
];
const partition = (leader: number, change = {}) => ({ partitionIndex: 0, controllerEpoch: 1, leader, leaderEpoch: 3, isr: [1, 2], zkVersion: 5, replicas: [1, 2], offlineReplicas: [], ...change });
const update = (topicStates: UpdateMetadataRequestInput['topicStates'], version = 8): UpdateMetadataRequest =>
  received({ controllerId: 1, controllerEpoch: 1, brokerEpoch: 9, topicStates, liveBrokers } as UpdateMetadataRequestInput, version);

describe('metadata cache', () => {
  it('knows what the controller told it: brokers as a whole, partitions one by one', () => {
    const cache = createMetadataCache();
    cache.update(update([{ topicName: 't', topicId, partitionStates: [partition(1), partition(2, { partitionIndex: 1 })] }]), 8);
    cache.update(update([{ topicName: 't', topicId, partitionStates: [partition(2, { leaderEpoch: 4 })] }]), 8);
    expect(Array.from(cache.brokers.keys())).to.deep.equal([1, 2]);
    expect(Array.from(cache.topics.get('t')!.partitions.values(), ({ partition: number, leader, leaderEpoch }) => [number, leader, leaderEpoch])).to.deep.equal([[0, 2, 4], [1, 2, 3]]);
    expect(cache.topicNameOf(topicId)).to.equal('t');
    expect(cache.controllerId).to.equal(1);
  });

  it('forgets a topic with its last partition that is deleted', () => {
    const cache = createMetadataCache();
    cache.update(update([{ topicName: 't', topicId, partitionStates: [partition(1), partition(1, { partitionIndex: 1 })] }]), 8);
    cache.update(update([{ topicName: 't', topicId, partitionStates: [partition(-2)] }]), 8);
    expect(cache.topics.get('t')?.partitions.size).to.equal(1);
    cache.update(update([{ topicName: 't', topicId, partitionStates: [partition(-2, { partitionIndex: 1 })] }]), 8);
    expect(cache.topics.size).to.equal(0);
    expect(cache.topicNameOf(topicId)).to.equal(undefined);
  });

  it('forgets all of a topic when another one has its name', () => {
    const cache = createMetadataCache();
    const other = 'jP6vcX9wQ6K4CWPTnLFYxA';
    cache.update(update([{ topicName: 't', topicId, partitionStates: [partition(1), partition(1, { partitionIndex: 1 })] }]), 8);
    cache.update(update([{ topicName: 't', topicId: other, partitionStates: [partition(2)] }]), 8);
    expect(Array.from(cache.topics.get('t')!.partitions.values(), ({ partition: number, leader }) => [number, leader])).to.deep.equal([[0, 2]]);
    expect([cache.topicNameOf(topicId), cache.topicNameOf(other)]).to.deep.equal([undefined, 't']);
  });

  it('understands controllers that know no topic ids, and those that do not group partitions by topic', () => {
    const cache = createMetadataCache();
    cache.update(update([{ topicName: 't', partitionStates: [partition(1)] }], 6), 6);
    expect(cache.topics.get('t')).to.include({ topicId: zeroUuid });
    cache.update(received({ controllerId: 1, controllerEpoch: 1, ungroupedPartitionStates: [{ topicName: 'old', ...partition(2) }], liveBrokers } as UpdateMetadataRequestInput, 4), 4);
    expect(cache.topics.get('old')?.partitions.get(0)?.leader).to.equal(2);
  });

  it('tells listeners of each update until they take their ear away', () => {
    const cache = createMetadataCache();
    let heard = 0;
    const forget = cache.onUpdate(() => heard++);
    cache.update(update([]), 8);
    forget();
    cache.update(update([]), 8);
    expect(heard).to.equal(1);
  });
});

describe('the first metadata', () => {
  const brokersAlone = update([]);
  const withPartitions = update([{ topicName: 't', topicId, partitionStates: [partition(1)] }]);

  /** Whether a request that waits is answered by now. */
  async function isAnswered(waiting: Promise<void> | undefined): Promise<boolean> {
    return Promise.race([(waiting ?? Promise.resolve()).then(() => true), new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))]);
  }

  it('of a broker without partitions is that there are brokers', async () => {
    const cache = createMetadataCache();
    const first = firstMetadata(cache, new ManualClock(), false);
    const waiting = first();
    expect(await isAnswered(waiting)).to.equal(false);
    cache.update(brokersAlone, 8);
    expect(await isAnswered(waiting)).to.equal(true);
    expect(first()).to.equal(undefined);
  });

  it('of a broker that keeps partitions tells of partitions too: a controller just elected tells of brokers alone before', async () => {
    const cache = createMetadataCache();
    const first = firstMetadata(cache, new ManualClock(), true);
    const waiting = first();
    cache.update(brokersAlone, 8);
    expect(await isAnswered(waiting)).to.equal(false);
    expect(await isAnswered(first()), 'one that asks now').to.equal(false);
    cache.update(withPartitions, 8);
    expect(await isAnswered(waiting)).to.equal(true);
    expect(first()).to.equal(undefined);
  });

  it('is waited for five seconds, and once', async () => {
    const clock = new ManualClock();
    const first = firstMetadata(createMetadataCache(), clock, true);
    const waiting = first();
    clock.pass(4999);
    expect(await isAnswered(waiting)).to.equal(false);
    clock.pass(1);
    expect(await isAnswered(waiting)).to.equal(true);
    expect(await isAnswered(first())).to.equal(true);
  });
});

describe('Metadata', () => {
  const cache = createMetadataCache();
  cache.update(update([{ topicName: 't', topicId, partitionStates: [partition(1), partition(2, { partitionIndex: 1 }), partition(7, { partitionIndex: 2, replicas: [7, 1] })] }]), 8);

  async function ask(request: Partial<MetadataRequest>, version: number, options: { listener?: string; createsTopics?: boolean; create?: (topic: string) => Promise<void> } = {}): Promise<MetadataResponseInput> {
    const handler = metadataHandler({ cache, clusterId: 'c', createsTopics: options.createsTopics ?? false, createTopic: options.create ?? (() => Promise.resolve()), firstMetadata: () => undefined });
    return new Promise((resolve, reject) => {
      const whole = { topics: null, allowAutoTopicCreation: true, includeClusterAuthorizedOperations: false, includeTopicAuthorizedOperations: false, ...request } as MetadataRequest;
      Promise.resolve(handler.handle(whole, requestContext({ apiVersion: version, listenerName: options.listener ?? 'INSIDE' }), (answer) => resolve(answer!))).catch(reject);
    });
  }
  const errors = (answer: MetadataResponseInput): string[] => answer.topics!.flatMap((topic) => topic.partitions!.map((one) => `${one.leaderId} ${one.errorCode === 0 ? 'ok' : errorByCode(one.errorCode!)}`));
  const topicErrors = (answer: MetadataResponseInput): string[] => answer.topics!.map(({ name, errorCode }) => `${name} ${errorCode === 0 ? 'ok' : errorByCode(errorCode!)}`);
  const named = (name: string | null, id = zeroUuid) => ({ name, topicId: id });

  it('shows brokers at the listener that was asked, and says which leaders cannot be reached there', async () => {
    const inside = await ask({}, 12);
    expect(inside.brokers).to.deep.equal([{ nodeId: 1, host: 'inside.example.org', port: 1001, rack: 'r1' }, { nodeId: 2, host: 'inside.example.org', port: 1002, rack: null }]);
    expect(errors(inside)).to.deep.equal(['1 ok', '2 ok', '-1 LEADER_NOT_AVAILABLE']);
    const outside = await ask({}, 12, { listener: 'OUTSIDE' });
    expect(outside.brokers?.map(({ nodeId }) => nodeId)).to.deep.equal([1]);
    expect(errors(outside)).to.deep.equal(['1 ok', '-1 LISTENER_NOT_FOUND', '-1 LEADER_NOT_AVAILABLE']);
    expect(errors(await ask({}, 5, { listener: 'OUTSIDE' }))).to.deep.equal(['1 ok', '-1 LEADER_NOT_AVAILABLE', '-1 LEADER_NOT_AVAILABLE']);
  });

  it('in its first version shows only living replicas, and that some are missing', async () => {
    const answer = await ask({ topics: [] }, 0, { listener: 'OUTSIDE' });
    expect(errors(answer)[0]).to.equal('1 REPLICA_NOT_AVAILABLE');
    expect(answer.topics![0]!.partitions![0]).to.deep.include({ replicaNodes: [1], isrNodes: [1] });
  });

  it('takes null for all topics, and none for none, except in its first version', async () => {
    expect((await ask({ topics: null }, 1)).topics).to.have.length(1);
    expect((await ask({ topics: [] }, 1)).topics).to.deep.equal([]);
    expect((await ask({ topics: [] }, 0)).topics).to.have.length(1);
  });

  it('finds topics by id', async () => {
    expect(topicErrors(await ask({ topics: [named(null, topicId)] }, 12))).to.deep.equal(['t ok']);
    expect(topicErrors(await ask({ topics: [named(null, 'AAAAAAAAAAAAAAAAAAAAEw')] }, 12))).to.deep.equal(['null UNKNOWN_TOPIC_ID']);
  });

  it('creates missing topics only where both the broker and the client want it', async () => {
    const created: string[] = [];
    const create = async (topic: string): Promise<void> => void created.push(topic);
    const topics = [named('new'), named('bad/name')];
    expect(topicErrors(await ask({ topics }, 12, { createsTopics: true, create }))).to.deep.equal(['new LEADER_NOT_AVAILABLE', 'bad/name INVALID_TOPIC_EXCEPTION']);
    expect(topicErrors(await ask({ topics, allowAutoTopicCreation: false }, 12, { createsTopics: true, create }))).to.deep.equal(['new UNKNOWN_TOPIC_OR_PARTITION', 'bad/name INVALID_TOPIC_EXCEPTION']);
    expect(topicErrors(await ask({ topics, allowAutoTopicCreation: false }, 3, { createsTopics: true, create }))[0]).to.equal('new LEADER_NOT_AVAILABLE');
    expect(topicErrors(await ask({ topics }, 12, { createsTopics: false, create }))[0]).to.equal('new UNKNOWN_TOPIC_OR_PARTITION');
    expect(created).to.deep.equal(['new', 'new']);
  });

  it('tells why a topic could not be created', async () => {
    const create = (): Promise<void> => Promise.reject(new KafkaError('INVALID_REPLICATION_FACTOR', 'too few brokers'));
    expect(topicErrors(await ask({ topics: [named('new')] }, 12, { createsTopics: true, create }))).to.deep.equal(['new INVALID_REPLICATION_FACTOR']);
  });
});
