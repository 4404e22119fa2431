import { KafkaError } from '../protocol/errors.ts';
import type { Codec } from '../record/batch.ts';
import type { ConnectionOptions } from './connection-options.ts';
import type { Partitioner } from './partitioner.ts';

/** Kafka's producer properties in camel case; defaults are those of 3.9. */
export interface ProducerOptions extends ConnectionOptions {
  /** How many copies must have a record before it counts as sent: all in-sync ones, the leader's, or none. */
  readonly acks?: 'all' | -1 | 0 | 1;
  /** compression.type */
  readonly compressionType?: Codec;
  /** linger.ms: how long a batch may wait for more records. */
  readonly lingerMs?: number;
  /** batch.size, bytes; a larger record goes alone. */
  readonly batchSize?: number;
  /** buffer.memory, bytes: sends beyond wait, max.block.ms at most. */
  readonly bufferMemory?: number;
  /** max.block.ms */
  readonly maxBlockMs?: number;
  /** delivery.timeout.ms: from send to outcome, over all tries. */
  readonly deliveryTimeoutMs?: number;
  /** max.request.size, bytes */
  readonly maxRequestSize?: number;
  readonly retries?: number;
  /** max.in.flight.requests.per.connection: with more than 1 and without idempotence a retried batch may land behind later ones. */
  readonly maxInFlightRequestsPerConnection?: number;
  /** enable.idempotence: each record is written once and in order, also where it had to be sent again. On unless other options rule it out. */
  readonly enableIdempotence?: boolean;
  /** transactional.id: makes `transaction` possible. One producer at a time has it: a later one fences the earlier. */
  readonly transactionalId?: string;
  /** transaction.timeout.ms: after so long the coordinator aborts an open transaction. */
  readonly transactionTimeoutMs?: number;
  readonly partitioner?: Partitioner;
}

export interface ProducerSettings {
  readonly acks: -1 | 0 | 1;
  readonly compressionType: Codec;
  readonly lingerMs: number;
  readonly batchSize: number;
  readonly bufferMemory: number;
  readonly maxBlockMs: number;
  readonly deliveryTimeoutMs: number;
  readonly maxRequestSize: number;
  readonly retries: number;
  readonly maxInFlightRequestsPerConnection: number;
  readonly requestTimeoutMs: number;
  readonly enableIdempotence: boolean;
  readonly transactionalId: string | undefined;
  readonly transactionTimeoutMs: number;
  readonly partitioner: Partitioner | undefined;
}

/** @throws KafkaError INVALID_CONFIG when a value is out of range, or delivery.timeout.ms too short for one try */
export function producerSettings(options: ProducerOptions): ProducerSettings {
  const { acks = 'all', lingerMs = 0, requestTimeoutMs = 30_000 } = options;
  const shortestDeliveryMs = lingerMs + requestTimeoutMs;
  if (options.deliveryTimeoutMs !== undefined && options.deliveryTimeoutMs < shortestDeliveryMs) {
    throw new KafkaError('INVALID_CONFIG', 'delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms');
  }
  const settings = {
    acks: acks === 'all' ? -1 : acks,
    compressionType: options.compressionType ?? 'none',
    lingerMs,
    batchSize: options.batchSize ?? 16_384,
    bufferMemory: options.bufferMemory ?? 33_554_432,
    maxBlockMs: options.maxBlockMs ?? 60_000,
    deliveryTimeoutMs: options.deliveryTimeoutMs ?? Math.max(120_000, shortestDeliveryMs),
    maxRequestSize: options.maxRequestSize ?? 1_048_576,
    retries: options.retries ?? 2_147_483_647,
    maxInFlightRequestsPerConnection: options.maxInFlightRequestsPerConnection ?? 5,
    requestTimeoutMs,
    enableIdempotence: isIdempotent(options),
    transactionalId: options.transactionalId,
    transactionTimeoutMs: options.transactionTimeoutMs ?? 60_000,
    partitioner: options.partitioner,
  } as const;
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value === 'number' && name !== 'acks' && !(value >= 0)) throw new KafkaError('INVALID_CONFIG', `${name} must be at least 0, not ${value}`);
  }
  if (settings.maxInFlightRequestsPerConnection < 1) throw new KafkaError('INVALID_CONFIG', 'maxInFlightRequestsPerConnection must be at least 1');
  return settings;
}

/** As many batches of a partition as a leader remembers. */
const inFlightMax = 5;

/** @throws KafkaError INVALID_CONFIG when it is asked for, or transactions are, and other options rule it out */
function isIdempotent(options: ProducerOptions): boolean {
  const { acks = 'all', retries = 1, maxInFlightRequestsPerConnection = inFlightMax, enableIdempotence, transactionalId } = options;
  const hindrance =
    retries === 0
      ? 'Must set retries to non-zero when using the idempotent producer.'
      : acks !== 'all' && acks !== -1
        ? 'Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.'
        : maxInFlightRequestsPerConnection > inFlightMax
          ? `Must set max.in.flight.requests.per.connection to at most ${inFlightMax} to use the idempotent producer.`
          : undefined;
  if (hindrance !== undefined && enableIdempotence === true) throw new KafkaError('INVALID_CONFIG', hindrance);
  const isOn = enableIdempotence !== false && hindrance === undefined;
  if (!isOn && transactionalId !== undefined) throw new KafkaError('INVALID_CONFIG', 'Cannot set a transactional.id without also enabling idempotence.');
  return isOn;
}
