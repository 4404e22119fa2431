import { expect } from 'chai';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { nodeDisk } from '../../../src/runtime/node-disk.ts';
import { createNodeNetwork } from '../../../src/runtime/node-network.ts';
import { nodeRandom } from '../../../src/runtime/node-random.ts';
import { startTestCluster } from '../../../src/testing/index.ts';
import { configsTool } from '../../../src/tools/configs/command.ts';
import { encryptedPassword, scramCredential } from '../../../src/tools/configs/secrets.ts';
import { runTool } from '../../../src/tools/terminal.ts';
import { startZooKeeperServer } from '../../../src/zookeeper-server/server.ts';
import { connectZooKeeper } from '../../../src/zookeeper/node-client.ts';
import { memoryTerminal } from '../../unit/tools/memory-terminal.ts';

const warning = 'Warning: --zookeeper is deprecated and will be removed in a future version of Kafka.\nUse --bootstrap-server instead to specify a broker to connect to.\n';
const stoppedOnly = 'Broker configuration operations using ZooKeeper are only supported if the affected broker(s) are not running.\n';

async function configs(connect: string, args: string): Promise<{ exitCode: number; out: string; err: string }> {
  const terminal = memoryTerminal();
  const exitCode = await runTool(configsTool, ['--zookeeper', connect, ...args.split(' ')], terminal);
  expect(terminal.outText.startsWith(warning)).to.equal(true);
  return { exitCode, out: terminal.outText.slice(warning.length), err: terminal.errText };
}

