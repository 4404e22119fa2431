import type { ConsumerOptions } from '../client/consumer-options.ts';
import type { ClientProperties } from './client-properties.ts';
import { choiceProperty, connectionOptions, defined, numberProperty } from './client-properties.ts';

/** A consumer's options out of Kafka's consumer properties; those without effect here are passed over. @throws ConfigException */
export function consumerOptions(properties: ClientProperties): ConsumerOptions {
  const checkCrcs = choiceProperty(properties, 'check.crcs', ['true', 'false']);
  const allowAutoCreateTopics = choiceProperty(properties, 'allow.auto.create.topics', ['true', 'false']);
  return {
    ...connectionOptions(properties),
    ...defined({
      autoOffsetReset: choiceProperty(properties, 'auto.offset.reset', ['latest', 'earliest', 'none']),
      isolationLevel: choiceProperty(properties, 'isolation.level', ['read_committed', 'read_uncommitted']),
      fetchMinBytes: numberProperty(properties, 'fetch.min.bytes'),
      fetchMaxBytes: numberProperty(properties, 'fetch.max.bytes'),
      fetchMaxWaitMs: numberProperty(properties, 'fetch.max.wait.ms'),
      maxPartitionFetchBytes: numberProperty(properties, 'max.partition.fetch.bytes'),
      maxPollRecords: numberProperty(properties, 'max.poll.records'),
      checkCrcs: checkCrcs === undefined ? undefined : checkCrcs === 'true',
      allowAutoCreateTopics: allowAutoCreateTopics === undefined ? undefined : allowAutoCreateTopics === 'true',
      clientRack: properties['client.rack'],
    }),
  };
}
