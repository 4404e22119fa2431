import path from 'node:path';
import { freePort } from '../../support/processes.ts';
import type { Bench, BenchContext, Figures, OpenBench, SideName } from '../bench.ts';
import { checkProduceAnswer, percentile, produceFrame } from '../broker/load.ts';
import { figuresOf } from '../broker/process-figures.ts';
import { startTarget } from '../broker/targets.ts';
import type { Target } from '../broker/targets.ts';
import { startClosedLoop } from '../load/closed-loop.ts';
import { startTailConsumer } from '../load/tail-consumer.ts';
import { recordCount } from '../../../src/record/batch.ts';

/*
 * Eight producers as fast as answers come, five requests open on each, and eight consumers that follow them, over sixteen
 * partitions. What is kept is bounded, on both sides alike, so that no round fills the disk or the page cache.
 */
const partitions = 16;
const producers = 8;
const consumers = 8;
const inFlight = 5;
const recordBytes = 1000;
const recordsPerBatch = 16;
const properties = {
  'log.segment.bytes': 64 * 1024 * 1024,
  'log.retention.bytes': 128 * 1024 * 1024,
  'log.retention.check.interval.ms': 3000,
  'log.segment.delete.delay.ms': 1000,
  'log.initial.task.delay.ms': 1000,
};

async function run(target: Target, topic: string, seconds: number): Promise<Figures> {
  let recordsOut = 0;
  let failure: Error | undefined;
  const onError = (error: Error): void => void (failure ??= error);
  const ofMember = (member: number, members: number): number[] => Array.from({ length: partitions / members }, (_, index) => member + index * members);
  const tails = await Promise.all(
    Array.from({ length: consumers }, (_, consumer) =>
      startTailConsumer({
        port: target.port,
        topic,
        offsets: new Map(ofMember(consumer, consumers).map((partition) => [partition, 0])),
        partitionBytesMax: 1 << 20,
        onBatch: (bytes, start) => void (recordsOut += recordCount(bytes, start)),
        onError,
      }),
    ),
  );
  const cpuBefore = figuresOf(target.processId).cpuSeconds;
  const startedMs = performance.now();
  const frames = (producer: number): Buffer[] => ofMember(producer, producers).map((partition) => produceFrame(topic, partition, recordBytes, recordsPerBatch).frame);
  const loops = await Promise.all(Array.from({ length: producers }, (_, producer) => startClosedLoop({ port: target.port, inFlight, frames: frames(producer), check: checkProduceAnswer, onError })));
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const tookSeconds = (performance.now() - startedMs) / 1000;
  const cpuSeconds = figuresOf(target.processId).cpuSeconds - cpuBefore;
  for (const { close } of [...loops, ...tails]) close();
  if (failure !== undefined) throw failure;
  const latenciesMs = loops.flatMap((loop) => loop.latenciesMs).sort((one, other) => one - other);
  const recordsIn = latenciesMs.length * recordsPerBatch;
  return {
    'records in/s': recordsIn / tookSeconds,
    'records out/s': recordsOut / tookSeconds,
    'produce p50 ms': percentile(latenciesMs, 0.5),
    'produce p99 ms': percentile(latenciesMs, 0.99),
    'CPU s per million records in': (cpuSeconds * 1e6) / recordsIn,
    'RSS MB': figuresOf(target.processId).residentBytes / 1e6,
  };
}

async function open(side: SideName, { folder, isQuick, zookeeper }: BenchContext): Promise<OpenBench> {
  const target = await startTarget(side, { port: await freePort(), zookeeper, folder: path.join(folder, 'broker'), properties });
  await target.createTopic('warm', partitions);
  await run(target, 'warm', side === 'ours' ? 3 : isQuick ? 6 : 15);
  return {
    async round(number) {
      await target.createTopic(`round-${number}`, partitions);
      return run(target, `round-${number}`, isQuick ? 10 : 60);
    },
    close: () => target.stop(),
  };
}

export const bench: Bench = {
  name: 'everything-at-once',
  title: 'Sixteen partitions, eight producers, eight consumers',
  bars: { 'records in/s': { atLeast: 1 }, 'records out/s': { atLeast: 1 }, 'produce p99 ms': { atMost: 1 } },
  open,
};