describe('kafka-configs --zookeeper, before any broker was started (words recorded of Apache Kafka 3.9.1)', () => {
  let folder: string;
  let server: Awaited<ReturnType<typeof startZooKeeperServer>>;
  let connect: string;
  before(async () => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ottla-configs-'));
    server = await startZooKeeperServer({
      clock: nodeClock, random: nodeRandom, disk: nodeDisk, network: createNodeNetwork(), logger: silentLogger, dataDirectory: folder, host: '127.0.0.1', port: 0, tickTimeMs: 2000, maxClientConnections: 0,
    });
    connect = `127.0.0.1:${server.port}`;
  });
  after(async () => {
    await server.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  async function znode(at: string): Promise<string | undefined> {
    const zookeeper = await connectZooKeeper({ clock: nodeClock, random: nodeRandom, logger: silentLogger, connectString: connect, sessionTimeoutMs: 10_000, connectionTimeoutMs: 10_000 });
    const found = await zookeeper.find(at);
    await zookeeper.close();
    return found?.data.toString();
  }

  it('stores SCRAM credentials of users, shows them, and takes them away', async () => {
    const alter = '--alter --entity-type users --entity-name zoe';
    const done = { exitCode: 0, out: "Completed updating config for entity: user-principal 'zoe'.\n", err: '' };
    expect(await configs(connect, `${alter} --add-config SCRAM-SHA-256=[iterations=4096,password=zoe-secret]`)).to.deep.equal(done);
    const described = await configs(connect, '--describe --entity-type users');
    expect(described.out).to.match(/^Configs for user-principal 'zoe' are SCRAM-SHA-256=salt=[^,]+,stored_key=[^,]{44},server_key=[^,]{44},iterations=4096\n$/);
    expect(await configs(connect, '--describe --user zoe')).to.deep.equal(described);
    expect(await znode('/config/changes/config_change_0000000000')).to.equal('{"version":2,"entity_path":"users/zoe"}');
    expect(await configs(connect, `${alter} --delete-config SCRAM-SHA-512`)).to.deep.equal({ exitCode: 1, out: '', err: 'Invalid config(s): SCRAM-SHA-512\n' });
    expect(await configs(connect, `${alter} --delete-config SCRAM-SHA-256`)).to.deep.equal(done);
    expect(await configs(connect, '--describe --entity-type users')).to.deep.equal({ exitCode: 0, out: '', err: '' });
  });

  it('refuses what brokers must do', async () => {
    const refused = async (args: string): Promise<string> => {
      const { exitCode, out, err } = await configs(connect, args);
      expect([exitCode, out]).to.deep.equal([1, '']);
      return err;
    };
    expect(await refused('--alter --entity-type users --entity-name zoe --add-config producer_byte_rate=1')).to.equal(
      'requirement failed: --bootstrap-server option must be specified to update users configs: {add: {producer_byte_rate=1}, delete: List()}. User configuration updates using ZooKeeper are only supported for SCRAM credential updates.\n',
    );
    expect(await refused('--alter --user zoe --add-config SCRAM-SHA-256=[iterations=10,password=x]')).to.equal('Iterations 10 is less than the minimum 4096 required for SCRAM_SHA_256\n');
    expect(await refused('--alter --user-defaults --add-config SCRAM-SHA-256=[password=x]')).to.equal('requirement failed: Unknown Dynamic Configuration: Set(SCRAM-SHA-256).\n');
    expect(await refused('--describe --entity-type brokers')).to.equal("Error parsing broker . The broker's Entity Name must be a single integer value\n");
    expect(await refused('--alter --broker 7 --add-config broker.rack=r')).to.equal(
      `Error while executing config command with args '--zookeeper ${connect} --alter --broker 7 --add-config broker.rack=r'\norg.apache.kafka.common.config.ConfigException: Cannot update these configs dynamically: Set(broker.rack)\n`,
    );
  });

  it('stores configs of brokers to come, passwords encrypted', async () => {
    const done = (entity: string): unknown => ({ exitCode: 0, out: `Completed updating config for entity: ${entity}.\n`, err: '' });
    expect(await configs(connect, '--alter --entity-type brokers --entity-default --add-config log.cleaner.threads=2')).to.deep.equal(done('default brokers'));
    expect(await configs(connect, '--alter --broker 55 --add-config listener.name.internal.ssl.key.password=sec,password.encoder.secret=encsecret')).to.deep.equal(done("brokers '55'"));
    expect(await configs(connect, '--describe --broker-defaults')).to.deep.equal({ exitCode: 0, out: 'Configs for default brokers are log.cleaner.threads=2\n', err: '' });
    expect((await configs(connect, '--describe --broker 55')).out).to.match(
      /^Configs for brokers '55' are listener\.name\.internal\.ssl\.key\.password=initializationVector:[^,]+,keyLength:128,salt:[^,]+,keyFactoryAlgorithm:PBKDF2WithHmacSHA512,cipherAlgorithm:AES\/CBC\/PKCS5Padding,iterations:4096,passwordLength:3,encryptedPassword:[^,]+\n$/,
    );
    expect((await configs(connect, '--alter --broker 55 --add-config listener.name.internal.ssl.key.password=sec')).err).to.contain('password.encoder.secret must be specified to update Set(listener.name.internal.ssl.key.password).');
    expect(await znode('/config/brokers/<default>')).to.equal('{"version":1,"config":{"log.cleaner.threads":"2"}}');
  });
});

describe('kafka-configs --zookeeper', () => {
  it('leaves brokers that run to themselves', async () => {
    const cluster = await startTestCluster({ brokers: 1 });
    try {
      const connect = cluster.zookeeperConnect;
      expect(await configs(connect, '--alter --broker 1 --add-config log.cleaner.threads=2')).to.deep.equal({
        exitCode: 1,
        out: '',
        err: `requirement failed: --bootstrap-server option must be specified to update brokers configs: {add: {log.cleaner.threads=2}, delete: List()} - broker 1 is running. ${stoppedOnly}`,
      });
      expect((await configs(connect, '--describe --broker-defaults')).err).to.equal(`requirement failed: --bootstrap-server option must be specified to describe brokers - 1 brokers are running. ${stoppedOnly}`);
    } finally {
      await cluster.stop();
    }
  });

  it('makes of a secret what Apache Kafka 3.9.1 made with the same chance', () => {
    const chance = (bytes: readonly Buffer[]) => {
      const left = [...bytes];
      return { integer: () => 0, bytes: () => left.shift()! };
    };
    const drawn = [...'j683frq8wochboprxdqcn3nqt'].reduce((sum, digit) => sum * 36n + BigInt(Number.parseInt(digit, 36)), 0n);
    const bytes = Buffer.from(drawn.toString(16).padStart(34, '0'), 'hex');
    expect(scramCredential('SCRAM-SHA-256', { password: 'zoe-secret', iterations: 4096 }, chance([bytes]))).to.equal(
      'salt=ajY4M2ZycTh3b2NoYm9wcnhkcWNuM25xdA==,stored_key=CloHmCmfo7kofec5xACfDjkJ2H7zLTZfAznnObbsgRI=,server_key=mnCfIW2AMLwVk20BATN4KmB3mLQPhAD+18E9nrSO7Qo=,iterations=4096',
    );
    const golden =
      'initializationVector:mOLaWXxVHS5vCKVYaFX+SA==,keyLength:128,salt:4YH8Q0aSL/eMGO3IUtb8yMt7C/VIcSNL4powkTpyvjRZK+bmyjYwOurUtLren4fys+Wl8WPlkG0z+9GMLn/ZvLg23bW4G66E+ScshE4OGiaCWs8NVbclDpkLGFir2V2ULWFHTlP8NXpQb8m/ZhdIkFMYUhgfSTw6UC0+LQG4H8HtioSr7zYg6UB5ndUsNSynn/7m8C9vhuE+1oywbtMZu0377pXpApPnqt5UQcFE1LRHlQJqTtpAiBTeHHiqT6bhNO5KxlYi8LC9zf/JkHyaMRIoRjnlFIV3D9txwOxkmLzwdPJuOIGaToHA/GMpXsgnmppU8rGh5fEuvFPCiTlw8Q==,keyFactoryAlgorithm:PBKDF2WithHmacSHA512,cipherAlgorithm:AES/CBC/PKCS5Padding,iterations:4096,passwordLength:3,encryptedPassword:5f5zSvQklOogCj4pgiVn/A==';
    const field = (name: string): Buffer => Buffer.from(new RegExp(`${name}:([^,]+)`).exec(golden)![1]!, 'base64');
    expect(encryptedPassword('sec', new Map([['password.encoder.secret', 'encsecret']]), chance([field('salt'), field('initializationVector')]))).to.equal(golden);
  });
});
