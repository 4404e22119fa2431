import { expect } from 'chai';
import fc from 'fast-check';
import { cleanLog } from '../../../../src/log/cleaner/clean-log.ts';
import type { PassStatistics } from '../../../../src/log/cleaner/clean-log.ts';
import { dirtyPart } from '../../../../src/log/cleaner/cleanable.ts';
import { cleanerWorker } from '../../../../src/log/cleaner/cleaner-worker.ts';
import type { DiskPartitionLog } from '../../../../src/log/disk-partition-log.ts';
import { createLoopWork } from '../../../../src/runtime/loop-work.ts';
import type { LogManager } from '../../../../src/log/log-manager.ts';
import { inProcessWorkers } from '../../../../src/runtime/in-process-workers.ts';
import type { Disk } from '../../../../src/runtime/disk.ts';
import { createSimulatedDisk } from '../../../simulation/world/disk.ts';
import type { SimulatedDisk } from '../../../simulation/world/disk.ts';
import { seededRandom } from '../../../simulation/world/random.ts';
import { createTrace } from '../../../simulation/world/trace.ts';
import { openManager, TestClock } from '../support.ts';
import { compacted, modelOf } from './compaction-model.ts';
import type { ModelBatch, ModelPass, ModelRecord } from './compaction-model.ts';
import { bytesOf, perform, steps } from './scripted-log.ts';

const startMs = 1_800_000_000_000;
const deleteRetentionMs = 1000;
const limits = { mapBytesMax: 1 << 20, loadFactor: 0.9, ioBufferBytes: 1024, bytesPerSecondMax: Infinity };
const topic = { 'cleanup.policy': 'compact', 'segment.bytes': '1500', 'index.interval.bytes': '100', 'delete.retention.ms': String(deleteRetentionMs) };
/** The cleaner itself is off: each pass is begun by hand. */
const broker = { 'log.cleaner.enable': 'false', 'producer.id.expiration.ms': '2147483647' };

interface Machine {
  readonly disk: SimulatedDisk;
  readonly clock: TestClock;
}

interface Life {
  readonly manager: LogManager;
  readonly log: DiskPartitionLog;
  readonly disk: Disk;
}

function newMachine(): Machine {
  const clock = new TestClock(startMs);
  return { clock, disk: createSimulatedDisk(() => clock.nowMs(), seededRandom(1), createTrace()) };
}

/** @param dieAt the process dies before so many changes of the disk */
async function live({ disk: simulated, clock }: Machine, dieAt = Infinity): Promise<Life & { changes(): number; die(): void }> {
  let isAlive = true;
  let changes = 0;
  let mayDie = false;
  const mounted = simulated.mount({ isAlive: () => isAlive, die: () => (isAlive = false), stall: () => undefined });
  const count = (): void => {
    if (mayDie && ++changes > dieAt) isAlive = false;
  };
  const disk: Disk = {
    ...mounted,
    openSync(name, mode) {
      if (mode !== 'read') count();
      const file = mounted.openSync(name, mode);
      return Object.assign(Object.create(file) as typeof file, {
        writeSync: (...args: Parameters<typeof file.writeSync>) => (count(), file.writeSync(...args)),
        truncateSync: (size: number) => (count(), file.truncateSync(size)),
      });
    },
    renameSync: (from, to) => (count(), mounted.renameSync(from, to)),
    removeSync: (name) => (count(), mounted.removeSync(name)),
    remove: (name) => (count(), mounted.remove(name)),
    replaceFileSync: (name, content) => (count(), mounted.replaceFileSync(name, content)),
    setModifiedSync: (name, modifiedMs) => (count(), mounted.setModifiedSync(name, modifiedMs)),
  };
  const manager = await openManager(['/data'], { clock, disk, broker, topic });
  const log = manager.getOrCreate('compacted', 0, { isNew: true }) as DiskPartitionLog;
  mayDie = true;
  return {
    manager,
    log,
    disk,
    changes: () => changes,
    die() {
      isAlive = false;
      simulated.unmount(mounted);
    },
  };
}

