import type { BrokerConfig } from '../../runtime/config/broker-config.ts';
import type { CleanerLimits } from './messages.ts';
import { entryBytes } from './offset-map.ts';

export interface CleanerConfig {
  /** log.cleaner.threads; 0 where log.cleaner.enable is false. */
  readonly threads: number;
  /** log.cleaner.backoff.ms: between two looks for something to clean. */
  readonly backoffMs: number;
  /** Of one thread. */
  readonly limits: CleanerLimits;
}

/** Kafka's own upper bound of one thread's map. */
const mapBytesMax = 0x7fff_ffff;
const ioBufferBytesMin = 1024;

/** @throws Error when the map would hold no key, as Kafka refuses to start then */
export function cleanerConfigOf(config: BrokerConfig): CleanerConfig {
  const threads = config['log.cleaner.enable'] ? config['log.cleaner.threads'] : 0;
  const share = Math.max(1, threads);
  const limits: CleanerLimits = {
    mapBytesMax: Math.min(Math.floor(config['log.cleaner.dedupe.buffer.size'] / share), mapBytesMax),
    loadFactor: config['log.cleaner.io.buffer.load.factor'],
    ioBufferBytes: Math.max(ioBufferBytesMin, Math.floor(config['log.cleaner.io.buffer.size'] / share / 2)),
    bytesPerSecondMax: bytesPerSecondMax(config['log.cleaner.io.max.bytes.per.second'] / share),
  };
  if (threads > 0 && Math.floor(limits.mapBytesMax / entryBytes) * limits.loadFactor <= 1) {
    throw new Error(
      'offset map is too small to fit in even a single message, so log cleaning will never make progress. You can increase log.cleaner.dedupe.buffer.size or decrease log.cleaner.threads',
    );
  }
  return { threads, backoffMs: config['log.cleaner.backoff.ms'], limits };
}

/** The default is the greatest number there is: no limit. */
function bytesPerSecondMax(share: number): number {
  return share > Number.MAX_SAFE_INTEGER ? Infinity : share;
}

export function isSame(one: CleanerConfig, other: CleanerConfig): boolean {
  const limits = Object.keys(one.limits) as (keyof CleanerLimits)[];
  return one.threads === other.threads && one.backoffMs === other.backoffMs && limits.every((name) => one.limits[name] === other.limits[name]);
}
