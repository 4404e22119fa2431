import { openAdmin } from '../admin-client.ts';
import { ConfigException, readPropertiesFile } from '../client-properties.ts';
import { javaException } from '../java-exceptions.ts';
import { javaHashOrder } from '../../client/java-hash-order.ts';
import { isKafkaError } from '../kafka-errors.ts';
import type { ParsedOptions } from '../options.ts';
import { OptionError, parseOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { ToolExit } from '../terminal.ts';
import { answerHelpOrVersion, requireOptions, usageError } from '../usage.ts';
import { logDirsJson } from './description.ts';
import { logDirsOptions } from './options.ts';

const purpose = 'This tool helps to query log directory usage on the specified brokers.';

/** kafka-log-dirs. A directory that failed is marked in the answer and changes nothing about the exit code. */
export async function logDirsTool(args: readonly string[], terminal: Terminal): Promise<number> {
  if (args.length === 0) throw usageError(logDirsOptions, purpose);
  try {
    const options = parseOptions(logDirsOptions, args);
    answerHelpOrVersion(logDirsOptions, options, purpose, terminal.out);
    requireOptions(logDirsOptions, options, 'bootstrap-server', 'describe');
    await describe(options, terminal);
    return 0;
  } catch (error) {
    if (isKafkaError(error)) throw new ToolExit(1, `${javaException(error)}\n`);
    if (error instanceof OptionError || error instanceof ConfigException) throw new ToolExit(1, `${error.message}\n`);
    throw error;
  }
}

async function describe(options: ParsedOptions, terminal: Terminal): Promise<void> {
  const file = options.value('command-config');
  const properties = file === undefined ? {} : readPropertiesFile(terminal, file);
  const topics = new Set(items(options, 'topic-list'));
  const asked = idOrder(items(options, 'broker-list').map(brokerId));
  const admin = await openAdmin(terminal, options.value('bootstrap-server') ?? '', { 'client.id': 'log-dirs-tool', ...properties });
  try {
    const existing = idOrder((await admin.describeCluster()).nodes.map(({ id }) => id));
    const missing = asked.filter((id) => !existing.includes(id));
    if (missing.length > 0) throw new ToolExit(1, `ERROR: The given brokers do not exist from --broker-list: ${missing.join(',')}. Current existent brokers: ${existing.join(',')}\n`);
    const brokerIds = asked.length === 0 ? existing : asked;
    terminal.out('Querying brokers for log directories information\n');
    const answers = await admin.describeLogDirs(brokerIds);
    terminal.out(`Received log directory information from brokers ${brokerIds.join(',')}\n${logDirsJson(answers, topics)}\n`);
  } finally {
    await admin.close();
  }
}

const items = (options: ParsedOptions, name: string): string[] => (options.value(name) ?? '').split(',').filter((item) => item !== '');

/** Each once, in the order of a java.util.HashSet. */
const idOrder = (ids: readonly number[]): number[] => javaHashOrder([...new Set(ids)], (id) => id);

function brokerId(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new ToolExit(1, `For input string: "${text}"\n`);
  return Number(text);
}
