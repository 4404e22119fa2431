import { expect } from 'chai';
import type { FileSlice } from '../../../src/log/partition-log.ts';
import { answerBytesMin, createLentMemory, lentBytesMax } from '../../../src/replica/lent-memory.ts';
import type { RecordReader } from '../../../src/replica/record-reader.ts';

const sliceOf = (length: number): FileSlice => ({ file: undefined as never, position: 0, length });

function reader(): { reader: RecordReader; returned: () => number } {
  let returned = 0;
  const memory = Buffer.alloc(64 << 20);
  const lend = ({ length }: FileSlice) => ({ records: memory.subarray(0, length), giveBack: () => void returned++ });
  return { reader: { take: lend, read: (slice) => Promise.resolve(lend(slice)) }, returned: () => returned };
}

describe('memory of records that are not sent yet', () => {
  it('is counted until it is given back', async () => {
    const { reader: plain, returned } = reader();
    const memory = createLentMemory(plain);
    const now = memory.reader.take(sliceOf(1000), true, undefined)!;
    const later = await memory.reader.read(sliceOf(500));
    expect(memory.lentBytes()).to.equal(1500);
    now.giveBack();
    expect([memory.lentBytes(), returned()]).to.deep.equal([500, 1]);
    later.giveBack();
    expect([memory.lentBytes(), returned()]).to.deep.equal([0, 2]);
  });

  it('does not count what stays in files', () => {
    const file = { ...sliceOf(0).file, hold: () => () => undefined };
    const memory = createLentMemory({ ...reader().reader, take: () => ({ records: { file, position: 0, byteLength: 1000 }, giveBack: () => undefined }) });
    memory.reader.take(sliceOf(1000), true, undefined)!.giveBack();
    expect(memory.lentBytes()).to.equal(0);
  });

  it('makes answers smaller when readers do not take theirs, down to one batch', () => {
    const { reader: plain } = reader();
    const memory = createLentMemory(plain);
    const wanted = 50 << 20;
    expect(memory.answerBytesMax(wanted)).to.equal(wanted);
    let answers = 0;
    while (memory.answerBytesMax(wanted) > answerBytesMin) {
      memory.reader.take(sliceOf(memory.answerBytesMax(wanted)), true, undefined);
      answers++;
    }
    expect(answers).to.equal(Math.ceil(lentBytesMax / wanted));
    expect(memory.lentBytes()).to.be.at.most(lentBytesMax);
  });

  it('counts a read from its beginning to its failure', async () => {
    let fail = (): void => undefined;
    const failing = { take: () => ({ records: Buffer.alloc(0), giveBack: () => undefined }), read: () => new Promise<never>((_, reject) => (fail = () => reject(new Error('EIO')))) };
    const memory = createLentMemory(failing);
    const reading = memory.reader.read(sliceOf(700)).catch((error: Error) => error.message);
    expect(memory.lentBytes()).to.equal(700);
    fail();
    expect([await reading, memory.lentBytes()]).to.deep.equal(['EIO', 0]);
  });

  it('gives no more than was asked for', () => {
    expect(createLentMemory(reader().reader).answerBytesMax(17)).to.equal(17);
  });
});
