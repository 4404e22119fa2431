import type { KafkaError } from '../../protocol/errors.ts';
import { javaExceptionOfCode } from '../java-exceptions.ts';

/** Ends the command with `Error: Executing consumer group command failed due to …` on standard output, exit code 0. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
}

/** Ends it with a message and the help block, exit code 1 (Java's IllegalArgumentException). */
export class WrongArgument extends Error {
  override readonly name = 'WrongArgument';
}

/** What the admin client's error is called where Kafka's tool wraps it once more. */
export function wrapped(error: KafkaError): CommandFailure {
  return new CommandFailure(`java.util.concurrent.ExecutionException: ${asJava(error)}`, { cause: error });
}

/** Time-outs tell of the call; everything else has the words of its code. */
export function asJava(error: KafkaError): string {
  return error.name === 'REQUEST_TIMED_OUT' ? `org.apache.kafka.common.errors.TimeoutException: ${error.message}` : javaExceptionOfCode(error.name);
}
