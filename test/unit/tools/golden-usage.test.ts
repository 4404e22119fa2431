import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { brokerApiVersionsOptions, brokerApiVersionsTool } from '../../../src/tools/broker-api-versions/command.ts';
import { configsTool } from '../../../src/tools/configs/command.ts';
import { configsOptions } from '../../../src/tools/configs/options.ts';
import { consoleConsumerTool } from '../../../src/tools/console-consumer/command.ts';
import { consoleConsumerOptions } from '../../../src/tools/console-consumer/options.ts';
import { consoleProducerTool } from '../../../src/tools/console-producer/command.ts';
import { consoleProducerOptions } from '../../../src/tools/console-producer/options.ts';
import { consumerGroupsTool } from '../../../src/tools/consumer-groups/command.ts';
import { consumerGroupsOptions } from '../../../src/tools/consumer-groups/options.ts';
import { consumerPerfTestTool } from '../../../src/tools/consumer-perf-test/command.ts';
import { consumerPerfTestOptions } from '../../../src/tools/consumer-perf-test/options.ts';
import { deleteRecordsTool } from '../../../src/tools/delete-records/command.ts';
import { deleteRecordsOptions } from '../../../src/tools/delete-records/options.ts';
import { dumpLogTool } from '../../../src/tools/dump-log/command.ts';
import { dumpLogOptions } from '../../../src/tools/dump-log/options.ts';
import { getOffsetsTool } from '../../../src/tools/get-offsets/command.ts';
import { getOffsetsOptions } from '../../../src/tools/get-offsets/options.ts';
import { helpText } from '../../../src/tools/help.ts';
import { leaderElectionTool } from '../../../src/tools/leader-election/command.ts';
import { leaderElectionOptions } from '../../../src/tools/leader-election/options.ts';
import { logDirsTool } from '../../../src/tools/log-dirs/command.ts';
import { logDirsOptions } from '../../../src/tools/log-dirs/options.ts';
import type { OptionTable } from '../../../src/tools/options.ts';
import { reassignPartitionsTool } from '../../../src/tools/reassign-partitions/command.ts';
import { reassignOptions } from '../../../src/tools/reassign-partitions/options.ts';
import { replicaVerificationTool } from '../../../src/tools/replica-verification/command.ts';
import { replicaVerificationOptions } from '../../../src/tools/replica-verification/options.ts';
import type { Tool } from '../../../src/tools/terminal.ts';
import { runTool } from '../../../src/tools/terminal.ts';
import { topicsTool } from '../../../src/tools/topics/command.ts';
import { topicsOptions } from '../../../src/tools/topics/options.ts';
import { memoryTerminal } from './memory-terminal.ts';

interface GoldenRun {
  readonly name: string;
  readonly argv: readonly string[];
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  /** A Java trace stood behind the first line: only that line is compared. */
  readonly javaStack?: boolean;
}

interface Golden {
  readonly flags: readonly { readonly name: string; readonly argument: string | null; readonly required: boolean; readonly default: string | null }[];
  readonly runs: readonly GoldenRun[];
}

const tools: Readonly<Record<string, { readonly tool: Tool; readonly options: OptionTable }>> = {
  'kafka-topics': { tool: topicsTool, options: topicsOptions },
  'kafka-console-producer': { tool: consoleProducerTool, options: consoleProducerOptions },
  'kafka-console-consumer': { tool: consoleConsumerTool, options: consoleConsumerOptions },
  'kafka-configs': { tool: configsTool, options: configsOptions },
  'kafka-consumer-groups': { tool: consumerGroupsTool, options: consumerGroupsOptions },
  'kafka-consumer-perf-test': { tool: consumerPerfTestTool, options: consumerPerfTestOptions },
  'kafka-dump-log': { tool: dumpLogTool, options: dumpLogOptions },
  'kafka-get-offsets': { tool: getOffsetsTool, options: getOffsetsOptions },
  'kafka-delete-records': { tool: deleteRecordsTool, options: deleteRecordsOptions },
  'kafka-leader-election': { tool: leaderElectionTool, options: leaderElectionOptions },
  'kafka-log-dirs': { tool: logDirsTool, options: logDirsOptions },
  'kafka-reassign-partitions': { tool: reassignPartitionsTool, options: reassignOptions },
  'kafka-replica-verification': { tool: replicaVerificationTool, options: replicaVerificationOptions },
  'kafka-broker-api-versions': { tool: brokerApiVersionsTool, options: brokerApiVersionsOptions },
};

/** `<String: a b>` without the blanks that the captured help was wrapped at. */
const unwrapped = (text: string | null): string | null => text?.replaceAll(' ', '') ?? null;

for (const [name, { tool, options }] of Object.entries(tools)) {
  const golden = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, `../../golden/cli/${name}.json`), 'utf8')) as Golden;

  describe(`${name}, as Kafka's own was seen to run without a broker`, () => {
    it('has every flag with its argument, default and REQUIRED mark', () => {
      for (const flag of golden.flags) {
        const option = options.find((candidate) => candidate.name === flag.name);
        const { argument } = option ?? {};
        const label = argument === undefined ? null : `${argument.type}${argument.label === undefined ? '' : `: ${argument.label}`}`;
        const shown = label === null ? null : argument?.isOptional === true ? `[${label}]` : `<${label}>`;
        expect({ name: option?.name, argument: unwrapped(shown), required: option?.description.startsWith('REQUIRED'), default: unwrapped(argument?.default ?? null) }).to.deep.equal({
          name: flag.name,
          argument: unwrapped(flag.argument),
          required: flag.required,
          default: unwrapped(flag.default),
        });
      }
    });

    for (const run of golden.runs) {
      it(`${run.name}: ${run.argv.join(' ')}`, async () => {
        const fill = (text: string): string => text.replaceAll('{B}', '127.0.0.1:1').replaceAll('{Z}', '127.0.0.1:1').replaceAll('{D}', '/nonexistent');
        const terminal = memoryTerminal(run.stdin);
        const exitCode = await runTool(tool, run.argv.map(fill), terminal);
        const errors = terminal.errText.split('\n').filter((line) => !/^\[\d{4}-\d\d-\d\d [\d:,]+\] /.test(line)).join('\n');
        const expected = fill(run.stderr).replaceAll('{HELP}\n', helpText(options));
        const firstLine = (text: string): string => text.split('\n')[0] ?? '';
        expect({ exitCode, stdout: terminal.outText, stderr: run.javaStack === true ? firstLine(errors) : errors }).to.deep.equal({
          exitCode: run.exitCode,
          stdout: fill(run.stdout),
          stderr: run.javaStack === true ? firstLine(expected) : expected,
        });
      });
    }
  });
}
