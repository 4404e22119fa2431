import { LogError } from '../log/errors.ts';
import type { RecordError } from '../log/errors.ts';
import { KafkaError, errorTable } from '../protocol/errors.ts';
import type { ErrorName } from '../protocol/errors.ts';
import { RecordFailure } from '../record/errors.ts';

/** What the log or the records refused, as the protocol says it; undefined for a bug. */
export function protocolError(error: unknown): KafkaError | undefined {
  if (error instanceof KafkaError) return error;
  if (error instanceof LogError || error instanceof RecordFailure) {
    const name = Object.hasOwn(errorTable, error.kafkaError) ? (error.kafkaError as ErrorName) : 'UNKNOWN_SERVER_ERROR';
    return new KafkaError(name, error.message, { cause: error });
  }
  return undefined;
}

/** The single records that made the log refuse a batch (Produce v8+); empty when the batch was refused as a whole. */
export function recordErrorsOf(error: KafkaError): readonly RecordError[] {
  const { cause } = error;
  return cause instanceof LogError ? cause.recordErrors : [];
}
