import type { Bar } from '../bench.ts';
import type { Result } from './result.ts';
import { headlines } from './summary.ts';
import type { Row } from './summary.ts';
import { shownBar } from './table.ts';

/** Pixels. */
const size = { width: 900, label: 390, axis: 380, row: 20, heading: 34, top: 46, bottom: 16 } as const;
/** Ratios; what lies outside is drawn at the edge, with its number. */
const scale = { least: 0.05, most: 10 } as const;
const ticks = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] as const;

/** Colours that are told from a light page and from a dark one alike, since a picture does not always know which it is on. */
const style = `
  text { font: 12px system-ui, sans-serif; fill: #768390 } .heading { font-weight: 600 }
  .grid { stroke: #768390; opacity: 0.25 } .one { stroke: #768390 } .bar { stroke: #388bfd; stroke-width: 2 } .wanted { fill: #388bfd; opacity: 0.16 }
  .met { fill: #2da44e; stroke: #2da44e } .short { fill: none; stroke: #e5534b; stroke-width: 2.5 } .plain { fill: #768390 }`;

/** Where a ratio lies on the logarithmic axis, in pixels from the left of the picture. */
export function positionOf(ratio: number): number {
  const within = Math.min(scale.most, Math.max(scale.least, ratio));
  return size.label + (Math.log(within / scale.least) / Math.log(scale.most / scale.least)) * size.axis;
}

/** A dot for each ratio (ours / theirs), a ring where it falls short; what is asked of it as a band. The same results give the same text. */
export function chartOf(results: readonly Result[]): string {
  const parts: string[] = [];
  let y: number = size.top;
  for (const { bench, against, rows } of results) {
    const shown = headlines(rows).filter(({ ratio }) => ratio !== undefined);
    if (shown.length === 0) continue;
    parts.push(`<text class="heading" x="12" y="${y + 22}">${escaped(bench)}</text><text x="${size.label + 6}" y="${y + 22}">ours / ${escaped(against)}</text>`);
    y += size.heading;
    for (const row of shown) {
      parts.push(drawn(row, y + size.row / 2));
      y += size.row;
    }
  }
  const height = y + size.bottom;
  const grid = ticks.map((tick) => {
    const x = place(tick);
    return `<line class="${tick === 1 ? 'one' : 'grid'}" x1="${x}" x2="${x}" y1="${size.top - 8}" y2="${y}"/><text x="${x}" y="${size.top - 16}" text-anchor="middle">${tick}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${height}" width="${size.width}" height="${height}" role="img" aria-label="Ratios of our figures to theirs">`,
    `<style>${style}\n</style>`,
    ...grid,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function drawn({ figure, ratio = 1, bar, isMet }: Row, y: number): string {
  const x = place(ratio);
  const mark = `<circle class="${isMet === undefined ? 'plain' : isMet ? 'met' : 'short'}" cx="${x}" cy="${y}" r="4.5"/>`;
  const numbers = `<text x="${size.label + size.axis + 16}" y="${y + 4}">${ratio.toFixed(2)}${bar === undefined ? '' : `<tspan dx="8">${escaped(shownBar(bar))}</tspan>`}</text>`;
  return `<text x="24" y="${y + 4}">${escaped(figure)}</text>${bar === undefined ? '' : band(bar, y)}${mark}${numbers}`;
}

/** From the limit on in the direction that is wanted. */
function band({ atMost, atLeast }: Bar, y: number): string {
  const [from, to] = [place(atLeast ?? scale.least), place(atMost ?? scale.most)];
  const limits = [atLeast, atMost].filter((limit) => limit !== undefined).map((limit) => `<line class="bar" x1="${place(limit)}" x2="${place(limit)}" y1="${y - 8}" y2="${y + 8}"/>`);
  return `<rect class="wanted" x="${from}" y="${y - 7}" width="${Math.max(0, Number((to - from).toFixed(1)))}" height="14"/>${limits.join('')}`;
}

const place = (ratio: number): number => Number(positionOf(ratio).toFixed(1));

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
