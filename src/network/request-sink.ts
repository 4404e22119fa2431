import type { RequestHeader } from '../protocol/frame.ts';
import type { Chunk } from '../protocol/writer.ts';

/** A client's connection as request handlers see it. */
export interface ClientConnection {
  /** Unique in the process; also a key for what is kept per connection. */
  readonly id: number;
  readonly listenerName: string;
  readonly securityProtocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Kafka's principal, such as `User:ANONYMOUS`. */
  readonly principal: string;
  /** From ApiVersions v3+; set by its handler. */
  clientSoftware: { readonly name: string; readonly version: string } | undefined;
  /** Answers may hold ranges of files: they leave without a copy. */
  sendsFiles(): boolean;
  /** Called once when the connection has closed; returns a function that takes the listener back. */
  onClosed(listener: () => void): () => void;
  /** Closes without an answer, as Kafka does with what it cannot read. `reason` goes to the log. */
  destroy(reason: string): void;
}

/**
 * A request whose header was read. `buffer` may be shared by all connections: bytes in it are valid only until the
 * end of the turn (`RequestSink.endOfTurn`); a handler copies what it keeps longer.
 */
export interface ReceivedRequest {
  readonly header: RequestHeader;
  readonly buffer: Buffer;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  readonly connection: ClientConnection;
}

/**
 * Answers a request, once: the whole frame (size first) as chunks, or undefined when the request gets no answer
 * (acks=0). The chunks must stay unchanged until `sent` is called; it is called after a close too.
 * `throttleMs` > 0 keeps the connection from being read for so long (KIP-219).
 */
export type Respond = (frame: readonly Chunk[] | undefined, sent?: () => void, throttleMs?: number) => void;

/** Where the server hands requests. Answers go out in the order of the requests, whatever the order of the calls to `respond`. */
export interface RequestSink {
  handle(request: ReceivedRequest, respond: Respond): void;
  /**
   * All requests of one read callback were handled: write what was staged and answer it. Answers given before this
   * returns leave in one write per connection.
   */
  endOfTurn(): void;
}
