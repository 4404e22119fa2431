import { checkProduceAnswer, fetchFrame, percentile, produceFrame, runLoad } from '../broker/load.ts';
import type { Load } from '../broker/load.ts';
import { figuresOf } from '../broker/process-figures.ts';
import type { Target } from '../broker/targets.ts';
import { runPaced } from './paced-load.ts';

/** What requests cost that have nothing to do with what else the broker holds. */
export interface PointCost {
  readonly produceCpuUs: number;
  readonly fetchCpuUs: number;
  readonly produceP50Ms: number;
}

/** The same requests to a broker that gets more and more of what they do not touch, and to its twin, which stays as it is. */
export interface PointCosts {
  /** The least of some short runs, which other work on the machine disturbed least. */
  readonly least: PointCost;
  /** That in times of the twin's, whose runs were in turns with these: what the machine is like from minute to minute cancels out. */
  readonly ofTwin: PointCost;
}

export interface PointCostOptions {
  readonly target: Target;
  readonly twin: Target;
  readonly topic: string;
  readonly partitions: number;
  /** A multiple of fetched data begins here in each partition. */
  readonly fetchOffset: number;
  readonly seconds: number;
  /** How often each broker is measured: the machine disturbs one run in some. */
  readonly turns: number;
}

const fetchBytes = 64 * 1024;
const recordBytes = 100;
const steadyRate = 2000;
const connections = 4;

const ascending = (values: Iterable<number>): number[] => Array.from(values).sort((one, other) => one - other);

/** Small produce requests, fetches of 64 KB, and small produce requests at a steady rate, to each broker in turns. */
export async function pointCost({ target, twin, turns, ...load }: PointCostOptions): Promise<PointCosts> {
  const costs: PointCost[] = [];
  const twins: PointCost[] = [];
  for (let turn = 0; turn < turns; turn++) {
    costs.push(await costOnce(target, load));
    twins.push(await costOnce(twin, load));
  }
  const [least, twinsLeast] = [leastOf(costs), leastOf(twins)];
  return { least, ofTwin: eachOf((figure) => least[figure] / twinsLeast[figure]) };
}

const leastOf = (costs: readonly PointCost[]): PointCost => eachOf((figure) => Math.min(...costs.map((cost) => cost[figure])));

const eachOf = (value: (figure: keyof PointCost) => number): PointCost => ({ produceCpuUs: value('produceCpuUs'), fetchCpuUs: value('fetchCpuUs'), produceP50Ms: value('produceP50Ms') });

async function costOnce(target: Target, { topic, partitions, fetchOffset, seconds }: Omit<PointCostOptions, 'target' | 'twin' | 'turns'>): Promise<PointCost> {
  const frames = Array.from({ length: partitions }, (_, partition) => produceFrame(topic, partition, recordBytes, 1).frame);
  const produceCpuUs = await cpuUsPerRequest(target, { port: target.port, connections, inFlight: 5, seconds, frame: (connection) => frames[connection % partitions]!, check: checkProduceAnswer });
  const fetchCpuUs = await cpuUsPerRequest(target, {
    port: target.port,
    connections,
    inFlight: 1,
    seconds,
    frame: (connection) => fetchFrame(topic, connection % partitions, fetchOffset, fetchBytes),
    check(answer) {
      if (answer.length < fetchBytes / 2) throw new Error(`a fetch was answered with ${answer.length} bytes only`);
    },
  });
  const latenciesMs = await runPaced({ port: target.port, connections: 10, ratePerSecond: steadyRate, requests: Math.round(steadyRate * seconds), frames, check: checkProduceAnswer });
  return { produceCpuUs, fetchCpuUs, produceP50Ms: percentile(ascending(latenciesMs), 0.5) };
}

async function cpuUsPerRequest(target: Target, load: Load): Promise<number> {
  const before = figuresOf(target.processId).cpuSeconds;
  const { requests } = await runLoad(load);
  return ((figuresOf(target.processId).cpuSeconds - before) * 1e6) / requests;
}
