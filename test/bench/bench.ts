/** Figure name (with its unit: 'fetch 64 KB: CPU s/GB') to value. */
export type Figures = Readonly<Record<string, number>>;
export type SideName = 'ours' | 'Kafka 3.9.1';

/** Of the ratio ours / theirs. */
export interface Bar {
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface Bench {
  /** Typed after `npm run bench --`. */
  readonly name: string;
  /** Heading in the report. */
  readonly title: string;
  /** By figure. */
  readonly bars: Readonly<Record<string, Bar>>;
  /** Starts what the side needs (its brokers and ZooKeeper chroot, topics) and warms it up. */
  open(side: SideName, context: BenchContext): Promise<OpenBench>;
}

export interface BenchContext {
  readonly folder: string;
  readonly isQuick: boolean;
  /** Connect string with the chroot of this side. */
  readonly zookeeper: string;
  progress(text: string): void;
}

export interface OpenBench {
  round(number: number): Promise<Figures>;
  close(): Promise<void>;
}
