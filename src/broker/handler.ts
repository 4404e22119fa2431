import type { MessageSchema } from '../protocol/schema.ts';
import type { ClientConnection } from '../network/request-sink.ts';

export interface RequestContext {
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
  readonly connection: ClientConnection;
}

/** Answers a request once; undefined gives no answer (acks=0). `sent` is called when the answer's buffers are free again. */
export type Answer<Response> = (response: Response | undefined, sent?: () => void) => void;

/**
 * One API. `handle` runs on the event loop and may answer at once or later. Bytes fields of the request are views of a
 * shared buffer, valid only until the end of the turn. A thrown KafkaError or bug is answered by `failed`.
 */
export interface Handler<Request, Response> {
  readonly request: MessageSchema<Request>;
  readonly response: MessageSchema<unknown, Response>;
  handle(request: Request, context: RequestContext, answer: Answer<Response>): void;
  /** The response that carries an error for the whole request, made from the request as far as needed. */
  failed(request: Request, errorCode: number, message: string, apiVersion: number): Response;
}
