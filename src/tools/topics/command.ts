import type { Admin } from '../../client/admin-types.ts';
import { nodeClock } from '../../runtime/node-clock.ts';
import { nodeRandom } from '../../runtime/node-random.ts';
import { connectionOptions, readPropertiesFile } from '../client-properties.ts';
import { isKafkaError } from '../kafka-errors.ts';
import type { ParsedOptions } from '../options.ts';
import { OptionError, parseOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { ToolExit, terminalLogger } from '../terminal.ts';
import { answerHelpOrVersion, usageError } from '../usage.ts';
import { clusterTopicService } from './cluster-service.ts';
import { checkedAction, topicsOptions } from './options.ts';
import { TopicCommandError } from './request.ts';
import type { TopicService } from './service.ts';
import { zookeeperTopicService } from './zookeeper-service.ts';

const zookeeperTimeoutMs = 30_000;

/** kafka-topics. */
export async function topicsTool(args: readonly string[], terminal: Terminal): Promise<number> {
  const options = parse(args);
  if (args.length === 0) throw usageError(topicsOptions, 'Create, delete, describe, or change a topic.');
  answerHelpOrVersion(topicsOptions, options, 'This tool helps to create, delete, describe, or change a topic.', terminal.out);
  const action = checkedAction(options);
  let service: TopicService | undefined;
  try {
    service = options.has('zookeeper') ? await zookeeperService(options, terminal) : await clusterService(options, terminal);
    await service[action]();
    return 0;
  } catch (error) {
    if (!isExpected(error)) throw error;
    terminal.out(`Error while executing topic command : ${error.message}\n`);
    terminalLogger(terminal).error(`${error.name}: ${error.message}`);
    return 1;
  } finally {
    await service?.close();
  }
}

function parse(args: readonly string[]): ParsedOptions {
  try {
    return parseOptions(topicsOptions, args);
  } catch (error) {
    if (error instanceof OptionError) throw new ToolExit(1, `${error.message}\n`);
    throw error;
  }
}

async function clusterService(options: ParsedOptions, terminal: Terminal): Promise<TopicService> {
  const file = options.value('command-config');
  const properties = file === undefined ? {} : readPropertiesFile(terminal, file);
  const { createAdmin } = await import('../../client/index.ts');
  let admin: Admin;
  try {
    admin = createAdmin(connectionOptions({ ...properties, 'bootstrap.servers': options.value('bootstrap-server') ?? '' }), { logger: terminalLogger(terminal) });
  } catch (error) {
    throw new ToolExit(1, `Failed to create new KafkaAdminClient\n${(error as Error).message}\n`);
  }
  return clusterTopicService(admin, options, terminal);
}

async function zookeeperService(options: ParsedOptions, terminal: Terminal): Promise<TopicService> {
  const { connectZooKeeper } = await import('../../zookeeper/node-client.ts');
  const zooKeeper = await connectZooKeeper({
    clock: nodeClock,
    random: nodeRandom,
    logger: terminalLogger(terminal),
    connectString: options.value('zookeeper') ?? '',
    sessionTimeoutMs: zookeeperTimeoutMs,
    connectionTimeoutMs: zookeeperTimeoutMs,
  });
  return zookeeperTopicService(zooKeeper, options, terminal, nodeRandom);
}

/** What a user or the cluster did wrong, as against a bug here. */
function isExpected(error: unknown): error is Error {
  if (error instanceof TopicCommandError || error instanceof OptionError || isKafkaError(error)) return true;
  return error instanceof Error && 'path' in error && /^[A-Z_]+$/.test(error.name);
}
