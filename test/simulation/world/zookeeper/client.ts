import { openAcl } from '../../../../src/zookeeper-server/acl.ts';
import type { Delivery } from '../../../../src/zookeeper-server/core.ts';
import { errorCodes } from '../../../../src/zookeeper-server/errors.ts';
import type { Reply, ReplyBody } from '../../../../src/zookeeper-server/replies.ts';
import type { Request, WriteRequest } from '../../../../src/zookeeper-server/requests.ts';
import { CallQueue } from '../../../../src/zookeeper/call-queue.ts';
import { ZooKeeperError } from '../../../../src/zookeeper/zookeeper.ts';
import type { CreateMode, Operation, SessionEvent, Watcher, WatchEvent, ZooKeeper } from '../../../../src/zookeeper/zookeeper.ts';
import type { Clock } from '../../../../src/runtime/clock.ts';
import type { Channel, Links } from '../links.ts';
import type { SimulatedProcess } from '../process.ts';
import type { SeededRandom } from '../random.ts';
import type { ServerConnection, ZooKeeperServer } from './server.ts';
import { zookeeperMachine } from './server.ts';
import { dataOf, errorNameOf, pathOf, resultsOf, statOf } from './values.ts';

/** A process's ZooKeeper, and what may befall it. */
export interface ZooKeeperClient {
  readonly zookeeper: ZooKeeper;
  /** Rejects with CONNECTION_LOSS when no session could be had within the session timeout. */
  readonly connected: Promise<void>;
  /** The connection is lost now, with what is on the way in either direction; the session lives on. */
  loseConnection(): void;
}

export interface ClientSurroundings {
  readonly links: Links;
  readonly random: SeededRandom;
  readonly server: ZooKeeperServer;
  readonly process: SimulatedProcess;
  readonly sessionTimeoutMs: number;
}

interface Line {
  readonly questions: Channel;
  readonly answers: Channel;
  /** Undefined until we know that the server took us. */
  server: ServerConnection | undefined;
  /** The server's end, from when it took us on: with the line it is closed, though its answer be on the way. */
  accepted: ServerConnection | undefined;
  isOver: boolean;
}

const eventKinds: Readonly<Record<number, WatchEvent['kind']>> = { 1: 'created', 2: 'deleted', 3: 'data-changed', 4: 'children-changed' };
const flags: Readonly<Record<CreateMode, number>> = { persistent: 0, ephemeral: 1, 'persistent-sequential': 2, 'ephemeral-sequential': 3 };
const create2 = 15;
/** Between two tries to connect. */
const reconnectMs = 1000;

type WatchKind = 'data' | 'exists' | 'children';

/**
 * The client's side: the calls of `src/zookeeper` on its own queue of calls, over a connection of the simulator. The
 * same promises as of the one in production: see `ZooKeeper`.
 */
