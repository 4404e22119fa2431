import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { createProducer } from '../../src/client/index.ts';
import type { TopicMetadata } from '../../src/client/index.ts';
import { freePort, runCommand, runTool, startOurBroker, temporaryFolder } from '../support/processes.ts';
import type { OurBroker } from '../support/processes.ts';
import { runJava, startRealZooKeeper } from './real-kafka.ts';
import type { RunningJava } from './real-kafka.ts';
import { kcat } from './requirements.ts';

const topic = 'replicated';
const ids = [1, 2, 3];

/** Each step goes on from the one before. */
describe('three brokers of ours on Apache ZooKeeper 3.8', function () {
  this.bail(true);
  let folder: string;
  let zookeeperPort: number;
  let zookeeper: RunningJava;
  const brokers = new Map<number, OurBroker>();
  let bootstrap: string;
  let written = '';

  const start = async (id: number, port?: number): Promise<void> => {
    const properties = { 'default.replication.factor': 3, 'min.insync.replicas': 2, 'offsets.topic.replication.factor': 3 };
    brokers.set(id, await startOurBroker({ id, zookeeper: `127.0.0.1:${zookeeperPort}`, folder, properties, ...(port === undefined ? {} : { port }) }));
  };

  before(async () => {
    folder = temporaryFolder();
    zookeeperPort = await freePort();
    zookeeper = await startRealZooKeeper({ port: zookeeperPort, folder: path.join(folder, 'zookeeper') });
    await Promise.all(ids.map((id) => start(id)));
    bootstrap = ids.map((id) => `127.0.0.1:${brokers.get(id)!.port}`).join(',');
  });
  after(async () => {
    await Promise.all(Array.from(brokers.values(), (broker) => broker.stop('SIGKILL')));
    await zookeeper?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  /** What the real ZooKeeperMain prints, without its log lines, for one command. */
  async function shell(...command: string[]): Promise<string> {
    const { status, stdout, stderr } = await runJava('3.9.1', ['org.apache.zookeeper.ZooKeeperMain', '-server', `127.0.0.1:${zookeeperPort}`, ...command]);
    expect(status, stdout + stderr).to.equal(0);
    return stdout.split('\n').filter((line) => line !== '' && !/^(Connecting to|WATCHER::|WatchedEvent)/.test(line)).join('\n');
  }
  const json = async (node: string): Promise<unknown> => JSON.parse(await shell('get', node));

  async function topics(...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await runTool('kafka-topics', ['--bootstrap-server', bootstrap, ...args]);
    expect(status, stdout + stderr).to.equal(0);
    return stdout;
  }

  async function produce(label: string): Promise<void> {
    const text = Array.from({ length: 2000 }, (_, index) => `${label}:${index}\n`).join('');
    const { status, stderr } = await runCommand(kcat(), ['-P', '-b', bootstrap, '-t', topic, '-p', '0', '-K', ':', '-X', 'acks=all'], { input: text });
    expect(status, stderr).to.equal(0);
    written += text;
  }

  async function expectAllConsumed(): Promise<void> {
    const { status, stdout, stderr } = await runCommand(kcat(), ['-C', '-b', bootstrap, '-t', topic, '-p', '0', '-o', 'beginning', '-e', '-q', '-f', '%k:%s\n']);
    expect(status, stderr).to.equal(0);
    expect(stdout).to.equal(written);
  }

  /** Resolves when broker 1's metadata, asked for with the client's back-off, are as wanted. */
  async function metadataBecome(isWanted: (metadata: TopicMetadata) => boolean): Promise<void> {
    const deadline = performance.now() + 30_000;
    for (;;) {
      const producer = createProducer({ bootstrapServers: bootstrap });
      const metadata = await producer.partitionsOf(topic);
      await producer.close();
      if (isWanted(metadata)) return;
      if (performance.now() > deadline) throw new Error(`not as wanted within 30 s: ${JSON.stringify(metadata)}`);
    }
  }

  it('register as Kafka 3.9 does', async () => {
    expect(await shell('ls', '/brokers/ids')).to.equal('[1, 2, 3]');
    for (const id of ids) {
      const { port } = brokers.get(id)!;
      const registration = (await json(`/brokers/ids/${id}`)) as Record<string, unknown>;
      expect(registration).to.deep.include({ version: 5, host: '127.0.0.1', port, jmx_port: -1, endpoints: [`PLAINTEXT://127.0.0.1:${port}`], listener_security_protocol_map: { PLAINTEXT: 'PLAINTEXT' }, features: {} });
      expect(registration['timestamp']).to.match(/^\d{13}$/);
      expect(await shell('stat', `/brokers/ids/${id}`)).to.match(/^ephemeralOwner = 0x[1-9a-f][0-9a-f]*$/m);
    }
    const controller = (await json('/controller')) as { brokerid: number };
    expect(controller).to.deep.include({ version: 2, kraftControllerEpoch: -1 });
    expect(ids).to.include(controller.brokerid);
    expect(await shell('get', '/controller_epoch')).to.equal('1');
    expect(await json('/cluster/id')).to.have.keys('version', 'id');
    const nodes = (await shell('ls', '-R', '/')).split('\n');
    expect(nodes).to.include.members(['/admin/delete_topics', '/brokers/seqid', '/brokers/topics', '/config/brokers', '/config/changes', '/config/clients', '/config/ips', '/config/topics', '/config/users', '/consumers', '/isr_change_notification', '/latest_producer_id_block', '/log_dir_event_notification']);
  });

  it('replicate a topic that kafka-topics made', async () => {
    expect(await topics('--create', '--topic', topic, '--partitions', '3', '--replication-factor', '3', '--config', 'segment.bytes=100000')).to.equal(`Created topic ${topic}.\n`);
    const { partitions, ...assignment } = (await json(`/brokers/topics/${topic}`)) as { partitions: Record<string, number[]>; topic_id: string };
    expect(assignment).to.deep.include({ version: 3, removing_replicas: {}, adding_replicas: {} });
    expect(assignment.topic_id).to.match(/^[\w-]{22}$/);
    expect(Object.keys(partitions)).to.deep.equal(['0', '1', '2']);
    for (const replicas of Object.values(partitions)) expect(replicas.toSorted()).to.deep.equal(ids);
    expect(Object.values(partitions).map(([leader]) => leader).toSorted()).to.deep.equal(ids);
    expect(await json(`/config/topics/${topic}`)).to.deep.equal({ version: 1, config: { 'segment.bytes': '100000' } });
    for (const [partition, replicas] of Object.entries(partitions)) {
      expect(await json(`/brokers/topics/${topic}/partitions/${partition}/state`)).to.deep.equal({ controller_epoch: 1, leader: replicas[0], version: 1, leader_epoch: 0, isr: replicas });
    }
    await produce('before');
    await expectAllConsumed();
  });

  it('go on while the leader of a partition is away, and take it back', async () => {
    const { partitions } = (await json(`/brokers/topics/${topic}`)) as { partitions: Record<string, number[]> };
    const [leader, successor] = partitions['0']!;
    const { port } = brokers.get(leader!)!;
    await brokers.get(leader!)!.stop();
    expect(await shell('ls', '/brokers/ids')).to.equal(`[${ids.filter((id) => id !== leader).join(', ')}]`);
    const state = (await json(`/brokers/topics/${topic}/partitions/0/state`)) as { leader: number; isr: number[] };
    expect(state).to.deep.include({ leader: successor, isr: partitions['0']!.slice(1) });
    await produce('without-one');
    await expectAllConsumed();
    await start(leader!, port);
    await metadataBecome(({ partitions: all }) => all.every(({ isr }) => isr.length === 3));
    expect((await json(`/brokers/topics/${topic}/partitions/0/state`)) as { isr: number[] }).to.have.property('isr').that.has.members(ids);
    await produce('with-all');
    await expectAllConsumed();
  });

  it('delete the topic from ZooKeeper and from every disk', async () => {
    await topics('--delete', '--topic', topic);
    expect(await topics('--list')).to.not.include(topic);
    await Promise.all(ids.map((id) => brokers.get(id)!.stop()));
    expect(await shell('ls', '/brokers/topics')).to.not.include(topic);
    expect(await shell('ls', '/config/topics')).to.not.include(topic);
    expect(await shell('ls', '/admin/delete_topics')).to.equal('[]');
    expect(await shell('ls', '/brokers/ids')).to.equal('[]');
    for (const id of ids) {
      const left = fs.readdirSync(path.join(folder, `broker-${id}`, 'logs')).filter((name) => name.startsWith(topic) && !name.endsWith('-delete'));
      expect(left, `broker ${id}`).to.deep.equal([]);
    }
  });
});
