import { copyWithFaults } from './planted/patched-copy.ts';
import { patches } from './planted/patches.ts';
const only = process.argv[2] ?? '';
const from = Number(process.argv[3] ?? 1), most = Number(process.argv[4] ?? 20);
const copy = await copyWithFaults();
for (const patch of patches) {
  if (only === 'new' ? patch.scenario === undefined : !patch.name.includes(only)) continue;
  let told = 'NOT FOUND';
  for (let seed = from; seed < from + most; seed++) {
    const t = performance.now();
    const { violations } = await copy.simulateWith(patch, seed, { scenario: patch.scenario ?? 'three-brokers' });
    if (violations.length > 0) { told = `seed ${seed} in ${((performance.now() - t) / 1000).toFixed(1)} s: ${violations[0]!.slice(0, 160)}`; break; }
  }
  console.log(`${patch.name}: ${told}`);
}
copy.remove();
