import type { Admin } from '../../client/admin-types.ts';
import { ConfigException, connectionOptions, readPropertiesFile } from '../client-properties.ts';
import { isKafkaError } from '../kafka-errors.ts';
import type { ParsedOptions } from '../options.ts';
import { OptionError, parseOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { ToolExit, terminalLogger } from '../terminal.ts';
import { answerHelpOrVersion, requireOptions, usageError } from '../usage.ts';
import { GetOffsetsError, chosenPlaces, topicAndPartitions, topicPartitionRules } from './filter.ts';
import { getOffsetsOptions, timestampOf } from './options.ts';

const purpose = 'An interactive shell for getting topic-partition offsets.';

/** kafka-get-offsets. */
export async function getOffsetsTool(args: readonly string[], terminal: Terminal): Promise<number> {
  if (args.length === 0) throw usageError(getOffsetsOptions, purpose);
  try {
    const options = parseOptions(getOffsetsOptions, args);
    answerHelpOrVersion(getOffsetsOptions, options, purpose, terminal.out);
    if (!options.has('broker-list')) requireOptions(getOffsetsOptions, options, 'bootstrap-server');
    await printOffsets(options, terminal);
    return 0;
  } catch (error) {
    if (error instanceof OptionError || error instanceof GetOffsetsError || isKafkaError(error) || error instanceof ConfigException) {
      throw new ToolExit(1, `Error occurred: ${error.message}\n`);
    }
    throw error;
  }
}

async function printOffsets(options: ParsedOptions, terminal: Terminal): Promise<void> {
  if (options.has('topic-partitions') && (options.has('topic') || options.has('partitions'))) {
    throw new GetOffsetsError('--topic-partitions cannot be used with --topic or --partitions');
  }
  const timestamp = timestampOf(options.value('time') ?? '');
  const rules = options.value('topic-partitions');
  const filter = rules === undefined ? topicAndPartitions(options.value('topic'), options.value('partitions')) : topicPartitionRules(rules);
  const file = options.value('command-config');
  const properties = file === undefined ? {} : readPropertiesFile(terminal, file);
  const { createAdmin } = await import('../../client/index.ts');
  const admin: Admin = createAdmin(
    connectionOptions({ ...properties, 'bootstrap.servers': options.value('bootstrap-server') ?? options.value('broker-list') ?? '', 'client.id': 'GetOffsetShell' }),
    { logger: terminalLogger(terminal) },
  );
  try {
    const places = chosenPlaces(await admin.listTopics(), filter, options.has('exclude-internal-topics'));
    if (places.length === 0) throw new GetOffsetsError('Could not match any topic-partitions with the specified filters');
    const answers = await admin.listOffsets(places.map((place) => ({ ...place, timestamp })));
    const offsets = new Map(answers.map(({ topic, partition, offset }) => [`${partition} ${topic}`, offset]));
    for (const { topic, partition } of places) {
      const offset = offsets.get(`${partition} ${topic}`) ?? -1;
      if (offset >= 0) terminal.out(`${topic}:${partition}:${offset}\n`);
    }
  } finally {
    await admin.close();
  }
}
