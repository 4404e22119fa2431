import process from 'node:process';
import { dropNativeCodecs } from '../../src/record/initialise-codecs.ts';
import { checkers } from './checkers/index.ts';
import type { History } from './history.ts';
import { scenarios } from './scenarios/index.ts';
import type { PlantedFaults } from './world/world.ts';
import { createWorld } from './world/world.ts';

/** What one seed came to. */
export interface SimulationResult {
  readonly seed: number;
  readonly scenario: string;
  readonly steps: number;
  readonly simulatedMs: number;
  /** The same for each run of this seed with this source. */
  readonly traceHash: string;
  /** What is wrong; nothing when all is well. */
  readonly violations: readonly string[];
  /** The last lines that the processes logged. */
  readonly lines: readonly string[];
  readonly history: History | undefined;
}

/** Runs a scenario from a seed, an integer in [0, 2^32), to its end or to the first thing that breaks. */
export async function simulate(seed: number, faults: PlantedFaults = {}): Promise<SimulationResult> {
  dropNativeCodecs();
  const world = createWorld(seed, faults);
  const scenario = scenarios[seed % scenarios.length]!;
  const violations: string[] = [];
  let history: History | undefined;
  let isEnded = false;
  scenario.run(world).then(
    (seen) => {
      history = seen;
      isEnded = true;
    },
    (error: Error) => {
      violations.push(`the scenario failed: ${withCauses(error)}`);
      isEnded = true;
    },
  );
  const unhandled = (reason: unknown): void => {
    violations.push(`nobody handles a rejection: ${withCauses(reason as Error)}`);
    isEnded = true;
  };
  process.on('unhandledRejection', unhandled);
  try {
    await world.timeline.run(scenario.endsWithinMs, () => isEnded);
    if (!isEnded) violations.push(`not ended after ${scenario.endsWithinMs} ms of simulated time`);
  } catch (error) {
    violations.push(`thrown out of a step: ${withCauses(error as Error)}`);
  } finally {
    process.off('unhandledRejection', unhandled);
  }
  if (history !== undefined) for (const check of checkers) violations.push(...check(history));
  const { steps, nowMs } = world.timeline;
  return { seed, scenario: scenario.name, steps, simulatedMs: nowMs, traceHash: world.trace.hash(), violations, lines: world.lines, history };
}

function withCauses(error: Error): string {
  return error.cause instanceof Error ? `${error.stack}\ncaused by ${withCauses(error.cause)}` : String(error.stack);
}
