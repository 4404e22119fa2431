import type { KafkaError } from '../protocol/errors.ts';
import { errorTable } from '../protocol/errors.ts';

/** Whether the cluster or the client failed, as against a bug here. By name: the client is loaded later than the tool. */
export function isKafkaError(error: unknown): error is KafkaError {
  return error instanceof Error && Object.hasOwn(errorTable, error.name);
}
