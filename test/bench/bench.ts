/**
 * What one bench is: the same work for our side and another's, in turns. `run.ts` finds each `benches/<name>.ts` and its
 * `export const bench`.
 */
/** What one round measured: the figure's name with its unit ('fetch 64 KB: CPU s/GB') to its value. */
export type Figures = Readonly<Record<string, number>>;

export const sideNames = ['ours', 'Kafka 3.9.1'] as const;
export type SideName = (typeof sideNames)[number];

/** What the median of ours divided by the median of theirs is asked to be. */
export interface Bar {
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface Bench {
  /** Typed after `npm run bench --`; its file is named so too. */
  readonly name: string;
  readonly title: string;
  /** By figure. */
  readonly bars: Readonly<Record<string, Bar>>;
  /** Bars of the geometric mean of several figures' ratios, by the name that the row gets. */
  readonly averages?: Readonly<Record<string, { readonly of: readonly string[]; readonly bar: Bar }>>;
  /** Who the other side is, where it is not Apache Kafka 3.9.1. */
  readonly against?: string;
  /** Whether `--quick` runs it without being told to. */
  readonly inQuick?: boolean;
  /** Too long for a run of all benches. */
  readonly onlyWhenNamed?: boolean;
  /**
   * Starts what the side needs (its brokers, its topics) and warms it up. What a bench measures of a start or a recovery, it starts and stops in `round`.
   *
   * @throws {Unavailable} when a program that it needs cannot be had on this machine
   */
  open(side: SideName, context: BenchContext): Promise<OpenBench>;
}

export interface BenchContext {
  /** Of this side alone; removed afterwards. */
  readonly folder: string;
  readonly isQuick: boolean;
  /** Of `--minutes N`, for what is meant to last; undefined where it is not given. */
  readonly minutes?: number | undefined;
  /** Connect string with a chroot of this side, on a ZooKeeper server that the bench has for itself. */
  readonly zookeeper: string;
  /** Shown on a terminal alone. */
  progress(text: string): void;
}

export interface OpenBench {
  /** @param number from 0 */
  round(number: number): Promise<Figures>;
  close(): Promise<void>;
}

/** A program that a bench needs cannot be had here: the bench is named as not run, and nothing has failed. */
export class Unavailable extends Error {}
