import type { Figures } from '../bench.ts';

/** What Kafka's ProducerPerformance says of a whole run. Latencies are whole milliseconds. */
export interface ProducerRun {
  readonly records: number;
  readonly recordsPerSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
}

const producerLine =
  /^(\d+) records sent, ([\d.]+) records\/sec \([\d.]+ MB\/sec\), [\d.]+ ms avg latency, [\d.]+ ms max latency, (\d+) ms 50th, (\d+) ms 95th, (\d+) ms 99th, (\d+) ms 99\.9th\.$/;

/** Reads its last line; the lines before it tell of a few seconds each. @throws {Error} when there is none */
export function parseProducerRun(output: string): ProducerRun {
  const found = output.trimEnd().split('\n').map((line) => producerLine.exec(line.trim())).findLast((match) => match !== null);
  if (found === undefined || found === null) throw new Error(`ProducerPerformance has told no result:\n${output}`);
  const [records, recordsPerSecond, p50Ms, p95Ms, p99Ms, p999Ms] = found.slice(1).map(Number) as [number, number, number, number, number, number];
  return { records, recordsPerSecond, p50Ms, p95Ms, p99Ms, p999Ms };
}

/** What Kafka's ConsumerPerformance says. */
export interface ConsumerRun {
  readonly records: number;
  /** From the group's first assignment on. */
  readonly recordsPerSecond: number;
}

const columns = { count: 10, records: 4, fetchedRecordsPerSecond: 9 } as const;

/** Reads its last line of numbers, with or without the heading. @throws {Error} when there is none */
export function parseConsumerRun(output: string): ConsumerRun {
  const lines = output.trimEnd().split('\n').map((line) => line.split(',').map((field) => field.trim()));
  const fields = lines.findLast((line) => line.length === columns.count && /^\d+$/.test(line[columns.records]!));
  if (fields === undefined) throw new Error(`ConsumerPerformance has told no result:\n${output}`);
  return { records: Number(fields[columns.records]), recordsPerSecond: Number(fields[columns.fetchedRecordsPerSecond]) };
}

/** What a producer's run gives, with what it cost the brokers. `bytes`: one record's, as the program had it, before any compression. */
export function producerFigures(name: string, run: ProducerRun, cpuSeconds: number, bytes: number): Figures {
  return {
    [`${name}: records/s`]: run.recordsPerSecond,
    [`${name}: CPU s/M records`]: (cpuSeconds * 1e6) / run.records,
    [`${name}: CPU s/GB`]: (cpuSeconds * 1e9) / (run.records * bytes),
    [`${name}: p50 ms`]: run.p50Ms,
    [`${name}: p95 ms`]: run.p95Ms,
    [`${name}: p99 ms`]: run.p99Ms,
    [`${name}: p99.9 ms`]: run.p999Ms,
  };
}
