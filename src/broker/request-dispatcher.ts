import type { ReceivedRequest, RequestSink, Respond } from '../network/request-sink.ts';
import { KafkaError, errorCode } from '../protocol/errors.ts';
import { encodeResponse } from '../protocol/frame.ts';
import type { MessageSchema } from '../protocol/schema.ts';
import { protocolError } from '../replica/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Counter } from '../runtime/metrics.ts';
import type { Observation } from '../runtime/observation.ts';
import type { AnyHandler } from './handler.ts';

const apiVersionsKey = 18;

/**
 * Hands each request to the handler of its API. What cannot be read closes the connection, as in Apache Kafka; what a
 * handler throws becomes its API's error answer, and a bug is logged once, whole.
 */
export function createRequestDispatcher(options: {
  readonly logger: Logger;
  readonly handlers: readonly AnyHandler[];
  readonly endOfTurn: () => void;
  readonly observation: Observation;
}): RequestSink {
  const { metrics, work } = options.observation;
  const handlers = new Map(options.handlers.map((handler) => [handler.request.apiKey, { handler, requests: [] as Counter[] }]));

  /** One for each version that was asked for; the shown ones tell which clients there still are. */
  const counterOf = (name: string, version: number): Counter => metrics.counter(`kafka.network:type=RequestMetrics,name=RequestsPerSec,request=${name},version=${version}`);

  function handle(received: ReceivedRequest, respond: Respond): void {
    const { apiKey, apiVersion, correlationId, clientId } = received.header;
    const offered = handlers.get(apiKey);
    if (offered === undefined) {
      received.connection.destroy(`API key ${apiKey} is not offered`);
      return;
    }
    const { handler, requests } = offered;
    const schema = handler.request;
    const isVersionKnown = apiVersion >= schema.minVersion && apiVersion <= schema.maxVersion;
    if (!isVersionKnown && apiKey !== apiVersionsKey) {
      received.connection.destroy(`${schema.name} has no version ${apiVersion} here`);
      return;
    }
    // A client may be newer than the broker: its ApiVersions is answered in version 0 with what there is (KIP-511).
    const version = isVersionKnown ? apiVersion : 0;
    (requests[version] ??= counterOf(schema.name, version)).count++;
    work.doing = schema.name;
    const send = answerer(handler, version, correlationId, respond);
    let request: unknown;
    try {
      request = isVersionKnown ? schema.decode(received.buffer, received.bodyStart, received.bodyEnd, version) : undefined;
    } catch (error) {
      received.connection.destroy(`${schema.name} v${apiVersion} cannot be read: ${(error as Error).message}`);
      return;
    }
    if (request === undefined) {
      send(handler.failed(undefined as never, errorCode('UNSUPPORTED_VERSION'), '', version));
      return;
    }
    const answerFailure = (error: unknown): void => {
      const known = asKafkaError(error, schema.name, options.logger);
      send(handler.failed(request as never, known.code, known.message, version));
    };
    try {
      const later = handler.handle(request as never, { apiVersion, correlationId, clientId, connection: received.connection }, send);
      later?.catch(answerFailure);
    } catch (error) {
      answerFailure(error);
    }
  }

  return { handle, endOfTurn: options.endOfTurn };
}

/** Made outside of `handle`, where it would hold on to the request: an answer may wait long, and the request's memory must not. */
function answerer(handler: AnyHandler, version: number, correlationId: number, respond: Respond): (response: unknown, sent?: () => void) => void {
  return (response, sent) => respond(response === undefined ? undefined : encodeResponse(handler.response as MessageSchema<unknown>, version, correlationId, response), sent);
}

function asKafkaError(error: unknown, request: string, logger: Logger): KafkaError {
  const known = protocolError(error);
  if (known !== undefined) return known;
  logger.error('request failed by a bug', { request, error });
  return new KafkaError('UNKNOWN_SERVER_ERROR', 'The server experienced an unexpected error when processing the request.', { cause: error });
}
