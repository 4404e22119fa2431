export type Figures = Readonly<Record<string, number>>;
export type SideName = 'ours' | 'Kafka 3.9.1' | 'Apache ZooKeeper';
export interface Bar {
  readonly atMost?: number;
  readonly atLeast?: number;
}
export interface Bench {
  readonly name: string;
  readonly title: string;
  readonly bars: Readonly<Record<string, Bar>>;
  open(side: SideName, context: BenchContext): Promise<OpenBench>;
}
export interface BenchContext {
  readonly folder: string;
  readonly isQuick: boolean;
  readonly zookeeper: string;
  progress(text: string): void;
}
export interface OpenBench {
  round(number: number): Promise<Figures>;
  close(): Promise<void>;
}
