import type { Admin } from '../../client/admin-types.ts';
import type { KafkaError } from '../../protocol/errors.ts';
import { nodeRandom } from '../../runtime/node-random.ts';
import { openAdmin } from '../admin-client.ts';
import { ConfigException, readPropertiesFile } from '../client-properties.ts';
import { javaException } from '../java-exceptions.ts';
import { isKafkaError } from '../kafka-errors.ts';
import type { ParsedOptions } from '../options.ts';
import { OptionError, parseOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { ToolExit } from '../terminal.ts';
import { usageError } from '../usage.ts';
import { changesOf } from './changes.ts';
import type { ConfigsRequest } from './options.ts';
import { ConfigsError, checkedRequest, configsOptions, purpose } from './options.ts';
import { alterQuotas, describeQuotas } from './quotas.ts';
import { alterResource, describeResources, isResource } from './resources.ts';

/** kafka-configs. */
export async function configsTool(args: readonly string[], terminal: Terminal): Promise<number> {
  if (args.length === 0) throw usageError(configsOptions, purpose);
  try {
    const options = parseOptions(configsOptions, args);
    const request = checkedRequest(options, terminal);
    if (options.has('bootstrap-controller')) throw new ConfigsError('--bootstrap-controller is for clusters without ZooKeeper: use --bootstrap-server');
    await (options.has('zookeeper') ? runInZooKeeper(request, options, terminal) : run(request, options, terminal));
    return 0;
  } catch (error) {
    if (error instanceof ConfigsError || error instanceof OptionError || error instanceof ConfigException) throw new ToolExit(1, `${error.message}\n`);
    if (isKafkaError(error)) throw new ToolExit(1, `${failure(args)}java.util.concurrent.ExecutionException: ${told(error)}\n`);
    if (error instanceof Error) throw zookeeperExit(error, args);
    throw error;
  }
}

/** By name: what works through ZooKeeper is loaded later than the tool. */
function zookeeperExit(error: Error, args: readonly string[]): Error {
  if (error.name === 'ConfigsError') return new ToolExit(1, `${error.message}\n`);
  if (error.name === 'ConfigException') return new ToolExit(1, `${failure(args)}org.apache.kafka.common.config.ConfigException: ${error.message}\n`);
  const isOfZooKeeper = 'path' in error && /^[A-Z_]+$/.test(error.name);
  return isOfZooKeeper ? new ToolExit(1, `${failure(args)}${error.name}: ${error.message}\n`) : error;
}

const failure = (args: readonly string[]): string => `Error while executing config command with args '${args.join(' ')}'\n`;

/** A refusal that carried no words of its own is shown without any. */
function told(error: KafkaError): string {
  const text = javaException(error);
  return error.message === error.name ? text.slice(0, -error.name.length) : text;
}

async function run(request: ConfigsRequest, options: ParsedOptions, terminal: Terminal): Promise<void> {
  const file = options.value('command-config');
  const properties = file === undefined ? {} : readPropertiesFile(terminal, file);
  const admin = await openAdmin(terminal, options.value('bootstrap-server') ?? '', properties);
  try {
    if (request.action === 'describe') await describe(admin, request, options, terminal);
    else await alter(admin, request, options, terminal);
  } finally {
    await admin.close();
  }
}

/** What is printed first goes to the standard output, as with 3.9. */
async function runInZooKeeper(request: ConfigsRequest, options: ParsedOptions, terminal: Terminal): Promise<void> {
  terminal.out('Warning: --zookeeper is deprecated and will be removed in a future version of Kafka.\nUse --bootstrap-server instead to specify a broker to connect to.\n');
  const { withZooKeeper, describeInZooKeeper, alterInZooKeeper } = await import('./zookeeper.ts');
  await withZooKeeper(options.value('zookeeper') ?? '', terminal, (zookeeper) =>
    request.action === 'describe' ? describeInZooKeeper(zookeeper, request, terminal) : alterInZooKeeper(zookeeper, request, changesOf(options, terminal), nodeRandom, terminal),
  );
}

async function describe(admin: Admin, request: ConfigsRequest, options: ParsedOptions, terminal: Terminal): Promise<void> {
  const type = request.types[0]!;
  if (isResource(type)) await describeResources(admin, request, type, options.has('all'), terminal);
  else await describeQuotas(admin, request, terminal);
}

async function alter(admin: Admin, request: ConfigsRequest, options: ParsedOptions, terminal: Terminal): Promise<void> {
  const { types, names } = request;
  if (types.length !== names.length) throw new ConfigsError('An entity name must be specified for every entity type');
  const changes = changesOf(options, terminal);
  const [type, name] = [types[0]!, names[0]!];
  if (isResource(type)) await alterResource(admin, type, name, changes);
  else await alterQuotas(admin, request, changes);
  terminal.out(name === '' ? `Completed updating default config for ${type} in the cluster.\n` : `Completed updating config for ${type.slice(0, -1)} ${name}.\n`);
}
