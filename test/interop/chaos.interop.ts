import { randomInt } from 'node:crypto';
import process from 'node:process';
import { expect } from 'chai';
import { runChaos } from '../integration/chaos/chaos.ts';

/** CHAOS_MINUTES=10 is the long run. Kafka, which shows that the checkers are right, gets half of it. */
const minutes = Number(process.env['CHAOS_MINUTES'] ?? 1);

describe('brokers that are killed at random', function () {
  this.timeout(minutes * 60_000 + 300_000);

  for (const [kind, itsMinutes] of [['ours', minutes], ['3.9.1', minutes / 2]] as const) {
    it(`lose nothing in ${itsMinutes} minutes (${kind === 'ours' ? 'ours' : `Apache Kafka ${kind}: the checkers are right`})`, async () => {
      const seed = randomInt(2 ** 31);
      const wrong = await runChaos({ kind, durationMs: itsMinutes * 60_000, seed, tell: (line) => process.stdout.write(`      ${line}\n`) });
      expect(wrong, `seed ${seed}`).to.deep.equal([]);
    });
  }
});
