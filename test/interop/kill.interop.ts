import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { createAdmin, createProducer } from '../../src/client/index.ts';
import type { Producer } from '../../src/client/index.ts';
import { runCommand, runTool, startOurBroker, startOurZooKeeper, temporaryFolder } from '../support/processes.ts';
import type { OurBroker, OurZooKeeper } from '../support/processes.ts';
import { runJava } from './real-kafka.ts';
import { kcat } from './requirements.ts';

const kills = 10;
const topic = 'killed';
/** So many records are in flight at a time, and acknowledged before each kill. */
const inFlight = 200;
const acknowledgedBeforeKill = 3000;

/** Sends numbered records and keeps which of them were acknowledged, and where. Nothing is sent twice. */
class CountingWriter {
  readonly #acknowledged: { number: number; offset: number }[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #senders: Promise<void>[];
  #next = 0;
  #isStopping = false;
  failures = 0;

  constructor(producer: Producer) {
    this.#senders = Array.from({ length: inFlight }, () => this.#sendOneAfterAnother(producer));
  }

  get acknowledged(): readonly { number: number; offset: number }[] {
    return this.#acknowledged;
  }

  async #sendOneAfterAnother(producer: Producer): Promise<void> {
    while (!this.#isStopping) {
      const number = this.#next++;
      try {
        const { offset } = await producer.send({ topic, partition: 0, key: String(number), value: `record ${number} ${'.'.repeat(number % 300)}` });
        this.#acknowledged.push({ number, offset });
      } catch {
        this.failures++;
      }
      for (const look of this.#watchers) look();
    }
  }

  /** Resolves when `count` more are acknowledged than now. */
  async acknowledgedMore(count: number): Promise<void> {
    const wanted = this.#acknowledged.length + count;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.#acknowledged.length < wanted) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
    });
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#senders);
  }
}

describe('a broker killed with SIGKILL while records are produced', () => {
  let folder: string;
  let zookeeper: OurZooKeeper;
  let broker: OurBroker;

  const start = (port?: number): Promise<OurBroker> =>
    startOurBroker({ id: 1, zookeeper: `127.0.0.1:${zookeeper.port}`, folder, ...(port === undefined ? {} : { port }), properties: { 'log.segment.bytes': 1_000_000 } });

  before(async () => {
    folder = temporaryFolder();
    zookeeper = await startOurZooKeeper(folder);
    broker = await start();
  });
  after(async () => {
    await broker?.stop('SIGKILL');
    await zookeeper?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it(`has every acknowledged record once and in order after ${kills} kills, in files without a fault`, async () => {
    const bootstrapServers = `127.0.0.1:${broker.port}`;
    const admin = createAdmin({ bootstrapServers });
    await admin.createTopics([{ name: topic, partitions: 1, replicationFactor: 1 }]);
    await admin.close();
    const producer = createProducer({ bootstrapServers, acks: 'all', retries: 0, maxInFlightRequestsPerConnection: 5, reconnectBackoffMaxMs: 50 });
    const writer = new CountingWriter(producer);
    try {
      for (let kill = 0; kill < kills; kill++) {
        await writer.acknowledgedMore(acknowledgedBeforeKill);
        await broker.stop('SIGKILL');
        broker = await start(broker.port);
      }
      await writer.acknowledgedMore(acknowledgedBeforeKill);
    } finally {
      await writer.stop();
      await producer.close();
    }
    expect(writer.failures, 'sends that a kill cut off').to.be.greaterThan(0);

    const { stdout, stderr, status } = await runCommand(kcat(), ['-C', '-b', bootstrapServers, '-t', topic, '-p', '0', '-o', 'beginning', '-e', '-q', '-f', '%o %k %s\n']);
    expect(status, stderr).to.equal(0);
    const stored = new Map<number, number>();
    let previous = { offset: -1, number: -1 };
    for (const line of stdout.split('\n').slice(0, -1)) {
      const [offsetText, numberText, ...value] = line.split(' ');
      const [offset, number] = [Number(offsetText), Number(numberText)];
      expect(value.join(' ')).to.equal(`record ${number} ${'.'.repeat(number % 300)}`);
      expect(offset).to.equal(previous.offset + 1);
      expect(number, `record at ${offset}, after ${previous.number}`).to.be.greaterThan(previous.number);
      stored.set(number, offset);
      previous = { offset, number };
    }
    const lost = writer.acknowledged.filter(({ number, offset }) => stored.get(number) !== offset);
    expect(lost, 'acknowledged, yet not where it was acknowledged').to.deep.equal([]);

    await broker.stop();
    const partition = path.join(broker.logDirectory, `${topic}-0`);
    const files = fs.readdirSync(partition).filter((name) => /\.(log|index|timeindex)$/.test(name)).map((name) => path.join(partition, name));
    for (const dump of [await runJava('3.9.1', ['kafka.tools.DumpLogSegments', '--deep-iteration', '--files', files.join(',')]), await runTool('kafka-dump-log', ['--deep-iteration', '--files', files.join(',')])]) {
      expect(dump.status, dump.stderr).to.equal(0);
      expect(dump.stdout + dump.stderr).to.not.match(/Mismatches|out of order|isvalid: false|not found|Non-consecutive|Exception/i);
      expect([...dump.stdout.matchAll(/^\| offset: /gm)]).to.have.lengthOf(stored.size);
    }
  });
});
