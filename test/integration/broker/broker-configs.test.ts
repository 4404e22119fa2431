import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { createAdmin, createProducer } from '../../../src/client/index.ts';
import type { Admin } from '../../../src/client/index.ts';
import { alterConfigsRequest, alterConfigsResponse } from '../../../src/protocol/messages/alter-configs.ts';
import { incrementalAlterConfigsRequest, incrementalAlterConfigsResponse } from '../../../src/protocol/messages/incremental-alter-configs.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { nodeRandom } from '../../../src/runtime/node-random.ts';
import { startTestCluster } from '../../../src/testing/index.ts';
import type { TestCluster } from '../../../src/testing/index.ts';
import { connectZooKeeper } from '../../../src/zookeeper/node-client.ts';
import type { ZooKeeper } from '../../../src/zookeeper/zookeeper.ts';
import { createAssigned, createTopics, eventually, leadership, withClient } from './wire.ts';

type GoldenEntry = readonly ['inc' | 'alt', number, string, readonly (readonly (string | number | null)[])[], boolean, number, string | null];
const golden = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, 'golden-alter-configs.json'), 'utf8')) as readonly GoldenEntry[];

describe('configs of brokers', function () {
  this.timeout(30_000);
  let cluster: TestCluster;
  let zookeeper: ZooKeeper;
  let admin: Admin;

  beforeEach(async () => {
    cluster = await startTestCluster({ brokers: 2, properties: { 'log.retention.hours': 5 } });
    zookeeper = await connectZooKeeper({ clock: nodeClock, random: nodeRandom, logger: silentLogger, connectString: cluster.zookeeperConnect, sessionTimeoutMs: 10_000, connectionTimeoutMs: 10_000 });
    admin = createAdmin({ bootstrapServers: cluster.bootstrapServers });
  });
  afterEach(async () => {
    await admin?.close();
    await zookeeper?.close();
    await cluster?.stop();
  });

  it('are changed and refused as Apache Kafka 3.9.1 did (its recorded answers)', async () => {
    await createTopics(cluster, [{ name: 't1', numPartitions: 2 }]);
    await withClient(cluster, 1, async (client) => {
      for (const [kind, resourceType, name, entries, validateOnly, code, message] of golden) {
        const resourceName = name === 'ID' ? '1' : name;
        const one = { resourceType, resourceName };
        const { responses: [answer] } =
          kind === 'inc'
            ? await client.send(incrementalAlterConfigsRequest, incrementalAlterConfigsResponse, 1, { resources: [{ ...one, configs: entries.map(([property, operation, value]) => ({ name: property as string, configOperation: operation as number, value: value as string | null })) }], validateOnly }, 10_000)
            : await client.send(alterConfigsRequest, alterConfigsResponse, 2, { resources: [{ ...one, configs: entries.map(([property, value]) => ({ name: property as string, value: value as string | null })) }], validateOnly }, 10_000);
        const words = message?.replace('expected ID', 'expected 1') ?? null;
        expect([kind, resourceName, entries, answer!.errorCode, answer!.errorMessage]).to.deep.equal([kind, resourceName, entries, code, words]);
        // The next one is judged by what counts then.
        if (code === 0 && resourceType === 4 && !validateOnly) await settled(resourceName);
      }
    });
  });

  /** A change comes back to the broker through /config/changes, after it was answered. */
  async function settled(resourceName: string): Promise<void> {
    const node = resourceName === '' ? '<default>' : resourceName;
    const { config } = JSON.parse((await zookeeper.get(`/config/brokers/${node}`)).data.toString()) as { config: Record<string, string> };
    const source = resourceName === '' ? 'DYNAMIC_DEFAULT_BROKER_CONFIG' : 'DYNAMIC_BROKER_CONFIG';
    const layer = async (): Promise<Record<string, string>> => {
      const [description] = await admin.describeConfigs([{ type: 'broker', name: '1' }]);
      const own = description!.entries.flatMap(({ name, synonyms }) => synonyms.filter((synonym) => synonym.source === source && synonym.name === name).map(({ value }) => [name, value ?? config[name] ?? 'gone'] as const));
      return Object.fromEntries(own.toSorted());
    };
    await eventually(layer, Object.fromEntries(Object.entries(config).toSorted()));
  }

  it('written into the znodes by others count at once, for logs that are open too, and after a restart', async () => {
    await createTopics(cluster, [{ name: 'small', replicationFactor: 2 }]);
    await zookeeper.create('/config/brokers/<default>', Buffer.from('{"version":1,"config":{"message.max.bytes":"100"}}'));
    await zookeeper.create('/config/changes/config_change_', Buffer.from('{"version":2,"entity_path":"brokers/<default>"}'), 'persistent-sequential');
    const send = async (): Promise<string> => {
      const producer = createProducer({ bootstrapServers: cluster.bootstrapServers, acks: 'all' });
      const outcome = await producer.send({ topic: 'small', partition: 0, value: 'x'.repeat(200) }).then(() => 'taken', (error: Error) => error.name);
      await producer.close();
      return outcome;
    };
    await eventually(send, 'MESSAGE_TOO_LARGE');
    for (const id of [1, 2]) {
      await cluster.stopBroker(id);
      await cluster.startBroker(id);
    }
    expect(await send()).to.equal('MESSAGE_TOO_LARGE');
  });

  it('reach the log cleaner, which looks for work every 15 seconds until it is told otherwise', async () => {
    await createTopics(cluster, [{ name: 'compacted', replicationFactor: 1, configs: [{ name: 'cleanup.policy', value: 'compact' }, { name: 'segment.bytes', value: '1000' }, { name: 'min.cleanable.dirty.ratio', value: '0.01' }] }]);
    const producer = createProducer({ bootstrapServers: cluster.bootstrapServers });
    for (let index = 0; index < 5; index++) await producer.send({ topic: 'compacted', partition: 0, key: 'k', value: 'x'.repeat(500) });
    await producer.close();
    const cleanedTo = (): boolean => [1, 2].some((id) => {
      const file = path.join(cluster.dataDirectory, `broker-${id}`, 'cleaner-offset-checkpoint');
      return fs.existsSync(file) && /^compacted 0 4$/m.test(fs.readFileSync(file, 'utf8'));
    });
    await admin.incrementalAlterConfigs([{ type: 'broker', name: '', changes: [{ name: 'log.cleaner.backoff.ms', operation: 'set', value: '100' }] }]);
    await eventually(cleanedTo, true);
  });

  it('elect leaders for partitions whose in-sync replicas are gone once unclean elections are allowed', async () => {
    await createAssigned(cluster, 'lost', [[1, 2]]);
    await createAssigned(cluster, 'kept', [[1, 2]], { 'unclean.leader.election.enable': 'false' });
    await cluster.stopBroker(2);
    await eventually(() => leadership(cluster, 1, 'lost'), ['1/1']);
    await cluster.stopBroker(1);
    await cluster.startBroker(2);
    await eventually(() => leadership(cluster, 2, 'lost'), ['-1/1']);
    await admin.incrementalAlterConfigs([{ type: 'broker', name: '', changes: [{ name: 'unclean.leader.election.enable', operation: 'set', value: 'true' }] }]);
    await eventually(() => leadership(cluster, 2, 'lost'), ['2/2']);
    expect(await leadership(cluster, 2, 'kept')).to.deep.equal(['-1/1']);
  });
});
