import type { ClientConnection } from '../network/request-sink.ts';
import type { MessageSchema } from '../protocol/schema.ts';

export interface RequestContext {
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
  readonly connection: ClientConnection;
}

/** Answers a request once; undefined gives no answer (acks=0). `sent` is called when the answer's buffers are free again. */
export type Answer<Response> = (response: Response | undefined, sent?: () => void) => void;

/**
 * One API. `handle` runs on the event loop and answers at once or later; a promise that it returns may reject. Bytes
 * fields of the request are views of a shared buffer, valid only until the end of the turn. A KafkaError or a bug,
 * thrown or rejected, is answered by `failed`.
 */
export interface Handler<Request, Response> {
  readonly request: MessageSchema<Request>;
  readonly response: MessageSchema<unknown, Response>;
  handle(request: Request, context: RequestContext, answer: Answer<Response>): void | Promise<void>;
  /** The response that carries an error for the whole request. */
  failed(request: Request, errorCode: number, message: string, apiVersion: number): Response;
}

/** A handler whose types are its own affair, as the dispatcher keeps it. */
export interface AnyHandler {
  readonly request: MessageSchema<unknown>;
  readonly response: MessageSchema<unknown, never>;
  handle(request: never, context: RequestContext, answer: (response: unknown, sent?: () => void) => void): void | Promise<void>;
  failed(request: never, errorCode: number, message: string, apiVersion: number): unknown;
}
