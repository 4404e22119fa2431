import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Figures } from './bench.ts';
import { freePort, startOurZooKeeper } from '../support/processes.ts';
import { connectMembers, heartbeat, join, leave } from './broker/group-load.ts';
import type { LoadGroup, LoadMember } from './broker/group-load.ts';
import { percentile } from './broker/load.ts';
import { figuresOf } from './broker/process-figures.ts';
import { option, printMedians, targetNames } from './broker/rounds.ts';
import { startTarget } from './broker/targets.ts';
import type { Target } from './broker/targets.ts';

/**
 * Consumer groups of our broker beside Apache Kafka's, in turns: how long until all groups are stable, and the broker's CPU.
 * `--groups N` (1,000) of 3 members, one group of `--members N` (500), `--rounds N`; without Java, ours alone.
 */
const rounds = option('rounds', 3);
const groupCount = option('groups', 1000);
const largeSize = option('members', 500);
const groupSize = 3;
const heartbeatMs = 3000;
const idleSeconds = 9;
const singleRebalances = 50;
const atATime = 3;

interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

async function measured(target: Target, run: () => Promise<unknown>): Promise<Measured> {
  const cpuBefore = figuresOf(target.processId).cpuSeconds;
  const before = performance.now();
  await run();
  return { seconds: (performance.now() - before) / 1000, cpuSeconds: figuresOf(target.processId).cpuSeconds - cpuBefore };
}

const figures = (name: string, { seconds, cpuSeconds }: Measured): Figures => ({ [`${name}: s`]: seconds, [`${name}: CPU s`]: cpuSeconds });

const newGroup = (id: string): LoadGroup => ({ id, members: [], newest: { generation: -1, size: 0 } });

/** Every member sends a heartbeat each 3 s, as consumers do, evenly over that time. */
function startHeartbeats(groups: readonly LoadGroup[], busy: ReadonlySet<LoadGroup>): { stop(): Promise<void> } {
  const all = groups.flatMap((group) => group.members.map((member) => ({ group, member })));
  const open = new Set<Promise<unknown>>();
  const begin = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - begin) / heartbeatMs) * all.length;
    for (; sent < due; sent++) {
      const { group, member } = all[sent % all.length]!;
      if (busy.has(group)) continue;
      const beat = heartbeat(group, member).finally(() => open.delete(beat));
      open.add(beat);
    }
  }, 5);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
    },
  };
}

/** While all others are idle, one group after the other loses a member and gets it back: milliseconds of each rebalance. */
async function rebalanceSome(groups: readonly LoadGroup[], busy: Set<LoadGroup>): Promise<{ readonly left: number[]; readonly joined: number[] }> {
  const times = { left: [] as number[], joined: [] as number[] };
  const timed = async <T>(to: number[], run: () => Promise<T>): Promise<T> => {
    const before = performance.now();
    const result = await run();
    to.push(performance.now() - before);
    return result;
  };
  for (const group of groups.slice(0, singleRebalances)) {
    busy.add(group);
    const member = await timed(times.left, () => leave(group));
    await timed(times.joined, () => join(group, [member]));
    busy.delete(group);
  }
  for (const list of [times.left, times.joined]) list.sort((a, b) => a - b);
  return times;
}

async function manyGroups(target: Target, round: string): Promise<Figures> {
  const members = await connectMembers(target.port, groupCount * groupSize);
  const groups = Array.from({ length: groupCount }, (_, index) => newGroup(`group-${round}-${index}`));
  const name = `${groupCount} groups of ${groupSize}`;
  const formed = await measured(target, () => Promise.all(groups.map((group, index) => join(group, members.slice(index * groupSize, (index + 1) * groupSize)))));
  const busy = new Set<LoadGroup>();
  const beats = startHeartbeats(groups, busy);
  const idle = await measured(target, () => new Promise((resolve) => setTimeout(resolve, idleSeconds * 1000)));
  const { left, joined } = await rebalanceSome(groups, busy);
  await beats.stop();
  const gone: LoadMember[] = [];
  const left1 = await measured(target, async () => gone.push(...(await Promise.all(groups.map(leave)))));
  const joined1 = await measured(target, () => Promise.all(groups.map((group, index) => join(group, [gone[index]!]))));
  const residentMb = figuresOf(target.processId).residentBytes / 1e6;
  for (const { client } of members) client.close();
  return {
    ...figures(`${name} form`, formed),
    [`${name}, heartbeats each 3 s: CPU %`]: (idle.cpuSeconds / idle.seconds) * 100,
    'one member of one group leaves: p50 ms': percentile(left, 0.5),
    'one member of one group leaves: p90 ms': percentile(left, 0.9),
    'one member of one group joins: p50 ms': percentile(joined, 0.5),
    'one member of one group joins: p90 ms': percentile(joined, 0.9),
    ...figures('one member of each group leaves', left1),
    ...figures('one member of each group joins', joined1),
    'RSS MB': residentMb,
  };
}

async function largeGroup(target: Target, round: string): Promise<Figures> {
  const members = await connectMembers(target.port, largeSize);
  const group = newGroup(`large-${round}`);
  const name = `one group of ${largeSize}`;
  const formed = await measured(target, () => join(group, members));
  const [left, joined]: Measured[][] = [[], []];
  for (let count = 0; count < atATime; count++) {
    let gone: LoadMember | undefined;
    left!.push(await measured(target, async () => (gone = await leave(group))));
    joined!.push(await measured(target, () => join(group, [gone!])));
  }
  for (const { client } of members) client.close();
  const mean = (all: readonly Measured[], of: keyof Measured): number => all.reduce((sum, each) => sum + each[of], 0) / all.length;
  return {
    ...figures(`${name} forms`, formed),
    ...figures(`${name} loses one`, { seconds: mean(left!, 'seconds'), cpuSeconds: mean(left!, 'cpuSeconds') }),
    ...figures(`${name} gets one`, { seconds: mean(joined!, 'seconds'), cpuSeconds: mean(joined!, 'cpuSeconds') }),
  };
}

const measure = async (target: Target, round: string): Promise<Figures> => ({ ...(await manyGroups(target, round)), ...(await largeGroup(target, round)) });

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ottla-bench-groups-'));
const zookeeper = await startOurZooKeeper(folder);
const targets: Target[] = [];
try {
  const properties = { 'offsets.topic.replication.factor': 1, 'group.initial.rebalance.delay.ms': 0 };
  for (const name of targetNames()) {
    targets.push(await startTarget(name, { port: await freePort(), zookeeper: `127.0.0.1:${zookeeper.port}/${targets.length}`, folder: path.join(folder, String(targets.length)), properties }));
  }
  const all = new Map<Target['name'], Figures[]>(targets.map(({ name }) => [name, []]));
  for (const target of targets) await target.createOffsetsTopic();
  // A JVM compiles what it runs often: its first rounds are slower than it stays.
  for (const target of targets) for (let count = 0; count < (target.name === 'ours' ? 1 : 2); count++) await measure(target, `warm-${count}`);
  for (let round = 0; round < rounds; round++) {
    for (const target of targets) all.get(target.name)!.push(await measure(target, String(round)));
  }
  printMedians(all);
} finally {
  for (const target of targets) await target.stop();
  await zookeeper.stop();
  fs.rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
