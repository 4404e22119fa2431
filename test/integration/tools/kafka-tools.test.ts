import { expect } from 'chai';
import { brokerApiVersionsTool } from '../../../src/tools/broker-api-versions/command.ts';
import { consoleConsumerTool } from '../../../src/tools/console-consumer/command.ts';
import { consoleProducerTool } from '../../../src/tools/console-producer/command.ts';
import { getOffsetsTool } from '../../../src/tools/get-offsets/command.ts';
import type { Tool } from '../../../src/tools/terminal.ts';
import { runTool } from '../../../src/tools/terminal.ts';
import { topicsTool } from '../../../src/tools/topics/command.ts';
import type { TestCluster } from '../../../src/testing/test-cluster.ts';
import { startTestCluster } from '../../../src/testing/test-cluster.ts';
import { memoryTerminal } from '../../unit/tools/memory-terminal.ts';

describe("Kafka's tools against our broker", () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startTestCluster({ brokers: 1 });
  });
  after(() => cluster.stop());

  async function run(tool: Tool, args: string, input = ''): Promise<{ exitCode: number; out: string; err: string }> {
    const terminal = memoryTerminal(input);
    const exitCode = await runTool(tool, ['--bootstrap-server', cluster.bootstrapServers, ...args.split(' ')], terminal);
    return { exitCode, out: terminal.outText, err: terminal.errText };
  }

  it('create, describe, write, read, count and delete a topic', async () => {
    expect(await run(topicsTool, '--create --topic t1 --partitions 1 --replication-factor 1 --config retention.ms=3600000')).to.deep.equal({ exitCode: 0, out: 'Created topic t1.\n', err: '' });
    expect((await run(topicsTool, '--list')).out).to.equal('t1\n');
    const { out } = await run(topicsTool, '--describe --topic t1');
    expect(out.replace(/TopicId: \S{22}/, 'TopicId: ID').replaceAll(/: [01]\b(?=\t|$)/g, ': N')).to.match(
      /^Topic: t1\tTopicId: ID\tPartitionCount: N\tReplicationFactor: N\tConfigs: .*retention\.ms=3600000.*\n\tTopic: t1\tPartition: N\tLeader: N\tReplicas: N\tIsr: N\tElr: N\/A\tLastKnownElr: N\/A\n$/,
    );
    expect(await run(consoleProducerTool, '--topic t1 --timeout 0 --property parse.key=true --property key.separator=:', 'k1:one\nk2:two\n')).to.deep.equal({ exitCode: 0, out: '', err: '' });
    expect(await run(consoleConsumerTool, '--topic t1 --from-beginning --max-messages 2 --property print.key=true --property print.offset=true')).to.deep.equal({
      exitCode: 0,
      out: 'Offset:0\tk1\tone\nOffset:1\tk2\ttwo\n',
      err: 'Processed a total of 2 messages\n',
    });
    expect(await run(getOffsetsTool, '--topic t1')).to.deep.equal({ exitCode: 0, out: 't1:0:2\n', err: '' });
    expect(await run(topicsTool, '--delete --topic t1')).to.deep.equal({ exitCode: 0, out: '', err: '' });
  });

  it('say what Kafka says of topics that are there, or are not', async () => {
    await run(topicsTool, '--create --topic there');
    expect((await run(topicsTool, '--create --topic there')).out).to.equal("Error while executing topic command : Topic 'there' already exists.\n");
    expect((await run(topicsTool, '--create --topic there --if-not-exists')).exitCode).to.equal(0);
    const missing = await run(topicsTool, '--describe --topic nope');
    expect([missing.exitCode, missing.out]).to.deep.equal([1, "Error while executing topic command : Topic 'Optional[nope]' does not exist as expected\n"]);
    expect((await run(getOffsetsTool, '--topic nope')).err).to.equal('Error occurred: Could not match any topic-partitions with the specified filters\n');
  });

  it('list the versions that each broker speaks', async () => {
    const { exitCode, out } = await run(brokerApiVersionsTool, '--command-config /dev/null');
    expect(exitCode).to.equal(0);
    expect(out.split('\n')[1]).to.match(/^\tProduce\(0\): 0 to \d+ \[usable: \d+\],$/);
  });
});
