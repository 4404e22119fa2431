import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { createProducer } from '../../../src/client/index.ts';
import { startTestCluster } from '../../../src/testing/index.ts';
import type { TestCluster } from '../../../src/testing/index.ts';
import { consoleConsumerTool } from '../../../src/tools/console-consumer/command.ts';
import { getOffsetsTool } from '../../../src/tools/get-offsets/command.ts';
import { producerPerfTestTool } from '../../../src/tools/producer-perf-test/command.ts';
import type { Tool } from '../../../src/tools/terminal.ts';
import { runTool } from '../../../src/tools/terminal.ts';
import { verifiableConsumerTool } from '../../../src/tools/verifiable-consumer/command.ts';
import { verifiableProducerTool } from '../../../src/tools/verifiable-producer/command.ts';
import { memoryTerminal } from '../../unit/tools/memory-terminal.ts';
import { createTopics } from '../broker/wire.ts';

interface GoldenRun {
  readonly tool: string;
  readonly name: string;
  readonly argv: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

const golden = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, 'golden-runs.json'), 'utf8')) as readonly GoldenRun[];
const tools: Readonly<Record<string, Tool>> = {
  'kafka-console-consumer': consoleConsumerTool,
  'kafka-get-offsets': getOffsetsTool,
  'kafka-producer-perf-test': producerPerfTestTool,
  'kafka-verifiable-consumer': verifiableConsumerTool,
  'kafka-verifiable-producer': verifiableProducerTool,
};

/** Without times, rates and latencies. */
const timeless = (text: string): string =>
  text
    .replaceAll(/"timestamp":\d+/g, '"timestamp":T')
    .replaceAll(/"avg_throughput":[\d.]+/g, '"avg_throughput":N')
    .replaceAll(/CreateTime:\d+/g, 'CreateTime:T')
    .replaceAll(/, [\d.]+ records\/sec .* 99\.9th/g, ', …');

/** In the order of the file: a run finds what those before it wrote. */
describe('what Apache Kafka 3.9.1 printed against its broker, our tools print against ours', () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startTestCluster({ brokers: 1, properties: { 'group.initial.rebalance.delay.ms': 0, 'transaction.state.log.num.partitions': 1, 'offsets.topic.num.partitions': 1 } });
    const topics = { go1: 2, go2: 1, vp: 1, pf: 1, cp: 1, cpk: 1, cpn: 1, cph: 1 };
    await createTopics(cluster, Object.entries(topics).map(([name, numPartitions]) => ({ name, numPartitions, replicationFactor: 1 })));
    const producer = createProducer({ bootstrapServers: cluster.bootstrapServers });
    const send = async (topic: string, key: string | null, value: string | null, headers: readonly { key: string; value: string }[] = []): Promise<void> => {
      await producer.send({ topic, key, value, headers });
    };
    for (let index = 0; index < 10; index++) await send('go2', null, String(index));
    for (const value of ['one', 'two']) await send('cp', null, value);
    for (const [key, value] of [['k1', 'v1'], ['k2', 'v2'], ['k1', 'v1'], ['k2', 'v:2']] as const) await send('cpk', key, value);
    for (const [key, value] of [['k', null], [null, 'v']] as const) await send('cpn', key, value);
    for (const key of ['k', null]) await send('cph', key, 'v', [{ key: 'h1', value: 'a' }, { key: 'h2', value: 'b' }]);
    await producer.close();
  });
  after(() => cluster.stop());

  for (const { tool, name, argv, stdout, stderr, exitCode } of golden) {
    it(`${tool}: ${name}`, async () => {
      if (tool === 'kafka-verifiable-consumer' && name === 'ok') await fifteenRecords();
      const terminal = memoryTerminal();
      const status = await runTool(tools[tool]!, argv.map((arg) => arg.replace('{B}', cluster.bootstrapServers)), terminal);
      expect({ status, stdout: timeless(terminal.outText), stderr: terminal.errText }).to.deep.equal({ status: exitCode, stdout: timeless(stdout), stderr });
    });
  }

  /** As many as `vp` had then. */
  async function fifteenRecords(): Promise<void> {
    await runTool(verifiableProducerTool, ['--bootstrap-server', cluster.bootstrapServers, '--topic', 'vp', '--max-messages', '8'], memoryTerminal());
  }
});
