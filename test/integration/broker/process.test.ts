import { expect } from 'chai';
import fs from 'node:fs';
import path from 'node:path';
import { freePort, runTool, startOurBroker, startOurZooKeeper, temporaryFolder } from '../../support/processes.ts';

describe('kafka-server-start', () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'server.properties');
  before(() => fs.writeFileSync(file, `broker.id=1\nlog.dirs=${folder}/never\nzookeeper.connect=127.0.0.1:1\n`));
  after(() => fs.rmSync(folder, { recursive: true }));

  it('says how it is used, and its version, with Kafka\'s exit codes', async () => {
    const none = await runTool('kafka-server-start', []);
    expect([none.status, none.stdout]).to.deep.equal([1, 'USAGE: kafka-server-start [-daemon] server.properties [--override property=value]*\n']);
    const help = await runTool('kafka-server-start', ['--help']);
    expect([help.status, help.stdout, help.stderr.split('\n')[0]]).to.deep.equal([1, '', 'USAGE: kafka-server-start [-daemon] server.properties [--override property=value]*']);
    expect(await runTool('kafka-server-start', ['--version'])).to.deep.equal({ status: 0, stdout: '3.9.1\n', stderr: '' });
    const extra = await runTool('kafka-server-start', [file, 'zork']);
    expect([extra.status, extra.stderr.split('\n')[0]]).to.deep.equal([1, 'Found non argument parameters: zork']);
  });

  it('ends with 1 and one line that tells why it cannot start', async () => {
    const failure = async (...args: string[]): Promise<string> => {
      const { status, stdout } = await runTool('kafka-server-start', args);
      expect(status).to.equal(1);
      return stdout.split('\n').find((line) => line.includes('ERROR')) ?? stdout;
    };
    expect(await failure(path.join(folder, 'absent.properties'))).to.contain('Exiting Kafka due to fatal exception').and.contain('absent.properties');
    expect(await failure(file, '--bogus')).to.contain('--bogus');
    expect(await failure(file, '--override', 'foo')).to.contain('property=value is wanted');
    expect(await failure(file, '--override', 'num.partitions=none')).to.contain('num.partitions');
    expect(await failure(file, '--override', 'zookeeper.connection.timeout.ms=300')).to.contain('127.0.0.1:1');
  });

  it('starts again after kill -9, when the session of its former life has ended, and stops cleanly on SIGTERM', async () => {
    const zookeeper = await startOurZooKeeper(folder);
    try {
      const options = { id: 1, zookeeper: `127.0.0.1:${zookeeper.port}`, folder, port: await freePort() };
      const killed = await startOurBroker(options);
      await killed.stop('SIGKILL');
      const again = await startOurBroker(options);
      expect(again.output()).to.contain('waiting for its end');
      const marker = path.join(again.logDirectory, '.kafka_cleanshutdown');
      expect(fs.existsSync(marker)).to.equal(false);
      await again.stop('SIGTERM');
      expect(again.process.exitCode).to.equal(143);
      expect(again.output()).to.contain('[KafkaServer id=1] shut down completed (kafka.server.KafkaServer)');
      expect(fs.existsSync(marker)).to.equal(true);
    } finally {
      await zookeeper.stop();
    }
  });
});
