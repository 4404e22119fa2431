/** TCP as the broker sees it. */
export interface Network {
  /**
   * Listens; port 0 lets the system choose.
   * @throws Node's system error (EADDRINUSE, EACCES, …)
   */
  listen(host: string | undefined, port: number, accept: (connection: Connection) => ConnectionEvents, options?: ListenOptions): Promise<Listener>;
  /** Rejects when no connection could be made within `timeoutMs`. */
  connect(host: string, port: number, timeoutMs: number, events: ConnectionEvents): Promise<Connection>;
}

export interface ListenOptions {
  /**
   * socket.send.buffer.bytes: what an accepted connection that sends ranges of files may have under way; the system decides where it is absent.
   * A range that leaves in small pieces is read by its receiver while the processor still has it: with 100 kB at half of the cost of 4 MB.
   */
  readonly sendBufferBytes?: number;
}

export interface Listener {
  readonly host: string;
  readonly port: number;
  /** Stops accepting; open connections stay. */
  close(): Promise<void>;
}

export interface Connection {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** Bytes written here that the operating system has not taken yet. */
  readonly unsentBytes: number;
  /** Whether ranges of files leave without a copy here: it is worth giving them to `write`. */
  readonly sendsFiles: boolean;
  /**
   * Sends the chunks, in order, as one write. They must not change until `sent` is called; after a close it is
   * called too, so that pooled buffers return and files may close.
   */
  write(chunks: readonly (Uint8Array | FileRange)[], sent?: () => void): void;
  /** Stops reading: the peer is held back by TCP's window. */
  pause(): void;
  resume(): void;
  /** Closes after what was written is sent. */
  end(): void;
  /** Closes now. */
  destroy(): void;
}

/** A range of an open file, in place of its bytes; the file stays open until they were sent. (`src/protocol` has the same in its messages.) */
export interface FileRange {
  readonly file: { readonly descriptor: number; readSync(target: Uint8Array, targetStart: number, length: number, position: number): number };
  readonly position: number;
  /** Above 0. */
  readonly byteLength: number;
}

export interface ConnectionEvents {
  /** `bytes` is valid only until this returns: the buffer is shared by all connections. */
  data(bytes: Buffer): void;
  /** All that was written has been taken by the operating system (`unsentBytes` is 0 again). */
  drained?(): void;
  /** Called once, last. */
  closed(error: Error | undefined): void;
}
