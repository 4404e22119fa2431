import path from 'node:path';
import { createConsumerWith } from '../../../src/client/consumer.ts';
import { KafkaError } from '../../../src/protocol/errors.ts';
import { baseOffset, batchEnd, batchHeaderBytes, lastOffset } from '../../../src/record/batch.ts';
import { readBatchRecords } from '../../../src/record/read.ts';
import { parseCheckpointLines } from '../../../src/log/text-files.ts';
import { parseSegmentFileName } from '../../../src/log/file-names.ts';
import type { Partition } from '../../../src/replica/partition.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { FaultKind } from '../cluster/fault.ts';
import type { BrokerMachine } from '../world/broker-machine.ts';
import type { SeededRandom } from '../world/random.ts';

/** A batch on one machine's disk, and what is in it. */
interface StoredBatch {
  readonly topic: string;
  readonly partition: number;
  readonly baseOffset: number;
  /** The bytes themselves, as they lie on the disk. */
  readonly bytes: Buffer;
  readonly values: ReadonlyMap<number, string>;
}

const pollMs = 500;

/**
 * One bit of a record on one machine's disk is read wrong for a while. It lies in a segment that is below the high watermark
 * and the stored recovery point, which no start looks through again. Brokers do not look at checksums when they are asked for
 * records, and need not: whoever gets them does. So the rotten replica goes on, followers and consumers refuse what it
 * gives, and nobody is ever given a wrong record for a right one; the checkers see to it that none is copied, either.
 */
export const bitRot: FaultKind = {
  name: 'bit-rot',
  weight: 4,
  lengthMs: [2000, 30_000],
  async strike(cluster, { victim, forMs }, random) {
    const machine = cluster.machines[victim]!;
    // What was lost with the power may make a start look through all, and cut the log at the rotten batch: Kafka promises no more.
    const batch = cluster.losesPower ? undefined : chooseBatch(machine, random);
    if (batch === undefined) return;
    const { bytes, topic, partition } = batch;
    const at = batchHeaderBytes + random.integer(bytes.length - batchHeaderBytes);
    const bit = 1 << random.integer(8);
    bytes[at]! ^= bit;
    cluster.world.tell(machine.name, `a bit of ${topic}-${partition} rots at offset ${batch.baseOffset}`);
    await readMeanwhile(cluster, batch, forMs);
    bytes[at]! ^= bit;
  },
};

function chooseBatch({ inside, disk }: BrokerMachine, random: SeededRandom): StoredBatch | undefined {
  if (inside === undefined) return undefined;
  const checkpoint = disk.contentOf('/data/recovery-point-offset-checkpoint');
  if (checkpoint === undefined) return undefined;
  const recoveryPoints = new Map(
    parseCheckpointLines('recovery points', checkpoint.toString()).map((line) => {
      const [topic, partition, offset] = line.split(' ');
      return [`${topic}-${partition}`, Number(offset)];
    }),
  );
  const all = Array.from(inside.replicas.partitions()).filter(({ log }) => !log.isOffline && !log.config['cleanup.policy'].includes('compact'));
  // Of what it leads it is asked most.
  const led = all.filter(({ isLeader }) => isLeader);
  const partitions = led.length > 0 && !random.oneIn(4) ? led : all;
  const files = partitions.flatMap((partition) => wholeSegments(disk.paths(), partition, recoveryPoints.get(partition.key) ?? 0).map((file) => ({ partition, file })));
  if (files.length === 0) return undefined;
  const { partition, file } = files[random.integer(files.length)]!;
  const batches = batchesOf(disk.contentOf(file)!, partition);
  return batches[random.integer(batches.length)];
}

/** Segments that end below the high watermark and the recovery point, and are not trimmed. */
function wholeSegments(files: readonly string[], { log }: Partition, recoveryPoint: number): string[] {
  const segments = files.filter((file) => path.dirname(file) === log.directory && file.endsWith('.log'));
  const baseOf = (file: string | undefined): number => (file === undefined ? Infinity : parseSegmentFileName(path.basename(file))!.offset);
  return segments.filter((file, index) => baseOf(file) >= log.logStartOffset && baseOf(segments[index + 1]) <= Math.min(recoveryPoint, log.highWatermark));
}

function batchesOf(content: Buffer, { topic, partition }: Partition): StoredBatch[] {
  const batches: StoredBatch[] = [];
  for (let start = 0, end = batchEnd(content, 0, content.length); end !== undefined; start = end, end = batchEnd(content, start, content.length)) {
    const values = new Map(readBatchRecords(content, start).map(({ offset, value }) => [offset, String(value)]));
    if (lastOffset(content, start) >= baseOffset(content, start)) batches.push({ topic, partition, baseOffset: baseOffset(content, start), bytes: content.subarray(start, end), values });
  }
  return batches;
}

/** Asks for the rotten batch again and again: it may come from another replica, or not at all, but never otherwise than it was. */
async function readMeanwhile(cluster: Cluster, { topic, partition, baseOffset: from, values }: StoredBatch, forMs: number): Promise<void> {
  const { world } = cluster;
  const untilMs = world.timeline.nowMs + forMs;
  const { runtime, options } = cluster.client('client-rot');
  const reader = createConsumerWith(runtime, { ...options, autoOffsetReset: 'earliest' });
  reader.assign([{ topic, partition }]);
  while (world.timeline.nowMs < untilMs) {
    reader.seek({ topic, partition }, from);
    try {
      for (const { offset, value } of await reader.poll(pollMs)) {
        const due = values.get(offset);
        if (due !== undefined && due !== String(value)) cluster.violate(`the reader of ${topic}-${partition} was given ${String(value)} at offset ${offset}, which is ${due}, rotten`);
      }
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      world.tell('client-rot', `${error.name} ${error.message}`);
    }
    await world.sleep(pollMs);
  }
  await reader.close();
}
