import type { Client, Delivery } from '../../../../src/zookeeper-server/core.ts';
import { ZooKeeperCore, defaultCoreOptions } from '../../../../src/zookeeper-server/core.ts';
import type { Reply } from '../../../../src/zookeeper-server/replies.ts';
import type { Request } from '../../../../src/zookeeper-server/requests.ts';
import type { Channel, Links } from '../links.ts';
import type { SimulatedProcess } from '../process.ts';
import type { SeededRandom } from '../random.ts';
import type { Timeline } from '../timeline.ts';

/**
 * The server's side of ZooKeeper: the data tree of our own server, with sessions in simulated time. A session lives
 * while its client is in touch: connected, running, and its pings pass. Pings themselves are not simulated, for they
 * would be most of all events: when touch is lost, the last one is taken to have been up to a third of the timeout ago.
 */
export interface ZooKeeperServer {
  /** A client's connection: bytes went both ways, and the session is a new one, or goes on. Undefined when it is over. */
  connect(process: SimulatedProcess, answers: Channel, events: ConnectionEvents, wanted: { readonly sessionId: string | undefined; readonly timeoutMs: number }): ServerConnection | undefined;
  /** Ends a session, as when its time is over. */
  expire(sessionId: string): void;
  /** All connections are lost; nothing is answered until `start`. What is stored stays. */
  stop(): void;
  start(): void;
  readonly isUp: boolean;
  readonly core: ZooKeeperCore<ServerConnection>;
}

export interface ConnectionEvents {
  watched(delivery: Delivery<ServerConnection>, zxid: number): void;
  /** The server closed. */
  closed(): void;
}

export interface ServerConnection extends Client {
  readonly process: SimulatedProcess;
  apply(request: Request, answered: (reply: Reply | undefined) => void): void;
  /** The client gave it up, or it was lost. */
  close(): void;
}

export const zookeeperMachine = 'zookeeper';
const anyone = [{ scheme: 'world', id: 'anyone' }];

interface ServerSession {
  readonly id: string;
  readonly timeoutMs: number;
  readonly process: SimulatedProcess;
  connection: ServerConnection | undefined;
  isInTouch: boolean;
  cancelExpiry: () => void;
}

export function createZooKeeperServer(timeline: Timeline, links: Links, random: SeededRandom, nowMs: () => number): ZooKeeperServer {
  const core = new ZooKeeperCore<ServerConnection>(defaultCoreOptions, nowMs());
  const sessions = new Map<string, ServerSession>();
  const events = new Map<ServerConnection, { readonly answers: Channel; readonly events: ConnectionEvents }>();
  let isUp = true;
  links.onChange(() => {
    for (const session of sessions.values()) touch(session);
  });

  function touch(session: ServerSession): void {
    const { process, connection } = session;
    const isInTouch = isUp && connection !== undefined && process.isAlive && !process.isPaused && !links.isBlocked(process.machine, zookeeperMachine);
    if (isInTouch === session.isInTouch) return;
    session.isInTouch = isInTouch;
    session.cancelExpiry();
    session.cancelExpiry = () => undefined;
    if (!isInTouch && isUp) expireIn(session, session.timeoutMs - random.integer(Math.ceil(session.timeoutMs / 3)));
  }

  function expireIn(session: ServerSession, delayMs: number): void {
    session.cancelExpiry();
    session.cancelExpiry = timeline.after(delayMs, () => expire(session.id));
  }

  function tell(deliveries: readonly Delivery<ServerConnection>[]): void {
    for (const delivery of deliveries) {
      const client = events.get(delivery.to);
      const zxid = core.tree.lastZxid;
      client?.answers.carry(() => client.events.watched(delivery, zxid));
    }
  }

  function expire(sessionId: string): void {
    const session = sessions.get(sessionId);
    if (session === undefined) return;
    sessions.delete(sessionId);
    session.cancelExpiry();
    if (core.sessions.has(sessionId)) tell(core.closeSession(sessionId, 0, nowMs()).events);
    if (session.connection !== undefined) drop(session.connection);
  }

  /** The server closes a connection. */
  function drop(connection: ServerConnection): void {
    const client = events.get(connection);
    connection.close();
    client?.answers.carry(() => client.events.closed());
  }

  function connectionOf(session: ServerSession): ServerConnection {
    const self: ServerConnection = {
      sessionId: session.id,
      identities: anyone,
      process: session.process,
      apply(request, answered) {
        const client = events.get(self);
        if (!isUp || client === undefined) return;
        const outcome = core.apply(1, request, self, nowMs());
        tell(outcome.events);
        client.answers.carry(() => answered(outcome.reply));
        if (!outcome.thenClose) return;
        sessions.delete(session.id);
        session.cancelExpiry();
        self.close();
      },
      close() {
        core.disconnect(self);
        events.delete(self);
        if (session.connection === self) session.connection = undefined;
        if (sessions.has(session.id)) touch(session);
      },
    };
    return self;
  }

  function open(process: SimulatedProcess, timeoutMs: number): ServerSession {
    const id = core.openSession(timeoutMs, nowMs()).reply.sessionId;
    const session: ServerSession = { id, timeoutMs, process, connection: undefined, isInTouch: false, cancelExpiry: () => undefined };
    sessions.set(id, session);
    process.onChange(() => touch(session));
    return session;
  }

  return {
    core,
    get isUp() {
      return isUp;
    },
    connect(process, answers, clientEvents, { sessionId, timeoutMs }) {
      if (!isUp) return undefined;
      const session = sessionId === undefined ? open(process, timeoutMs) : sessions.get(sessionId);
      if (session === undefined) return undefined;
      if (session.connection !== undefined) session.connection.close();
      const connection = connectionOf(session);
      events.set(connection, { answers, events: clientEvents });
      session.connection = connection;
      touch(session);
      return connection;
    },
    expire,
    stop() {
      isUp = false;
      for (const session of sessions.values()) {
        session.cancelExpiry();
        session.isInTouch = false;
        if (session.connection !== undefined) drop(session.connection);
      }
    },
    start() {
      isUp = true;
      for (const session of sessions.values()) expireIn(session, session.timeoutMs);
    },
  };
}
