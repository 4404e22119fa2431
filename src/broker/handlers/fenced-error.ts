import type { ErrorName } from '../../protocol/errors.ts';

/** PRODUCER_FENCED as clients before it know it (KIP-360). */
export function fencedError(error: ErrorName, apiVersion: number, firstVersionWithFenced: number): ErrorName {
  return error === 'PRODUCER_FENCED' && apiVersion < firstVersionWithFenced ? 'INVALID_PRODUCER_EPOCH' : error;
}
