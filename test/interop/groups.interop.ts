import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { createProducer } from '../../src/client/index.ts';
import type { Producer } from '../../src/client/index.ts';
import { partitionFor } from '../../src/coordinator/partition-for.ts';
import { freePort, runCommand, runTool, startOurBroker, startOurZooKeeper, temporaryFolder } from '../support/processes.ts';
import type { OurBroker, OurZooKeeper } from '../support/processes.ts';
import { libraries, startMember } from './group-members.ts';
import type { GroupMember, Ledger, Library } from './group-members.ts';
import { joinAlone, stillThere } from './kept-member.ts';
import { runJava, startRealKafka } from './real-kafka.ts';
import type { KafkaVersion, RunningJava } from './real-kafka.ts';
import { kcat } from './requirements.ts';

const offsetsPartitions = 5;
const groupTool: Readonly<Record<KafkaVersion, string>> = { '3.9.1': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand', '2.4.1': 'kafka.admin.ConsumerGroupCommand' };
const consoleConsumer: Readonly<Record<KafkaVersion, string>> = { '3.9.1': 'org.apache.kafka.tools.consumer.ConsoleConsumer', '2.4.1': 'kafka.tools.ConsoleConsumer' };

/** Looks again and again until what is wanted is so. */
async function until(what: () => string, isSo: () => boolean, timeoutMs = 60_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function createTopic(bootstrap: string, topic: string, partitions: number, replicationFactor: number): Promise<void> {
  const { status, stdout, stderr } = await runTool('kafka-topics', ['--bootstrap-server', bootstrap, '--create', '--topic', topic, '--partitions', String(partitions), '--replication-factor', String(replicationFactor)]);
  expect(status, stdout + stderr).to.equal(0);
}

/** The broker tells clients of all partitions. */
async function topicKnown(bootstrap: string, topic: string, partitions: number): Promise<void> {
  for (let turn = 0; ; turn++) {
    const { stdout } = await runCommand(kcat(), ['-L', '-b', bootstrap, '-t', topic]);
    if ([...stdout.matchAll(/leader [1-9]/g)].length === partitions) return;
    if (turn === 50) throw new Error(`${bootstrap} does not know ${topic}:\n${stdout}`);
  }
}

/** Ten records in each partition. */
async function produce(bootstrap: string, topic: string, partitions: number, label: string): Promise<void> {
  for (let partition = 0; partition < partitions; partition++) {
    const input = Array.from({ length: 10 }, (_, index) => `${label} ${partition} ${index}\n`).join('');
    const { status, stderr } = await runCommand(kcat(), ['-P', '-b', bootstrap, '-t', topic, '-p', String(partition), '-X', 'acks=all'], { input });
    expect(status, stderr).to.equal(0);
  }
}

describe('groups of other makers\' clients on three brokers of ours', () => {
  let folder: string;
  let zookeeper: OurZooKeeper;
  const brokers = new Map<number, OurBroker>();
  const members: GroupMember[] = [];
  let producer: Producer;
  const bootstrap = (): string => Array.from(brokers.values(), ({ port }) => `127.0.0.1:${port}`).join(',');

  before(async () => {
    folder = temporaryFolder();
    zookeeper = await startOurZooKeeper(folder);
    const properties = { 'offsets.topic.replication.factor': 3, 'offsets.topic.num.partitions': offsetsPartitions, 'group.min.session.timeout.ms': 1000 };
    const started = await Promise.all([1, 2, 3].map((id) => startOurBroker({ id, zookeeper: `127.0.0.1:${zookeeper.port}`, folder, properties })));
    for (const broker of started) brokers.set(broker.id, broker);
    producer = createProducer({ bootstrapServers: bootstrap() });
  });
  after(async () => {
    await producer?.close();
    for (const { process: child } of members) child.kill('SIGKILL');
    await Promise.all(Array.from(brokers.values(), (broker) => broker.stop()));
    await zookeeper?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const partitions = 6;

  /** A group: its three first members, one after the other who join later. */
  class Party {
    readonly name: string;
    readonly first: readonly Library[];
    readonly joiners: readonly Library[];
    readonly topic: string;
    readonly all: GroupMember[] = [];
    readonly ledger: Ledger = { committed: new Set(), readAgain: [] };
    produced = 0;

    constructor(name: string, first: readonly Library[], joiners: readonly Library[]) {
      this.name = name;
      this.first = first;
      this.joiners = joiners;
      this.topic = `topic-${name}`;
    }

    get group(): string {
      return `group-${this.name}`;
    }

    start(library: Library, instance?: string): GroupMember {
      const member = startMember(library, bootstrap(), this.group, this.topic, { ledger: this.ledger, instance });
      members.push(member);
      this.all.push(member);
      return member;
    }

    /** The partitions are shared out, some to each of the members. */
    isShared(among: readonly GroupMember[]): boolean {
      const shares = among.map((member) => member.assigned());
      return shares.every((share) => share.length > 0) && shares.flat().sort().join() === Array.from({ length: partitions }, (_, index) => index).join();
    }

    async shared(among: readonly GroupMember[]): Promise<void> {
      await until(() => `${this.name}: ${this.describe()}`, () => this.isShared(among));
    }

    async readAll(): Promise<void> {
      const everything = (): Set<string> => new Set(this.all.flatMap(({ read }) => read));
      await until(() => `${this.name} read ${everything().size} of ${this.produced}: ${this.describe()}`, () => everything().size === this.produced && this.all.every((member) => member.hasCommitted || member.process.killed));
    }

    async produce(producer: Producer, label: string): Promise<void> {
      await Promise.all(Array.from({ length: partitions * 10 }, (_, index) => producer.send({ topic: this.topic, partition: index % partitions, value: `${label} ${index}` })));
      this.produced += partitions * 10;
    }

    describe(): string {
      return this.all.map((member) => `[${member.assigned().join()}] ${member.library}: ${member.read.length} read ${member.output().slice(-300)}`).join('\n');
    }
  }

  /**
   * The first member is a static one, but for kafkajs, which has none (and no assignor that the others know). The assignors of
   * kafka-python 3.0.12 forget members where static and other ones alternate, so that there all three are static.
   */
  const instanceOf = (library: Library, index: number): string | undefined => (library !== 'kafkajs' && (index === 0 || library === 'kafka-python') ? `static-${index}` : undefined);

  /**
   * The static member is killed and comes back with the same partitions, while the others keep theirs. Where another member
   * was late with a heartbeat there was a rebalance all the same, and it is tried again.
   */
  async function restartStatic(party: Party, one: GroupMember, others: readonly GroupMember[]): Promise<GroupMember> {
    let member = one;
    for (let turn = 0; turn < 3; turn++) {
      const share = member.assigned().join();
      const told = others.map(({ assignments }) => assignments).join();
      await member.kill();
      member = party.start(one.library, instanceOf(one.library, 0));
      await party.shared([member, ...others]);
      if (member.assigned().join() === share && others.map(({ assignments }) => assignments).join() === told) return member;
    }
    throw new Error(`${party.name}: the static member did not come back without a rebalance: ${party.describe()}`);
  }

  it('share out, go on without who is killed or leaves, let a static member come back, and follow their coordinator; all is read, and nothing again that was committed', async () => {
    const parties = libraries.map((library) => new Party(library, [library, library, library], [library]));
    parties.push(new Party('mixed', ['java', 'confluent-kafka', 'franz-go'], ['sarama', 'kafka-python']));
    const all = (step: (party: Party) => Promise<void>): Promise<unknown> => Promise.all(parties.map(step));
    await all(async (party) => {
      await createTopic(bootstrap(), party.topic, partitions, 3);
      await Promise.all(Array.from(brokers.values(), ({ port }) => topicKnown(`127.0.0.1:${port}`, party.topic, partitions)));
    });
    const present = new Map<Party, GroupMember[]>();
    await all(async (party) => {
      const [one, two, three] = party.first.map((library, index) => party.start(library, instanceOf(library, index))) as [GroupMember, GroupMember, GroupMember];
      await party.shared([one, two, three]);
      await party.produce(producer, 'first');
      await party.readAll();
      const back = instanceOf(one.library, 0) !== undefined ? await restartStatic(party, one, [two, three]) : one;
      await three.kill();
      await party.shared([back, two]);
      two.process.kill('SIGTERM');
      await until(() => party.describe(), () => two.hasLeft && party.isShared([back]));
      const now = [back];
      for (const library of party.joiners) {
        now.push(party.start(library));
        await party.shared(now);
      }
      await party.produce(producer, 'second');
      await party.readAll();
      present.set(party, now);
    });
    // One broker coordinates at least one of the groups; it goes without a word.
    const leader = await leaderOf('__consumer_offsets', partitionFor(parties[0]!.group, offsetsPartitions));
    await brokers.get(leader)!.stop('SIGKILL');
    brokers.delete(leader);
    await all(async (party) => {
      await party.produce(producer, 'third');
      await party.readAll();
      const now = present.get(party)!;
      await party.shared(now);
      for (const { process: child } of now) child.kill('SIGTERM');
      await until(() => party.describe(), () => now.every(({ hasLeft }) => hasLeft));
      // kafkajs joins again while a record is still being worked on: where it asks for offsets before that record's commit is
      // answered, it reads the record twice, though the commit holds. The others poll and join in one loop.
      if (party.name !== 'kafkajs') expect(party.ledger.readAgain, party.name).to.deep.equal([]);
    });
    const { stdout } = await runJava('3.9.1', [groupTool['3.9.1'], '--bootstrap-server', bootstrap(), '--describe', '--all-groups']);
    for (const party of parties) {
      const lines = stdout.split('\n').filter((line) => line.startsWith(`${party.group} `)).map((line) => line.split(/ +/).slice(1, 6).join(' '));
      expect(lines.sort(), party.name).to.deep.equal(Array.from({ length: partitions }, (_, partition) => `${party.topic} ${partition} 30 30 0`));
    }
  });

  async function leaderOf(topic: string, partition: number): Promise<number> {
    const { stdout } = await runTool('kafka-topics', ['--bootstrap-server', bootstrap(), '--describe', '--topic', topic]);
    return Number(new RegExp(`Partition: ${partition}\\s+Leader: (\\d+)`).exec(stdout)![1]);
  }
});

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
