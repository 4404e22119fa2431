import { KafkaError } from '../protocol/errors.ts';
import type { ConnectionOptions } from './connection-options.ts';
import type { GroupOptions } from './group/group-options.ts';

/** Kafka's consumer properties in camel case; defaults are those of 3.9. */
export interface ConsumerOptions extends ConnectionOptions, GroupOptions {
  /** auto.offset.reset: where to begin without a position, and when the position is gone. */
  readonly autoOffsetReset?: 'earliest' | 'latest' | 'none';
  /** isolation.level: `read_committed` leaves out aborted transactions, and waits for open ones. */
  readonly isolationLevel?: 'read_uncommitted' | 'read_committed';
  /** fetch.min.bytes, fetch.max.bytes, fetch.max.wait.ms */
  readonly fetchMinBytes?: number;
  readonly fetchMaxBytes?: number;
  readonly fetchMaxWaitMs?: number;
  /** max.partition.fetch.bytes; a larger batch still comes, alone. */
  readonly maxPartitionFetchBytes?: number;
  /** max.poll.records */
  readonly maxPollRecords?: number;
  /** check.crcs */
  readonly checkCrcs?: boolean;
  /** allow.auto.create.topics */
  readonly allowAutoCreateTopics?: boolean;
  /** client.rack: read from the nearest replica (KIP-392), share out by rack (KIP-881). */
  readonly clientRack?: string;
  /** exclude.internal.topics: a pattern does not match them. */
  readonly excludeInternalTopics?: boolean;
}

export interface ConsumerSettings {
  readonly autoOffsetReset: 'earliest' | 'latest' | 'none';
  readonly isolationLevel: 'read_uncommitted' | 'read_committed';
  readonly fetchMinBytes: number;
  readonly fetchMaxBytes: number;
  readonly fetchMaxWaitMs: number;
  readonly maxPartitionFetchBytes: number;
  readonly maxPollRecords: number;
  readonly checkCrcs: boolean;
  readonly allowAutoCreateTopics: boolean;
  readonly clientRack: string;
  readonly excludeInternalTopics: boolean;
}

/** @throws KafkaError INVALID_CONFIG */
export function consumerSettings(options: ConsumerOptions): ConsumerSettings {
  const settings: ConsumerSettings = {
    autoOffsetReset: options.autoOffsetReset ?? 'latest',
    isolationLevel: options.isolationLevel ?? 'read_uncommitted',
    fetchMinBytes: options.fetchMinBytes ?? 1,
    fetchMaxBytes: options.fetchMaxBytes ?? 52_428_800,
    fetchMaxWaitMs: options.fetchMaxWaitMs ?? 500,
    maxPartitionFetchBytes: options.maxPartitionFetchBytes ?? 1_048_576,
    maxPollRecords: options.maxPollRecords ?? 500,
    checkCrcs: options.checkCrcs ?? true,
    allowAutoCreateTopics: options.allowAutoCreateTopics ?? true,
    clientRack: options.clientRack ?? '',
    excludeInternalTopics: options.excludeInternalTopics ?? true,
  };
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value === 'number' && !(value >= 0)) throw new KafkaError('INVALID_CONFIG', `${name} must be at least 0, not ${value}`);
  }
  if (settings.maxPollRecords < 1) throw new KafkaError('INVALID_CONFIG', 'maxPollRecords must be at least 1');
  return settings;
}
