import { expect } from 'chai';
import { IndexMemory } from '../../../src/log/index-memory.ts';
import type { HeldIndex } from '../../../src/log/index-memory.ts';

describe('memory of indexes', () => {
  const index = (memory: IndexMemory, isSaved = true): HeldIndex => {
    const held: HeldIndex = { usedSinceSweep: false, unload: () => void (isSaved && memory.gave(held)) };
    return held;
  };

  it('keeps within its bound, those used lately last', () => {
    const memory = new IndexMemory(100);
    const [first, second, third] = [index(memory), index(memory), index(memory)];
    memory.took(first, 40);
    memory.took(second, 40);
    first.usedSinceSweep = true;
    memory.took(third, 40);
    expect([memory.heldBytes, first.usedSinceSweep]).to.deep.equal([80, false]);
    memory.gave(second);
    expect(memory.heldBytes).to.equal(80);
    memory.gave(first);
    memory.gave(third);
    expect(memory.heldBytes).to.equal(0);
  });

  it('takes one that is larger than all, and does not turn for ever among those that cannot go', () => {
    const memory = new IndexMemory(100);
    memory.took(index(memory, false), 60);
    memory.took(index(memory), 500);
    expect(memory.heldBytes).to.equal(560);
    memory.took(index(memory), 10);
    expect(memory.heldBytes).to.equal(70);
  });
});
