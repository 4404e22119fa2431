import { KafkaError, errorByCode } from '../protocol/errors.ts';
import { alterConfigsRequest, alterConfigsResponse } from '../protocol/messages/alter-configs.ts';
import { incrementalAlterConfigsRequest, incrementalAlterConfigsResponse } from '../protocol/messages/incremental-alter-configs.ts';
import type { AdminCalls, Target } from './admin-calls.ts';
import type { ConfigChanges, ConfigOutcome, ConfigValues } from './admin-partition-types.ts';
import { configResourceTypes } from './admin-types.ts';

/** Kafka's numbers of AlterConfigOp.OpType. */
const operations = { set: 0, delete: 1, append: 2, subtract: 3 } as const;

export async function incrementalAlterConfigs(calls: AdminCalls, changes: readonly ConfigChanges[], validateOnly: boolean): Promise<ConfigOutcome[]> {
  // What one broker is to run with that broker must check; the rest any broker takes.
  const byTarget = new Map<Target, ConfigChanges[]>();
  for (const resource of changes) {
    const target: Target = (resource.type === 'broker' || resource.type === 'brokerLogger') && resource.name !== '' ? Number(resource.name) : 'any';
    byTarget.set(target, [...(byTarget.get(target) ?? []), resource]);
  }
  const parts = await Promise.all([...byTarget].map(([target, its]) => alterAt(calls, target, its, validateOnly)));
  return parts.flat();
}

function alterAt(calls: AdminCalls, target: Target, resources: readonly ConfigChanges[], validateOnly: boolean): Promise<ConfigOutcome[]> {
  const entries = resources.map(({ type, name, changes }) => ({
    resourceType: configResourceTypes[type],
    resourceName: name,
    configs: changes.map((change) => ({ name: change.name, configOperation: operations[change.operation], value: change.value })),
  }));
  return calls.call('incrementalAlterConfigs', target, async (connection, timeoutMs) => {
    const response = await connection.call(incrementalAlterConfigsRequest, incrementalAlterConfigsResponse, { resources: entries, validateOnly }, timeoutMs);
    return response.responses.map(({ errorCode, errorMessage, resourceType, resourceName }): ConfigOutcome => {
      const resource = resources.find(({ type, name }) => configResourceTypes[type] === resourceType && name === resourceName);
      const error = errorCode === 0 ? undefined : new KafkaError(errorByCode(errorCode), errorMessage ?? errorByCode(errorCode));
      if (error?.name === 'NOT_CONTROLLER') throw error;
      return { type: resource?.type ?? 'topic', name: resourceName, error };
    });
  });
}

/** Replaces all configs of each resource: what is not named goes back to its default. Brokers before 2.3 know no other way. */
export async function alterConfigs(calls: AdminCalls, resources: readonly ConfigValues[], validateOnly: boolean): Promise<ConfigOutcome[]> {
  return Promise.all(
    resources.map(({ type, name, values }) => {
      const target: Target = (type === 'broker' || type === 'brokerLogger') && name !== '' ? Number(name) : 'any';
      const configs = Object.entries(values).map(([key, value]) => ({ name: key, value }));
      return calls.call('alterConfigs', target, async (connection, timeoutMs): Promise<ConfigOutcome> => {
        const request = { resources: [{ resourceType: configResourceTypes[type], resourceName: name, configs }], validateOnly };
        const [answer] = (await connection.call(alterConfigsRequest, alterConfigsResponse, request, timeoutMs)).responses;
        const code = errorByCode(answer?.errorCode ?? -1);
        return { type, name, error: code === 'NONE' ? undefined : new KafkaError(code, answer?.errorMessage ?? code) };
      });
    }),
  );
}
