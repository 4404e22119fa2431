import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { LeaderEpochs } from '../../../src/log/leader-epochs.ts';
import { nodeDisk } from '../../../src/runtime/node-disk.ts';
import { removeTemporaryFolders, temporaryFolder } from './support.ts';

describe('leader epochs of a log', () => {
  let file: string;
  let epochs: LeaderEpochs;
  beforeEach(() => {
    file = path.join(temporaryFolder(), 'leader-epoch-checkpoint');
    epochs = LeaderEpochs.read(nodeDisk, file);
  });
  afterEach(removeTemporaryFolders);

  const assign = (...entries: readonly [number, number][]): void => entries.forEach(([epoch, offset]) => epochs.assign(epoch, offset));
  const stored = (): string => nodeDisk.readFileSync(file).toString();

  it('are in the file as soon as they are assigned', () => {
    assign([0, 0], [3, 15]);
    expect(stored()).to.equal('0\n2\n0 0\n3 15\n');
    expect(LeaderEpochs.read(nodeDisk, file).entries).to.deep.equal(epochs.entries);
  });

  it('leave one entry where leaders changed without data', () => {
    assign([0, 0], [1, 5], [2, 5], [4, 5]);
    expect(epochs.entries).to.deep.equal([{ epoch: 0, startOffset: 0 }, { epoch: 4, startOffset: 5 }]);
  });

  it('give way to an entry that contradicts them', () => {
    assign([0, 0], [1, 5], [2, 9]);
    epochs.assign(1, 7);
    expect(epochs.entries).to.deep.equal([{ epoch: 0, startOffset: 0 }, { epoch: 1, startOffset: 7 }]);
  });

  for (const [name, epoch, answer] of [
    ['the latest: the log end', 6, [6, 40]],
    ['one between: the end of the next lower', 3, [2, 20]],
    ['a known one: where the next begins', 2, [2, 20]],
    ['one before all: where the first begins', 0, [0, 5]],
    ['one above all: nothing', 7, [-1, -1]],
    ['none: nothing', -1, [-1, -1]],
  ] as const) {
    it(`tell the end of an epoch, ${name}`, () => {
      assign([1, 5], [2, 10], [5, 20], [6, 30]);
      const { epoch: found, endOffset } = epochs.endOffsetFor(epoch, 40);
      expect([found, endOffset]).to.deep.equal(answer);
    });
  }

  it('are cut at both ends with the log', () => {
    assign([1, 0], [2, 10], [5, 20], [6, 30]);
    epochs.truncateFromEnd(30);
    epochs.truncateFromStart(12);
    expect(epochs.entries).to.deep.equal([{ epoch: 2, startOffset: 12 }, { epoch: 5, startOffset: 20 }]);
    expect([11, 12, 19, 20, 99].map((offset) => epochs.epochForOffset(offset))).to.deep.equal([undefined, 2, 2, 5, 5]);
    expect(stored()).to.equal('0\n2\n2 12\n5 20\n');
  });

  it('do not write a file that would say the same', () => {
    assign([1, 0]);
    nodeDisk.unlinkSync(file);
    epochs.assign(1, 0);
    epochs.truncateFromStart(0);
    epochs.truncateFromEnd(50);
    expect(nodeDisk.existsSync(file)).to.equal(false);
  });

  it('write the first epoch of a new partition into the file that was made for it', () => {
    epochs = LeaderEpochs.create(nodeDisk, file);
    epochs.save();
    expect(stored()).to.equal('');
    const { ino } = fs.statSync(file);
    assign([4, 0]);
    expect([stored(), fs.statSync(file).ino]).to.deep.equal(['0\n1\n4 0\n', ino]);
    assign([5, 7]);
    expect(stored()).to.equal('0\n2\n4 0\n5 7\n');
    expect(fs.readdirSync(path.dirname(file))).to.deep.equal([path.basename(file)]);
  });

  it('leave the file of a log without records as it is on opening, until something is to be told', () => {
    assign([3, 0]);
    epochs = LeaderEpochs.read(nodeDisk, file);
    epochs.truncateFromEndOnOpening(0);
    expect([epochs.entries, stored()]).to.deep.equal([[], '0\n1\n3 0\n']);
    epochs.clear();
    expect(stored()).to.equal('0\n0\n');
    assign([3, 0]);
    epochs = LeaderEpochs.read(nodeDisk, file);
    epochs.truncateFromEndOnOpening(0);
    assign([5, 0]);
    expect(stored()).to.equal('0\n1\n5 0\n');
  });

  it('are cut in the file too where some are left on opening', () => {
    assign([1, 0], [2, 10]);
    epochs.truncateFromEndOnOpening(10);
    expect(stored()).to.equal('0\n1\n1 0\n');
  });

  for (const [name, text] of [['another version', '1\n0\n'], ['a wrong count', '0\n2\n0 0\n'], ['a bad line', '0\n1\n0 x\n'], ['nothing', '']] as const) {
    it(`refuse a file with ${name}`, () => {
      nodeDisk.replaceFileSync(file, text);
      expect(() => LeaderEpochs.read(nodeDisk, file)).to.throw().with.property('name', 'MalformedFile');
    });
  }
});
