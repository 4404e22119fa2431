import { randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { Command } from 'commander';
import { recordMessages } from './report/recorder.ts';
import { shrink } from './report/shrink.ts';
import { timelineHtml } from './report/timeline-html.ts';
import { timelineText } from './report/timeline-text.ts';
import { simulate } from './simulation.ts';
import type { SimulationOptions, SimulationResult } from './simulation.ts';

/** `npm run simulate`: seeds until the count or the time is reached; the first that fails ends it, is shrunk, and is told how to replay. */
interface Options {
  readonly seeds: number;
  readonly minutes: number;
  readonly seed?: number;
  readonly from?: number;
  readonly scenario?: string;
  readonly length?: number;
  readonly keep?: string;
  readonly timeline?: string;
  readonly shrink: boolean;
  readonly verbose: boolean;
}

const seedBound = 2 ** 31;
const shrinkTriesMax = 60;
const progressMs = 5000;

const options = new Command('simulate')
  .description('Runs whole brokers on simulated time, disks, network and ZooKeeper, from seeds.')
  .option('--seeds <count>', 'how many seeds at most', Number, 1000)
  .option('--minutes <minutes>', 'how long at most, in real time', Number, 1)
  .option('--from <seed>', 'the first seed; a fresh one unless given', Number)
  .option('--seed <seed>', 'this one seed only, with its timeline', Number)
  .option('--scenario <name>', 'this scenario; unless given the seed chooses')
  .option('--length <seconds>', 'how long faults come in a cluster, in simulated seconds', Number)
  .option('--keep <faults>', 'with --seed: only these faults of its schedule, by number, separated by commas')
  .option('--timeline <folder>', 'where timelines of failed seeds are written', path.join(os.tmpdir(), 'ottla-simulation'))
  .option('--verbose', 'a line for each seed', false)
  .option('--no-shrink', 'do not look for fewer faults that still fail')
  .parse()
  .opts<Options>();

const chosen: SimulationOptions = {
  ...(options.scenario === undefined ? {} : { scenario: options.scenario }),
  ...(options.length === undefined ? {} : { lengthMs: options.length * 1000 }),
};

const secondsOf = (milliseconds: number): string => (milliseconds / 1000).toFixed(1);

/** Of the process, seconds: what else the machine does is not in it. */
function cpuSeconds(since: NodeJS.CpuUsage): string {
  const { user, system } = process.cpuUsage(since);
  return ((user + system) / 1e6).toFixed(1);
}

function summary({ seed, scenario, steps, simulatedMs, traceHash }: SimulationResult, since: NodeJS.CpuUsage): string {
  return `seed ${seed}  ${scenario}  ${steps} steps  ${secondsOf(simulatedMs)} simulated s  ${cpuSeconds(since)} CPU s  trace ${traceHash}`;
}

function replayCommand({ seed }: SimulationResult, keep: readonly number[] | undefined): string {
  const { scenario, length } = options;
  const flags = [`--seed ${seed}`, ...(scenario === undefined ? [] : [`--scenario ${scenario}`]), ...(length === undefined ? [] : [`--length ${length}`]), ...(keep === undefined ? [] : [`--keep '${keep.join()}'`])];
  return `npm run simulate -- ${flags.join(' ')}`;
}

/** Runs it once more, writes what happened, and says where. */
async function writeTimeline(seed: number, keep: readonly number[] | undefined): Promise<SimulationResult> {
  let messages: ReturnType<typeof recordMessages> = () => [];
  const result = await simulate(seed, { ...chosen, ...(keep === undefined ? {} : { keep }), watch: (world) => (messages = recordMessages(world)) });
  const folder = options.timeline!;
  mkdirSync(folder, { recursive: true });
  const name = path.join(folder, `seed-${seed}`);
  writeFileSync(`${name}.txt`, timelineText(result));
  writeFileSync(`${name}.html`, timelineHtml(result, messages()));
  console.log(`timeline: ${name}.txt and ${name}.html`);
  return result;
}

async function reportFailure(failed: SimulationResult, told: string): Promise<void> {
  console.log(told);
  for (const text of failed.violations.slice(0, 20)) console.log(`VIOLATED: ${text}`);
  let keep: readonly number[] | undefined;
  if (options.shrink && failed.schedule.length > 0) {
    keep = await shrink(failed.schedule, async (few) => (await simulate(failed.seed, { ...chosen, keep: few })).violations.length > 0, shrinkTriesMax);
    console.log(`${failed.schedule.length} faults, of which these are enough: ${keep.map((index) => `${index} ${failed.schedule.find((fault) => fault.index === index)?.kind}`).join(', ')}`);
  }
  await writeTimeline(failed.seed, keep);
  console.log(`replay: ${replayCommand(failed, keep)}`);
}

async function runSeeds(): Promise<number> {
  const startedMs = performance.now();
  const startedCpu = process.cpuUsage();
  const first = options.from ?? randomInt(seedBound);
  let [simulatedMs, steps, count, toldMs] = [0, 0, 0, startedMs];
  const sums = (): string => `${count} seeds from ${first} on: ${steps} steps, ${(simulatedMs / 3_600_000).toFixed(2)} simulated hours in ${secondsOf(performance.now() - startedMs)} s, ${cpuSeconds(startedCpu)} s of CPU`;
  while (count < options.seeds && performance.now() - startedMs < options.minutes * 60_000) {
    const cpu = process.cpuUsage();
    const result = await simulate((first + count) % seedBound, chosen);
    count++;
    simulatedMs += result.simulatedMs;
    steps += result.steps;
    if (result.violations.length > 0) {
      await reportFailure(result, summary(result, cpu));
      return 1;
    }
    if (options.verbose) console.log(summary(result, cpu));
    if (performance.now() - toldMs < progressMs) continue;
    toldMs = performance.now();
    console.log(sums());
  }
  console.log(`${sums()}; nothing violated`);
  return 0;
}

async function runOne(seed: number): Promise<number> {
  const keep = options.keep === undefined ? undefined : options.keep.split(',').filter((text) => text !== '').map(Number);
  const cpu = process.cpuUsage();
  const result = await writeTimeline(seed, keep);
  console.log(summary(result, cpu));
  for (const text of result.violations) console.log(`VIOLATED: ${text}`);
  return result.violations.length > 0 ? 1 : 0;
}

process.exitCode = options.seed === undefined ? await runSeeds() : await runOne(options.seed);
