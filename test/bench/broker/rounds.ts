import { kafkaHome } from '../../interop/real-kafka.ts';
import type { Figures } from '../bench.ts';
import { median } from '../measure.ts';
import type { Target } from './targets.ts';

/** The value of `--name N` on the command line. */
export function option(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
}

/** Ours, and Apache Kafka where Java is present; says so when it is not. */
export function targetNames(): readonly Target['name'][] {
  try {
    kafkaHome('3.9.1');
    return ['ours', 'Kafka 3.9.1'];
  } catch (error) {
    process.stdout.write(`without Apache Kafka, which could not be had: ${(error as Error).message.split('\n')[0]}\n`);
    return ['ours'];
  }
}

const shown = (value: number): string => (value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3));

/** Prints the median of each figure, and ours / Kafka's. */
export function printMedians(all: ReadonlyMap<Target['name'], readonly Figures[]>): void {
  const names = [...all.keys()];
  const rounds = all.get('ours')!;
  process.stdout.write(`| figure (median of ${rounds.length}) | ${names.join(' | ')} | ratio |\n|---|${names.map(() => '---:|').join('')}---:|\n`);
  for (const row of Object.keys(rounds[0]!)) {
    const medians = names.map((name) => median(all.get(name)!.map((figures) => figures[row]!).filter((value) => value !== undefined)));
    const ratio = medians.length === 2 ? (medians[0]! / medians[1]!).toFixed(2) : '';
    process.stdout.write(`| ${row} | ${medians.map(shown).join(' | ')} | ${ratio} |\n`);
  }
}
