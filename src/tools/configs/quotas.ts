import type { Admin } from '../../client/admin-types.ts';
import type { QuotaEntity, QuotaEntityType, QuotaFilter, ScramMechanism } from '../../client/admin-user-types.ts';
import type { Terminal } from '../terminal.ts';
import type { Changes } from './changes.ts';
import type { ConfigsRequest, EntityType } from './options.ts';
import { ConfigsError } from './options.ts';
import { scramMechanisms, scramSecret } from './secrets.ts';

const entityTypes: Partial<Record<EntityType, QuotaEntityType>> = { users: 'user', clients: 'client-id', ips: 'ip' };
const typeNames: Readonly<Record<QuotaEntityType, string>> = { user: 'user-principal', 'client-id': 'client-id', ip: 'ip' };
const clientQuotas = ['producer_byte_rate', 'consumer_byte_rate', 'request_percentage', 'controller_mutation_rate'];
const addressQuotas = ['connection_creation_rate'];

function filtersOf({ types, names }: ConfigsRequest): QuotaFilter[] {
  if (names.length > types.length) throw new ConfigsError('More entity names specified than entity types');
  return types.map((type, index) => ({ type: entityTypes[type]!, name: names[index] === undefined ? undefined : names[index] === '' ? null : names[index] }));
}

/** Java prints whole numbers of type double with `.0`. */
const javaDouble = (value: number): string => (Number.isInteger(value) && Math.abs(value) < 1e7 ? `${value}.0` : javaLarge(value));

function javaLarge(value: number): string {
  if (Math.abs(value) < 1e7) return String(value);
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${exponent.replace('+', '')}`;
}

/** --describe of users, clients and ips. @throws KafkaError */
export async function describeQuotas(admin: Admin, request: ConfigsRequest, { out }: Terminal): Promise<void> {
  for (const { entity, quotas } of await admin.describeClientQuotas(filtersOf(request))) {
    out(`Quota configs for ${entityText(entity)} are ${[...quotas].map(([key, value]) => `${key}=${javaDouble(value)}`).join(', ')}\n`);
  }
  const { types, names } = request;
  if (!types.includes('users') || types.includes('clients') || names.includes('')) return;
  for (const { name, credentials, error } of await admin.describeUserScramCredentials(names.length === 0 ? undefined : names)) {
    if (error?.name === 'RESOURCE_NOT_FOUND') continue;
    if (error !== undefined) out(`Error retrieving SCRAM credential configs for user-principal '${name}': ${error.name}: ${error.message}\n`);
    else out(`SCRAM credential configs for user-principal '${name}' are ${credentials.map(({ mechanism, iterations }) => `${mechanism}=iterations=${iterations}`).join(', ')}\n`);
  }
}

function entityText(entity: QuotaEntity): string {
  return (['user', 'client-id', 'ip'] as const)
    .filter((type) => entity[type] !== undefined)
    .map((type) => (entity[type] === null ? `the default ${typeNames[type]}` : `${typeNames[type]} '${entity[type]}'`))
    .join(', ');
}

const setText = (values: readonly string[]): string => `Set(${values.join(', ')})`;
const listText = (values: readonly string[]): string => `Buffer(${values.join(', ')})`;

/** --alter of users, clients and ips. @throws KafkaError, ConfigsError */
export async function alterQuotas(admin: Admin, request: ConfigsRequest, changes: Changes): Promise<void> {
  if (request.types[0] === 'ips') {
    const unknown = [...changes.added.keys(), ...changes.deleted].filter((key) => !addressQuotas.includes(key));
    if (unknown.length > 0) throw new ConfigsError(`Only connection quota configs can be added for 'ips' using --bootstrap-server. Unexpected config names: ${unknown.join(',')}`);
    return alterEntity(admin, request, changes);
  }
  checkKeys(request, changes);
  const isQuota = [...changes.added.keys(), ...changes.deleted].some((key) => clientQuotas.includes(key));
  return isQuota ? alterEntity(admin, request, changes) : alterScram(admin, request.names[0]!, changes);
}

function checkKeys({ types, names }: ConfigsRequest, { added, deleted }: Changes): void {
  const isClient = types.includes('clients');
  const isKnown = (key: string): boolean => clientQuotas.includes(key) || (!isClient && scramMechanisms.includes(key));
  const what = isClient ? "Only quota configs can be %s for 'clients'" : "Only quota and SCRAM credential configs can be %s for 'users'";
  const unknown = { added: [...added.keys()].filter((key) => !isKnown(key)), deleted: deleted.filter((key) => !isKnown(key)) };
  if (unknown.added.length > 0) throw new ConfigsError(`${what.replace('%s', 'added')} using --bootstrap-server. Unexpected config names: ${setText(unknown.added)}`);
  if (unknown.deleted.length > 0) throw new ConfigsError(`${what.replace('%s', 'deleted')} using --bootstrap-server. Unexpected config names: ${listText(unknown.deleted)}`);
  const keys = [...added.keys(), ...deleted];
  if (!keys.some((key) => scramMechanisms.includes(key))) return;
  if (names.includes('')) throw new ConfigsError('The use of --entity-default or --user-defaults is not allowed with User SCRAM Credentials using --bootstrap-server.');
  if (keys.some((key) => clientQuotas.includes(key))) throw new ConfigsError("Cannot alter both quota and SCRAM credential configs simultaneously for 'users' using --bootstrap-server.");
}

async function alterEntity(admin: Admin, request: ConfigsRequest, { added, deleted }: Changes): Promise<void> {
  const filters = filtersOf(request);
  const known = (await admin.describeClientQuotas(filters))[0]?.quotas ?? new Map<string, number>();
  const unknown = deleted.filter((key) => !known.has(key));
  if (unknown.length > 0) throw new ConfigsError(`Invalid config(s): ${unknown.join(',')}`);
  const changes = new Map<string, number | undefined>(deleted.map((key) => [key, undefined]));
  for (const [key, text] of added) {
    const value = Number(text);
    if (text.trim() === '' || Number.isNaN(value)) throw new ConfigsError(`Cannot parse quota configuration value for ${key}: ${text}`);
    changes.set(key, value);
  }
  await admin.alterClientQuotas([{ entity: Object.fromEntries(filters.map(({ type, name }) => [type, name ?? null])), changes }]);
}

async function alterScram(admin: Admin, user: string, { added, deleted }: Changes): Promise<void> {
  const deletions = deleted.map((mechanism) => ({ user, mechanism: mechanism as ScramMechanism, credential: undefined }));
  const upsertions = [...added].map(([mechanism, text]) => ({ user, mechanism: mechanism as ScramMechanism, credential: scramSecret(mechanism, text) }));
  const outcomes = await admin.alterUserScramCredentials([...deletions, ...upsertions]);
  const failed = outcomes.find(({ error }) => error !== undefined);
  if (failed?.error !== undefined) throw failed.error;
}
