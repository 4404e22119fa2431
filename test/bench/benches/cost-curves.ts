import path from 'node:path';
import { freePort } from '../../support/processes.ts';
import type { Bench, BenchContext, Figures, OpenBench, SideName } from '../bench.ts';
import { connectMembers, join } from '../broker/group-load.ts';
import type { LoadMember } from '../broker/group-load.ts';
import { checkProduceAnswer, produceFrame, runLoad } from '../broker/load.ts';
import { startTarget } from '../broker/targets.ts';
import type { Target } from '../broker/targets.ts';
import { flatness } from '../load/flatness.ts';
import { spareBytes } from '../load/free-disk.ts';
import { openIdle } from '../load/idle-connections.ts';
import { pointCost } from '../load/point-cost.ts';
import type { PointCost } from '../load/point-cost.ts';

/*
 * What a request costs beside more and more of what it does not touch: idle partitions, idle connections, kept data, idle
 * groups. Ours alone; one broker for each curve, along which it gets more and more, and a twin that gets nothing: the curve is
 * of what a request costs in times of what it costs there, since the machine itself is faster and slower from minute to minute.
 *
 *      x twin │ ────────────────────  flat, within 20 % of the smallest
 *             └────────────────────
 *               10   100   1,000  10,000 partitions
 */
const topic = 'measured';
const partitions = 6;
const fillBatchRecords = 64;
const fillRecordBytes = 1000;
const fillBytes = 16e6;

interface Curve {
  readonly name: string;
  readonly points: readonly number[];
  readonly quickPoints: readonly number[];
  /** Brings the broker from one point to the next. */
  grow(target: Target, from: number, to: number, context: BenchContext): Promise<void>;
  /** Lets go of what was opened on the way. */
  end?(): void;
}

async function fill(target: Target, bytes: number): Promise<void> {
  let sent = 0;
  while (sent < bytes) {
    const load = {
      port: target.port,
      connections: partitions,
      inFlight: 2,
      seconds: 1,
      payloadBytes: fillBatchRecords * fillRecordBytes,
      frame: (connection: number) => produceFrame(topic, connection, fillRecordBytes, fillBatchRecords).frame,
      check: checkProduceAnswer,
    };
    sent += (await runLoad(load)).bytes;
  }
}

function curves(): readonly Curve[] {
  const closers: (() => void)[] = [];
  const members: LoadMember[] = [];
  return [
    {
      name: 'partitions',
      points: [10, 100, 1000, 10_000],
      quickPoints: [10, 1000],
      grow: (target, from, to) => target.createTopic(`idle-${to}`, to - from),
    },
    {
      name: 'connections',
      points: [10, 100, 1000, 2000],
      quickPoints: [10, 500],
      async grow(target, from, to) {
        closers.push(await openIdle(target.port, to - from));
      },
      end() {
        for (const close of closers.splice(0)) close();
      },
    },
    {
      name: 'MB kept',
      points: [1, 100, 1000, 10_000],
      quickPoints: [1, 200],
      async grow(target, from, to, { folder, progress }) {
        const wanted = (to - from) * 1e6;
        const spare = spareBytes(folder, wanted);
        if (spare < wanted) progress(`the disk can spare ${Math.round(spare / 1e6)} of ${to - from} MB`);
        await fill(target, spare);
      },
    },
    {
      name: 'groups',
      points: [1, 10, 100, 1000],
      quickPoints: [1, 100],
      async grow(target, from, to) {
        if (from === 0) await target.createOffsetsTopic();
        for (const [index, member] of (await connectMembers(target.port, to - from)).entries()) {
          await join({ id: `idle-${from + index}`, members: [], newest: { generation: -1, size: 0 } }, [member]);
          members.push(member);
        }
      },
      end() {
        for (const { client } of members.splice(0)) client.close();
      },
    },
  ];
}

/** What is asked: the largest at most so many times the smallest. */
const flat = { atMost: 1.2 };

const labels: Readonly<Record<keyof PointCost, string>> = { produceCpuUs: 'CPU us/small produce', fetchCpuUs: 'CPU us/64 KB fetch', produceP50Ms: 'produce p50 ms' };

const flatnessOf = ({ name }: Curve, label: string): string => `${name}: ${label}, largest / smallest`;
const flatnesses = curves().flatMap((curve) => Object.values(labels).map((label) => flatnessOf(curve, label)));

async function measure(curve: Curve, number: number, context: BenchContext): Promise<Figures> {
  const folder = path.join(context.folder, `round-${number}`, curve.name.replaceAll(' ', '-'));
  const properties = { 'offsets.topic.replication.factor': 1, 'group.initial.rebalance.delay.ms': 0 };
  const start = async (name: string): Promise<Target> =>
    startTarget('ours', { port: await freePort(), zookeeper: `${context.zookeeper}/${curve.name.replaceAll(' ', '-')}-${number}-${name}`, folder: path.join(folder, name), properties });
  const [target, twin] = [await start('grows'), await start('twin')];
  const figures: Record<string, number> = {};
  const costs: PointCost[] = [];
  try {
    for (const broker of [target, twin]) {
      await broker.createTopic(topic, partitions);
      await fill(broker, fillBytes);
    }
    const load = { target, twin, topic, partitions, fetchOffset: 0, ...(context.isQuick ? { seconds: 0.3, turns: 5 } : { seconds: 0.5, turns: 13 }) };
    await pointCost(load); // V8 compiles what runs often: the first point is to be as warm as the last
    let at = 0;
    for (const point of context.isQuick ? curve.quickPoints : curve.points) {
      await curve.grow(target, at, point, context);
      at = point;
      const { least, ofTwin } = await pointCost(load);
      costs.push(ofTwin);
      for (const [key, label] of Object.entries(labels)) {
        figures[`${point} ${curve.name}: ${label}`] = least[key as keyof PointCost];
        figures[`${point} ${curve.name}: ${label}, in times of the twin's`] = ofTwin[key as keyof PointCost];
      }
    }
  } finally {
    curve.end?.();
    await target.stop();
    await twin.stop();
  }
  for (const [key, label] of Object.entries(labels)) figures[flatnessOf(curve, label)] = flatness(costs.map((cost) => cost[key as keyof PointCost]));
  return figures;
}

async function open(side: SideName, context: BenchContext): Promise<OpenBench> {
  return {
    async round(number) {
      if (side !== 'ours') return Object.fromEntries(flatnesses.map((figure) => [figure, 1]));
      const figures: Record<string, number> = {};
      for (const curve of curves()) {
        Object.assign(figures, await measure(curve, number, context));
        context.progress(`${curve.name}: done`);
      }
      return figures;
    },
    close: () => Promise.resolve(),
  };
}

export const bench: Bench = {
  name: 'cost-curves',
  title: 'Cost beside what a request does not touch',
  against: 'a flat line',
  bars: Object.fromEntries(flatnesses.map((figure) => [figure, flat])),
  open,
};
