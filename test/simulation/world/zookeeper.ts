import type { Client, Delivery } from '../../../src/zookeeper-server/core.ts';
import { ZooKeeperCore, defaultCoreOptions } from '../../../src/zookeeper-server/core.ts';
import { openAcl } from '../../../src/zookeeper-server/acl.ts';
import type { Stat as ServerStat } from '../../../src/zookeeper-server/data-node.ts';
import { errorCodes } from '../../../src/zookeeper-server/errors.ts';
import type { ReplyBody, StepReply } from '../../../src/zookeeper-server/replies.ts';
import type { Request, WriteRequest } from '../../../src/zookeeper-server/requests.ts';
import { ZooKeeperError } from '../../../src/zookeeper/zookeeper.ts';
import type { CreateMode, Operation, OperationResult, SessionEvent, Stat, Watcher, WatchEvent, ZooKeeper, ZooKeeperErrorName } from '../../../src/zookeeper/zookeeper.ts';
import type { SimulatedProcess } from './process.ts';
import type { SeededRandom } from './random.ts';
import type { Timeline } from './timeline.ts';

/**
 * ZooKeeper in the simulator: the data tree of our own server, with sessions in simulated time, behind the interface
 * that brokers use. Requests and answers travel with delays, in order per session; a dead process's session ends
 * `sessionTimeoutMs` after its death.
 */
export interface SimulatedZooKeeper {
  connect(process: SimulatedProcess, sessionTimeoutMs: number): Promise<ZooKeeper>;
  /** Ends the session of a process that lives; it learns it a delay later, and then gets another. */
  expire(process: SimulatedProcess): void;
  /** The data at a path, for checkers; undefined when there is no such node. */
  peek(path: string): Buffer | undefined;
}

interface Session extends Client {
  readonly process: SimulatedProcess;
  readonly watchers: Map<string, Set<Watcher>>;
  /** Those without an answer, to be refused when the session ends. */
  readonly calls: Set<(error: ZooKeeperError) => void>;
  /** When the last answer or watch event arrives: they keep their order. */
  lastDeliveryMs: number;
}

const kinds: Readonly<Record<number, WatchEvent['kind']>> = { 1: 'created', 2: 'deleted', 3: 'data-changed', 4: 'children-changed' };
const flags: Readonly<Record<CreateMode, number>> = { persistent: 0, ephemeral: 1, 'persistent-sequential': 2, 'ephemeral-sequential': 3 };
const anyone = [{ scheme: 'world', id: 'anyone' }];
const create2 = 15;

const errorNames = new Map<number, ZooKeeperErrorName>(
  Object.entries(errorCodes).flatMap(([name, code]) => (name === 'OK' ? [] : [[code, name as ZooKeeperErrorName] as const])),
);

