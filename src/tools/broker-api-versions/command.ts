import type { BrokerApiVersions } from '../../client/admin-types.ts';
import { ConfigException, connectionOptions, readPropertiesFile } from '../client-properties.ts';
import { javaHashCode, javaHashOrder } from '../../client/java-hash-order.ts';
import { isKafkaError } from '../kafka-errors.ts';
import type { OptionTable, ParsedOptions } from '../options.ts';
import { OptionError, parseOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { ToolExit, terminalLogger } from '../terminal.ts';
import { answerHelpOrVersion, helpOptions, requireOptions, usageError } from '../usage.ts';
import type { KnownApi } from './other-apis.ts';
import { kraftApis } from './other-apis.ts';

export const brokerApiVersionsOptions: OptionTable = [
  { name: 'bootstrap-server', argument: { type: 'String', label: 'server(s) to use for bootstrapping' }, description: 'REQUIRED: One or more brokers, host:port, to learn the cluster from.' },
  { name: 'command-config', argument: { type: 'String', label: 'command config property file' }, description: 'A properties file for the admin client.' },
  ...helpOptions,
];

const purpose = 'This tool helps to retrieve broker version information.';

/** kafka-broker-api-versions. */
export async function brokerApiVersionsTool(args: readonly string[], terminal: Terminal): Promise<number> {
  const options = parse(args);
  if (args.length === 0) throw usageError(brokerApiVersionsOptions, purpose);
  answerHelpOrVersion(brokerApiVersionsOptions, options, purpose, terminal.out);
  requireOptions(brokerApiVersionsOptions, options, 'bootstrap-server');
  const servers = options.value('bootstrap-server') ?? '';
  const file = options.value('command-config');
  const properties = file === undefined ? {} : readPropertiesFile(terminal, file);
  const [{ createAdmin }, { apis }] = await Promise.all([import('../../client/index.ts'), import('../../protocol/apis.ts')]);
  try {
    const admin = createAdmin(connectionOptions({ 'default.api.timeout.ms': '5000', ...properties, 'bootstrap.servers': servers }), { logger: terminalLogger(terminal) });
    try {
      const known = new Map<number, KnownApi>([...kraftApis, ...apis.map(({ key, name, request }) => [key, { name, min: request.minVersion, max: request.maxVersion }] as const)]);
      for (const broker of inHashOrder(await admin.apiVersions())) terminal.out(brokerText(broker, known));
    } finally {
      await admin.close();
    }
    return 0;
  } catch (error) {
    if (error instanceof ConfigException) throw new ToolExit(1, `Exception in thread "main" org.apache.kafka.common.config.ConfigException: ${error.message}\n`);
    if (!isKafkaError(error)) throw error;
    const nodes = servers.split(',').map((server, index) => `${server} (id: ${-1 - index} rack: null)`).join(', ');
    throw new ToolExit(1, `Exception in thread "main" java.lang.RuntimeException: Request METADATA failed on brokers List(${nodes})\n`);
  }
}

function parse(args: readonly string[]): ParsedOptions {
  try {
    return parseOptions(brokerApiVersionsOptions, args);
  } catch (error) {
    if (error instanceof OptionError) throw usageError(brokerApiVersionsOptions, error.message);
    throw error;
  }
}

/** Kafka prints brokers in the order of a hash map of nodes (Node.hashCode). */
function inHashOrder(brokers: readonly BrokerApiVersions[]): BrokerApiVersions[] {
  const hashOf = ({ node }: BrokerApiVersions): number => {
    let hash = 31 + javaHashCode(node.host);
    hash = Math.imul(hash, 31) + node.id;
    hash = Math.imul(hash, 31) + node.port;
    hash = Math.imul(hash, 31) + (node.rack === null ? 0 : javaHashCode(node.rack));
    return (Math.imul(hash, 31) + javaBooleanFalse) | 0;
  };
  return javaHashOrder(brokers, hashOf);
}

/** Objects.hashCode(false): whether the broker is fenced. */
const javaBooleanFalse = 1237;

/** One broker and, by key, what it speaks and the highest version that both ends know. */
export function brokerText({ node, ranges, error }: BrokerApiVersions, known: ReadonlyMap<number, KnownApi>): string {
  const title = `${node.host}:${node.port} (id: ${node.id} rack: ${node.rack}) -> `;
  if (ranges === undefined) return `${title}ERROR: ${error?.message ?? 'no answer'}\n`;
  const keys = [...new Set([...ranges.keys(), ...known.keys()])].sort((a, b) => a - b);
  const lines = keys.map((key) => `\t${apiText(key, ranges.get(key), known.get(key))}`);
  return `${title}(\n${lines.join(',\n')}\n)\n`;
}

function apiText(key: number, range: { readonly min: number; readonly max: number } | undefined, known: KnownApi | undefined): string {
  const name = `${known?.name ?? 'UNKNOWN'}(${key}): `;
  if (range === undefined) return `${name}UNSUPPORTED`;
  const versions = range.min === range.max ? String(range.min) : `${range.min} to ${range.max}`;
  if (known === undefined) return `${name}${versions}`;
  const usable = Math.min(range.max, known.max);
  if (usable < known.min) return `${name}${versions} [unusable: node too old]`;
  if (usable < range.min) return `${name}${versions} [unusable: node too new]`;
  return `${name}${versions} [usable: ${usable}]`;
}
