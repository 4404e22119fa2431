import process from 'node:process';
import { dropNativeCodecs } from '../../src/record/initialise-codecs.ts';
import { checkers } from './checkers/index.ts';
import { whyOf } from './cluster/cluster.ts';
import type { Fault } from './cluster/fault.ts';
import type { History } from './history.ts';
import { namedScenarios, scenarios } from './scenarios/index.ts';
import type { Outcome, RunOptions, Scenario } from './scenarios/scenario.ts';
import type { Line, PlantedFaults, World } from './world/world.ts';
import { createWorld } from './world/world.ts';

export interface SimulationOptions extends RunOptions {
  readonly planted?: PlantedFaults;
  /** Unless given, the seed chooses. */
  readonly scenario?: string;
  /** Shown the world before anything happens in it. */
  readonly watch?: (world: World) => void;
}

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
  /** What went wrong by plan. */
  readonly schedule: readonly Fault[];
  /** The last lines that the processes logged. */
  readonly lines: readonly Line[];
  readonly histories: readonly History[];
}

/** Runs a scenario from a seed, an integer in [0, 2^32), to its end or to the first thing that breaks. */
export async function simulate(seed: number, options: SimulationOptions = {}): Promise<SimulationResult> {
  dropNativeCodecs();
  const world = createWorld(seed, options.planted);
  options.watch?.(world);
  const scenario = scenarioOf(seed, options.scenario);
  const { violations, timeline } = world;
  let outcome: Outcome | undefined;
  scenario.run(world, options).then(
    (seen) => {
      outcome = seen;
    },
    (error: unknown) => {
      violations.push(`the scenario failed: ${whyOf(error)}`);
    },
  );
  const unhandled = (reason: unknown): void => void violations.push(`nobody handles a rejection: ${whyOf(reason)}`);
  process.on('unhandledRejection', unhandled);
  try {
    const endsWithinMs = scenario.endsWithinMs(options);
    await timeline.run(endsWithinMs, () => outcome !== undefined || violations.length > 0);
    if (outcome === undefined && violations.length === 0) violations.push(`not ended after ${endsWithinMs} ms of simulated time`);
  } catch (error) {
    violations.push(`thrown out of a step: ${whyOf(error)}`);
  } finally {
    process.off('unhandledRejection', unhandled);
  }
  const { histories } = outcome ?? { histories: [] };
  violations.push(...((await outcome?.check?.()) ?? []));
  for (const history of histories) for (const check of checkers) violations.push(...check(history));
  const { steps, nowMs } = timeline;
  return { seed, scenario: scenario.name, steps, simulatedMs: nowMs, traceHash: world.trace.hash(), violations, schedule: world.schedule, lines: world.lines, histories };
}

function scenarioOf(seed: number, name: string | undefined): Scenario {
  if (name === undefined) return scenarios[seed % scenarios.length]!;
  const found = namedScenarios.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}; there are ${namedScenarios.map((scenario) => scenario.name).join()}`);
  return found;
}
