import { createBufferPool } from '../runtime/buffer-pool.ts';
import type { Clock, Timer } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { LoopWork } from '../runtime/loop-work.ts';
import type { Connection, ConnectionEvents, Listener, Network } from '../runtime/network.ts';
import type { ClientConnection, RequestSink } from './request-sink.ts';
import { createServerConnection } from './server-connection.ts';
import type { ServerConnection } from './server-connection.ts';

export interface ListenerAddress {
  readonly name: string;
  readonly host: string | undefined;
  readonly port: number;
  readonly securityProtocol: ClientConnection['securityProtocol'];
}

export interface ConnectionLimits {
  /** max.connections: further ones wait until another closes. */
  readonly connectionsMax: number;
  /** max.connections.per.ip: further ones are closed. */
  readonly perIpMax: number;
  /** max.connections.per.ip.overrides, by address. */
  readonly perIpOverrides: ReadonlyMap<string, number>;
}

export interface SocketServerOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sink: RequestSink;
  readonly listeners: readonly ListenerAddress[];
  /** socket.request.max.bytes */
  readonly requestBytesMax: number;
  /** queued.max.request.bytes; -1 for no limit. */
  readonly queuedBytesMax: number;
  readonly limits: ConnectionLimits;
  /** connections.max.idle.ms; negative for never. */
  readonly idleMsMax: number;
  readonly work: LoopWork;
  /** socket.send.buffer.bytes; negative for what the system chooses. */
  readonly sendBufferBytes: number;
}

/** What connections hold, now. */
export interface SocketFigures {
  /** Open ones, by the name of their listener. */
  readonly connections: ReadonlyMap<string, number>;
  /** Memory of requests that are incomplete or wait for their turn. */
  readonly keptBytes: number;
  /** Answers that the operating system has not taken yet, of all connections and of the one that has the most. */
  readonly unsentBytes: number;
  readonly unsentBytesMax: number;
}

export interface SocketServer {
  /** Where each listener listens, in the order of the options; the port is the one taken. */
  readonly endpoints: readonly { readonly name: string; readonly host: string; readonly port: number }[];
  readonly connectionCount: number;
  /** Looks at each connection. */
  figures(): SocketFigures;
  /** Connections were accepted from the start; now their requests are read too. */
  enableRequestProcessing(): void;
  /** From now on; connections that are open stay. */
  limit(limits: ConnectionLimits): void;
  /** Stops listening and closes all connections. */
  close(): Promise<void>;
}

/**
 * @throws Error naming the listener and what to do when its address cannot be had (EADDRINUSE, EACCES, EADDRNOTAVAIL)
 */
export async function startSocketServer(options: SocketServerOptions): Promise<SocketServer> {
  const pool = createConnectionPool(options);
  const listeners: Listener[] = [];
  try {
    for (const address of options.listeners) {
      listeners.push(await listenOn(options, address, (connection) => pool.accept(connection, address)));
    }
  } catch (error) {
    for (const listener of listeners) await listener.close();
    throw error;
  }
  return {
    endpoints: listeners.map(({ host, port }, index) => ({ name: options.listeners[index]!.name, host, port })),
    get connectionCount() {
      return pool.size;
    },
    figures: pool.figures,
    enableRequestProcessing: pool.enable,
    limit: pool.limit,
    async close() {
      for (const listener of listeners) await listener.close();
      pool.close();
    },
  };
}

async function listenOn({ network, sendBufferBytes }: SocketServerOptions, address: ListenerAddress, accept: (connection: Connection) => ConnectionEvents): Promise<Listener> {
  try {
    return await network.listen(address.host, address.port, accept, sendBufferBytes < 0 ? {} : { sendBufferBytes });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const advice =
      code === 'EADDRINUSE'
        ? 'another process listens there; stop it, or give this broker another port in listeners'
        : 'check the address in listeners';
    throw new Error(`listener ${address.name} cannot listen on ${address.host ?? '*'}:${address.port} (${code ?? 'unknown error'}): ${advice}`, { cause: error });
  }
}

