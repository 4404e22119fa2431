import fs from 'node:fs';
import path from 'node:path';
import { chartOf } from './chart.ts';
import type { Machine } from './machine.ts';
import { headlines } from './summary.ts';
import type { Row } from './summary.ts';
import { tableOf } from './table.ts';

/** What is kept of a bench's last run, as `<name>.json`. */
export interface Result {
  readonly bench: string;
  readonly title: string;
  readonly against: string;
  readonly rounds: number;
  readonly isQuick: boolean;
  /** ISO 8601, in UTC. */
  readonly date: string;
  readonly commit: string;
  readonly machine: Machine;
  readonly rows: readonly Row[];
}

/** Of a number that is kept. */
const digits = 6;
const begin = '<!-- results: written by run.ts -->';
const end = '<!-- end of results -->';

/** Keeps a result, and draws the chart again of all that the folder holds. */
export function keep(folder: string, result: Result): void {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, `${result.bench}.json`), `${JSON.stringify(result, (_key, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(digits)) : value), 1)}\n`);
  fs.writeFileSync(path.join(folder, 'chart.svg'), chartOf(resultsIn(folder)));
}

export function resultsIn(folder: string): readonly Result[] {
  const files = fs.readdirSync(folder).filter((name) => name.endsWith('.json')).sort();
  return files.map((name) => JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')) as Result);
}

/** The page with the tables of these results between its two marks. @throws {Error} when it lacks one */
export function withResults(page: string, results: readonly Result[]): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no ${begin} with ${end} after it`);
  return `${page.slice(0, from)}${begin}\n\n${results.map(sectionOf).join('\n')}\n${page.slice(to)}`;
}

function sectionOf({ bench, title, against, rounds, isQuick, date, commit, machine, rows }: Result): string {
  const on = [machine.cpu, `${machine.cores} cores`, `${machine.memoryGB} GB`, machine.kernel, `Node ${machine.node}`, ...(machine.jdk === undefined ? [] : [`JDK ${machine.jdk}`])].join(', ');
  return `### ${bench}: ${title}\n\n${date.slice(0, 10)}, commit ${commit}, ${rounds} ${isQuick ? 'quick ' : ''}round${rounds === 1 ? '' : 's'}; ${on}\n\n${tableOf(headlines(rows), against)}`;
}