export function createSimulatedZooKeeper(timeline: Timeline, random: SeededRandom, nowMs: () => number): SimulatedZooKeeper {
  const core = new ZooKeeperCore<Session>(defaultCoreOptions, nowMs());
  const expiries = new Map<SimulatedProcess, () => void>();
  const delayMs = (): number => (100 + random.integer(1500)) / 1000;

  function tell(deliveries: readonly Delivery<Session>[]): void {
    for (const { to, type, path } of deliveries) {
      const kind = kinds[type]!;
      const key = kind === 'children-changed' ? `children ${path}` : `data ${path}`;
      const watchers = [...(to.watchers.get(key) ?? []), ...(kind === 'deleted' ? (to.watchers.get(`children ${path}`) ?? []) : [])];
      to.watchers.delete(key);
      if (kind === 'deleted') to.watchers.delete(`children ${path}`);
      deliver(to, () => {
        for (const watcher of new Set(watchers)) watcher({ kind, path });
      });
    }
  }

  /** Answers and watch events of a session arrive in the order in which the server sent them. */
  function deliver(session: Session, event: () => void): void {
    const dueMs = Math.max(timeline.nowMs + delayMs(), session.lastDeliveryMs);
    session.lastDeliveryMs = dueMs;
    timeline.after(dueMs - timeline.nowMs, () => {
      if (session.process.isAlive) event();
    });
  }

  async function connect(process: SimulatedProcess, sessionTimeoutMs: number): Promise<ZooKeeper> {
    const open = (): Session => ({ sessionId: core.openSession(sessionTimeoutMs, nowMs()).reply.sessionId, identities: anyone, process, watchers: new Map(), calls: new Set(), lastDeliveryMs: 0 });
    const listeners = new Set<(event: SessionEvent) => void>();
    let session = open();
    let lastArrivalMs = 0;
    let isClosed = false;

    function end(ended: Session): void {
      core.disconnect(ended);
      if (core.sessions.has(ended.sessionId)) tell(core.closeSession(ended.sessionId, 0, nowMs()).events);
    }

    function say(event: SessionEvent): void {
      for (const listener of listeners) listener(event);
    }

    process.onDeath(() => {
      expiries.delete(process);
      if (!isClosed) timeline.after(sessionTimeoutMs, () => end(session));
    });
    expiries.set(process, () => {
      if (isClosed) return;
      const expired = session;
      end(expired);
      deliver(expired, () => {
        for (const refuse of expired.calls) refuse(new ZooKeeperError('SESSION_EXPIRED'));
        expired.calls.clear();
        session = open();
        say({ kind: 'expired' });
        say({ kind: 'new-session', sessionId: session.sessionId });
      });
    });

    function inOrder(event: () => void): void {
      const dueMs = Math.max(timeline.nowMs + delayMs(), lastArrivalMs);
      lastArrivalMs = dueMs;
      timeline.after(dueMs - timeline.nowMs, event);
    }

    function call(request: Request, path: string, watch?: { readonly key: string; readonly watcher: Watcher }): Promise<ReplyBody | undefined> {
      return new Promise((resolve, reject) => {
        if (!process.isAlive) return;
        const caller = session;
        caller.calls.add(reject);
        inOrder(() => {
          const outcome = core.apply(1, request, caller, nowMs());
          const code = outcome.reply?.code ?? 0;
          const isWatched = code === 0 || (code === errorCodes.NO_NODE && request.kind === 'exists');
          if (watch !== undefined && isWatched) caller.watchers.set(watch.key, new Set(caller.watchers.get(watch.key)).add(watch.watcher));
          tell(outcome.events);
          deliver(caller, () => {
            caller.calls.delete(reject);
            if (code === 0) resolve(outcome.reply?.body);
            else reject(new ZooKeeperError(errorNames.get(code) ?? 'SYSTEM_ERROR', path));
          });
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
        return session.sessionId;
      },
      sessionTimeoutMs,
      get sessionSafeUntilMs() {
        return process.isAlive ? timeline.nowMs + sessionTimeoutMs : 0;
      },
      async create(path, bytes, mode = 'persistent') {
        return pathOf(await call(stepOf({ kind: 'create', path, data: bytes, mode }), path));
      },
      async createPath(path) {
        const parts = path.split('/').slice(1);
        for (let count = 1; count <= parts.length; count++) {
          await self.create(`/${parts.slice(0, count).join('/')}`, undefined).catch(unless('NODE_EXISTS'));
        }
      },
      async get(path, watcher) {
        const body = await call({ kind: 'get-data', path, watch: watcher !== undefined }, path, watcher && { key: `data ${path}`, watcher });
        return dataOf(body);
      },
      async find(path, watcher) {
        for (;;) {
          const found = await self.get(path, watcher).catch(unless('NO_NODE'));
          if (found !== undefined) return found;
          if (watcher === undefined || (await self.exists(path, watcher)) === undefined) return undefined;
        }
      },
      async exists(path, watcher) {
        const body = await call({ kind: 'exists', path, watch: watcher !== undefined }, path, watcher && { key: `data ${path}`, watcher }).catch(unless('NO_NODE'));
        return body === undefined ? undefined : statOf(body);
      },
      async children(path, watcher) {
        const request: Request = { kind: 'get-children', path, watch: watcher !== undefined, withStat: true };
        const body = await call(request, path, watcher && { key: `children ${path}`, watcher });
        return body?.kind === 'children' ? [...body.names] : [];
      },
      async set(path, bytes, version) {
        return statOf(await call(stepOf({ kind: 'set', path, data: bytes, version }), path));
      },
      async delete(path, version) {
        await call({ kind: 'delete', path, version }, path);
      },
      async deleteRecursive(path) {
        const names = (await self.children(path).catch(unless('NO_NODE'))) ?? [];
        for (const name of names) await self.deleteRecursive(`${path}/${name}`);
        await self.delete(path, -1).catch(unless('NO_NODE'));
      },
      async multi(operations) {
        const body = await call({ kind: 'multi', steps: operations.map(stepOf) }, operations[0]?.path ?? '/');
        return resultsOf(body?.kind === 'results' ? body.results : [], operations);
      },
      async getAcl(path) {
        const body = await call({ kind: 'get-acl', path }, path);
        return { acl: [], stat: statOf(body) };
      },
      async setAcl(path, acl, version) {
        return statOf(await call({ kind: 'set-acl', path, acl, version }, path));
      },
      onSession(listener: (event: SessionEvent) => void) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      async close() {
        isClosed = true;
        await call({ kind: 'close-session' }, '/');
      },
    };
    return self;
  }

  return { connect, expire: (process) => expiries.get(process)?.(), peek: (path) => core.tree.nodes.get(path)?.data ?? undefined };
}

function unless(name: ZooKeeperErrorName): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof ZooKeeperError && error.name === name) return undefined;
    throw error;
  };
}

function pathOf(body: ReplyBody | undefined): string {
  if (body?.kind === 'path' || body?.kind === 'path-and-stat') return body.path ?? '';
  throw new Error(`a path was due, not ${body?.kind}`);
}

function dataOf(body: ReplyBody | undefined): { data: Buffer; stat: Stat } {
  if (body?.kind !== 'data') throw new Error(`data was due, not ${body?.kind}`);
  return { data: body.data ?? Buffer.alloc(0), stat: statFrom(body.stat) };
}

function statOf(body: ReplyBody | undefined): Stat {
  if (body === undefined || !('stat' in body) || body.stat === undefined) throw new Error(`a stat was due, not ${body?.kind}`);
  return statFrom(body.stat);
}

function statFrom(stat: ServerStat): Stat {
  const { owner, ...rest } = stat;
  return { ...rest, ephemeralOwner: owner === '' ? undefined : owner };
}

function resultsOf(results: readonly StepReply[], operations: readonly Operation[]): OperationResult[] {
  const failedStep = results.findIndex(({ code }) => code !== 0 && code !== errorCodes.RUNTIME_INCONSISTENCY);
  if (failedStep >= 0) {
    throw new ZooKeeperError(errorNames.get(results[failedStep]!.code) ?? 'SYSTEM_ERROR', operations[failedStep]?.path, { failedStep });
  }
  return results.map(({ body }): OperationResult => {
    if (body?.kind === 'path-and-stat') return { createdPath: body.path, stat: statFrom(body.stat) };
    return body?.kind === 'stat' ? { stat: statFrom(body.stat) } : {};
  });
}