function createConnectionPool(options: SocketServerOptions) {
  const { clock, logger } = options;
  const open = new Map<ServerConnection, Connection>();
  const perAddress = new Map<string, number>();
  const waitingForSlot: ServerConnection[] = [];
  const ready: ServerConnection[] = [];
  const pool = createBufferPool();
  let nextId = 1;
  let keptBytes = 0;
  let turnDepth = 0;
  let isEnabled = false;
  let { limits } = options;
  let idleTimer: Timer | undefined;

  function accept(connection: Connection, address: ListenerAddress): ConnectionEvents {
    const { remoteAddress } = connection;
    const ofAddress = perAddress.get(remoteAddress) ?? 0;
    const allowed = limits.perIpOverrides.get(remoteAddress) ?? limits.perIpMax;
    connection.pause();
    if (ofAddress >= allowed) {
      logger.info('connection refused: too many from one address', { remote: remoteAddress, 'max.connections.per.ip': allowed });
      connection.destroy();
      return { data: () => undefined, closed: () => undefined };
    }
    perAddress.set(remoteAddress, ofAddress + 1);
    const client = createServerConnection({
      id: nextId++,
      listenerName: address.name,
      securityProtocol: address.securityProtocol,
      connection,
      clock,
      logger,
      sink: options.sink,
      requestBytesMax: options.requestBytesMax,
      pool,
      answersReady,
      keptBytesChanged,
    });
    const hasSlot = open.size - waitingForSlot.length < limits.connectionsMax;
    open.set(client, connection);
    if (!hasSlot) waitingForSlot.push(client);
    else if (isEnabled) client.allowReading();
    return {
      data: (bytes) => inTurn(() => client.received(bytes)),
      drained: () => inTurn(() => client.advance()),
      closed: () => closed(client, remoteAddress),
    };
  }

  function closed(client: ServerConnection, remoteAddress: string): void {
    client.connectionClosed();
    open.delete(client);
    const left = (perAddress.get(remoteAddress) ?? 1) - 1;
    if (left === 0) perAddress.delete(remoteAddress);
    else perAddress.set(remoteAddress, left);
    const waitingAt = waitingForSlot.indexOf(client);
    if (waitingAt >= 0) waitingForSlot.splice(waitingAt, 1);
    else if (isEnabled) fillSlots();
  }

  function fillSlots(): void {
    while (waitingForSlot.length > 0 && open.size - waitingForSlot.length < limits.connectionsMax) waitingForSlot.shift()!.allowReading();
  }

  function keptBytesChanged(delta: number): boolean {
    const wasOver = options.queuedBytesMax > 0 && keptBytes > options.queuedBytesMax;
    keptBytes += delta;
    const isOver = options.queuedBytesMax > 0 && keptBytes > options.queuedBytesMax;
    if (wasOver && !isOver) clock.defer(() => open.forEach((_, client) => client.advance()));
    return isOver;
  }

  /** Answers given while requests are handled leave together at the end of the turn; others leave at once. */
  function answersReady(client: ServerConnection): void {
    ready.push(client);
    if (turnDepth === 0) inTurn(() => undefined);
  }

  function inTurn(handle: () => void): void {
    const beganMs = turnDepth === 0 ? clock.monotonicMs() : 0;
    turnDepth++;
    try {
      handle();
      for (let client = ready.pop(); client !== undefined; client = ready.pop()) client.flush();
    } finally {
      turnDepth--;
      if (turnDepth === 0) options.work.turnEnded(beganMs);
    }
  }

  function watchIdle(): void {
    if (options.idleMsMax < 0) return;
    idleTimer = clock.setTimer(Math.max(1000, options.idleMsMax / 20), () => {
      const before = clock.monotonicMs() - options.idleMsMax;
      for (const client of open.keys()) {
        if (client.lastActiveMs() < before && !client.owesAnswer()) client.destroy(`idle for connections.max.idle.ms=${options.idleMsMax}`);
      }
      watchIdle();
    });
  }

  return {
    accept,
    get size() {
      return open.size;
    },
    figures(): SocketFigures {
      const connections = new Map(options.listeners.map(({ name }) => [name, 0]));
      let unsentBytes = 0;
      let unsentBytesMax = 0;
      for (const [client, connection] of open) {
        connections.set(client.listenerName, (connections.get(client.listenerName) ?? 0) + 1);
        unsentBytes += connection.unsentBytes;
        unsentBytesMax = Math.max(unsentBytesMax, connection.unsentBytes);
      }
      return { connections, keptBytes, unsentBytes, unsentBytesMax };
    },
    enable(): void {
      isEnabled = true;
      for (const client of open.keys()) if (!waitingForSlot.includes(client)) client.allowReading();
      watchIdle();
    },
    limit(next: ConnectionLimits): void {
      limits = next;
      if (isEnabled) fillSlots();
    },
    close(): void {
      idleTimer?.cancel();
      for (const connection of open.values()) connection.destroy();
    },
  };
}
