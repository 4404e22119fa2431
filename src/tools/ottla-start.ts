import fs from 'node:fs';
import path from 'node:path';
import { nodeClock } from '../runtime/node-clock.ts';
import { nodeDisk } from '../runtime/node-disk.ts';
import { createNodeNetwork } from '../runtime/node-network.ts';
import { nodeRandom } from '../runtime/node-random.ts';
import { createLogger } from '../runtime/winston-logger.ts';
import type { ZooKeeperServer } from '../zookeeper-server/server.ts';
import { startZooKeeperServer } from '../zookeeper-server/server.ts';
import type { BrokerProcess } from './start/broker-process.ts';
import { describeEnd, startBrokerProcess } from './start/broker-process.ts';
import { brokerPropertiesText } from './start/broker-properties.ts';
import type { StartOptions } from './start/options.ts';
import { parseStartOptions } from './start/options.ts';

/** Ends the start with one line that says what to do. */
class StartFailure extends Error {
  override readonly name = 'StartFailure';
}

const network = createNodeNetwork();

async function main(args: readonly string[]): Promise<void> {
  const options = parseStartOptions(args);
  const startedMs = performance.now();
  const dataDirectory = path.resolve(options.dataDirectory);
  const lock = lockData(dataDirectory);
  await checkPorts(options);
  const zookeeper = await startZooKeeper(options, dataDirectory);
  say(`ZooKeeper on ${options.host}:${options.zookeeperPort}`, startedMs);

  const brokers = brokerIds(options).map((id) => {
    const folder = path.join(dataDirectory, `broker-${id}`);
    return startBrokerProcess(id, folder, brokerPropertiesText(id, folder, options));
  });
  const stopping = stopOnSignal(async () => {
    await Promise.all(brokers.map((broker) => broker.stop()));
    await zookeeper.stop();
    lock.release();
  });
  const started = await Promise.all(brokers.map((broker) => reportBroker(broker, options, dataDirectory, startedMs, stopping)));
  if (!started.includes(true) && !stopping.isOn) {
    await zookeeper.stop();
    lock.release();
    throw new StartFailure('no broker runs');
  }
  if (!stopping.isOn) say(whatToTry(options, dataDirectory), undefined);
}

const brokerIds = (options: StartOptions): number[] => Array.from({ length: options.brokers }, (_, index) => index + 1);

function say(line: string, sinceMs: number | undefined): void {
  process.stdout.write(sinceMs === undefined ? `${line}\n` : `${line}  (${((performance.now() - sinceMs) / 1000).toFixed(2)} s)\n`);
}

function lockData(dataDirectory: string): { release(): void } {
  fs.mkdirSync(dataDirectory, { recursive: true });
  const lock = nodeDisk.lockSync(path.join(dataDirectory, '.lock'));
  if (lock === undefined) {
    throw new StartFailure(`${dataDirectory} is in use by a cluster that runs; stop that one, or choose another folder: npm start -- --data FOLDER`);
  }
  return lock;
}

async function checkPorts(options: StartOptions): Promise<void> {
  const wanted = [
    { what: 'ZooKeeper', port: options.zookeeperPort, option: '--zookeeper-port' },
    ...brokerIds(options).map((id) => ({ what: `broker ${id}`, port: options.port + id - 1, option: '--port' })),
  ];
  for (const { what, port, option } of wanted) {
    try {
      const listener = await network.listen(options.host, port, () => ({ data: () => undefined, closed: () => undefined }));
      await listener.close();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const why = code === 'EADDRINUSE' ? 'is taken by another process' : `cannot be listened on (${code})`;
      throw new StartFailure(`port ${port} for ${what} ${why}; free it, or choose another: npm start -- ${option} PORT`);
    }
  }
}

function startZooKeeper(options: StartOptions, dataDirectory: string): Promise<ZooKeeperServer> {
  const log = fs.openSync(path.join(dataDirectory, 'zookeeper.log'), 'a');
  return startZooKeeperServer({
    clock: nodeClock,
    random: nodeRandom,
    disk: nodeDisk,
    network,
    logger: createLogger({ level: 'info', format: 'text', write: (line) => fs.writeSync(log, line) }),
    dataDirectory: path.join(dataDirectory, 'zookeeper'),
    host: options.host,
    port: options.zookeeperPort,
    tickTimeMs: 500,
    maxClientConnections: 0,
  });
}

async function reportBroker(
  broker: BrokerProcess,
  options: StartOptions,
  dataDirectory: string,
  startedMs: number,
  stopping: { readonly isOn: boolean },
): Promise<boolean> {
  const again = `start it again with: bin/kafka-server-start ${path.join(dataDirectory, `broker-${broker.id}`, 'server.properties')}`;
  try {
    await broker.ready;
  } catch (error) {
    if (!stopping.isOn) say(`broker ${broker.id} did not start: ${(error as Error).message}\n  its log: ${broker.logFile}\n  ${again}`, undefined);
    return false;
  }
  say(`broker ${broker.id}  on ${options.host}:${options.port + broker.id - 1}`, startedMs);
  void broker.ended.then((end) => {
    if (!stopping.isOn) say(`broker ${broker.id} ${describeEnd(end)}; the others go on; ${again}`, undefined);
  });
  return true;
}

function stopOnSignal(stop: () => Promise<void>): { readonly isOn: boolean } {
  const state = { isOn: false };
  const onSignal = (): void => {
    if (state.isOn) return;
    state.isOn = true;
    say('\nstopping', undefined);
    stop().then(
      () => {
        say('stopped', undefined);
        process.exit(0);
      },
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onSignal);
  return state;
}

function whatToTry(options: StartOptions, dataDirectory: string): string {
  const broker = `${options.host === '127.0.0.1' ? 'localhost' : options.host}:${options.port}`;
  return [
    '',
    `Data is kept in ${dataDirectory}; Ctrl-C stops everything. In another terminal, try:`,
    `  bin/kafka-topics --create --bootstrap-server ${broker} --replication-factor ${Math.min(2, options.brokers)} --partitions 1 --topic my-replicated-topic`,
    `  bin/kafka-console-producer --bootstrap-server ${broker} --topic my-replicated-topic`,
    `  bin/kafka-console-consumer --bootstrap-server ${broker} --from-beginning --topic my-replicated-topic`,
  ].join('\n');
}

function fail(error: unknown): never {
  process.stderr.write(error instanceof StartFailure ? `${error.message}\n` : `${(error as Error).stack ?? String(error)}\n`);
  process.exit(1);
}

main(process.argv.slice(2)).catch(fail);
