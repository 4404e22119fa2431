import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseProperties } from '../runtime/config/properties-file.ts';
import { nodeClock } from '../runtime/node-clock.ts';
import { nodeDisk } from '../runtime/node-disk.ts';
import { createNodeNetwork } from '../runtime/node-network.ts';
import { nodeRandom } from '../runtime/node-random.ts';
import { createLogger } from '../runtime/winston-logger.ts';
import { startZooKeeperServer } from '../zookeeper-server/server.ts';
import { ConfigError, serverSettings } from './zookeeper-server-start/server-properties.ts';

/** zookeeper-server-start: runs the single-node ZooKeeper server from a zookeeper.properties file. */
const usage = 'USAGE: zookeeper-server-start [-daemon] zookeeper.properties';
/** As QuorumPeerMain. */
const configExitCode = 2;
const startExitCode = 1;

const logger = createLogger({ level: 'info', format: 'text', write: (line) => process.stdout.write(line) });

async function main(args: readonly string[]): Promise<void> {
  if (args.length === 0) {
    process.stdout.write(`${usage}\n`);
    process.exitCode = 1;
    return;
  }
  if (args[0] === '-daemon') {
    startDaemon(args.slice(1));
    return;
  }
  const settings = readSettings(args[0] as string);
  if (settings === undefined) {
    process.exitCode = configExitCode;
    return;
  }
  try {
    const server = await startZooKeeperServer({
      ...settings, clock: nodeClock, random: nodeRandom, disk: nodeDisk, network: createNodeNetwork(), logger, failed: () => process.exit(startExitCode),
    });
    logger.info(`binding to port ${server.host.includes(':') ? `[${server.host}]` : server.host}:${server.port}`);
    for (const [signal, number] of [['SIGTERM', 15], ['SIGINT', 2], ['SIGHUP', 1]] as const) {
      process.once(signal, () => void server.stop().finally(() => process.exit(128 + number)));
    }
  } catch (error) {
    const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    logger.error(taken ? `port ${settings.port} is taken by another process; free it, or set another clientPort` : 'ZooKeeper server did not start', { error });
    process.exitCode = startExitCode;
  }
}

function readSettings(file: string): ReturnType<typeof serverSettings>['settings'] | undefined {
  try {
    const { settings, ignored } = serverSettings(parseProperties(fs.readFileSync(file, 'utf8')));
    if (ignored.length > 0) logger.warn('properties without effect', { names: ignored.join(',') });
    return settings;
  } catch (error) {
    if (error instanceof ConfigError) logger.error(`invalid config, exiting abnormally: ${file}: ${error.message}`);
    else logger.error(`invalid config, exiting abnormally: cannot read ${file}`, { error });
    return undefined;
  }
}

/** Goes on in a process of its own, which outlives this one and its terminal; its output goes to $LOG_DIR/zookeeper.out. */
function startDaemon(args: readonly string[]): void {
  const folder = process.env['LOG_DIR'] ?? path.join(path.dirname(fs.realpathSync(process.argv[1] as string)), '..', 'logs');
  fs.mkdirSync(folder, { recursive: true });
  const output = fs.openSync(path.join(folder, 'zookeeper.out'), 'w');
  spawn(process.execPath, [...process.execArgv, process.argv[1] as string, ...args], { detached: true, stdio: ['ignore', output, output] }).unref();
}

main(process.argv.slice(2)).catch((error: unknown) => {
  logger.error('ZooKeeper server did not start', { error });
  process.exitCode = startExitCode;
});
