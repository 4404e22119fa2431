import { openAdmin } from '../admin-client.ts';
import { ConfigException, readPropertiesFile } from '../client-properties.ts';
import { javaException, javaExceptionOfCode } from '../java-exceptions.ts';
import { PlanError, readPlanFile } from '../json-plan.ts';
import { isKafkaError } from '../kafka-errors.ts';
import type { ParsedOptions } from '../options.ts';
import { OptionError, parseOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { ToolExit } from '../terminal.ts';
import { partitionName } from '../topic-partitions.ts';
import { answerHelpOrVersion, requireOptions, usageError } from '../usage.ts';
import { parseOffsets } from './offsets.ts';
import { deleteRecordsOptions } from './options.ts';

const purpose = 'This tool helps to delete records of the given partitions down to the specified offset.';

/** kafka-delete-records. What a partition answers is printed with it and changes nothing about the exit code. */
export async function deleteRecordsTool(args: readonly string[], terminal: Terminal): Promise<number> {
  if (args.length === 0) throw usageError(deleteRecordsOptions, purpose);
  try {
    const options = parseOptions(deleteRecordsOptions, args);
    answerHelpOrVersion(deleteRecordsOptions, options, purpose, terminal.out);
    requireOptions(deleteRecordsOptions, options, 'bootstrap-server', 'offset-json-file');
    await deleteRecords(options, terminal);
    return 0;
  } catch (error) {
    const isExpected = error instanceof OptionError || error instanceof PlanError || error instanceof ConfigException || isKafkaError(error);
    if (isExpected) throw new ToolExit(1, `${error.message}\n`);
    throw error;
  }
}

async function deleteRecords(options: ParsedOptions, terminal: Terminal): Promise<void> {
  const file = options.value('command-config');
  const properties = file === undefined ? {} : readPropertiesFile(terminal, file);
  const entries = parseOffsets(readPlanFile(terminal, options.value('offset-json-file') ?? ''));
  const admin = await openAdmin(terminal, options.value('bootstrap-server') ?? '', properties);
  try {
    terminal.out('Executing records delete operation\n');
    const results = await admin.deleteRecords(entries);
    terminal.out('Records delete operation completed:\n');
    for (const { topic, partition, lowWatermark, error } of results) {
      const name = partitionName({ topic, partition });
      if (error === undefined) terminal.out(`partition: ${name}\tlow_watermark: ${lowWatermark}\n`);
      else terminal.out(`partition: ${name}\terror: ${error.name === 'REQUEST_TIMED_OUT' ? javaException(error) : javaExceptionOfCode(error.name)}\n`);
    }
  } finally {
    await admin.close();
  }
}
