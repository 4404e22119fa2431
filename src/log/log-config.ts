import type { TopicConfig } from '../runtime/config/topic-config.ts';

/** The properties of a topic that its logs go by, under Kafka's names. A whole `TopicConfig` is one. */
export type LogConfig = Pick<
  TopicConfig,
  | 'cleanup.policy'
  | 'compression.gzip.level'
  | 'compression.lz4.level'
  | 'compression.type'
  | 'compression.zstd.level'
  | 'delete.retention.ms'
  | 'file.delete.delay.ms'
  | 'flush.messages'
  | 'flush.ms'
  | 'index.interval.bytes'
  | 'max.compaction.lag.ms'
  | 'max.message.bytes'
  | 'message.timestamp.after.max.ms'
  | 'message.timestamp.before.max.ms'
  | 'message.timestamp.difference.max.ms'
  | 'message.timestamp.type'
  | 'min.cleanable.dirty.ratio'
  | 'min.compaction.lag.ms'
  | 'preallocate'
  | 'retention.bytes'
  | 'retention.ms'
  | 'segment.bytes'
  | 'segment.index.bytes'
  | 'segment.jitter.ms'
  | 'segment.ms'
>;

/** cleanup.policy has compact, perhaps beside delete. */
export function isCompacted(config: LogConfig): boolean {
  return config['cleanup.policy'].includes('compact');
}
