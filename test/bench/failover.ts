import process from 'node:process';
import { createMixedCluster } from '../interop/mixed-cluster.ts';
import type { BrokerKind, MixedCluster } from '../interop/mixed-cluster.ts';
import type { SteadyWriter } from '../support/steady-writer.ts';
import { startSteadyWriter } from '../support/steady-writer.ts';

/**
 * How long a partition with three replicas and acks=all takes no record when brokers go: three of ours beside three of Apache
 * Kafka 3.9.1, in alternation, on one embedded ZooKeeper each, with the same producer and the same session timeout of 6 s
 * (Kafka's least). What a kill costs is mostly the rest of the dead broker's session, which nobody can shorten and which varies
 * by a third of it; so the time from the session's end on is told apart.
 */
const ids = [1, 2, 3];
const rounds = Number(process.argv[2] ?? 5);
const topic = 'steady';
/** A third of the session, in our client as in Java's. */
const pingIntervalMs = 2000;
const events = ['leader killed', 'controller killed', 'leader stopped', 'all three killed'] as const;
type Event = (typeof events)[number];

interface Subject {
  readonly kind: BrokerKind;
  readonly cluster: MixedCluster;
  readonly writer: SteadyWriter;
  readonly gapsMs: Map<string, number[]>;
}

async function fullIsr(cluster: MixedCluster): Promise<void> {
  await cluster.eventually('all replicas are in sync', async () => (await cluster.stateOf(topic, 0)).isr.length === 3);
}

async function start(kind: BrokerKind): Promise<Subject> {
  const cluster = await createMixedCluster({ zookeeper: 'embedded', ids, properties: { 'zookeeper.session.timeout.ms': 6000 }, isMeasured: true });
  await Promise.all(ids.map((id) => cluster.start(id, kind)));
  const { status, stderr } = await cluster.tool('kafka-topics', '--create', '--topic', topic, '--partitions', '1', '--replication-factor', '3');
  if (status !== 0) throw new Error(stderr);
  const writer = startSteadyWriter(cluster.bootstrap, topic, 'all');
  await writer.acknowledgedAgain();
  return { kind, cluster, writer, gapsMs: new Map() };
}

async function perform({ kind, cluster, writer, gapsMs }: Subject, event: Event): Promise<void> {
  const note = (what: string, ms: number): void => void gapsMs.set(what, [...(gapsMs.get(what) ?? []), ms]);
  // At any moment between two pings: who has just written its ISR to ZooKeeper has a whole session left.
  await new Promise((resolve) => setTimeout(resolve, pingIntervalMs * (1 + Math.random())));
  const sinceMs = performance.now();
  if (event === 'all three killed') {
    await Promise.all(ids.map((id) => cluster.stop(id, 'SIGKILL')));
    await Promise.all(ids.map((id) => cluster.startSupervised(id, kind)));
    await writer.acknowledgedAgain();
  } else {
    const id = event === 'controller killed' ? await cluster.controllerId() : (await cluster.stateOf(topic, 0)).leader;
    const wasLeader = (await cluster.stateOf(topic, 0)).leader === id;
    const ended = cluster.sessionEnd(id);
    await cluster.stop(id, event === 'leader stopped' ? 'SIGTERM' : 'SIGKILL');
    const endedMs = await ended;
    await writer.acknowledgedAgain();
    const served = writer.acknowledged.find(({ atMs }) => atMs >= endedMs)!.atMs;
    if (event !== 'leader stopped' && wasLeader) note('leader killed, from the end of its session', served - endedMs);
    await cluster.start(id, kind);
  }
  await fullIsr(cluster);
  await writer.acknowledgedAgain();
  note(event, writer.longestGapMs(sinceMs));
}

const subjects = [await start('ours'), await start('3.9.1')] as const;
try {
  for (let round = 0; round < rounds; round++) {
    for (const event of events) for (const subject of subjects) await perform(subject, event);
    if (process.stderr.isTTY) process.stderr.write(`round ${round + 1} of ${rounds}\r`);
  }
} finally {
  for (const { kind, cluster, writer } of subjects) {
    await writer.stop();
    if (writer.failures.length > 0) process.stdout.write(`${kind}: ${writer.failures.length} records were given up: ${writer.failures[0]!.message}\n`);
    await cluster.close();
  }
}
process.stdout.write(`| longest time without an acknowledgement, ${rounds} rounds: ms | ours, median | longest | Kafka 3.9.1, median | longest | ratio of medians | of longest |\n|---|---:|---:|---:|---:|---:|---:|\n`);
for (const event of [...events, 'leader killed, from the end of its session']) {
  const figures = subjects.flatMap(({ gapsMs }) => {
    const sorted = (gapsMs.get(event) ?? []).toSorted((one, other) => one - other);
    return [sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!];
  });
  const [median, longest, theirMedian, theirLongest] = figures as [number, number, number, number];
  process.stdout.write(`| ${event} | ${figures.map(Math.round).join(' | ')} | ${(median / theirMedian).toFixed(2)} | ${(longest / theirLongest).toFixed(2)} |\n`);
}
