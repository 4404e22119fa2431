import type { SimulationResult } from '../simulation.ts';

/** What happened, a line each: time in seconds, who, how bad, what. */
export function timelineText({ lines, violations }: SimulationResult): string {
  const told = lines.map(({ atMs, lane, level, text }) => `${(atMs / 1000).toFixed(4).padStart(10)}  ${lane.padEnd(14)} ${level.padEnd(5)} ${text}`);
  return [...told, ...violations.map((text) => `VIOLATED: ${text}`), ''].join('\n');
}
