import fc from 'fast-check';
import { buildBatch } from '../../../../src/record/build.ts';
import type { Codec } from '../../../../src/record/batch.ts';
import { buildEndTransactionMarker } from '../../../../src/record/control.ts';
import type { DiskPartitionLog } from '../../../../src/log/disk-partition-log.ts';
import type { Disk } from '../../../../src/runtime/disk.ts';

/** What is done to a log. */
export type Step =
  | { readonly kind: 'append'; readonly producer: number; readonly codec: Codec; readonly records: readonly { readonly key: number; readonly isTombstone: boolean }[] }
  | { readonly kind: 'end'; readonly producer: number; readonly isCommit: boolean }
  | { readonly kind: 'roll' };

/** Producers from here on are transactional; below, 0 is a plain one, the rest idempotent. */
const transactionalFrom = 3;
const producers = 6;

const append = fc.record({
  kind: fc.constant('append' as const),
  producer: fc.nat(producers - 1),
  codec: fc.constantFrom<Codec>('none', 'none', 'gzip', 'lz4', 'snappy'),
  records: fc.array(fc.record({ key: fc.nat(6), isTombstone: fc.boolean() }), { minLength: 1, maxLength: 4 }),
});
const end = fc.record({ kind: fc.constant('end' as const), producer: fc.integer({ min: transactionalFrom, max: producers - 1 }), isCommit: fc.boolean() });
const roll = fc.record({ kind: fc.constant('roll' as const) });

export const steps: fc.Arbitrary<Step[]> = fc.array(fc.oneof({ weight: 5, arbitrary: append }, { weight: 2, arbitrary: end }, { weight: 2, arbitrary: roll }), { minLength: 1, maxLength: 25 });

/** Appends and rolls; in the end no transaction is open and all is below the high watermark. */
export function perform(log: DiskPartitionLog, script: readonly Step[], timestamp: number): void {
  const sequences = new Map([...log.producers].map(({ producerId, batches }) => [producerId, (batches.at(-1)?.lastSequence ?? -1) + 1]));
  const open = new Set<number>();
  const endTransaction = (producer: number, isCommit: boolean): void => {
    if (!open.delete(producer)) return;
    const marker = buildEndTransactionMarker({ type: isCommit ? 'COMMIT' : 'ABORT', producerId: producer, producerEpoch: 0, coordinatorEpoch: 0, timestampMs: timestamp });
    log.appendAsLeader(marker, 0, { origin: 'coordinator' });
  };
  for (const [index, step] of script.entries()) {
    if (step.kind === 'roll') log.roll();
    else if (step.kind === 'end') endTransaction(step.producer, step.isCommit);
    else {
      const { producer, codec, records } = step;
      const isTransactional = producer >= transactionalFrom;
      const baseSequence = sequences.get(producer) ?? 0;
      const identity = producer === 0 ? {} : { producerId: producer, producerEpoch: 0, baseSequence, isTransactional };
      const content = records.map(({ key, isTombstone }, at) => ({ timestamp: timestamp + index, key: Buffer.from(`key-${key}`), value: isTombstone ? null : Buffer.from(`value-${index}-${at}`) }));
      const verification = isTransactional ? log.beginVerification(producer, baseSequence, 0) : undefined;
      log.appendAsLeader(buildBatch({ codec, ...identity }, content), 0, { origin: 'client', verification });
      sequences.set(producer, baseSequence + records.length);
      if (isTransactional) open.add(producer);
    }
  }
  for (const producer of open) endTransaction(producer, true);
  log.roll();
  log.setHighWatermark(Infinity);
}

/** All bytes of a log's segments, one after the other. */
export function bytesOf(disk: Disk, log: DiskPartitionLog): Buffer {
  return Buffer.concat(log.segments.map((segment) => disk.readFileSync(segment.path).subarray(0, segment.writtenBytes)));
}
