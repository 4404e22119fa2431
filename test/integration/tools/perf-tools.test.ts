import { expect } from 'chai';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startTestCluster } from '../../../src/testing/index.ts';
import type { TestCluster } from '../../../src/testing/index.ts';
import { consoleConsumerTool } from '../../../src/tools/console-consumer/command.ts';
import { consoleProducerTool } from '../../../src/tools/console-producer/command.ts';
import { consumerPerfTestTool } from '../../../src/tools/consumer-perf-test/command.ts';
import { producerPerfTestTool } from '../../../src/tools/producer-perf-test/command.ts';
import type { Tool } from '../../../src/tools/terminal.ts';
import { runTool } from '../../../src/tools/terminal.ts';
import { verifiableProducerTool } from '../../../src/tools/verifiable-producer/command.ts';
import { memoryTerminal } from '../../unit/tools/memory-terminal.ts';
import { createTopics } from '../broker/wire.ts';

describe('tools that produce, and what they make of producer properties', () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startTestCluster({ brokers: 1, properties: { 'transaction.state.log.num.partitions': 1, 'offsets.topic.num.partitions': 1 } });
    expect(await createTopics(cluster, [{ name: 't', numPartitions: 1, replicationFactor: 1 }, { name: 'perf', numPartitions: 2, replicationFactor: 1 }])).to.deep.equal({ t: 'NONE', perf: 'NONE' });
  });
  after(() => cluster.stop());

  async function run(tool: Tool, args: string, input = ''): Promise<{ exitCode: number; out: string; err: string }> {
    const terminal = memoryTerminal(input);
    const exitCode = await runTool(tool, args.replace('{B}', cluster.bootstrapServers).split(' '), terminal);
    return { exitCode, out: terminal.outText, err: terminal.errText };
  }

  it('kafka-producer-perf-test commits transactions, which a committed reader sees, and prints its counts', async () => {
    const produced = await run(producerPerfTestTool, '--topic perf --num-records 50 --record-size 10 --throughput -1 --producer-props bootstrap.servers={B} --transaction-duration-ms 1 --transactional-id mine --print-metrics');
    expect([produced.exitCode, produced.err]).to.deep.equal([0, '']);
    expect(produced.out).to.match(/^50 records sent, [\d.]+ records\/sec \([\d.]+ MB\/sec\), [\d.]+ ms avg latency, .* ms 99\.9th\.\n\nMetric Name +Value\n/);
    expect(produced.out).to.match(/\nproducer-metrics:record-send-total:\{client-id=perf-producer-client\} +: 50\.000\n/);
    const read = await run(consumerPerfTestTool, '--topic perf --messages 50 --bootstrap-server {B} --print-metrics --hide-header');
    expect(read.out).to.contain('consumer-fetch-manager-metrics:records-consumed-total:{client-id=perf-consumer-client, topic=perf} : 50.000\n');
    const states = await run(consoleConsumerTool, '--bootstrap-server {B} --topic __transaction_state --from-beginning --max-messages 2 --formatter org.apache.kafka.tools.consumer.TransactionLogMessageFormatter');
    expect(states.out).to.match(/^\{"key":\{"version":0,"data":\{"transactionalId":"mine"\}\},"value":\{"version":0,"data":\{"producerId":\d+,"producerEpoch":0,"transactionTimeoutMs":60000,/);
    const committed = await run(consoleConsumerTool, '--bootstrap-server {B} --topic perf --from-beginning --isolation-level read_committed --max-messages 50');
    expect(committed.out.split('\n').length).to.equal(51);
  });

  it('kafka-verifiable-producer goes by its file before its arguments', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ottla-tools-'));
    const file = path.join(folder, 'producer.properties');
    const produce = (): ReturnType<typeof run> => run(verifiableProducerTool, `--bootstrap-server {B} --topic t --max-messages 1 --acks 1 --producer.config ${file}`);
    try {
      fs.writeFileSync(file, 'enable.idempotence=true\nacks=all\nretries=3\n');
      expect((await produce()).out).to.contain('"name":"producer_send_success"');
      fs.writeFileSync(file, 'enable.idempotence=true\n');
      expect(await produce()).to.deep.equal({ exitCode: 1, out: '', err: 'Exception in thread "main" org.apache.kafka.common.config.ConfigException: Must set retries to non-zero when using the idempotent producer.\n' });
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });

  it('kafka-console-producer is idempotent unless told otherwise, and refuses what contradicts it in the words of Kafka', async () => {
    const produce = (args: string): ReturnType<typeof run> => run(consoleProducerTool, `--bootstrap-server {B} --topic t --timeout 0 ${args}`, 'x\n');
    for (const args of ['--sync', '--producer-property enable.idempotence=false', '--request-required-acks 1', '--message-send-max-retries 0', '--producer-property enable.idempotence=true']) {
      expect(await produce(args), args).to.deep.equal({ exitCode: 0, out: '', err: '' });
    }
    const refused = async (args: string): Promise<string> => {
      const { exitCode, err } = await produce(args);
      expect(exitCode).to.equal(1);
      return err;
    };
    const exception = 'org.apache.kafka.common.config.ConfigException: ';
    expect(await refused('--request-required-acks 1 --producer-property enable.idempotence=true')).to.equal(`${exception}Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.\n`);
    expect(await refused('--message-send-max-retries 0 --producer-property enable.idempotence=true')).to.equal(`${exception}Must set retries to non-zero when using the idempotent producer.\n`);
    expect(await refused('--producer-property enable.idempotence=maybe')).to.equal(`${exception}Invalid value maybe for configuration enable.idempotence: Expected value to be either true or false\n`);
    expect(await refused('--request-required-acks 1 --producer-property transactional.id=x')).to.equal(`${exception}Cannot set a transactional.id without also enabling idempotence.\n`);
    expect(await refused('--producer-property transactional.id=x')).to.contain('before completing a call to initTransactions');
  });
});
