import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import type { ArgumentTable } from '../../../src/tools/argparse.ts';
import { helpBlock, parseArguments } from '../../../src/tools/argparse.ts';
import { producerPerfTestTool } from '../../../src/tools/producer-perf-test/command.ts';
import { producerPerfTestArguments } from '../../../src/tools/producer-perf-test/options.ts';
import { createStatistics } from '../../../src/tools/producer-perf-test/statistics.ts';
import type { Tool } from '../../../src/tools/terminal.ts';
import { ToolExit, runTool } from '../../../src/tools/terminal.ts';
import { verifiableConsumerTool } from '../../../src/tools/verifiable-consumer/command.ts';
import { verifiableConsumerArguments } from '../../../src/tools/verifiable-consumer/options.ts';
import { verifiableProducerTool } from '../../../src/tools/verifiable-producer/command.ts';
import { verifiableProducerArguments } from '../../../src/tools/verifiable-producer/options.ts';
import { memoryTerminal } from './memory-terminal.ts';

interface GoldenRun {
  readonly name: string;
  readonly argv: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

const golden = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, '../../golden/cli/argparse.json'), 'utf8')) as Readonly<Record<string, readonly GoldenRun[]>>;
const tools: Readonly<Record<string, readonly [Tool, ArgumentTable]>> = {
  'kafka-verifiable-producer': [verifiableProducerTool, verifiableProducerArguments],
  'kafka-verifiable-consumer': [verifiableConsumerTool, verifiableConsumerArguments],
  'kafka-producer-perf-test': [producerPerfTestTool, producerPerfTestArguments],
};

for (const [name, [tool, table]] of Object.entries(tools)) {
  describe(`${name}, as Kafka's own was seen to run without a broker`, () => {
    for (const run of golden[name]!) {
      it(`${run.name}: ${run.argv.join(' ')}`, async () => {
        const terminal = memoryTerminal();
        const exitCode = await runTool(tool, run.argv.map((word) => word.replace('{B}', '127.0.0.1:1')), terminal);
        expect({ exitCode, stdout: terminal.outText, stderr: terminal.errText }).to.deep.equal({ exitCode: run.exitCode, stdout: run.stdout.replace('{HELP}\n', helpBlock(table)), stderr: run.stderr });
      });
    }
  });
}

describe('arguments as argparse4j takes them', () => {
  const parse = (...args: string[]): ReturnType<typeof parseArguments> => parseArguments(producerPerfTestArguments, args, memoryTerminal());
  const whole = ['--topic', 't', '--num-records', '1', '--throughput', '-1', '--record-size', '5'];
  const complaint = (...args: string[]): string => {
    try {
      parse(...args);
      return '';
    } catch (error) {
      expect(error).to.be.instanceOf(ToolExit);
      return (error as Error).message.split('\n').at(-2) ?? '';
    }
  };

  it('may be shortened, joined by =, and take several words', () => {
    const options = parse('--top', 't', '--num-records=1', '--throughput', '-1', '--record-size', '5', '--producer-props', 'a=1', 'b=2', '--print-metrics');
    expect([options.value('--topic'), options.number('--num-records'), options.number('--throughput')]).to.deep.equal(['t', 1, -1]);
    expect(options.values('--producer-props')).to.deep.equal(['a=1', 'b=2']);
    expect(options.has('--print-metrics')).to.equal(true);
  });

  it('are refused where they do not fit', () => {
    expect(complaint(...whole.slice(2))).to.match(/argument --topic is required$/);
    expect(complaint(...whole.slice(0, 6))).to.match(/one of the arguments --record-size --payload-file --payload-monotonic is required$/);
    expect(complaint(...whole, '--payload-monotonic')).to.match(/argument --payload-monotonic: not allowed with argument --record-size$/);
    expect(complaint(...whole, '--pay', 'x')).to.match(/ambiguous option: --pay could match /);
    expect(complaint('--topic', 't', '--num-records', 'many')).to.match(/is required$|could not convert 'many' to Long$/);
  });
});

describe('statistics of kafka-producer-perf-test', () => {
  it('are printed in the words of Kafka', () => {
    const statistics = createStatistics(3, 0);
    expect(statistics.record(2, 1_048_576, 100)).to.equal(undefined);
    expect(statistics.record(4, 1_048_576, 5000)).to.equal('2 records sent, 0.4 records/sec (0.40 MB/sec), 3.0 ms avg latency, 4.0 ms max latency.\n');
    statistics.record(9, 1_048_576, 6000);
    expect(statistics.total(6000)).to.equal('3 records sent, 0.500000 records/sec (0.50 MB/sec), 5.00 ms avg latency, 9.00 ms max latency, 4 ms 50th, 9 ms 95th, 9 ms 99th, 9 ms 99.9th.\n');
  });
});
