import path from 'node:path';
import { RecordFailure } from '../../record/errors.ts';
import { initialiseCodecs } from '../../record/initialise-codecs.ts';
import type { Disk } from '../../runtime/disk.ts';
import { nodeDisk } from '../../runtime/node-disk.ts';
import type { ParsedOptions } from '../options.ts';
import { OptionError, parseOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { ToolExit } from '../terminal.ts';
import { answerHelpOrVersion, requireOptions, usageError } from '../usage.ts';
import { recordText } from './decoders.ts';
import type { Findings, IndexDump } from './indexes.ts';
import { dumpOffsetIndex, dumpProducerSnapshot, dumpTimeIndex, dumpTransactionIndex } from './indexes.ts';
import type { OffsetGaps } from './log.ts';
import { dumpLog } from './log.ts';
import { JavaException } from './log-file.ts';
import { dumpLogOptions } from './options.ts';

const purpose = 'This tool helps to parse a log file and dump its contents to the console, useful for debugging a seemingly corrupt log segment.';

/** kafka-dump-log. */
export async function dumpLogTool(args: readonly string[], terminal: Terminal, disk: Disk = nodeDisk): Promise<number> {
  const options = parse(args);
  if (args.length === 0) throw usageError(dumpLogOptions, purpose);
  answerHelpOrVersion(dumpLogOptions, options, purpose, terminal.out);
  requireOptions(dumpLogOptions, options, 'files');
  for (const decoder of ['cluster-metadata-decoder', 'remote-log-metadata-decoder']) {
    if (options.has(decoder)) throw new ToolExit(1, `--${decoder} reads logs of KRaft and of tiered storage; there are none in a cluster with ZooKeeper\n`);
  }
  try {
    await dumpFiles(disk, options, terminal);
    return 0;
  } catch (error) {
    if (error instanceof OptionError) throw new ToolExit(1, `Exception in thread "main" joptsimple.${error.name}: ${error.message}\n`);
    if (error instanceof JavaException) throw new ToolExit(1, `Exception in thread "main" ${error.message}\n`);
    if (error instanceof RecordFailure) throw new ToolExit(1, `Exception in thread "main" org.apache.kafka.common.InvalidRecordException: ${error.message}\n`);
    throw error;
  }
}

function parse(args: readonly string[]): ParsedOptions {
  try {
    return parseOptions(dumpLogOptions, args);
  } catch (error) {
    if (error instanceof OptionError) throw new ToolExit(1, `Exception in thread "main" joptsimple.${error.name}: ${error.message}\n`);
    throw error;
  }
}

async function dumpFiles(disk: Disk, options: ParsedOptions, terminal: Terminal): Promise<void> {
  const isPrinting = ['print-data-log', 'offsets-decoder', 'transaction-log-decoder'].some((flag) => options.has(flag));
  const isDeep = isPrinting || options.has('deep-iteration');
  const index: IndexDump = {
    isSanityOnly: options.has('index-sanity-check'),
    isVerifyOnly: options.has('verify-index-only'),
    messageBytesMax: options.number('max-message-size')!,
  };
  const findings: Findings = { offsetMismatches: new Map(), timeMismatches: new Map(), timesOutOfOrder: new Map(), offsetsNotFound: new Map() };
  const gaps = new Map<string, OffsetGaps>();
  const files = (options.value('files') ?? '').split(',');
  // The other codecs do without a package.
  if (isDeep || files.some((file) => file.endsWith('.timeindex'))) await initialiseCodecs(['zstd']);
  for (const file of files) {
    terminal.out(`Dumping ${file}\n`);
    const name = path.basename(file);
    const dot = name.lastIndexOf('.');
    if (dot < 0) throw new JavaException('java.lang.StringIndexOutOfBoundsException', `begin -1, end ${name.length}, length ${name.length}`);
    switch (name.slice(dot)) {
      case '.log': {
        const text = recordText(options, terminal.out);
        const dump = { isDeep, text: isPrinting ? text : undefined, isMetadataSkipped: options.has('skip-record-metadata'), bytesMax: options.number('max-bytes')! };
        const found = dumpLog(disk, file, dump, terminal);
        if (found.length > 0) gaps.set(path.resolve(file), found);
        break;
      }
      case '.index':
        dumpOffsetIndex(disk, file, index, findings, terminal);
        break;
      case '.timeindex':
        dumpTimeIndex(disk, file, index, findings, terminal);
        break;
      case '.snapshot':
        dumpProducerSnapshot(disk, file, terminal);
        break;
      case '.txnindex':
        dumpTransactionIndex(disk, file, terminal);
        break;
      default:
        terminal.err(`Ignoring unknown file ${file}\n`);
    }
  }
  tell(findings, gaps, terminal);
}

function tell(findings: Findings, gaps: ReadonlyMap<string, OffsetGaps>, terminal: Terminal): void {
  const section = (title: string, pairs: readonly (readonly [number, number])[], line: (first: number, second: number) => string): void =>
    terminal.err(`${title}\n${pairs.map(([first, second]) => `${line(first, second)}\n`).join('')}`);
  for (const [file, pairs] of findings.offsetMismatches) section(`Mismatches in :${file}`, pairs, (index, log) => `  Index offset: ${index}, log offset: ${log}`);
  for (const [file, pairs] of findings.timeMismatches) section(`Found timestamp mismatch in :${file}`, pairs, (index, log) => `  Index timestamp: ${index}, log timestamp: ${log}`);
  for (const [file, pairs] of findings.timesOutOfOrder) {
    section(`Found out of order timestamp in :${file}`, pairs, (index, previous) => `  Index timestamp: ${index}, Previously indexed timestamp: ${previous}`);
  }
  for (const pairs of findings.offsetsNotFound.values()) {
    section('The following indexed offsets are not found in the log.', pairs, (index, log) => `Indexed offset: ${index}, found log offset: ${log}`);
  }
  for (const [file, pairs] of gaps) section(`Non-consecutive offsets in ${file}`, pairs, (before, after) => `  ${before} is followed by ${after}`);
}
