import { expect } from 'chai';
import { copyWithFaults } from './planted/patched-copy.ts';
import type { PatchedCopy } from './planted/patched-copy.ts';
import { patches } from './planted/patches.ts';

/** Where the seed of old finds nothing any more, others are tried: the source has changed. */
describe('the simulator, with a fault planted in the brokers', function () {
  this.timeout(300_000);
  let copy: PatchedCopy;
  before(async () => {
    copy = await copyWithFaults();
  });
  after(() => copy.remove());

  it('finds nothing where none is awake', async () => {
    const { violations } = await copy.simulateWith(undefined, 1, { scenario: 'three-brokers', lengthMs: 20_000 });
    expect(violations).to.deep.equal([]);
  });

  for (const patch of patches) {
    it(`finds within ${patch.seedsMax} seeds a broker that ${patch.name}`, async () => {
      for (const seed of [patch.seed, ...Array.from({ length: patch.seedsMax }, (_, index) => index + 1)]) {
        const { violations } = await copy.simulateWith(patch, seed, { scenario: patch.scenario ?? 'three-brokers' });
        if (violations.length > 0) return;
      }
      expect.fail(`no seed from 1 to ${patch.seedsMax} finds it`);
    });
  }
});
