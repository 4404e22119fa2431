import process from 'node:process';
import { copyWithFaults } from './patched-copy.ts';
import { patches } from './patches.ts';

/** Tells the first seeds that find each fault whose name holds the first argument; the second is how many are tried, 20 unless given. */
const [part = '', most = '20'] = process.argv.slice(2);
const copy = await copyWithFaults();
try {
  for (const patch of patches.filter(({ name }) => name.includes(part))) {
    let told = `none of ${most} seeds`;
    for (let seed = 1; seed <= Number(most); seed++) {
      const { violations } = await copy.simulateWith(patch, seed, { scenario: patch.scenario ?? 'three-brokers' });
      if (violations[0] === undefined) continue;
      told = `seed ${seed}: ${violations[0]}`;
      break;
    }
    console.log(`${patch.name}: ${told}`);
  }
} finally {
  copy.remove();
}
