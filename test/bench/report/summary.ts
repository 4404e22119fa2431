import type { Bar, Bench, Figures } from '../bench.ts';

/** All rounds of both sides; `theirs` is empty where the other side could not be had. */
export interface Rounds {
  readonly ours: readonly Figures[];
  readonly theirs: readonly Figures[];
}

/** What came out for one figure, or for an average of several, which has no values of its own. */
export interface Row {
  readonly figure: string;
  /** One value a round. */
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
  /** Median of ours / median of theirs; left out without theirs, or where that is 0. */
  readonly ratio?: number;
  readonly bar?: Bar;
  /** Left out without a bar or a ratio. */
  readonly isMet?: boolean;
}

/** The middle value, or the mean of the middle two. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** A bar without limits is met. */
export function isMet(ratio: number, { atMost = Infinity, atLeast = -Infinity }: Bar): boolean {
  return ratio <= atMost && ratio >= atLeast;
}

/** One row a figure, in the order in which the rounds named them, then the averages whose figures are all there. */
export function summarise(bench: Pick<Bench, 'bars' | 'averages'>, rounds: Rounds): readonly Row[] {
  const figures = figuresIn(rounds);
  const rows = figures.map((figure): Row => {
    const valuesOf = (side: readonly Figures[]): readonly number[] => side.map((round) => round[figure]).filter((value) => value !== undefined);
    const [ours, theirs] = [valuesOf(rounds.ours), valuesOf(rounds.theirs)];
    return { figure, ours, theirs, ...judged(ratioOf(ours, theirs), bench.bars[figure]) };
  });
  const averages = Object.entries(bench.averages ?? {})
    .filter(([, { of }]) => of.every((name) => figures.includes(name)))
    .map(([figure, { of, bar }]): Row => {
      const ratios = of.map((name) => rows.find((row) => row.figure === name)!.ratio);
      return { figure, ours: [], theirs: [], ...judged(geometricMean(ratios), bar) };
    });
  return [...rows, ...averages];
}

/** What has a bar and was not measured: in a quick run that is chosen, else the bar's name is wrong. */
export function unmeasured(bench: Pick<Bench, 'bars' | 'averages'>, rounds: Rounds): readonly string[] {
  const figures = figuresIn(rounds);
  return [...Object.keys(bench.bars), ...Object.values(bench.averages ?? {}).flatMap(({ of }) => of)].filter((name) => !figures.includes(name));
}

/** Those that something is asked of; all where nothing is asked of any. */
export function headlines(rows: readonly Row[]): readonly Row[] {
  const asked = rows.filter(({ bar }) => bar !== undefined);
  return asked.length > 0 ? asked : rows;
}

const figuresIn = ({ ours }: Rounds): readonly string[] => [...new Set(ours.flatMap((round) => Object.keys(round)))];

function ratioOf(ours: readonly number[], theirs: readonly number[]): number | undefined {
  const ratio = median(ours) / median(theirs);
  return Number.isFinite(ratio) ? ratio : undefined;
}

function geometricMean(ratios: readonly (number | undefined)[]): number | undefined {
  const known = ratios.filter((ratio) => ratio !== undefined);
  return known.length < ratios.length ? undefined : Math.exp(known.reduce((sum, ratio) => sum + Math.log(ratio), 0) / known.length);
}

function judged(ratio: number | undefined, bar: Bar | undefined): Pick<Row, 'ratio' | 'bar' | 'isMet'> {
  return { ...(ratio === undefined ? {} : { ratio }), ...(bar === undefined ? {} : { bar }), ...(ratio === undefined || bar === undefined ? {} : { isMet: isMet(ratio, bar) }) };
}
