import { KafkaError } from '../protocol/errors.ts';
import type { TopicConfig } from '../runtime/config/topic-config.ts';
import { changedBrokerProperties, changedOverrides, checkOverrides, operationKinds } from './config-changes.ts';
import type { ConfigOperation } from './config-changes.ts';
import type { DynamicBrokerConfigs } from './dynamic-broker-configs.ts';
import type { MetadataCache } from './metadata-cache.ts';
import type { TopicAdmin } from './topic-admin.ts';

/** ConfigResource.Type */
export const resourceTypes = { topic: 2, broker: 4, brokerLogger: 8, clientMetrics: 16 } as const;

export interface AlteredResource {
  readonly resourceType: number;
  readonly resourceName: string;
}

export interface AlteredConfig {
  readonly name: string;
  readonly value: string | null;
}

/** The outcome for one resource; codes and words of Apache Kafka 3.9. */
export interface AlterOutcome extends AlteredResource {
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** AlterConfigs and IncrementalAlterConfigs: what both check and do (ConfigAdminManager, ZkAdminManager). */
export interface ConfigAdmin {
  /** Gives the resource these properties and no others. */
  replace(resource: AlteredResource & { readonly configs: readonly AlteredConfig[] }, isValidateOnly: boolean): Promise<void>;
  change(resource: AlteredResource & { readonly configs: readonly (AlteredConfig & { readonly configOperation: number })[] }, isValidateOnly: boolean): Promise<void>;
}

export interface ConfigAdminOptions {
  readonly brokerId: number;
  readonly cache: MetadataCache;
  readonly topics: TopicAdmin;
  readonly brokers: DynamicBrokerConfigs;
  readonly topicConfigOf: (topic: string) => TopicConfig;
}

export function createConfigAdmin({ brokerId, cache, topics, brokers, topicConfigOf }: ConfigAdminOptions): ConfigAdmin {
  function checkTopic(topic: string): void {
    if (topic === '') throw new KafkaError('INVALID_REQUEST', 'Default topic resources are not allowed.');
    if (!cache.topics.has(topic)) throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `The topic '${topic}' does not exist.`);
  }

  /** Which layer a broker resource names: this broker's, or with an empty name the default of all. */
  function layerOf(resourceName: string): 'broker' | 'clusterDefault' {
    if (resourceName === '') return 'clusterDefault';
    checkNode(resourceName);
    return 'broker';
  }

  function checkNode(resourceName: string): void {
    if (!/^[+-]?\d{1,10}$/.test(resourceName)) throw new KafkaError('INVALID_REQUEST', `Node id must be an integer, but it is: ${resourceName}`);
    if (Number(resourceName) !== brokerId) throw new KafkaError('INVALID_REQUEST', `Unexpected broker id, expected ${brokerId}, but received ${resourceName}`);
  }

  function refuseType(resourceType: number): never {
    if (resourceType === resourceTypes.clientMetrics) throw new KafkaError('INVALID_REQUEST', 'AlterConfigs is only supported for topics and brokers, but resource type is CLIENT_METRICS');
    throw new KafkaError('INVALID_REQUEST', `Unknown resource type ${resourceType}`);
  }

  return {
    async replace({ resourceType, resourceName, configs }, isValidateOnly) {
      checkEntries(configs);
      const properties = Object.fromEntries(configs.map(({ name, value }) => [name, value!]));
      if (resourceType === resourceTypes.broker) {
        await brokers.alter(layerOf(resourceName), () => properties, isValidateOnly);
      } else if (resourceType === resourceTypes.topic) {
        checkTopic(resourceName);
        checkOverrides(resourceName, properties);
        if (!isValidateOnly) await topics.changeConfig(resourceName, properties);
      } else {
        refuseType(resourceType);
      }
    },

    async change({ resourceType, resourceName, configs }, isValidateOnly) {
      checkEntries(configs.filter(({ configOperation, value }) => value !== null || operationKinds[configOperation] !== 'delete'), configs);
      if (resourceType === resourceTypes.broker) {
        const layer = layerOf(resourceName);
        const operations = operationsOf(configs, (code) => new KafkaError('INVALID_REQUEST', `Unknown operations type ${code}`));
        await brokers.alter(layer, (before) => changedBrokerProperties(before, operations), isValidateOnly);
      } else if (resourceType === resourceTypes.brokerLogger) {
        checkNode(resourceName);
        const [first] = configs;
        // Loggers by the names of Java classes are none here.
        if (first !== undefined) throw new KafkaError('INVALID_CONFIG', `Logger ${first.name} does not exist!`);
      } else if (resourceType === resourceTypes.topic) {
        checkTopic(resourceName);
        const operations = operationsOf(configs, (code) => new KafkaError('UNKNOWN_SERVER_ERROR', `unknown operation ${code}`));
        const changed = changedOverrides(resourceName, await topics.configOf(resourceName), topicConfigOf(resourceName), operations);
        if (!isValidateOnly) await topics.changeConfig(resourceName, changed);
      } else {
        refuseType(resourceType);
      }
    },
  };
}

/** @param named all entries, where `configs` leaves some out that need no value */
function checkEntries(configs: readonly AlteredConfig[], named: readonly AlteredConfig[] = configs): void {
  if (new Set(named.map(({ name }) => name)).size < named.length) throw new KafkaError('INVALID_REQUEST', 'Error due to duplicate config keys');
  const nulls = configs.filter(({ value }) => value === null);
  if (nulls.length > 0) throw new KafkaError('INVALID_REQUEST', `Null value not supported for : ${nulls.map(({ name }) => name).join(', ')}`);
}

function operationsOf(configs: readonly (AlteredConfig & { readonly configOperation: number })[], unknown: (code: number) => KafkaError): ConfigOperation[] {
  return configs.map(({ name, value, configOperation }) => {
    const kind = operationKinds[configOperation];
    if (kind === undefined) throw unknown(configOperation);
    return { name, kind, value };
  });
}

/** One after the other; a resource that is named twice is refused both times. */
export async function alterEach<Resource extends AlteredResource>(resources: readonly Resource[], alter: (resource: Resource) => Promise<void>): Promise<AlterOutcome[]> {
  const outcomes: AlterOutcome[] = [];
  for (const resource of resources) {
    const { resourceType, resourceName } = resource;
    const outcome = (errorCode: number, errorMessage: string | null): AlterOutcome => ({ errorCode, errorMessage, resourceType, resourceName });
    try {
      if (resources.some((other) => other !== resource && other.resourceType === resourceType && other.resourceName === resourceName)) {
        throw new KafkaError('INVALID_REQUEST', 'Each resource must appear at most once.');
      }
      await alter(resource);
      outcomes.push(outcome(0, null));
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      outcomes.push(outcome(error.code, error.name === 'UNKNOWN_SERVER_ERROR' ? null : error.message));
    }
  }
  return outcomes;
}
