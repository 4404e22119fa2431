import { expect } from 'chai';
import { TransactionIndex } from '../../../src/log/transaction-index.ts';
import { createSimulatedDisk } from '../../simulation/world/disk.ts';
import { seededRandom } from '../../simulation/world/random.ts';
import { createTrace } from '../../simulation/world/trace.ts';

const file = '/data/t-0/00000000000000000000.txnindex';
const entryOf = (firstOffset: number) => ({ producerId: 7, firstOffset, lastOffset: firstOffset + 5, lastStableOffset: firstOffset + 6 });

describe('index of aborted transactions', () => {
  /** What each of some power losses leaves of it. */
  async function afterPowerLoss(work: (index: TransactionIndex) => void | Promise<void>): Promise<number[]> {
    const left: number[] = [];
    for (let seed = 1; seed <= 20; seed++) {
      const disk = createSimulatedDisk(() => 0, seededRandom(seed), createTrace());
      const mounted = disk.mount({ isAlive: () => true, die: () => undefined, stall: () => undefined });
      mounted.makeDirectorySync('/data/t-0');
      mounted.syncDirectorySync('/data');
      await work(new TransactionIndex(mounted, file));
      disk.losePower();
      left.push(new TransactionIndex(mounted, file).read()?.length ?? -1);
    }
    return left;
  }

  it('is kept with its name when power is lost behind a flush, in this thread or another', async () => {
    const appendTwo = (index: TransactionIndex): void => {
      index.append(entryOf(0));
      index.append(entryOf(10));
    };
    const flushedHere = await afterPowerLoss((index) => {
      appendTwo(index);
      index.syncSync();
    });
    const flushedElsewhere = await afterPowerLoss(async (index) => {
      appendTwo(index);
      await index.sync();
    });
    expect(new Set([...flushedHere, ...flushedElsewhere])).to.deep.equal(new Set([2]));
    expect(await afterPowerLoss(appendTwo)).to.include(0);
  });

  it('is kept as it was cut', async () => {
    const left = await afterPowerLoss((index) => {
      index.append(entryOf(0));
      index.append(entryOf(10));
      index.syncSync();
      index.truncateTo(12);
      index.syncSync();
    });
    expect(new Set(left)).to.deep.equal(new Set([1]));
  });
});
