import net from 'node:net';
import type { Connection, ConnectionEvents, Listener, ListenOptions, Network } from './network.ts';
import { createSocketWriter } from './socket-writer.ts';
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
      const connection = connectionOf(socket, () => events, sendBufferBytes);
      const events = accept(connection);
      if (!connection.isPaused()) socket.resume();
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
      resolve(connectionOf(socket, () => events));
    });
  });
}

function connectTimeout(host: string, port: number, timeoutMs: number): Error {
  return Object.assign(new Error(`no connection to ${host}:${port} within ${timeoutMs} ms`), { code: 'ETIMEDOUT' });
}

/** Joins a socket with those who hear of it; `events` must be there before the first byte comes. */
function connectionOf(socket: net.Socket, events: () => ConnectionEvents, sendBufferBytes?: number): Connection & { isPaused(): boolean } {
  // Addresses are read once: after the close Node no longer knows them, and each of these asks the operating system.
  let isPaused = false;
  let failure: Error | undefined;
  const { remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 } = socket;
  const writer = createSocketWriter(socket, () => (socket as SocketInternals)._handle?.fd ?? -1, () => events().drained?.(), sendBufferBytes);
  socket.on('error', (error) => {
    failure = error;
  });
  socket.once('close', () => {
    writer.closed();
    events().closed(failure);
  });
  return {
    remoteAddress,
    remotePort,
    localAddress,
    localPort,
    get unsentBytes() {
      return writer.unsentBytes;
    },
    get sendsFiles() {
      return systemCalls() !== undefined;
    },
    write: writer.write,
    isPaused: () => isPaused,
    pause() {
      isPaused = true;
      socket.pause();
    },
    resume() {
      isPaused = false;
      socket.resume();
    },
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
  };
}
