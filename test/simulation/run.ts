import { randomInt } from 'node:crypto';
import process from 'node:process';
import { Command } from 'commander';
import { simulate } from './simulation.ts';
import type { SimulationResult } from './simulation.ts';

/** `npm run simulate`: seeds until the count or the time is reached; the first that fails ends it and is told how to replay. */
interface Options {
  readonly seeds: number;
  readonly minutes: number;
  readonly seed?: number;
  readonly verbose?: boolean;
}

const seedBound = 2 ** 31;

function report(result: SimulationResult, isVerbose: boolean): void {
  const { seed, scenario, steps, simulatedMs, traceHash, violations, lines } = result;
  console.log(`seed ${seed}  ${scenario}  ${steps} steps  ${(simulatedMs / 1000).toFixed(1)} simulated s  trace ${traceHash}`);
  if (violations.length === 0 && !isVerbose) return;
  for (const line of lines) console.log(line);
  for (const violation of violations.slice(0, 20)) console.log(`VIOLATED: ${violation}`);
  if (violations.length > 0) console.log(`${violations.length} violations; replay: npm run simulate -- --seed ${seed}`);
}

async function runSeeds({ seeds, minutes }: Options): Promise<number> {
  const startedMs = performance.now();
  const first = randomInt(seedBound);
  let simulatedMs = 0;
  let steps = 0;
  let count = 0;
  for (; count < seeds && performance.now() - startedMs < minutes * 60_000; count++) {
    const result = await simulate((first + count) % seedBound);
    simulatedMs += result.simulatedMs;
    steps += result.steps;
    if (result.violations.length > 0) {
      report(result, false);
      return 1;
    }
    if (process.stdout.isTTY) process.stdout.write(`\r${count + 1} seeds  ${steps} steps  ${(simulatedMs / 60_000).toFixed(1)} simulated min`);
  }
  const seconds = (performance.now() - startedMs) / 1000;
  if (process.stdout.isTTY) process.stdout.write('\n');
  console.log(`${count} seeds from ${first} on: ${steps} steps, ${(simulatedMs / 60_000).toFixed(1)} simulated minutes in ${seconds.toFixed(1)} s; nothing violated`);
  return 0;
}

const options = new Command('simulate')
  .description('Runs whole brokers on simulated time, disks and network, from seeds.')
  .option('--seeds <count>', 'how many seeds at most', Number, 1000)
  .option('--minutes <minutes>', 'how long at most, in real time', Number, 1)
  .option('--seed <seed>', 'this one seed only, with its log lines when it fails', Number)
  .option('--verbose', 'with --seed: log lines in any case')
  .parse()
  .opts<Options>();

if (options.seed === undefined) process.exitCode = await runSeeds(options);
else {
  const result = await simulate(options.seed);
  report(result, options.verbose === true);
  process.exitCode = result.violations.length > 0 ? 1 : 0;
}
