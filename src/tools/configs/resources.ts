import type { Admin, ConfigEntry, ConfigResource, ConfigSource } from '../../client/admin-types.ts';
import { javaHashCode, javaHashOrder } from '../../client/java-hash-order.ts';
import type { Terminal } from '../terminal.ts';
import type { Changes } from './changes.ts';
import type { ConfigsRequest, EntityType } from './options.ts';
import { ConfigsError } from './options.ts';

type ResourceEntity = Extract<EntityType, 'topics' | 'brokers' | 'broker-loggers' | 'client-metrics'>;

const resourceTypes: Readonly<Record<ResourceEntity, ConfigResource['type']>> = { topics: 'topic', brokers: 'broker', 'broker-loggers': 'brokerLogger', 'client-metrics': 'clientMetrics' };

export const isResource = (type: EntityType): type is ResourceEntity => Object.hasOwn(resourceTypes, type);

/** Configs of the entity itself, or all that apply to it; by name. @throws KafkaError */
async function configsOf(admin: Admin, type: ResourceEntity, name: string, isAll: boolean): Promise<ConfigEntry[]> {
  const [description] = await admin.describeConfigs([{ type: resourceTypes[type], name }]);
  if (description?.error !== undefined) throw description.error;
  const sources: Readonly<Record<ResourceEntity, ConfigSource | undefined>> = {
    topics: 'DYNAMIC_TOPIC_CONFIG',
    brokers: name === '' ? 'DYNAMIC_DEFAULT_BROKER_CONFIG' : 'DYNAMIC_BROKER_CONFIG',
    'broker-loggers': undefined,
    'client-metrics': 'DYNAMIC_CLIENT_METRICS_CONFIG',
  };
  const wanted = isAll ? undefined : sources[type];
  return (description?.entries ?? []).filter(({ source }) => wanted === undefined || source === wanted).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** --describe. @throws KafkaError */
export async function describeResources(admin: Admin, { names }: ConfigsRequest, type: ResourceEntity, isAll: boolean, { out }: Terminal): Promise<void> {
  for (const name of names.length > 0 ? names.slice(0, 1) : await allNames(admin, type)) {
    out(name === '' ? `Default configs for ${type} in the cluster are:\n` : `${isAll ? 'All' : 'Dynamic'} configs for ${type.slice(0, -1)} ${name} are:\n`);
    for (const entry of await configsOf(admin, type, name, isAll)) {
      const synonyms = entry.synonyms.map((synonym) => `${synonym.source}:${synonym.name}=${synonym.value}`).join(', ');
      out(`  ${entry.name}=${entry.value} sensitive=${entry.isSensitive} synonyms={${synonyms}}\n`);
    }
  }
}

async function allNames(admin: Admin, type: ResourceEntity): Promise<string[]> {
  if (type === 'topics') return javaHashOrder((await admin.listTopics()).map(({ name }) => name), javaHashCode);
  if (type === 'client-metrics') return [];
  return [...(await admin.describeCluster()).nodes.map(({ id }) => String(id)), ''];
}

/** --alter. @throws KafkaError, ConfigsError */
export async function alterResource(admin: Admin, type: ResourceEntity, name: string, { added, deleted }: Changes): Promise<void> {
  const known = new Map((await configsOf(admin, type, name, false)).map((entry) => [entry.name, entry]));
  const unknown = type === 'broker-loggers' ? [...deleted, ...added.keys()].filter((key) => !known.has(key)) : deleted.filter((key) => !known.has(key));
  if (unknown.length > 0) throw new ConfigsError(`Invalid ${type === 'broker-loggers' ? 'broker logger' : 'config'}(s): ${unknown.join(',')}`);
  const resource = { type: resourceTypes[type], name };
  const [outcome] = type === 'brokers' ? await admin.alterConfigs([{ ...resource, values: brokerValues(known, { added, deleted }) }]) : await admin.incrementalAlterConfigs([{ ...resource, changes: changeList({ added, deleted }) }]);
  if (outcome?.error !== undefined) throw outcome.error;
}

function changeList({ added, deleted }: Changes): { name: string; operation: 'set' | 'delete'; value: string | null }[] {
  return [...[...added].map(([name, value]) => ({ name, operation: 'set' as const, value })), ...deleted.map((name) => ({ name, operation: 'delete' as const, value: '' }))];
}

/** A broker takes the whole list, and does not tell secrets: they must be given again. @throws ConfigsError */
function brokerValues(known: ReadonlyMap<string, ConfigEntry>, { added, deleted }: Changes): Record<string, string | null> {
  const values = new Map<string, string | null>([...[...known].map(([key, { value }]) => [key, value] as const), ...added]);
  for (const key of deleted) values.delete(key);
  const secret = [...values].filter(([, value]) => value === null).map(([key]) => key);
  if (secret.length > 0) throw new ConfigsError(`All sensitive broker config entries must be specified for --alter, missing entries: Set(${secret.join(', ')})`);
  return Object.fromEntries(values);
}
