import type { ElectionType, PartitionOutcome } from '../../client/admin-partition-types.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { openAdmin } from '../admin-client.ts';
import { ConfigException, readPropertiesFile } from '../client-properties.ts';
import { javaException } from '../java-exceptions.ts';
import { PlanError, readPlanFile } from '../json-plan.ts';
import { isKafkaError } from '../kafka-errors.ts';
import type { ParsedOptions } from '../options.ts';
import { OptionError, parseOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { ToolExit } from '../terminal.ts';
import type { TopicPartition } from '../topic-partitions.ts';
import { answerHelpOrVersion, usageError } from '../usage.ts';
import { LeaderElectionError, checkOptions, electionType, leaderElectionOptions } from './options.ts';
import { electionReport, parsePartitions } from './partitions.ts';

const purpose = 'This tool attempts to elect a new leader for a set of topic partitions. The type of elections supported are preferred replicas and unclean replicas.';
/** Shorter than other admin tools wait. */
const timeLimits = { 'default.api.timeout.ms': '30000', 'request.timeout.ms': '15000' };

/** kafka-leader-election. */
export async function leaderElectionTool(args: readonly string[], terminal: Terminal): Promise<number> {
  if (args.length === 0) throw usageError(leaderElectionOptions, purpose);
  try {
    const options = parseOptions(leaderElectionOptions, args);
    answerHelpOrVersion(leaderElectionOptions, options, purpose, terminal.out);
    const type = electionType(options);
    checkOptions(options);
    await elect(type ?? 'preferred', options, terminal);
    return 0;
  } catch (error) {
    const isExpected = error instanceof OptionError || error instanceof LeaderElectionError || error instanceof PlanError || error instanceof ConfigException;
    if (isExpected) throw new ToolExit(1, `${error.message}\n`);
    throw error;
  }
}

async function elect(type: ElectionType, options: ParsedOptions, terminal: Terminal): Promise<void> {
  const partitions = chosenPartitions(options, terminal);
  const file = options.value('admin.config');
  const properties = { ...timeLimits, ...(file === undefined ? {} : readPropertiesFile(terminal, file)) };
  const admin = await openAdmin(terminal, options.value('bootstrap-server') ?? '', properties);
  try {
    const { lines, failures } = electionReport(type.toUpperCase(), await outcomes(admin.electLeaders(type, partitions), terminal));
    for (const line of lines) terminal.out(`${line}\n`);
    if (failures > 0) throw new LeaderElectionError(`${failures} replica(s) could not be elected`);
  } finally {
    await admin.close();
  }
}

/** Undefined for all. @throws PlanError, OptionError */
function chosenPartitions(options: ParsedOptions, terminal: Terminal): readonly TopicPartition[] | undefined {
  const path = options.value('path-to-json-file');
  if (path !== undefined) {
    try {
      return parsePartitions(readPlanFile(terminal, path));
    } catch (error) {
      const cause = error instanceof PlanError ? error.cause : undefined;
      // Java wraps the reader's exception in another, whose message begins with its class.
      throw cause instanceof Error && 'code' in cause ? new PlanError(`java.io.IOException: ${(error as Error).message}`, { cause }) : error;
    }
  }
  const topic = options.value('topic');
  return topic === undefined ? undefined : [{ topic, partition: options.number('partition') ?? 0 }];
}

const unanswered: Partial<Record<ErrorName, string>> = {
  REQUEST_TIMED_OUT: 'Timeout waiting for election results',
  CLUSTER_AUTHORIZATION_FAILED: 'Not authorized to perform leader election',
};

/** @throws LeaderElectionError when there was no answer, said on standard output as well */
async function outcomes(answer: Promise<PartitionOutcome[]>, terminal: Terminal): Promise<PartitionOutcome[]> {
  try {
    return await answer;
  } catch (error) {
    if (!isKafkaError(error)) throw error;
    const sentence = unanswered[error.name];
    if (sentence === undefined) throw new LeaderElectionError(javaException(error), { cause: error });
    terminal.out(`${sentence}\n`);
    throw new LeaderElectionError(sentence, { cause: error });
  }
}
