import type { ConsumerOptions } from '../client/consumer-options.ts';
import type { AssignorName } from '../client/group/assignors.ts';
import type { ClientProperties } from './client-properties.ts';
import { ConfigException, choiceProperty, connectionOptions, defined, numberProperty } from './client-properties.ts';

/** A consumer's options out of Kafka's consumer properties; those without effect here are passed over. @throws ConfigException */
export function consumerOptions(properties: ClientProperties): ConsumerOptions {
  const checkCrcs = choiceProperty(properties, 'check.crcs', ['true', 'false']);
  const allowAutoCreateTopics = choiceProperty(properties, 'allow.auto.create.topics', ['true', 'false']);
  const enableAutoCommit = choiceProperty(properties, 'enable.auto.commit', ['true', 'false']);
  const excludeInternalTopics = choiceProperty(properties, 'exclude.internal.topics', ['true', 'false']);
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
      groupId: properties['group.id'],
      groupInstanceId: properties['group.instance.id'],
      sessionTimeoutMs: numberProperty(properties, 'session.timeout.ms'),
      heartbeatIntervalMs: numberProperty(properties, 'heartbeat.interval.ms'),
      maxPollIntervalMs: numberProperty(properties, 'max.poll.interval.ms'),
      autoCommitIntervalMs: numberProperty(properties, 'auto.commit.interval.ms'),
      partitionAssignmentStrategy: strategies(properties['partition.assignment.strategy']),
      enableAutoCommit: enableAutoCommit === undefined ? undefined : enableAutoCommit === 'true',
      excludeInternalTopics: excludeInternalTopics === undefined ? undefined : excludeInternalTopics === 'true',
    }),
  };
}

const assignorClasses: Readonly<Record<string, AssignorName>> = {
  'org.apache.kafka.clients.consumer.RangeAssignor': 'range',
  'org.apache.kafka.clients.consumer.RoundRobinAssignor': 'roundrobin',
  'org.apache.kafka.clients.consumer.StickyAssignor': 'sticky',
  'org.apache.kafka.clients.consumer.CooperativeStickyAssignor': 'cooperative-sticky',
};

/** Java's class names, separated by commas. @throws ConfigException */
function strategies(text: string | undefined): AssignorName[] | undefined {
  if (text === undefined) return undefined;
  return text.split(',').map((part) => {
    const name = assignorClasses[part.trim()];
    if (name === undefined) throw new ConfigException(`${part.trim()} ClassNotFoundException exception occurred`);
    return name;
  });
}
