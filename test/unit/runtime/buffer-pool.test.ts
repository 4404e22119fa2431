import { expect } from 'chai';
import { createBufferPool } from '../../../src/runtime/buffer-pool.ts';

const kibi = 1024;

describe('buffers that are used again', () => {
  it('have the smallest size that is large enough', () => {
    const pool = createBufferPool();
    expect([1, 16 * kibi, 17 * kibi, 300 * kibi, 1100 * kibi].map((length) => pool.borrow(length).length / kibi)).to.deep.equal([16, 16, 64, 1088, 4352]);
  });

  it('come back after they were given back, four of a size', () => {
    const pool = createBufferPool();
    const borrowed = Array.from({ length: 5 }, () => pool.borrow(20_000));
    for (const buffer of borrowed) pool.giveBack(buffer);
    const again = Array.from({ length: 5 }, () => pool.borrow(20_000));
    expect(again.filter((buffer) => borrowed.includes(buffer))).to.have.length(4);
    expect(new Set(again).size).to.equal(5);
  });

  it('are smaller than what is wished for where only a larger one than allowed would do', () => {
    const pool = createBufferPool();
    expect(pool.borrow(1000 * kibi, 200 * kibi, 1000 * kibi).length).to.equal(256 * kibi);
    expect(pool.borrow(20 * kibi, 20 * kibi, 60 * kibi).length, 'no size lies between').to.equal(20 * kibi);
  });

  it('are forgotten where they have no size of the pool', () => {
    const pool = createBufferPool();
    const large = pool.borrow(5 << 20);
    expect(large.length).to.equal(5 << 20);
    pool.giveBack(large);
    expect(pool.borrow(5 << 20)).not.to.equal(large);
  });
});
