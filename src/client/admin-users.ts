import { pbkdf2Sync } from 'node:crypto';
import { KafkaError, errorByCode } from '../protocol/errors.ts';
import { alterClientQuotasRequest, alterClientQuotasResponse } from '../protocol/messages/alter-client-quotas.ts';
import { alterUserScramCredentialsRequest, alterUserScramCredentialsResponse } from '../protocol/messages/alter-user-scram-credentials.ts';
import { describeClientQuotasRequest, describeClientQuotasResponse } from '../protocol/messages/describe-client-quotas.ts';
import { describeUserScramCredentialsRequest, describeUserScramCredentialsResponse } from '../protocol/messages/describe-user-scram-credentials.ts';
import type { Random } from '../runtime/random.ts';
import type { AdminCalls } from './admin-calls.ts';
import type { Outcome } from './admin-types.ts';
import type { EntityQuotas, QuotaEntity, QuotaFilter, ScramMechanism, UserAdmin, UserScramCredentials } from './admin-user-types.ts';

/** Kafka's numbers of ScramMechanism, and the hash behind each. */
const mechanisms = { 'SCRAM-SHA-256': { code: 1, hash: 'sha256', length: 32 }, 'SCRAM-SHA-512': { code: 2, hash: 'sha512', length: 64 } } as const;
const saltBytes = 20;

function refused(code: number, message: string | null): KafkaError | undefined {
  return code === 0 ? undefined : new KafkaError(errorByCode(code), message ?? errorByCode(code));
}

const entityOf = (parts: readonly { readonly entityType: string; readonly entityName: string | null }[]): QuotaEntity => Object.fromEntries(parts.map(({ entityType, entityName }) => [entityType, entityName]));

/** The admin client's calls about users, clients and addresses. */
export function userAdmin(calls: AdminCalls, random: Random): UserAdmin {
  return {
    describeClientQuotas: (filters) =>
      calls.call('describeClientQuotas', 'any', async (connection, timeoutMs): Promise<EntityQuotas[]> => {
        // Match types: exact name, default, any name.
        const components = filters.map(({ type, name }: QuotaFilter) => ({ entityType: type, matchType: name === undefined ? 2 : name === null ? 1 : 0, match: name ?? null }));
        const { errorCode, errorMessage, entries } = await connection.call(describeClientQuotasRequest, describeClientQuotasResponse, { components, strict: true }, timeoutMs);
        const error = refused(errorCode, errorMessage);
        if (error !== undefined) throw error;
        return (entries ?? []).map(({ entity, values }) => ({ entity: entityOf(entity), quotas: new Map(values.map(({ key, value }) => [key, value])) }));
      }),
    alterClientQuotas: (changes) =>
      calls.call('alterClientQuotas', 'any', async (connection, timeoutMs) => {
        const entries = changes.map(({ entity, changes: its }) => ({
          entity: Object.entries(entity).map(([entityType, entityName]) => ({ entityType, entityName })),
          ops: [...its].map(([key, value]) => ({ key, value: value ?? 0, remove: value === undefined })),
        }));
        const response = await connection.call(alterClientQuotasRequest, alterClientQuotasResponse, { entries, validateOnly: false }, timeoutMs);
        for (const { errorCode, errorMessage } of response.entries) {
          const error = refused(errorCode, errorMessage);
          if (error !== undefined) throw error;
        }
      }),
    describeUserScramCredentials: (users) =>
      calls.call('describeUserScramCredentials', 'any', async (connection, timeoutMs): Promise<UserScramCredentials[]> => {
        const request = { users: users?.map((name) => ({ name })) ?? null };
        const { errorCode, errorMessage, results } = await connection.call(describeUserScramCredentialsRequest, describeUserScramCredentialsResponse, request, timeoutMs);
        const error = refused(errorCode, errorMessage);
        if (error !== undefined) throw error;
        return results.map(({ user, errorCode: code, errorMessage: text, credentialInfos }) => ({
          name: user,
          error: refused(code, text),
          credentials: credentialInfos.map(({ mechanism, iterations }) => ({ mechanism: mechanismOf(mechanism), iterations })),
        }));
      }),
    alterUserScramCredentials: (changes) =>
      calls.call('alterUserScramCredentials', 'controller', async (connection, timeoutMs): Promise<Outcome[]> => {
        const deletions = changes.filter(({ credential }) => credential === undefined).map(({ user, mechanism }) => ({ name: user, mechanism: mechanisms[mechanism].code }));
        const upsertions = changes.flatMap(({ user, mechanism, credential }) => {
          if (credential === undefined) return [];
          const { code, hash, length } = mechanisms[mechanism];
          const salt = random.bytes(saltBytes);
          return [{ name: user, mechanism: code, iterations: credential.iterations, salt, saltedPassword: pbkdf2Sync(credential.password, salt, credential.iterations, length, hash) }];
        });
        const { results } = await connection.call(alterUserScramCredentialsRequest, alterUserScramCredentialsResponse, { deletions, upsertions }, timeoutMs);
        return results.map(({ user, errorCode, errorMessage }) => {
          const error = refused(errorCode, errorMessage);
          if (error?.name === 'NOT_CONTROLLER') throw error;
          return { name: user, error };
        });
      }),
  };
}

function mechanismOf(code: number): ScramMechanism {
  return code === mechanisms['SCRAM-SHA-512'].code ? 'SCRAM-SHA-512' : 'SCRAM-SHA-256';
}
