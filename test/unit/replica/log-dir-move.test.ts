import { expect } from 'chai';
import fc from 'fast-check';
import type { LogManager } from '../../../src/log/log-manager.ts';
import type { PartitionLog } from '../../../src/log/partition-log.ts';
import { nextMoveStep } from '../../../src/replica/log-dir-move.ts';
import { openManager, producerBatch, removeTemporaryFolders, temporaryFolder } from '../log/support.ts';

type Event = { readonly kind: 'append' | 'roll' | 'cut' | 'forget' | 'copy'; readonly share: number };

/** What a mover does at one step, with what it may read at once. */
function advance(present: PartitionLog, future: PartitionLog): boolean {
  const step = nextMoveStep(present, future);
  if (step.kind === 'cut') future.truncateTo(step.offset);
  if (step.kind === 'start-anew') future.truncateFullyAndStartAt(step.offset);
  if (step.kind === 'copy') {
    const { file, position, length } = present.read(step.from, 500, 'log-end', true).records;
    const records = Buffer.alloc(length);
    file.readSync(records, 0, length, position);
    future.appendAsFollower(records);
    future.writeStaged();
    future.setHighWatermark(present.highWatermark);
  }
  return step.kind === 'swap';
}

function bytesFrom(log: PartitionLog, offset: number): string {
  let text = '';
  for (let next = offset; next < log.logEndOffset; ) {
    const { records, next: after } = log.read(next, 1 << 30, 'log-end', true);
    const bytes = Buffer.alloc(records.length);
    records.file.readSync(bytes, 0, records.length, records.position);
    text += bytes.toString('hex');
    next = after?.offset ?? log.logEndOffset;
  }
  return text;
}

describe('the copy of a log in another directory', () => {
  let manager: LogManager;

  afterEach(async () => {
    await manager.close();
    removeTemporaryFolders();
  });

  it('becomes the same as the log, whatever happens to that meanwhile', async () => {
    const directories = [temporaryFolder(), temporaryFolder()];
    manager = await openManager(directories, { topic: { 'segment.bytes': '2000' } });
    let topics = 0;
    const event = fc.record<Event>({ kind: fc.constantFrom('append', 'append', 'roll', 'cut', 'forget', 'copy', 'copy'), share: fc.double({ min: 0, max: 1, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const topic = `t${topics++}`;
        let present = manager.getOrCreate(topic, 0, { isNew: true, preferredDirectory: directories[0]! });
        const future = manager.createFutureLog(topic, 0, directories[1]!);
        let epoch = 0;
        for (const { kind, share } of events) {
          const { logStartOffset, logEndOffset } = present;
          const at = logStartOffset + Math.floor(share * (logEndOffset - logStartOffset + 1));
          if (kind === 'append') {
            present.appendAsLeader(producerBatch(1 + Math.floor(share * 3)), epoch, { origin: 'client' });
            present.writeStaged();
          } else if (kind === 'roll') {
            present.roll();
          } else if (kind === 'cut') {
            present.truncateTo(at);
            epoch++;
          } else if (kind === 'forget') {
            present.setHighWatermark(at);
            present.incrementLogStartOffset(Math.min(at, present.highWatermark));
          } else if (future.logEndOffset > 0 || present.logStartOffset === 0) {
            advance(present, future);
          }
        }
        for (let steps = 0; !startsWithin(present, future) && !advance(present, future); steps++) expect(steps).to.be.below(1000);
        if (startsWithin(present, future)) return;
        const start = Math.max(present.logStartOffset, future.logStartOffset);
        expect(bytesFrom(future, start)).to.equal(bytesFrom(present, start));
        const latest = present.highWatermark;
        present = manager.replaceWithFutureLog(topic, 0);
        expect([present === future, present.logDirectory, manager.futureLogOf(topic, 0), manager.logOf(topic, 0), present.highWatermark]).to.deep.equal([true, directories[1], undefined, future, Math.min(latest, present.writtenEndOffset)]);
        present.appendAsLeader(producerBatch(1), epoch + 1, { origin: 'client' });
        present.writeStaged();
      }),
      { numRuns: 60 },
    );
  });
});

/** Where the log begins within a batch, the mover takes the batch whole; that is its business, not of these steps. */
function startsWithin(present: PartitionLog, future: PartitionLog): boolean {
  return future.logEndOffset < present.logStartOffset;
}
