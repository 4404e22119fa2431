import { freePort } from '../../support/processes.ts';
import type { Bench, Figures } from '../bench.ts';
import { connectMembers, heartbeat, join, leave } from '../broker/group-load.ts';
import type { LoadGroup, LoadMember } from '../broker/group-load.ts';
import { percentile } from '../broker/load.ts';
import { cpuSecondsOf, figuresOf } from '../broker/process-figures.ts';
import { startTarget } from '../broker/targets.ts';
import type { Target } from '../broker/targets.ts';

/** Consumer groups: how long until all are stable, and the broker's CPU. */
const sizes = { groups: 1000, members: 500 } as const;
const quickSizes = { groups: 100, members: 50 } as const;
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
  const before = performance.now();
  const { cpuSeconds } = await cpuSecondsOf([target.processId], run);
  return { seconds: (performance.now() - before) / 1000, cpuSeconds };
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

async function manyGroups(target: Target, round: string, groupCount: number): Promise<Figures> {
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

async function largeGroup(target: Target, round: string, largeSize: number): Promise<Figures> {
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

export const bench: Bench = {
  name: 'groups',
  title: '1,000 groups of 3 and one of 500, a connection each, subscribed to 5 topics',
  bars: {},
  async open(side, { zookeeper, folder, isQuick }) {
    const properties = { 'offsets.topic.replication.factor': 1, 'group.initial.rebalance.delay.ms': 0 };
    const target = await startTarget(side, { port: await freePort(), zookeeper, folder, properties });
    await target.createOffsetsTopic();
    const { groups, members } = isQuick ? quickSizes : sizes;
    const measure = async (round: string): Promise<Figures> => ({ ...(await manyGroups(target, round, groups)), ...(await largeGroup(target, round, members)) });
    // A JVM compiles what it runs often: its first rounds are slower than it stays.
    for (let count = 0; count < (side === 'ours' ? 1 : 2); count++) await measure(`warm-${count}`);
    return { round: (number) => measure(String(number)), close: () => target.stop() };
  },
};
