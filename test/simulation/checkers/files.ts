import { dumpLogTool } from '../../../src/tools/dump-log/command.ts';
import { batchEnd, baseOffset, isBatchIntact, leaderEpoch, storedCrc } from '../../../src/record/batch.ts';
import { isCompacted, logFilesOf } from './log-files.ts';
import type { BrokerMachine } from '../world/broker-machine.ts';
import type { SimulatedDisk } from '../world/disk.ts';

/** What our own kafka-dump-log finds wrong with the files of a broker. */
export async function wrongFiles({ name, disk }: BrokerMachine): Promise<string[]> {
  const files = disk.paths().filter((file) => /\.(log|index|timeindex)$/.test(file) && !file.includes('-delete/'));
  return files.length === 0 ? [] : dump(disk, files, (text) => `kafka-dump-log of ${name}: ${text}`);
}

async function dump(disk: SimulatedDisk, files: readonly string[], told: (text: string) => string): Promise<string[]> {
  const wrong: string[] = [];
  const terminal = {
    out: () => undefined,
    err: (text: string) => void (isOfFollowers(text) || isOfCleaning(text) ? undefined : wrong.push(told(text))),
    input: { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true as const, value: undefined }) }) },
    isInteractive: false,
    readFile: () => Buffer.alloc(0),
    now: () => new Date(0),
    onSignal: () => () => undefined,
  };
  try {
    await dumpLogTool(['--deep-iteration', '--files', files.join()], terminal, disk.mount({ isAlive: () => true, die: () => undefined, stall: () => undefined }));
  } catch (error) {
    wrong.push(told((error as Error).message));
  }
  return wrong;
}

/**
 * A follower appends several batches at once, and its index names the last offset of them all with the position of the first,
 * in Apache Kafka 3.9 too (LogSegment.append): its tool takes that for a mismatch. Lookups are right all the same.
 */
function isOfFollowers(text: string): boolean {
  if (!text.startsWith('Mismatches in')) return false;
  return Array.from(text.matchAll(/Index offset: (\d+), log offset: (\d+)/g)).every(([, index, log]) => Number(index) > Number(log));
}

/** Compaction leaves gaps between offsets; others are found by those who read the records. */
const isOfCleaning = (text: string): boolean => text.startsWith('Non-consecutive offsets in');

/** Where replicas differ: of a cluster that is well, each has the same batches from the latest start on. */
export function unequalReplicas(machines: readonly BrokerMachine[]): string[] {
  const wrong: string[] = [];
  const partitions = new Set(machines.flatMap(({ inside }) => Array.from(inside?.replicas.partitions() ?? [], ({ key }) => key)));
  for (const key of partitions) {
    const replicas = machines.flatMap((machine) => {
      const partition = Array.from(machine.inside?.replicas.partitions() ?? []).find((one) => one.key === key);
      return partition === undefined || isCompacted(partition) ? [] : [{ machine, from: partition.log.logStartOffset, batches: batchesOf(machine.disk, partition.log.directory) }];
    });
    if (replicas.length === 0) continue;
    const from = Math.max(...replicas.map((replica) => replica.from));
    const [first, ...others] = replicas.map(({ machine, batches }) => ({ machine, text: batches.filter(({ base }) => base >= from).map(({ base, text }) => `${base}:${text}`) }));
    for (const other of others) {
      const at = first!.text.findIndex((text, index) => text !== other.text[index]);
      if (at >= 0 || other.text.length !== first!.text.length) {
        const index = at < 0 ? first!.text.length : at;
        wrong.push(`${first!.machine.name} and ${other.machine.name} differ in ${key}: ${first!.text[index]} and ${other.text[index]}`);
      }
    }
  }
  return wrong;
}

function batchesOf(disk: SimulatedDisk, directory: string): { readonly base: number; readonly text: string }[] {
  return logFilesOf(disk, directory).flatMap((bytes) => {
    const batches: { readonly base: number; readonly text: string }[] = [];
    for (let start = 0, end = batchEnd(bytes, 0, bytes.length); end !== undefined; start = end, end = batchEnd(bytes, start, bytes.length)) {
      batches.push({ base: baseOffset(bytes, start), text: `${storedCrc(bytes, start)}/${leaderEpoch(bytes, start)}${isBatchIntact(bytes, start) ? '' : '/corrupt'}` });
    }
    return batches;
  });
}
