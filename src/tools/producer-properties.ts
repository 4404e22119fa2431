import type { ProducerOptions } from '../client/producer-options.ts';
import type { ClientProperties } from './client-properties.ts';
import { booleanProperty, choiceProperty, connectionOptions, defined, numberProperty } from './client-properties.ts';

/** A producer's options out of Kafka's producer properties; those without effect here are passed over. @throws ConfigException */
export function producerOptions(properties: ClientProperties): ProducerOptions {
  const acks = choiceProperty(properties, 'acks', ['all', '-1', '0', '1']);
  return {
    ...connectionOptions(properties),
    ...defined({
      acks: acks === undefined ? undefined : acks === '0' ? (0 as const) : acks === '1' ? (1 as const) : ('all' as const),
      compressionType: choiceProperty(properties, 'compression.type', ['none', 'gzip', 'snappy', 'lz4', 'zstd']),
      lingerMs: numberProperty(properties, 'linger.ms'),
      batchSize: numberProperty(properties, 'batch.size'),
      bufferMemory: numberProperty(properties, 'buffer.memory'),
      maxBlockMs: numberProperty(properties, 'max.block.ms'),
      deliveryTimeoutMs: numberProperty(properties, 'delivery.timeout.ms'),
      maxRequestSize: numberProperty(properties, 'max.request.size'),
      retries: numberProperty(properties, 'retries'),
      maxInFlightRequestsPerConnection: numberProperty(properties, 'max.in.flight.requests.per.connection'),
      enableIdempotence: booleanProperty(properties, 'enable.idempotence'),
      transactionalId: properties['transactional.id'],
      transactionTimeoutMs: numberProperty(properties, 'transaction.timeout.ms'),
    }),
  };
}
