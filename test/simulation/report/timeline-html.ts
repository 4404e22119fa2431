import type { SimulationResult } from '../simulation.ts';
import type { Message } from './recorder.ts';

const rowPixels = 18;
const lanePixels = 300;
const leftPixels = 110;
/** Messages of so long before the end are drawn: an hour's would hide them all. */
const messagesWithinMs = 5000;

interface Row {
  readonly atMs: number;
  readonly draw: (y: number) => string;
}

/** A page with a lane for each machine, from top to bottom: what each logged, arrows for messages of the last seconds, faults in red. */
export function timelineHtml(result: SimulationResult, messages: readonly Message[]): string {
  const { seed, scenario, simulatedMs, lines, violations } = result;
  const shown = messages.filter(({ atMs }) => atMs > simulatedMs - messagesWithinMs);
  const lanes = Array.from(new Set([...lines.map(({ lane }) => lane), ...shown.flatMap(({ from, to }) => [from, to])])).sort();
  const x = (lane: string): number => leftPixels + lanes.indexOf(lane) * lanePixels;
  const rows: Row[] = [
    ...lines.map(({ atMs, lane, level, text }) => ({
      atMs,
      draw: (y: number) => `<text class="${level}" x="${x(lane) + 6}" y="${y}"><title>${escaped(text)}</title>${escaped(text.slice(0, 52))}</text>`,
    })),
    ...shown.map(({ atMs, from, to, text }) => ({
      atMs,
      draw: (y: number) => `<line x1="${x(from)}" y1="${y - 4}" x2="${x(to)}" y2="${y - 4}" marker-end="url(#tip)"><title>${escaped(text)}</title></line><text class="message" x="${(x(from) + x(to)) / 2}" y="${y - 6}">${escaped(text)}</text>`,
    })),
  ].sort((a, b) => a.atMs - b.atMs);
  const height = (rows.length + 3) * rowPixels;
  const width = leftPixels + lanes.length * lanePixels;
  const body = rows.map(({ atMs, draw }, index) => {
    const y = (index + 2) * rowPixels;
    return `<text class="time" x="4" y="${y}">${(atMs / 1000).toFixed(4)} s</text>${draw(y)}`;
  });
  const heads = lanes.map((lane) => `<text class="head" x="${x(lane) + 6}" y="14">${escaped(lane)}</text><line class="lane" x1="${x(lane)}" y1="0" x2="${x(lane)}" y2="${height}"/>`);
  return `<!doctype html><meta charset="utf-8"><title>seed ${seed}</title>
<style>body{font:13px sans-serif}svg text{font:11px monospace}.head{font-weight:bold}.lane{stroke:#ddd}.time{fill:#888}.warn{fill:#a60}.error{fill:#c30}.fault{fill:#d00;font-weight:bold}
svg line{stroke:#69c}.message{fill:#69c;font-size:9px;text-anchor:middle}li{color:#d00}</style>
<h1>Seed ${seed}, ${scenario}</h1>
<ul>${violations.map((text) => `<li>${escaped(text)}</li>`).join('')}</ul>
<svg width="${width}" height="${height}"><defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#69c"/></marker></defs>
${[...heads, ...body].join('\n')}</svg>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
