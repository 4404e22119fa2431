import path from 'node:path';
import { expect } from 'chai';
import { OpenFiles } from '../../../src/log/open-files.ts';
import type { FileHolder } from '../../../src/log/open-files.ts';
import type { DiskFile } from '../../../src/runtime/disk.ts';
import { nodeDisk } from '../../../src/runtime/node-disk.ts';
import { removeTemporaryFolders, temporaryFolder, TestClock } from './support.ts';

class Holder implements FileHolder {
  readonly path: string;
  usedSinceSweep = false;
  readonly #pool: OpenFiles;
  #file: DiskFile | undefined;

  constructor(pool: OpenFiles, file: string) {
    this.#pool = pool;
    this.path = file;
  }

  get isOpen(): boolean {
    return this.#file !== undefined;
  }

  use(): DiskFile {
    this.usedSinceSweep = true;
    return (this.#file ??= this.#pool.open(this));
  }

  giveUpFile(): DiskFile | undefined {
    const file = this.#file;
    this.#file = undefined;
    return file;
  }
}

describe('open files of all segments', () => {
  let clock: TestClock;
  let pool: OpenFiles;
  let holders: Holder[];
  beforeEach(() => {
    clock = new TestClock();
    pool = new OpenFiles(nodeDisk, clock, 4);
    const folder = temporaryFolder();
    holders = Array.from({ length: 10 }, (_, index) => new Holder(pool, path.join(folder, String(index))));
  });
  afterEach(() => {
    pool.closeAll();
    removeTemporaryFolders();
  });

  it('are never more than the limit, and one in use again and again stays open', () => {
    const favourite = holders[0]!;
    const file = favourite.use();
    for (let round = 0; round < 5; round++) {
      for (const holder of holders) {
        holder.use();
        expect(favourite.use()).to.equal(file);
        expect(pool.openCount).to.be.at.most(4);
      }
    }
    expect(holders.filter(({ isOpen }) => isOpen)).to.have.lengthOf(4);
  });

  it('can be read for a minute after they were given up', () => {
    const file = holders[0]!.use();
    file.writeSync([Buffer.from('abc')], 0);
    pool.release(holders[0]!);
    clock.pass(59_999);
    expect(file.readSync(Buffer.alloc(3), 0, 3, 0)).to.equal(3);
    clock.pass(1);
    expect(() => file.readSync(Buffer.alloc(3), 0, 3, 0)).to.throw().with.property('code', 'EBADF');
  });

  it('are all closed at the end, with their timers', () => {
    const files = holders.map((holder) => holder.use());
    pool.closeAll();
    for (const file of files) expect(() => file.sizeSync()).to.throw();
    expect([pool.openCount, clock.timerCount]).to.deep.equal([0, 0]);
  });
});
