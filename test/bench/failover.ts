import process from 'node:process';
import { createMixedCluster } from '../interop/mixed-cluster.ts';
import type { BrokerKind, MixedCluster } from '../interop/mixed-cluster.ts';
import { startSteadyWriter } from '../support/steady-writer.ts';

/**
 * How long a partition with three replicas and acks=all takes no record when brokers go: three of ours, then three of Apache
 * Kafka 3.9.1, on one embedded ZooKeeper each, with the same producer and the same session timeout of 6 s (Kafka's least).
 */
const ids = [1, 2, 3];
const rounds = Number(process.argv[2] ?? 2);
const topic = 'steady';
const events = ['leader killed', 'controller killed', 'leader stopped', 'all three killed'] as const;
type Event = (typeof events)[number];

async function fullIsr(cluster: MixedCluster): Promise<void> {
  await cluster.eventually('all replicas are in sync', async () => (await cluster.stateOf(topic, 0)).isr.length === 3);
}

/** Apache Kafka ends when its former registration still stands: whoever looks after it starts it again. */
async function startAsSupervisor(cluster: MixedCluster, id: number, kind: BrokerKind): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await cluster.start(id, kind);
      return;
    } catch (error) {
      if (tries === 10) throw error;
    }
  }
}

async function perform(cluster: MixedCluster, event: Event, kind: BrokerKind, resumed: () => Promise<void>): Promise<void> {
  const { leader } = await cluster.stateOf(topic, 0);
  if (event === 'all three killed') {
    await Promise.all(ids.map((id) => cluster.stop(id, 'SIGKILL')));
    await Promise.all(ids.map((id) => startAsSupervisor(cluster, id, kind)));
    await resumed();
  } else {
    const id = event === 'controller killed' ? await cluster.controllerId() : leader;
    await cluster.stop(id, event === 'leader stopped' ? 'SIGTERM' : 'SIGKILL');
    await resumed();
    await cluster.start(id, kind);
  }
  await fullIsr(cluster);
}

async function measure(kind: BrokerKind): Promise<ReadonlyMap<Event, number>> {
  const cluster = await createMixedCluster({ zookeeper: 'embedded', ids, properties: { 'zookeeper.session.timeout.ms': 6000 } });
  try {
    await Promise.all(ids.map((id) => cluster.start(id, kind)));
    const { status, stderr } = await cluster.tool('kafka-topics', '--create', '--topic', topic, '--partitions', '1', '--replication-factor', '3');
    if (status !== 0) throw new Error(stderr);
    const writer = startSteadyWriter(cluster.bootstrap, topic, 'all');
    await writer.acknowledgedAgain();
    const gaps = new Map<Event, number>();
    for (let round = 0; round < rounds; round++) {
      for (const event of events) {
        const sinceMs = performance.now();
        await perform(cluster, event, kind, () => writer.acknowledgedAgain());
        await writer.acknowledgedAgain();
        gaps.set(event, Math.max(gaps.get(event) ?? 0, writer.longestGapMs(sinceMs)));
      }
    }
    await writer.stop();
    if (writer.failures.length > 0) process.stdout.write(`${kind}: ${writer.failures.length} records were given up: ${writer.failures[0]!.message}\n`);
    return gaps;
  } finally {
    await cluster.close();
  }
}

const ours = await measure('ours');
const real = await measure('3.9.1');
process.stdout.write(`| longest time without an acknowledgement, of ${rounds} rounds: ms | ours | Kafka 3.9.1 | ratio |\n|---|---:|---:|---:|\n`);
for (const event of events) {
  const [a, b] = [ours.get(event)!, real.get(event)!];
  process.stdout.write(`| ${event} | ${Math.round(a)} | ${Math.round(b)} | ${(a / b).toFixed(2)} |\n`);
}
