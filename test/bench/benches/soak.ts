import fs from 'node:fs';
import path from 'node:path';
import { freePort } from '../../support/processes.ts';
import type { Bench, BenchContext, Figures, OpenBench, SideName } from '../bench.ts';
import { figuresOf } from '../broker/process-figures.ts';
import { startTarget } from '../broker/targets.ts';
import type { Target } from '../broker/targets.ts';
import { startSoakMix } from '../load/soak-mix.ts';
import { slopePerSecond } from '../load/trend.ts';
import type { Sample } from '../load/trend.ts';

/*
 * `--minutes N` (60; quick: half a minute) of records, transactions, and readers that come and go, ours alone: does memory grow,
 * does the event loop stand still? What is kept is bounded, so that only what leaks can grow.
 */
const usualMinutes = 60;
const quickMinutes = 0.5;
const partitions = 6;
const warmShare = 0.25;
const warmSecondsMax = 600;
const secondsPerHour = 3600;
const properties = {
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 5,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'transaction.state.log.num.partitions': 5,
  'group.initial.rebalance.delay.ms': 0,
  'log.segment.bytes': 16 * 1024 * 1024,
  'log.retention.bytes': 64 * 1024 * 1024,
  'log.retention.check.interval.ms': 10_000,
  'log.segment.delete.delay.ms': 1000,
  'log.cleaner.backoff.ms': 5000,
};
const monitor = path.join(import.meta.dirname, '../broker/loop-monitor.mjs');

/** With a monitor of its event loop, which writes to a file. */
function startMonitored(options: Parameters<typeof startTarget>[1], monitorFile: string): Promise<Target> {
  Object.assign(process.env, { NODE_OPTIONS: `--import ${monitor}`, LOOP_MONITOR_FILE: monitorFile });
  const starting = startTarget('ours', options); // the process is there when this returns
  for (const name of ['NODE_OPTIONS', 'LOOP_MONITOR_FILE']) delete process.env[name];
  return starting;
}

/** The longest that the event loop stood still since then; and without what it waited for a processor. Milliseconds. */
function longestStalls(monitorFile: string, sinceMs: number): { readonly stall: number; readonly own: number } {
  const lines = fs.readFileSync(monitorFile, 'utf8').trim().split('\n').map((line) => line.split(' ').map(Number)).filter(([atMs]) => atMs! >= sinceMs);
  const largest = (column: number): number => lines.reduce((most, line) => Math.max(most, line[column]!), 0);
  return { stall: largest(1), own: largest(2) };
}

async function soak(folder: string, zookeeper: string, seconds: number, sampleSeconds: number, progress: (text: string) => void): Promise<Figures> {
  fs.mkdirSync(folder, { recursive: true });
  const monitorFile = path.join(folder, 'loop.txt');
  const target = await startMonitored({ port: await freePort(), zookeeper, folder: path.join(folder, 'broker'), properties }, monitorFile);
  const samples: Sample[] = [];
  const startedAtMs = Date.now();
  const begunMs = performance.now();
  const elapsed = (): number => (performance.now() - begunMs) / 1000;
  try {
    await target.createTopic('soak', partitions);
    const mix = startSoakMix(`127.0.0.1:${target.port}`, 'soak');
    for (let next = sampleSeconds; next <= seconds; next += sampleSeconds) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - elapsed()) * 1000));
      samples.push({ seconds: elapsed(), value: figuresOf(target.processId).residentBytes / 1e6 });
      progress(`${Math.round(elapsed())} s: RSS ${samples.at(-1)!.value.toFixed(1)} MB, ${mix.produced()} records in, ${mix.consumed()} out, ${mix.transactions()} transactions, ${mix.rebalances()} assignments`);
    }
    const cpuSeconds = figuresOf(target.processId).cpuSeconds;
    await mix.stop();
    const warm = samples.filter((sample) => sample.seconds >= Math.min(seconds * warmShare, warmSecondsMax));
    const { stall, own } = longestStalls(monitorFile, startedAtMs);
    return {
      minutes: seconds / 60,
      'RSS at the end: MB': samples.at(-1)!.value,
      'RSS slope after warm-up: MB/hour': slopePerSecond(warm) * secondsPerHour,
      'longest event-loop delay: ms': stall,
      'longest event-loop delay without waiting for a processor: ms': own,
      'records in/s': mix.produced() / seconds,
      'records out/s': mix.consumed() / seconds,
      'transactions/s': mix.transactions() / seconds,
      assignments: mix.rebalances(),
      'CPU %': (cpuSeconds * 100) / seconds,
    };
  } finally {
    await target.stop();
  }
}

async function open(side: SideName, { folder, isQuick, minutes = isQuick ? quickMinutes : usualMinutes, zookeeper, progress }: BenchContext): Promise<OpenBench> {
  const seconds = minutes * 60;
  return {
    async round(number) {
      if (side !== 'ours' || number > 0) return {}; // once is long enough
      return soak(path.join(folder, `round-${number}`), `${zookeeper}/round-${number}`, seconds, isQuick ? 2 : 10, progress);
    },
    close: () => Promise.resolve(),
  };
}

export const bench: Bench = { name: 'soak', title: 'An hour of everything (ours alone)', bars: {}, onlyWhenNamed: true, open };
