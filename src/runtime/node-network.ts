import net from 'node:net';
import type { Connection, ConnectionEvents, FileRange, Listener, ListenOptions, Network } from './network.ts';
import { createSocketWriter } from './socket-writer.ts';
import type { SocketWriter } from './socket-writer.ts';
import { systemCalls } from './system-calls.ts';

/**
 * TCP of the machine. Reading costs most when every socket brings its own chunks ('data' events: a third more CPU per
 * gigabyte than reading into one buffer that all sockets share; `test/bench`). Node gives that (`onread`) to outgoing
 * sockets only, so an accepted one is made anew around its handle. `_handle` is undocumented: where it is missing,
 * the 'data' events serve.
 */
const sharedReadBufferBytes = 256 * 1024;

export function createNodeNetwork(): Network {
  const shared = Buffer.allocUnsafeSlow(sharedReadBufferBytes);
  return {
    listen: (host, port, accept, options = {}) => listen(shared, host, port, accept, options),
    connect: (host, port, timeoutMs, events) => connect(shared, host, port, timeoutMs, events),
  };
}

/** What Node keeps behind a socket, where it does. */
interface SocketInternals {
  _handle?: { readonly fd?: number } | null;
}

type SocketOptionsWithRead = net.SocketConstructorOpts & { handle: unknown; onread: net.OnReadOpts };

function listen(shared: Buffer, host: string | undefined, port: number, accept: (connection: Connection) => ConnectionEvents, { sendBufferBytes }: ListenOptions): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = net.createServer({ pauseOnConnect: true }, (accepted) => {
      const socket = takeOver(accepted, shared, (bytes) => events.data(bytes));
      socket.setNoDelay(true);
      const connection = new NodeConnection(socket, () => events, sendBufferBytes);
      const events = accept(connection);
      if (!connection.isPaused) socket.resume();
    });
    server.once('error', reject);
    server.listen({ port, ...(host === undefined ? {} : { host }), backlog: 1024 }, () => {
      server.off('error', reject);
      const address = server.address() as net.AddressInfo;
      resolve({
        host: address.address,
        port: address.port,
        // 'close' would wait for every accepted socket, and for ever for those made anew; the port is free at once.
        close: () =>
          new Promise<void>((closed) => {
            server.close();
            setImmediate(closed);
          }),
      });
      // The other listeners' promise is done; a later error of accept(2), such as EMFILE, concerns one connection alone.
      server.on('error', () => undefined);
    });
  });
}

function takeOver(accepted: net.Socket, shared: Buffer, data: (bytes: Buffer) => void): net.Socket {
  const internals = accepted as SocketInternals;
  const handle = internals._handle;
  if (handle === undefined || handle === null) {
    accepted.on('data', data);
    return accepted;
  }
  internals._handle = null;
  const options: SocketOptionsWithRead = { handle, onread: readInto(shared, data) };
  return new net.Socket(options as net.SocketConstructorOpts);
}

function readInto(shared: Buffer, data: (bytes: Buffer) => void): net.OnReadOpts {
  return {
    buffer: shared,
    callback(count) {
      data(shared.subarray(0, count));
      return true;
    },
  };
}

function connect(shared: Buffer, host: string, port: number, timeoutMs: number, events: ConnectionEvents): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, noDelay: true, onread: readInto(shared, (bytes) => events.data(bytes)) } as net.NetConnectOpts);
    const timer = setTimeout(() => socket.destroy(connectTimeout(host, port, timeoutMs)), timeoutMs);
    const failed = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    socket.once('error', failed);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', failed);
      resolve(new NodeConnection(socket, () => events));
    });
  });
}

function connectTimeout(host: string, port: number, timeoutMs: number): Error {
  return Object.assign(new Error(`no connection to ${host}:${port} within ${timeoutMs} ms`), { code: 'ETIMEDOUT' });
}

/** Joins a socket with those who hear of it; `events` must be there before the first byte comes. */
class NodeConnection implements Connection {
  // Addresses are read once: after the close Node no longer knows them, and each of these asks the operating system.
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly #socket: net.Socket;
  readonly #writer: SocketWriter;
  #isPaused = false;

  constructor(socket: net.Socket, events: () => ConnectionEvents, sendBufferBytes?: number) {
    ({ remoteAddress: this.remoteAddress = '', remotePort: this.remotePort = 0, localAddress: this.localAddress = '', localPort: this.localPort = 0 } = socket);
    this.#socket = socket;
    const writer = createSocketWriter(socket, () => (socket as SocketInternals)._handle?.fd ?? -1, () => events().drained?.(), sendBufferBytes);
    this.#writer = writer;
    let failure: Error | undefined;
    socket.on('error', (error) => {
      failure = error;
    });
    socket.once('close', () => {
      writer.closed();
      events().closed(failure);
    });
  }

  get unsentBytes(): number {
    return this.#writer.unsentBytes();
  }

  get sendsFiles(): boolean {
    return systemCalls() !== undefined;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  write(chunks: readonly (Uint8Array | FileRange)[], sent?: () => void): void {
    this.#writer.write(chunks, sent);
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
