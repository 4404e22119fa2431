import { expect } from 'chai';
import { startSteadyWriter } from '../support/steady-writer.ts';
import type { SteadyWriter } from '../support/steady-writer.ts';
import { createMixedCluster } from './mixed-cluster.ts';
import type { MixedCluster } from './mixed-cluster.ts';
import { expectAllKept, expectAllOnce, readPartition, startConfluentWriter } from './writers.ts';

const rounds = 20;
const ids = [1, 2, 3];
const kinds = ['the leader', 'the controller', 'a follower', 'two in turn', 'ZooKeeper'] as const;

describe('three brokers of ours under kill -9', function () {
  this.timeout(600_000);
  let cluster: MixedCluster;

  before(async () => {
    cluster = await createMixedCluster({ zookeeper: 'embedded', ids });
    await Promise.all(ids.map((id) => cluster.start(id, 'ours')));
  });
  after(() => cluster?.close());

  async function createTopic(name: string, partitions: number, config: readonly string[] = []): Promise<void> {
    const { status, stdout, stderr } = await cluster.tool('kafka-topics', '--create', '--topic', name, '--partitions', String(partitions), '--replication-factor', '3', ...config);
    expect(status, stdout + stderr).to.equal(0);
  }

  async function fullIsr(topic: string, partitions: number): Promise<void> {
    for (let partition = 0; partition < partitions; partition++) {
      await cluster.eventually(`${topic}-${partition} has all replicas in sync`, async () => (await cluster.stateOf(topic, partition)).isr.length === 3);
    }
  }

  /** Kills one that is looked for at the moment; resolves with the time at which its session ended. */
  async function kill(id: number): Promise<number> {
    const ended = cluster.sessionEnd(id);
    await cluster.stop(id, 'SIGKILL');
    return ended;
  }

  async function victims(kind: (typeof kinds)[number]): Promise<readonly number[]> {
    const { leader } = await cluster.stateOf('steady', 0);
    if (kind === 'the leader') return [leader];
    if (kind === 'the controller') return [await cluster.controllerId()];
    if (kind === 'a follower') return [ids.find((id) => id !== leader)!];
    return [leader, ids.find((id) => id !== leader)!];
  }

  /** From the end of a dead broker's session to the next acknowledgement. */
  const servedAfterMs: number[] = [];

  async function round(kind: (typeof kinds)[number], writer: SteadyWriter): Promise<void> {
    if (kind === 'ZooKeeper') {
      const startAgain = await cluster.killZooKeeper();
      await writer.acknowledgedAgain();
      await startAgain();
    } else {
      for (const id of await victims(kind)) {
        const endedMs = await kill(id);
        await writer.acknowledgedAgain();
        servedAfterMs.push(writer.acknowledged.find(({ atMs }) => atMs >= endedMs)!.atMs - endedMs);
        await cluster.start(id, 'ours');
        await fullIsr('steady', 1);
        await fullIsr('confluent', 3);
      }
    }
    await writer.acknowledgedAgain();
  }

  it(`keep every acknowledged record, in order, through ${rounds} rounds`, async () => {
    await createTopic('steady', 1);
    await createTopic('confluent', 3);
    const writer = startSteadyWriter(cluster.bootstrap, 'steady', 'all');
    const confluent = startConfluentWriter(cluster.bootstrap, 'confluent');
    await writer.acknowledgedAgain();
    const gaps = new Map<string, number>();
    for (let number = 0; number < rounds; number++) {
      const kind = kinds[number % kinds.length]!;
      const sinceMs = performance.now();
      await round(kind, writer);
      gaps.set(kind, Math.max(gaps.get(kind) ?? 0, writer.longestGapMs(sinceMs)));
    }
    await writer.stop();
    const written = await confluent.stop();
    for (const [kind, gapMs] of gaps) process.stdout.write(`      longest time without an acknowledgement, ${kind} killed: ${Math.round(gapMs)} ms\n`);

    process.stdout.write(`      served again after the end of a dead broker's session: ${Math.round(Math.max(...servedAfterMs))} ms at most\n`);

    await expectAllKept(cluster.bootstrap, 'steady', writer);
    await expectAllOnce(cluster.bootstrap, 'confluent', written);
  });

  it('lose with acks=1 only what the dead leader alone had', async () => {
    await createTopic('async', 1, ['--config', 'min.insync.replicas=1']);
    const writer = startSteadyWriter(cluster.bootstrap, 'async', 1);
    await writer.acknowledgedAgain();
    const { leader } = await cluster.stateOf('async', 0);
    await kill(leader);
    await cluster.eventually('another leads', async () => ![leader, -1].includes((await cluster.stateOf('async', 0)).leader));
    await writer.acknowledgedAgain();
    await cluster.start(leader, 'ours');
    await fullIsr('async', 1);
    await writer.stop();
    const stored = await readPartition(cluster.bootstrap, 'async', 0);
    const values = new Set(stored.values());
    const lost = writer.acknowledged.filter(({ number }) => !values.has(`steady-${number}`)).map(({ number }) => number);
    process.stdout.write(`      acks=1, leader killed: ${lost.length} of ${writer.acknowledged.length} acknowledged records lost\n`);
    // What is lost is a run of the last ones that the dead leader acknowledged.
    for (const [index, number] of lost.entries()) expect(number).to.equal(lost[0]! + index);
  });
});
