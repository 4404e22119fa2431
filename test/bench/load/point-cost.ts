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

export interface PointCostOptions {
  readonly target: Target;
  readonly topic: string;
  readonly partitions: number;
  /** A multiple of fetched data begins here in each partition. */
  readonly fetchOffset: number;
  readonly seconds: number;
}

const fetchBytes = 64 * 1024;
const recordBytes = 100;
const repetitions = 5;
const steadyRate = 2000;
const connections = 4;

/** The least of some short runs, which other work on the machine disturbed least: small produce requests, fetches of 64 KB, and small produce requests at a steady rate. */
export async function pointCost({ target, topic, partitions, fetchOffset, seconds }: PointCostOptions): Promise<PointCost> {
  const frames = Array.from({ length: partitions }, (_, partition) => produceFrame(topic, partition, recordBytes, 1).frame);
  const costs: PointCost[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
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
    costs.push({ produceCpuUs, fetchCpuUs, produceP50Ms: percentile(Array.from(latenciesMs).sort((one, other) => one - other), 0.5) });
  }
  const least = (of: keyof PointCost): number => Math.min(...costs.map((cost) => cost[of]));
  return { produceCpuUs: least('produceCpuUs'), fetchCpuUs: least('fetchCpuUs'), produceP50Ms: least('produceP50Ms') };
}

async function cpuUsPerRequest(target: Target, load: Load): Promise<number> {
  const before = figuresOf(target.processId).cpuSeconds;
  const { requests } = await runLoad(load);
  return ((figuresOf(target.processId).cpuSeconds - before) * 1e6) / requests;
}