export function connectZooKeeperClient({ links, random, server, process, sessionTimeoutMs }: ClientSurroundings): ZooKeeperClient {
  const { clock } = process;
  const listeners = new Set<(event: SessionEvent) => void>();
  const watchers: Record<WatchKind, Map<string, Set<Watcher>>> = { data: new Map(), exists: new Map(), children: new Map() };
  const calls = new CallQueue({ clock, maxInFlightRequests: 10, timeoutMs: () => sessionTimeoutMs, onStuck: () => lost() });
  let line: Line | undefined;
  let sessionId: string | undefined;
  let lastSessionId = '';
  let sessionsLived = 0;
  let lastZxid = 0;
  let isClosed = false;
  let isRetrying = false;
  let silence: { cancel(): void } | undefined;
  links.onChange(() => {
    if (process.isAlive) process.run(() => listen());
  });
  process.onChange(() => {
    if (!process.isPaused) process.run(() => listen());
  });

  const isSilent = (): boolean => links.isBlocked(process.machine, zookeeperMachine) || links.isBlocked(zookeeperMachine, process.machine);

  /** Without any byte for two thirds of the session timeout the connection counts as lost. */
  function listen(): void {
    if (!isSilent()) {
      silence?.cancel();
      silence = undefined;
      return;
    }
    silence ??= clock.setTimer((sessionTimeoutMs * 2) / 3 - random.integer(Math.ceil(sessionTimeoutMs / 3)), () => {
      silence = undefined;
      if (isSilent()) lost();
    });
  }

  function say(event: SessionEvent): void {
    if (!isClosed) for (const listener of listeners) listener(event);
  }

  function hangUp(): void {
    const former = line;
    line = undefined;
    if (former === undefined) return;
    former.isOver = true;
    former.questions.close();
    former.answers.close();
    former.accepted?.close();
  }

  function lost(): void {
    const wasConnected = line?.server !== undefined;
    hangUp();
    if (isClosed) return;
    if (wasConnected) {
      calls.disconnected();
      say({ kind: 'disconnected' });
    }
    retry();
  }

  function retry(): void {
    if (isRetrying || isClosed) return;
    isRetrying = true;
    clock.setTimer(random.integer(reconnectMs), () => {
      isRetrying = false;
      if (line === undefined) dial();
    });
  }

  function dial(): void {
    if (isClosed) return;
    const mine: Line = { questions: links.open(process.machine, zookeeperMachine), answers: links.open(zookeeperMachine, process.machine), server: undefined, accepted: undefined, isOver: false };
    line = mine;
    const here = (event: () => void): void =>
      process.run(() => {
        if (!mine.isOver) event();
      });
    const timeout = clock.setTimer(sessionTimeoutMs / 3, () => {
      if (!mine.isOver && mine.server === undefined) lost();
    });
    mine.questions.carry(() => {
      if (!process.isAlive || mine.isOver) return;
      const events = { watched: (delivery: Delivery<ServerConnection>, zxid: number) => here(() => watched(delivery, zxid)), closed: () => here(() => lost()) };
      const wasUp = server.isUp;
      const connection = server.connect(process, mine.answers, events, { sessionId, timeoutMs: sessionTimeoutMs });
      mine.accepted = connection;
      mine.answers.carry(() =>
        here(() => {
          timeout.cancel();
          if (connection !== undefined) connected(mine, connection);
          else if (wasUp) expired();
          else lost();
        }),
      );
    });
  }

  function connected(mine: Line, connection: ServerConnection): void {
    mine.server = connection;
    const isSame = connection.sessionId === sessionId;
    sessionId = connection.sessionId;
    lastSessionId = sessionId;
    sessionsLived += isSame ? 0 : 1;
    if (isSame) setWatchesAgain(mine, connection);
    calls.connected();
    say(isSame || sessionsLived === 1 ? { kind: 'connected' } : { kind: 'new-session', sessionId });
    first.settle(undefined);
  }

  function expired(): void {
    hangUp();
    sessionId = undefined;
    for (const ofKind of Object.values(watchers)) ofKind.clear();
    calls.rejectAll('SESSION_EXPIRED');
    calls.disconnected();
    say({ kind: 'expired' });
    clock.setTimer(0, () => dial());
  }

  /** The server forgot them with the connection; what happened meanwhile comes as if it were now. */
  function setWatchesAgain(mine: Line, connection: ServerConnection): void {
    const [data, exists, children] = [watchers.data, watchers.exists, watchers.children].map((of) => Array.from(of.keys()));
    const request: Request = { kind: 'set-watches', sinceZxid: lastZxid, data: data!, exists: exists!, children: children!, persistent: [], recursive: [] };
    mine.questions.carry(() => connection.apply(request, () => undefined));
  }

  function watched({ type, path }: Delivery<ServerConnection>, zxid: number): void {
    lastZxid = Math.max(lastZxid, zxid);
    const kind = eventKinds[type]!;
    const kinds: readonly WatchKind[] = kind === 'children-changed' ? ['children'] : kind === 'deleted' ? ['data', 'exists', 'children'] : ['data', 'exists'];
    const told = new Set<Watcher>();
    for (const one of kinds) {
      for (const watcher of watchers[one].get(path) ?? []) told.add(watcher);
      watchers[one].delete(path);
    }
    for (const watcher of told) watcher({ kind, path });
  }

  function ask(request: Request, answered: (reply: Reply | undefined) => void): void {
    const mine = line;
    const connection = mine?.server;
    if (mine === undefined || connection === undefined) return;
    mine.questions.carry(() =>
      connection.apply(request, (reply) =>
        process.run(() => {
          if (mine.isOver) return;
          lastZxid = Math.max(lastZxid, reply?.zxid ?? 0);
          answered(reply);
        }),
      ),
    );
  }

  function call(kind: 'read' | 'write', request: Request, path: string, watch?: { readonly kind: 'data' | 'children'; readonly watcher: Watcher }): Promise<ReplyBody | undefined> {
    if (isClosed) return Promise.reject(new ZooKeeperError('SESSION_EXPIRED', path));
    return calls.call<ReplyBody | undefined>(kind, path, (answer) => {
      ask(request, (reply) => {
        const code = reply?.code ?? 0;
        const isAbsent = code === errorCodes.NO_NODE && request.kind === 'exists';
        if (watch !== undefined && (code === 0 || isAbsent)) {
          const ofKind = watchers[isAbsent ? 'exists' : watch.kind];
          ofKind.set(path, new Set(ofKind.get(path)).add(watch.watcher));
        }
        if (code === 0) answer(undefined, reply?.body);
        else answer(new ZooKeeperError(errorNameOf(code), path));
      });
    });
  }

  const data = (bytes: Uint8Array | undefined): Buffer | null => (bytes === undefined ? null : Buffer.from(bytes));

  function stepOf(operation: Operation): WriteRequest {
    switch (operation.kind) {
      case 'create':
        return { kind: 'create', type: create2, path: operation.path, data: data(operation.data), acl: openAcl, flags: flags[operation.mode ?? 'persistent'], ttlMs: -1 };
      case 'set':
        return { kind: 'set-data', path: operation.path, data: data(operation.data), version: operation.version };
      case 'delete':
      case 'check':
        return operation;
    }
  }

  const self: ZooKeeper = {
    get sessionId() {
      return lastSessionId;
    },
    sessionTimeoutMs,
    get sessionSafeUntilMs() {
      return process.isAlive && line?.server !== undefined ? clock.monotonicMs() + sessionTimeoutMs / 3 : -Infinity;
    },
    async create(path, bytes, mode = 'persistent') {
      return pathOf(await call('write', stepOf({ kind: 'create', path, data: bytes, mode }), path));
    },
    async createPath(path) {
      const parts = path.split('/').slice(1);
      for (let count = 1; count <= parts.length; count++) {
        await self.create(`/${parts.slice(0, count).join('/')}`, undefined).catch(unless('NODE_EXISTS'));
      }
    },
    async get(path, watcher) {
      return dataOf(await call('read', { kind: 'get-data', path, watch: watcher !== undefined }, path, watcher && { kind: 'data', watcher }));
    },
    async find(path, watcher) {
      for (;;) {
        const found = await self.get(path, watcher).catch(unless('NO_NODE'));
        if (found !== undefined) return found;
        if (watcher === undefined || (await self.exists(path, watcher)) === undefined) return undefined;
      }
    },
    async exists(path, watcher) {
      const body = await call('read', { kind: 'exists', path, watch: watcher !== undefined }, path, watcher && { kind: 'data', watcher }).catch(unless('NO_NODE'));
      return body === undefined ? undefined : statOf(body);
    },
    async children(path, watcher) {
      const request: Request = { kind: 'get-children', path, watch: watcher !== undefined, withStat: true };
      const body = await call('read', request, path, watcher && { kind: 'children', watcher });
      return body?.kind === 'children' ? [...body.names] : [];
    },
    async set(path, bytes, version) {
      return statOf(await call('write', stepOf({ kind: 'set', path, data: bytes, version }), path));
    },
    async delete(path, version) {
      await call('write', { kind: 'delete', path, version }, path);
    },
    async deleteRecursive(path) {
      const names = (await self.children(path).catch(unless('NO_NODE'))) ?? [];
      for (const name of names) await self.deleteRecursive(`${path}/${name}`);
      await self.delete(path, -1).catch(unless('NO_NODE'));
    },
    async multi(operations) {
      const body = await call('write', { kind: 'multi', steps: operations.map(stepOf) }, operations[0]?.path ?? '/');
      return resultsOf(body?.kind === 'results' ? body.results : [], operations);
    },
    async getAcl(path) {
      const body = await call('read', { kind: 'get-acl', path }, path);
      return { acl: [], stat: statOf(body) };
    },
    async setAcl(path, acl, version) {
      return statOf(await call('write', { kind: 'set-acl', path, acl, version }, path));
    },
    onSession(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      if (isClosed) return Promise.resolve();
      isClosed = true;
      calls.rejectAll('SESSION_EXPIRED');
      return new Promise((resolve) => {
        const end = (): void => {
          hangUp();
          calls.disconnected();
          resolve();
        };
        clock.setTimer(sessionTimeoutMs, end);
        ask({ kind: 'close-session' }, end);
      });
    },
  };

  const first = firstConnection(clock, sessionTimeoutMs, () => self.close());
  dial();
  return {
    zookeeper: self,
    connected: first.promise,
    loseConnection: () => process.run(() => lost()),
  };
}

function firstConnection(clock: Clock, timeoutMs: number, giveUp: () => Promise<void>): { readonly promise: Promise<void>; settle(error: ZooKeeperError | undefined): void } {
  let settle: (error: ZooKeeperError | undefined) => void = () => undefined;
  const promise = new Promise<void>((resolve, reject) => {
    const timer = clock.setTimer(timeoutMs, () => {
      reject(new ZooKeeperError('CONNECTION_LOSS', undefined, { detail: `no ZooKeeper server took a session within ${timeoutMs} ms` }));
      void giveUp();
    });
    settle = (error) => {
      timer.cancel();
      if (error === undefined) resolve();
      else reject(error);
    };
  });
  return { promise, settle: (error) => settle(error) };
}

function unless(name: ZooKeeperError['name']): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof ZooKeeperError && error.name === name) return undefined;
    throw error;
  };
}
