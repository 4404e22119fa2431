import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { freePort, runCommand, runTool, startOurBroker, startOurZooKeeper, temporaryFolder } from '../support/processes.ts';
import type { OurBroker, OurZooKeeper } from '../support/processes.ts';
import { startMember } from './group-members.ts';
import { joinAlone, stillThere } from './kept-member.ts';
import { runJava, startRealKafka } from './real-kafka.ts';
import type { KafkaVersion, RunningJava } from './real-kafka.ts';
import { kcat } from './requirements.ts';
import { until } from './until.ts';

const offsetsPartitions = 5;
const groupTool: Readonly<Record<KafkaVersion, string>> = { '3.9.1': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand', '2.4.1': 'kafka.admin.ConsumerGroupCommand' };
const consoleConsumer: Readonly<Record<KafkaVersion, string>> = { '3.9.1': 'org.apache.kafka.tools.consumer.ConsoleConsumer', '2.4.1': 'kafka.tools.ConsoleConsumer' };

async function createTopic(bootstrap: string, topic: string, partitions: number, replicationFactor: number): Promise<void> {
  const { status, stdout, stderr } = await runTool('kafka-topics', ['--bootstrap-server', bootstrap, '--create', '--topic', topic, '--partitions', String(partitions), '--replication-factor', String(replicationFactor)]);
  expect(status, stdout + stderr).to.equal(0);
}

/** Ten records in each partition. */
async function produce(bootstrap: string, topic: string, partitions: number, label: string): Promise<void> {
  for (let partition = 0; partition < partitions; partition++) {
    const input = Array.from({ length: 10 }, (_, index) => `${label} ${partition} ${index}\n`).join('');
    const { status, stderr } = await runCommand(kcat(), ['-P', '-b', bootstrap, '-t', topic, '-p', String(partition), '-X', 'acks=all'], { input });
    expect(status, stderr).to.equal(0);
  }
}

describe('Kafka\'s own tools for groups, against a broker of ours and against Kafka', function () {
  this.bail(true);
  let folder: string;
  const zookeepers: OurZooKeeper[] = [];
  let ours: OurBroker;
  let real: RunningJava | OurBroker;
  let realPort: number;
  const partitions = 3;
  const properties = { 'offsets.topic.num.partitions': offsetsPartitions, 'group.min.session.timeout.ms': 1000 };

  before(async () => {
    folder = temporaryFolder();
    for (const name of ['ours', 'real']) zookeepers.push(await startOurZooKeeper(path.join(folder, name)));
    realPort = await freePort();
    [ours, real] = await Promise.all([
      startOurBroker({ id: 1, zookeeper: `127.0.0.1:${zookeepers[0]!.port}`, folder: path.join(folder, 'ours'), properties }),
      startReal(),
    ]);
    for (const target of targets()) {
      await createTopic(target, 'orders', partitions, 1);
      await produce(target, 'orders', partitions, 'x');
    }
  });
  after(async () => {
    await ours?.stop();
    await real?.stop('SIGKILL');
    for (const zookeeper of zookeepers) await zookeeper.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const targets = (): readonly string[] => [`127.0.0.1:${ours.port}`, `127.0.0.1:${realPort}`];
  const startReal = (): Promise<RunningJava> =>
    startRealKafka({ id: 1, port: realPort, zookeeper: `127.0.0.1:${zookeepers[1]!.port}`, folder: path.join(folder, 'real'), properties: { ...properties, 'log.dirs': path.join(folder, 'shared-logs') } });

  /** What differs between any two brokers: ports, ids, and the width of columns that have them. */
  const common = (text: string): string =>
    text
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID')
      .replaceAll(/127\.0\.0\.1:\d+/g, 'HOST:PORT')
      .replaceAll(/ +/g, ' ')
      .split('\n')
      .sort()
      .join('\n');

  /** The same command against both; the output must be the same. */
  async function both(version: KafkaVersion, main: string, ...args: string[]): Promise<string> {
    const [one, other] = await Promise.all(targets().map((bootstrap) => runJava(version, [main, '--bootstrap-server', bootstrap, ...args])));
    expect(common(one!.stdout), `${args.join(' ')}\n${one!.stderr}`).to.equal(common(other!.stdout));
    return one!.stdout;
  }
  /** The tools' own five seconds are little for two Java machines that start at once beside others. */
  const patience = ['--timeout', '60000'] as const;
  const groups = (...args: string[]): Promise<string> => both('3.9.1', groupTool['3.9.1'], ...patience, ...args);

  it('a group of 3.9.1 reads, and one of 2.4.1 goes on where it stopped', async () => {
    const read = async (version: KafkaVersion, count: number): Promise<string> => both(version, consoleConsumer[version], '--topic', 'orders', '--group', 'console', '--from-beginning', '--max-messages', String(count), '--consumer-property', 'max.poll.records=1', '--timeout-ms', '20000');
    const lines = [...(await read('3.9.1', 12)).split('\n'), ...(await read('2.4.1', 18)).split('\n')].filter((line) => line !== '');
    expect(new Set(lines).size).to.equal(30);
  });

  it('describe, list, reset, and delete', async () => {
    expect(await groups('--describe', '--group', 'console')).to.match(/console +orders +0 +10 +10 +0 +- +- +-/);
    expect(await groups('--list', '--state')).to.match(/console +Empty/);
    await groups('--reset-offsets', '--group', 'console', '--topic', 'orders:1', '--to-offset', '4', '--execute');
    await groups('--delete-offsets', '--group', 'console', '--topic', 'orders:2');
    expect(await both('2.4.1', groupTool['2.4.1'], ...patience, '--describe', '--group', 'console')).to.match(/console +orders +1 +4 +10 +6/);
    expect(await groups('--delete', '--group', 'console', '--group', 'no-such-group')).to.include('console');
  });

  it('tell of members, and do not delete their group', async () => {
    const members = targets().map((bootstrap) => startMember('confluent-kafka', bootstrap, 'live', 'orders'));
    try {
      await until(() => members.map((member) => member.output()).join(), () => members.every((member) => member.read.length === 30));
      expect(await groups('--describe', '--group', 'live')).to.match(/live +orders +2 +10 +10 +0 +confluent-\S+ +\/127\.0\.0\.1 +confluent/);
      expect(await groups('--describe', '--group', 'live', '--members', '--verbose')).to.match(/ confluent +3 +\(0,1,2\)/);
      expect(await groups('--describe', '--group', 'live', '--state')).to.match(/range +Stable +1/);
      expect(await groups('--delete', '--group', 'live')).to.include('The group is not empty');
    } finally {
      for (const { process: child } of members) child.kill('SIGKILL');
    }
  });

  it('find a group in a data directory that Kafka began, with ours, and again with Kafka', async () => {
    const describe = async (): Promise<string[]> => {
      const { stdout } = await runJava('3.9.1', [groupTool['3.9.1'], '--bootstrap-server', `127.0.0.1:${realPort}`, ...patience, '--describe', '--all-groups', '--offsets']);
      return stdout.split('\n').filter((line) => line.includes('orders')).map((line) => line.split(/ +/).slice(0, 4).join(' ')).sort();
    };
    const commit = (group: string, offset: number): Promise<unknown> =>
      runJava('3.9.1', [groupTool['3.9.1'], '--bootstrap-server', `127.0.0.1:${realPort}`, ...patience, '--reset-offsets', '--group', group, '--topic', 'orders:0', '--to-offset', String(offset), '--execute']);
    const swap = async (next: () => Promise<RunningJava | OurBroker>): Promise<void> => {
      await real.stop('SIGTERM');
      real = await next();
    };
    const member = await joinAlone(realPort, 'kept');
    await commit('of-kafka', 3);
    const byKafka = await describe();
    expect(byKafka).to.include('of-kafka orders 0 3').and.to.include('live orders 1 10');
    await swap(() => startOurBroker({ id: 1, port: realPort, zookeeper: `127.0.0.1:${zookeepers[1]!.port}`, folder: path.join(folder, 'real'), properties: { ...properties, 'log.dirs': path.join(folder, 'shared-logs') } }));
    expect(await describe()).to.deep.equal(byKafka);
    expect(await stillThere(realPort, 'kept', member)).to.deep.equal({ heartbeat: 'NONE', sync: 'NONE', rejoined: { memberId: member.memberId, generationId: member.generationId + 1 } });
    await commit('of-ours', 5);
    await commit('of-kafka', 4);
    const byOurs = await describe();
    expect(byOurs).to.include('of-kafka orders 0 4').and.to.include('of-ours orders 0 5');
    await swap(startReal);
    expect(await describe()).to.deep.equal(byOurs);
    const again = { ...member, generationId: member.generationId + 1 };
    expect(await stillThere(realPort, 'kept', again)).to.deep.equal({ heartbeat: 'NONE', sync: 'NONE', rejoined: { memberId: member.memberId, generationId: again.generationId + 1 } });
  });
});