function pass({ log, disk }: Life, clock: TestClock, checkpoint: number, mapBytesMax = limits.mapBytesMax): Promise<PassStatistics> {
  const { segments, logStartOffset, logEndOffset, lastStableOffset } = log;
  const part = dirtyPart({ segments, logStartOffset, logEndOffset, lastStableOffset, checkpoint, minCompactionLagMs: 0, maxCompactionLagMs: Infinity }, clock.nowMs());
  const worker = inProcessWorkers({ clock, disk }).start(cleanerWorker);
  return cleanLog({ log, part, worker, limits: { ...limits, mapBytesMax }, disk, clock, work: createLoopWork(clock), isAborted: () => false });
}

function modelPass({ log }: Life, clock: TestClock, firstDirtyOffset: number): ModelPass {
  const producers = [...log.producers].map(({ producerId: id, producerEpoch: epoch, batches }) => ({ id, epoch, lastOffset: batches.at(-1)?.lastOffset ?? -1 }));
  return { firstDirtyOffset, endOffset: log.segments.at(-1)!.baseOffset, nowMs: clock.nowMs(), deleteRetentionMs, producers };
}

const dataOf = (batches: readonly ModelBatch[]): ModelRecord[] => batches.filter(({ marker }) => marker === undefined).flatMap(({ records }) => records);

describe('compaction', () => {
  it('does what a simple model does, pass after pass', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(steps, fc.constantFrom(0, 500, 2000)), { minLength: 1, maxLength: 3 }), async (rounds) => {
        const machine = newMachine();
        const life = await live(machine);
        let checkpoint = 0;
        for (const [script, waitMs] of rounds) {
          perform(life.log, script, machine.clock.nowMs());
          machine.clock.pass(waitMs);
          if (life.log.segments.at(-1)!.baseOffset === checkpoint) continue;
          const expected = compacted(modelOf(bytesOf(life.disk, life.log)), modelPass(life, machine.clock, checkpoint));
          checkpoint = (await pass(life, machine.clock, checkpoint)).endOffset;
          expect(checkpoint).to.equal(life.log.segments.at(-1)!.baseOffset);
          expect(modelOf(bytesOf(life.disk, life.log))).to.deep.equal(expected);
        }
        await life.manager.close();
      }),
      { numRuns: 60 },
    );
  });

  it('loses nothing and can be done again, whenever the process dies', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        for (let dieAt = 0; ; dieAt++) {
          const machine = newMachine();
          const before = await live(machine);
          perform(before.log, script, startMs);
          const original = modelOf(bytesOf(before.disk, before.log));
          const expected = compacted(original, modelPass(before, machine.clock, 0));
          const sizes = before.log.segmentCount;
          await before.manager.close();

          const dying = await live(machine, dieAt);
          dying.log.setHighWatermark(Infinity);
          await pass(dying, machine.clock, 0).catch(() => undefined);
          const isDone = dying.changes() <= dieAt;
          dying.die();

          const after = await live(machine);
          after.log.setHighWatermark(Infinity);
          const found = modelOf(bytesOf(after.disk, after.log));
          expect(found.map(({ baseOffset }) => baseOffset)).to.deep.equal(found.map(({ baseOffset }) => baseOffset).toSorted((one, other) => one - other));
          expect(dataOf(original)).to.include.deep.members(dataOf(found));
          expect(dataOf(found)).to.include.deep.members(dataOf(expected));
          expect(after.log.segmentCount).to.be.at.most(sizes);
          await pass(after, machine.clock, 0);
          expect(dataOf(modelOf(bytesOf(after.disk, after.log)))).to.deep.equal(dataOf(expected));
          const leftovers = after.disk.listSync('/data/compacted-0').filter((name) => /cleaned|swap/.test(name));
          expect(leftovers).to.deep.equal([]);
          await after.manager.close();
          if (isDone) return;
        }
      }),
      { numRuns: 6 },
    );
  });
});
