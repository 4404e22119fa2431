import type { Bar, Bench, Figures } from '../bench.ts';

/** The rounds of one figure on one side. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Row {
  readonly figure: string;
  /** Undefined in the row of an average. */
  readonly ours: Spread | undefined;
  /** Undefined where only ours was run, and in the row of an average. */
  readonly theirs: Spread | undefined;
  /** Ours / theirs; undefined where only ours was run, or theirs is 0. */
  readonly ratio: number | undefined;
  readonly bar: Bar | undefined;
  /** Undefined without a bar or a ratio. */
  readonly isMet: boolean | undefined;
}

/** All rounds of both sides; `theirs` is empty where the other side could not be had. */
export interface Rounds {
  readonly ours: readonly Figures[];
  readonly theirs: readonly Figures[];
}

/** The middle value, or the mean of the middle two. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function spreadOf(values: readonly number[]): Spread | undefined {
  return values.length === 0 ? undefined : { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** A bar without limits is met; a ratio that is no number meets none. */
export function isMet(ratio: number, { atMost, atLeast }: Bar): boolean {
  return !Number.isNaN(ratio) && (atMost === undefined || ratio <= atMost) && (atLeast === undefined || ratio >= atLeast);
}

/** One row a figure, in the order in which the rounds named them, then the averages whose figures are all there. */
export function summarise(bench: Pick<Bench, 'bars' | 'averages'>, rounds: Rounds): readonly Row[] {
  const figures = figuresIn(rounds);
  const rows = figures.map((figure): Row => {
    const of = (side: readonly Figures[]): Spread | undefined => spreadOf(side.map((round) => round[figure]).filter((value) => value !== undefined));
    const [ours, theirs] = [of(rounds.ours), of(rounds.theirs)];
    const ratio = ours === undefined || theirs === undefined || theirs.median === 0 ? undefined : ours.median / theirs.median;
    return { figure, ours, theirs, ...judged(ratio, bench.bars[figure]) };
  });
  const averages = Object.entries(bench.averages ?? {})
    .filter(([, { of }]) => of.every((name) => figures.includes(name)))
    .map(([figure, { of, bar }]): Row => {
      const ratios = of.map((name) => rows.find((row) => row.figure === name)!.ratio).filter((ratio) => ratio !== undefined);
      const mean = ratios.length < of.length ? undefined : Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
      return { figure, ours: undefined, theirs: undefined, ...judged(mean, bar) };
    });
  return [...rows, ...averages];
}

/** What has a bar and was not measured: in a quick run that is chosen, else the bar's name is wrong. */
export function unmeasured(bench: Pick<Bench, 'bars' | 'averages'>, rounds: Rounds): readonly string[] {
  const figures = figuresIn(rounds);
  return [...Object.keys(bench.bars), ...Object.values(bench.averages ?? {}).flatMap(({ of }) => of)].filter((name) => !figures.includes(name));
}

const figuresIn = ({ ours }: Rounds): readonly string[] => [...new Set(ours.flatMap((round) => Object.keys(round)))];

function judged(ratio: number | undefined, bar: Bar | undefined): Pick<Row, 'ratio' | 'bar' | 'isMet'> {
  return { ratio, bar, isMet: ratio === undefined || bar === undefined ? undefined : isMet(ratio, bar) };
}
