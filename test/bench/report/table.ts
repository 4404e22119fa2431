import type { Bar } from '../bench.ts';
import { median } from './summary.ts';
import type { Row } from './summary.ts';

/** Three digits that count, thousands apart. */
export const shownNumber = (value: number): string => (Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3));

export const shownBar = ({ atMost, atLeast }: Bar): string => [...(atMost === undefined ? [] : [`≤ ${atMost}`]), ...(atLeast === undefined ? [] : [`≥ ${atLeast}`])].join(', ');

function shownSpread(values: readonly number[]): string {
  if (values.length === 0) return '';
  const middle = shownNumber(median(values));
  return values.length === 1 ? middle : `${middle} (${shownNumber(Math.min(...values))}..${shownNumber(Math.max(...values))})`;
}

function shownVerdict({ bar, isMet }: Row): string {
  if (bar === undefined) return '';
  return `${shownBar(bar)}${isMet === undefined ? '' : isMet ? ' met' : ' **short**'}`;
}

/** A table in Markdown: median (least..most) of both sides, their ratio, and the bar with whether it is met. */
export function tableOf(rows: readonly Row[], against: string): string {
  const lines = rows.map((row) => `| ${row.figure} | ${shownSpread(row.ours)} | ${shownSpread(row.theirs)} | ${row.ratio === undefined ? '' : row.ratio.toFixed(2)} | ${shownVerdict(row)} |`);
  return [`| figure | ours | ${against} | ratio | bar |`, '|---|---:|---:|---:|---|', ...lines, ''].join('\n');
}
