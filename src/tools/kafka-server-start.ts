import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startBroker } from '../broker/broker.ts';
import type { Broker } from '../broker/broker.ts';
import { readBrokerConfiguration } from '../runtime/config/broker-config.ts';
import type { BrokerConfiguration } from '../runtime/config/broker-config.ts';
import { InvalidProperty } from '../runtime/config/definition.ts';
import { withoutEffect } from '../runtime/config/honoured.ts';
import { parseProperties } from '../runtime/config/properties-file.ts';
import { nodeClock } from '../runtime/node-clock.ts';
import { nodeDisk } from '../runtime/node-disk.ts';
import { nodeMachine } from '../runtime/node-machine.ts';
import { createNodeNetwork } from '../runtime/node-network.ts';
import { nodeRandom } from '../runtime/node-random.ts';
import { nodeWorkers } from '../runtime/node-workers.ts';
import { createLogger } from '../runtime/winston-logger.ts';
import { connectZooKeeper } from '../zookeeper/node-client.ts';

const usage = 'USAGE: kafka-server-start [-daemon] server.properties [--override property=value]*';
const help = `${usage}
  -daemon                    run in the background; output goes to LOG_DIR/kafkaServer.out
  --override property=value  a property that counts instead of the file's; may be repeated
  --version                  print the version of Kafka that this broker stands for`;
const kafkaVersion = '3.9.1';
const failureExitCode = 1;

const logger = createLogger({ level: 'info', format: process.env['LOG_FORMAT'] === 'json' ? 'json' : 'text', write: (line) => process.stdout.write(line) });

async function main(args: readonly string[]): Promise<void> {
  if (args.length === 0) return leave(`${usage}\n`, process.stdout);
  if (args[0] === '-daemon') return startDaemon(args.slice(1));
  if (args.includes('--version')) {
    process.stdout.write(`${kafkaVersion}\n`);
    return;
  }
  if (args.includes('--help')) return leave(`${help}\n`, process.stderr);
  const configuration = readConfiguration(args);
  if (configuration === undefined) return;
  for (const name of configuration.unknown) logger.warn('a property that Kafka does not know is passed over', { name });
  const idle = withoutEffect(configuration.given);
  if (idle.length > 0) logger.warn('properties accepted, but without effect here so far', { names: idle.join(',') });
  try {
    const starting = start(configuration);
    stopOnSignal(starting);
    await starting;
    process.send?.({ kind: 'ready' });
  } catch (error) {
    logger.error('Exiting Kafka due to fatal exception during startup', error instanceof InvalidProperty ? { reason: error.message } : { reason: (error as Error).message, error });
    process.exit(failureExitCode);
  }
}

/** Prints and ends with the exit code of a failure. */
function leave(text: string, stream: NodeJS.WriteStream): void {
  stream.write(text);
  process.exitCode = failureExitCode;
}

function readConfiguration(args: readonly string[]): BrokerConfiguration | undefined {
  const [file, ...rest] = args as [string, ...string[]];
  const properties: Record<string, string> = {};
  const extra: string[] = [];
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index]!;
    const assignment = word === '--override' ? rest[++index] : word.startsWith('--override=') ? word.slice('--override='.length) : undefined;
    if (assignment !== undefined) {
      const at = assignment.indexOf('=');
      if (at < 0) return refuse(`--override ${assignment}: property=value is wanted`);
      properties[assignment.slice(0, at)] = assignment.slice(at + 1);
    } else if (word.startsWith('-')) {
      return refuse(`${word} is not a recognized option`);
    } else extra.push(word);
  }
  if (extra.length > 0) {
    leave(`Found non argument parameters: ${extra.join(',')}\n${help}\n`, process.stderr);
    return undefined;
  }
  try {
    return readBrokerConfiguration({ ...parseProperties(fs.readFileSync(file, 'latin1')), ...properties });
  } catch (error) {
    return refuse((error as Error).message);
  }
}

function refuse(reason: string): undefined {
  logger.error('Exiting Kafka due to fatal exception', { reason });
  process.exitCode = failureExitCode;
}

function start(configuration: BrokerConfiguration): Promise<Broker> {
  const config = configuration.values;
  return startBroker({
    configuration,
    clock: nodeClock,
    random: nodeRandom,
    disk: nodeDisk,
    workers: nodeWorkers,
    network: createNodeNetwork(),
    logger,
    machine: nodeMachine,
    hostName: os.hostname(),
    halt: () => process.exit(failureExitCode),
    connectZooKeeper: () =>
      connectZooKeeper({
        clock: nodeClock,
        random: nodeRandom,
        logger,
        connectString: config['zookeeper.connect'] ?? '',
        sessionTimeoutMs: config['zookeeper.session.timeout.ms'],
        connectionTimeoutMs: config['zookeeper.connection.timeout.ms'] ?? config['zookeeper.session.timeout.ms'],
        maxInFlightRequests: config['zookeeper.max.in.flight.requests'],
      }),
  });
}

/** A broker that is still starting after so long, say for waiting for its former life, is not waited for. */
const startWaitMs = 2000;

/** Ends as a JVM does: shuts down, then 128 and the signal's number. */
function stopOnSignal(starting: Promise<Broker>): void {
  const stop = (exitCode: number) => (): void => {
    const late = nodeClock.setTimer(startWaitMs, () => process.exit(exitCode));
    starting
      .then((broker) => {
        late.cancel();
        return broker.stop();
      })
      .then(
        () => process.exit(exitCode),
        (error: unknown) => {
          logger.error('shutdown failed', { error });
          process.exit(failureExitCode);
        },
      );
  };
  process.once('SIGTERM', stop(143));
  process.once('SIGINT', stop(130));
  process.once('SIGHUP', stop(129));
  // `npm start` holds the other end: when it is gone, nobody would ever stop this broker.
  process.once('disconnect', stop(0));
}

/** What it takes is loaded here alone: a broker starts no other process. */
async function startDaemon(args: readonly string[]): Promise<void> {
  const { spawn } = await import('node:child_process');
  const folder = process.env['LOG_DIR'] ?? path.join(path.dirname(__dirname), '..', 'logs');
  fs.mkdirSync(folder, { recursive: true });
  const output = fs.openSync(path.join(folder, 'kafkaServer.out'), 'a');
  spawn(process.execPath, [__filename, ...args], { detached: true, stdio: ['ignore', output, output] }).unref();
}

main(process.argv.slice(2)).catch((error: unknown) => {
  logger.error('Exiting Kafka due to fatal exception', { error });
  process.exit(failureExitCode);
});
