import { expect } from 'chai';
import { createNames, newFile } from './world/names.ts';
import type { Names } from './world/names.ts';
import { seededRandom } from './world/random.ts';
import { createWorld } from './world/world.ts';

const sessionTimeoutMs = 6000;

describe('names on a simulated disk', () => {
  let nowMs = 0;
  const pathsOf = (names: Names): string[] => names.files().map(([path]) => path).sort();

  /** What may be left of `work` when power is lost behind it: each outcome that some chance brings. */
  function outcomes(work: (names: Names) => void): Set<string> {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 50; seed++) {
      nowMs = 0;
      const names = createNames(() => nowMs);
      names.makeFolder('/data/t-0');
      names.put('/data/t-0/0.log', newFile(0));
      names.sync('/data');
      names.sync('/data/t-0');
      work(names);
      names.losePower(seededRandom(seed));
      seen.add(pathsOf(names).join());
    }
    return seen;
  }

  it('are lost with the power, the latest first, where their folder was not fsynced', () => {
    const seen = outcomes((names) => {
      names.put('/data/t-0/5.log', newFile(0));
      names.rename('/data/t-0/0.log', '/data/t-0/0.log.deleted');
    });
    expect(seen).to.have.keys('/data/t-0/0.log', '/data/t-0/0.log,/data/t-0/5.log', '/data/t-0/0.log.deleted,/data/t-0/5.log');
  });

  it('come back when they were removed', () => {
    expect(outcomes((names) => void names.remove('/data/t-0'))).to.have.keys('', '/data/t-0/0.log');
  });

  it('stay when their folder was fsynced, or long ago', () => {
    const seen = outcomes((names) => {
      names.put('/data/t-0/5.log', newFile(0));
      names.sync('/data/t-0');
    });
    expect(seen).to.have.keys('/data/t-0/0.log,/data/t-0/5.log');
    const later = outcomes((names) => {
      names.put('/data/t-0/5.log', newFile(0));
      nowMs += 60_000;
      names.put('/data/t-0/6.log', newFile(0));
    });
    expect(later).to.have.keys('/data/t-0/0.log,/data/t-0/5.log', '/data/t-0/0.log,/data/t-0/5.log,/data/t-0/6.log');
  });

  it('follow a folder that was renamed, and go back with it', () => {
    expect(outcomes((names) => void names.rename('/data/t-0', '/data/t-0.x-delete'))).to.have.keys('/data/t-0/0.log', '/data/t-0.x-delete/0.log');
  });
});

describe('ZooKeeper in the simulator', () => {
  it('keeps no session of a client whose connections are lost, and whose sessions end, before it hears of them', async () => {
    for (let seed = 1; seed <= 3; seed++) {
      const world = createWorld(seed);
      const process = world.startProcess('broker-1', world.newDisk());
      let isConnected = false;
      void world.zookeeper.connect(process, sessionTimeoutMs).then(() => (isConnected = true));
      await world.timeline.run(60_000, () => isConnected);
      for (let count = 0; count < 6000; count++) {
        if (count % 200 === 0) world.zookeeper.expire(process);
        if (world.random.oneIn(5)) world.zookeeper.loseConnection(process);
        await world.timeline.run(world.timeline.nowMs + 1);
      }
      await world.timeline.run(world.timeline.nowMs + 10 * sessionTimeoutMs);
      expect(world.zookeeper.sessions, `seed ${seed}`).to.equal(1);
    }
  });
});
