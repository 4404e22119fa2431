import type { Bar } from '../bench.ts';
import type { Row, Spread } from './summary.ts';

/** Three digits that count, thousands apart. */
export const shownNumber = (value: number): string => (Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3));

export const shownBar = ({ atMost, atLeast }: Bar): string => [...(atMost === undefined ? [] : [`≤ ${atMost}`]), ...(atLeast === undefined ? [] : [`≥ ${atLeast}`])].join(', ');

const shownSpread = (spread: Spread | undefined): string =>
  spread === undefined ? '' : `${shownNumber(spread.median)} (${shownNumber(spread.min)}..${shownNumber(spread.max)})`;

/** A table in Markdown: median (least..most) of both sides, their ratio, and the bar with whether it is met. */
export function tableOf(rows: readonly Row[], against: string): string {
  const lines = rows.map(({ figure, ours, theirs, ratio, bar, isMet }) => {
    const verdict = bar === undefined ? '' : `${shownBar(bar)}${isMet === undefined ? '' : isMet ? ' met' : ' **short**'}`;
    return `| ${figure} | ${shownSpread(ours)} | ${shownSpread(theirs)} | ${ratio === undefined ? '' : ratio.toFixed(2)} | ${verdict} |`;
  });
  return [`| figure | ours | ${against} | ratio | bar |`, '|---|---:|---:|---:|---|', ...lines, ''].join('\n');
}
