import * as batch from '../record/batch.ts';
import { validateAndAssignOffsets } from '../record/validate.ts';
import type { CompressionOfTopic, ValidatedRecords } from '../record/validate.ts';
import { noLimit } from '../runtime/config/definition.ts';
import { LogError } from './errors.ts';
import { forEachBatch } from './follower-append.ts';
import { isCompacted } from './log-config.ts';
import type { LogConfig } from './log-config.ts';
import type { AppendOrigin } from './partition-log.ts';

export interface LeaderAppend {
  readonly records: Buffer;
  /** The log's end: what the first record gets. */
  readonly firstOffset: number;
  readonly leaderEpoch: number;
  readonly nowMs: number;
  readonly origin: AppendOrigin;
  /** `topic-partition`, for messages. */
  readonly name: string;
  readonly config: LogConfig;
}

/**
 * Checks what is to be appended by the topic's properties and gives it offsets, times and the leader epoch.
 * @throws LogError MESSAGE_TOO_LARGE (max.message.bytes holds before and after a conversion); RecordFailure
 */
export function checkedByLeader(append: LeaderAppend): ValidatedRecords {
  const { config, records } = append;
  if (append.origin !== 'replication') checkBatchSizes(append, records);
  const compressionOfTopic = config['compression.type'] as CompressionOfTopic;
  const validated = validateAndAssignOffsets({
    records,
    firstOffset: append.firstOffset,
    nowMs: append.nowMs,
    leaderEpoch: append.leaderEpoch,
    compressionOfTopic,
    compressionLevel: levelOf(config, compressionOfTopic),
    cleanupPolicyCompact: isCompacted(config),
    timestampType: config['message.timestamp.type'] === 'LogAppendTime' ? 'LogAppendTime' : 'CreateTime',
    beforeMaxMs: unlessDefault(config['message.timestamp.before.max.ms'], config),
    afterMaxMs: unlessDefault(config['message.timestamp.after.max.ms'], config),
    fromClient: append.origin === 'client',
    topicPartition: append.name,
  });
  if (validated.isRebuilt) checkBatchSizes(append, validated.records);
  return validated;
}

/** message.timestamp.difference.max.ms is the older property, for both directions: it counts where the newer is not set. */
function unlessDefault(limitMs: number, config: LogConfig): number {
  return limitMs === noLimit.default ? config['message.timestamp.difference.max.ms'] : limitMs;
}

function checkBatchSizes({ config, name }: LeaderAppend, records: Buffer): void {
  const bytesMax = config['max.message.bytes'];
  if (records.length <= bytesMax) return;
  forEachBatch(records, (start) => {
    const sizeBytes = batch.batchSizeBytes(records, start);
    if (sizeBytes <= bytesMax) return;
    throw new LogError('MESSAGE_TOO_LARGE', `The record batch size in the append to ${name} is ${sizeBytes} bytes which exceeds the maximum configured value of ${bytesMax}.`);
  });
}

function levelOf(config: LogConfig, compression: CompressionOfTopic): number | undefined {
  if (compression === 'gzip') return config['compression.gzip.level'];
  if (compression === 'lz4') return config['compression.lz4.level'];
  return compression === 'zstd' ? config['compression.zstd.level'] : undefined;
}
