import { expect } from 'chai';
import { IndexEntries } from '../../../src/log/index-entries.ts';
import { createSimulatedDisk } from '../../simulation/world/disk.ts';
import { seededRandom } from '../../simulation/world/random.ts';
import { createTrace } from '../../simulation/world/trace.ts';

const entryBytes = 8;

describe('entries of an index', () => {
  for (const [how, isAsync] of [['on the event loop', false], ['in another thread', true]] as const) {
    it(`survive a power loss once they were fsynced ${how}, though they were out of memory then`, async () => {
      for (let seed = 1; seed <= 20; seed++) {
        const disk = createSimulatedDisk(() => 0, seededRandom(seed), createTrace());
        const mounted = disk.mount({ isAlive: () => true, die: () => undefined, stall: () => undefined });
        mounted.makeDirectorySync('/data');
        const entries = new IndexEntries(mounted, '/data/0.index', entryBytes);
        entries.reset();
        for (let count = 0; count < 3; count++) entries.add();
        entries.bytes.fill(7);
        entries.save();
        entries.unload();
        mounted.syncDirectorySync('/data');
        if (isAsync) await entries.sync();
        else entries.syncSync();
        disk.losePower();
        expect(new IndexEntries(mounted, '/data/0.index', entryBytes).count).to.equal(3);
      }
    });
  }
});
