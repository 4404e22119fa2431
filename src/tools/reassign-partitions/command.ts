import { nodeClock } from '../../runtime/node-clock.ts';
import { nodeRandom } from '../../runtime/node-random.ts';
import { openAdmin } from '../admin-client.ts';
import { ConfigException, readPropertiesFile } from '../client-properties.ts';
import { javaException } from '../java-exceptions.ts';
import { PlanError } from '../json-plan.ts';
import { isKafkaError } from '../kafka-errors.ts';
import type { ParsedOptions } from '../options.ts';
import { OptionError, parseOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { ToolExit } from '../terminal.ts';
import { answerHelpOrVersion, usageError } from '../usage.ts';
import { clusterReassignService } from './cluster-service.ts';
import { ReassignError, TerseError } from './errors.ts';
import type { ReassignAction } from './options.ts';
import { checkedAction, reassignOptions } from './options.ts';
import { reassignServiceOf24 } from './service-of-24.ts';
import { brokersInZooKeeper } from './zookeeper-brokers.ts';

const purpose = 'This tool helps to move topic partitions between replicas.';

/** kafka-reassign-partitions. What goes wrong is said on standard output. */
export async function reassignPartitionsTool(args: readonly string[], terminal: Terminal): Promise<number> {
  if (args.length === 0) throw usageError(reassignOptions, purpose);
  const options = parse(args);
  answerHelpOrVersion(reassignOptions, options, purpose, terminal.out);
  const action = checkedAction(options);
  try {
    await run(action, options, terminal);
    return 0;
  } catch (error) {
    if (options.has('zookeeper')) return failedAsIn24(error, terminal);
    terminal.out(complaint(error));
    return 1;
  }
}

/** 2.4 ends well whatever happened. @throws what is a bug here */
function failedAsIn24(error: unknown, terminal: Terminal): number {
  complaint(error);
  terminal.out(`Partitions reassignment failed due to ${(error as Error).message}\n`);
  return 0;
}

function parse(args: readonly string[]): ParsedOptions {
  try {
    return parseOptions(reassignOptions, args);
  } catch (error) {
    if (error instanceof OptionError) throw new ToolExit(1, `Exception in thread "main" joptsimple.${error.name}: ${error.message}\n`);
    throw error;
  }
}

async function run(action: ReassignAction, options: ParsedOptions, terminal: Terminal): Promise<void> {
  const file = options.value('command-config');
  const properties = file === undefined ? {} : readPropertiesFile(terminal, file);
  const zookeeper = options.value('zookeeper');
  const brokers = zookeeper === undefined ? (options.value('bootstrap-server') ?? '') : await brokersInZooKeeper(zookeeper, terminal);
  const admin = await openAdmin(terminal, brokers, { 'client.id': 'reassign-partitions-tool', ...properties });
  try {
    const service = clusterReassignService(admin, options, terminal, nodeClock, nodeRandom);
    await (zookeeper === undefined ? service : { ...service, ...reassignServiceOf24(admin, options, terminal, nodeClock, nodeRandom) })[action]();
  } finally {
    await admin.close();
  }
}

/** @throws what is a bug here */
function complaint(error: unknown): string {
  // Of the ZooKeeper client, which is loaded only when it is needed: known by its shape.
  if (error instanceof Error && 'path' in error && /^[A-Z_]+$/.test(error.name)) return `Error: ${error.message}\n`;
  if (error instanceof TerseError) return `${error.message}\n`;
  if (isKafkaError(error)) return `Error: ${javaException(error)}\n`;
  const isExpected = error instanceof ReassignError || error instanceof PlanError || error instanceof OptionError || error instanceof ConfigException;
  if (isExpected) return `Error: ${error.message}\n`;
  throw error;
}
