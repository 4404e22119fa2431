import { KafkaError, errorByCode } from '../protocol/errors.ts';
import { incrementalAlterConfigsRequest, incrementalAlterConfigsResponse } from '../protocol/messages/incremental-alter-configs.ts';
import type { AdminCalls, Target } from './admin-calls.ts';
import type { ConfigChanges, ConfigOutcome } from './admin-partition-types.ts';
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
