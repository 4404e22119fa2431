import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { transactionsTool } from '../../../src/tools/transactions/command.ts';
import { table } from '../../../src/tools/transactions/table.ts';
import { runTool } from '../../../src/tools/terminal.ts';
import { memoryTerminal } from './memory-terminal.ts';

/** What Apache Kafka 3.9.1's own tool said to the same words. */
interface GoldenRun {
  readonly argv: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

const runs = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, '../../golden/cli/kafka-transactions.json'), 'utf8')) as readonly GoldenRun[];

describe('kafka-transactions', () => {
  for (const { argv, stdout, stderr, exitCode } of runs) {
    it(`answers "${argv.join(' ')}" as Apache Kafka's`, async () => {
      const terminal = memoryTerminal();
      const status = await runTool(transactionsTool, argv, terminal);
      expect({ stdout: terminal.outText, stderr: terminal.errText, status }).to.deep.equal({ stdout, stderr, status: exitCode });
    });
  }

  it('prints columns as wide as their widest cell, with a tab behind each', () => {
    expect(table(['A', 'Long'], [['wide', '1']])).to.equal('A   \tLong\t\nwide\t1   \t\n');
  });
});
