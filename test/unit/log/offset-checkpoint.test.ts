import { expect } from 'chai';
import path from 'node:path';
import { formatOffsetCheckpoint, readOffsetCheckpoint } from '../../../src/log/offset-checkpoint.ts';
import { nodeDisk } from '../../../src/runtime/node-disk.ts';
import { removeTemporaryFolders, temporaryFolder } from './support.ts';

describe('checkpoints of a log directory', () => {
  let file: string;
  beforeEach(() => {
    file = path.join(temporaryFolder(), 'cleaner-offset-checkpoint');
  });
  afterEach(removeTemporaryFolders);

  it('give back what was written, by folder', () => {
    nodeDisk.replaceFileSync(file, formatOffsetCheckpoint([{ topic: 'a', partition: 0, offset: 7 }, { topic: 'b-1', partition: 12, offset: 0 }]));
    expect(readOffsetCheckpoint(nodeDisk, file)).to.deep.equal(new Map([['a-0', 7], ['b-1-12', 0]]));
    expect(nodeDisk.readFileSync(file).toString()).to.equal('0\n2\na 0 7\nb-1 12 0\n');
  });

  it('are empty where there is no file, and where Apache Kafka made one without a byte', () => {
    expect(readOffsetCheckpoint(nodeDisk, file).size).to.equal(0);
    nodeDisk.replaceFileSync(file, '');
    expect(readOffsetCheckpoint(nodeDisk, file).size).to.equal(0);
  });

  for (const [name, text] of [['another version', '1\n0\n'], ['a wrong count', '0\n2\na 0 1\n'], ['a bad line', '0\n1\na 0\n'], ['a line cut short', '0\n1\na 0 1']] as const) {
    it(`are refused with ${name}`, () => {
      nodeDisk.replaceFileSync(file, text);
      expect(() => readOffsetCheckpoint(nodeDisk, file)).to.throw().with.property('name', 'MalformedFile');
    });
  }
});
