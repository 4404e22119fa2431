import { expect } from 'chai';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { nodeRandom } from '../../../src/runtime/node-random.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { connectZooKeeper } from '../../../src/zookeeper/node-client.ts';
import type { ConnectOptions } from '../../../src/zookeeper/node-client.ts';
import { ZooKeeperError } from '../../../src/zookeeper/zookeeper.ts';
import type { SessionEvent, WatchEvent, ZooKeeper } from '../../../src/zookeeper/zookeeper.ts';
import { Proxy } from './proxy.ts';

export interface ServerUnderTest {
  readonly port: number;
  stop(): Promise<void>;
}

/** Collects what a listener is told, and waits for more. */
class Told<T> {
  readonly all: T[] = [];
  #wake: (() => void) | undefined;

  readonly listen = (item: T): void => {
    this.all.push(item);
    this.#wake?.();
  };

  async until(is: (item: T) => boolean): Promise<T> {
    for (;;) {
      const found = this.all.find(is);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => { this.#wake = resolve; });
    }
  }
}

/** What every ZooKeeper server must be for us: run against the embedded one and against Apache ZooKeeper. */
export function describeZooKeeperClient(serverName: string, startServer: () => Promise<ServerUnderTest>, sessionTimeoutMs: number): void {
  describe(`ZooKeeper client on ${serverName}`, function () {
    this.timeout(30_000);
    let server: ServerUnderTest;
    let direct: ZooKeeper;
    let testCount = 0;
    let chroot: string;
    let openClients: ZooKeeper[] = [];
    let proxies: Proxy[] = [];

    async function connect(address: string, options: Partial<ConnectOptions> = {}): Promise<ZooKeeper> {
      const zooKeeper = await connectZooKeeper({
        clock: nodeClock, random: nodeRandom, logger: silentLogger,
        connectString: `${address}${chroot}`, sessionTimeoutMs, connectionTimeoutMs: 10_000, ...options,
      });
      openClients.push(zooKeeper);
      return zooKeeper;
    }

    async function startProxy(): Promise<Proxy> {
      const proxy = await Proxy.start(server.port);
      proxies.push(proxy);
      return proxy;
    }

    async function errorOf(call: Promise<unknown>): Promise<ZooKeeperError> {
      const outcome = await call.then((value) => value, (error: unknown) => error);
      expect(outcome).to.be.instanceOf(ZooKeeperError);
      return outcome as ZooKeeperError;
    }

    before(async () => {
      server = await startServer();
    });

    after(async () => {
      await server.stop();
    });

    beforeEach(async () => {
      chroot = `/test-${testCount++}`;
      direct = await connect(`127.0.0.1:${server.port}`);
    });

    afterEach(async () => {
      await Promise.all(openClients.map((zooKeeper) => zooKeeper.close()));
      await Promise.all(proxies.map((proxy) => proxy.stop()));
      openClients = [];
      proxies = [];
    });

    describe('nodes', () => {
      it('are made, read, changed by version and deleted', async () => {
        expect(await direct.create('/a', Buffer.from('one'))).to.equal('/a');
        const { data, stat } = await direct.get('/a');
        expect(data.toString()).to.equal('one');
        expect(stat.version).to.equal(0);
        expect(stat.ephemeralOwner).to.equal(undefined);
        expect(stat.czxid).to.equal(stat.mzxid).and.to.be.greaterThan(0);
        expect(Math.abs(stat.createdMs - Date.now())).to.be.lessThan(60_000);
        expect((await direct.set('/a', Buffer.from('two'), 0)).version).to.equal(1);
        expect((await errorOf(direct.set('/a', Buffer.from('three'), 0))).name).to.equal('BAD_VERSION');
        expect((await direct.exists('/a'))?.version).to.equal(1);
        expect((await errorOf(direct.delete('/a', 0))).name).to.equal('BAD_VERSION');
        await direct.delete('/a', 1);
        expect(await direct.exists('/a')).to.equal(undefined);
      });

      it('fail with the name and path of the error', async () => {
        await direct.create('/a', undefined);
        await direct.create('/a/b', undefined);
        await direct.create('/e', undefined, 'ephemeral');
        const errors = await Promise.all([
          direct.get('/none'), direct.create('/a', undefined), direct.delete('/a', -1), direct.create('/e/f', undefined), direct.create('/x', undefined, 'persistent', []),
        ].map(errorOf));
        expect(errors.map(({ name }) => name)).to.deep.equal(['NO_NODE', 'NODE_EXISTS', 'NOT_EMPTY', 'NO_CHILDREN_FOR_EPHEMERALS', 'BAD_ARGUMENTS']);
        expect(errors[0]?.path).to.equal('/none');
      });

      it('without data read as empty, and are null on the wire', async () => {
        await direct.create('/a', undefined);
        const { data, stat } = await direct.get('/a');
        expect(data.length).to.equal(0);
        expect(stat.dataLength).to.equal(0);
      });

      it('are numbered in sequence and belong to their session when ephemeral', async () => {
        await direct.create('/s', undefined);
        expect(await direct.create('/s/n-', undefined, 'persistent-sequential')).to.equal('/s/n-0000000000');
        expect(await direct.create('/s/n-', undefined, 'ephemeral-sequential')).to.equal('/s/n-0000000001');
        expect((await direct.exists('/s/n-0000000001'))?.ephemeralOwner).to.equal(direct.sessionId);
        expect((await direct.children('/s')).toSorted()).to.deep.equal(['n-0000000000', 'n-0000000001']);
      });

      it('vanish with the close of the session that owns them', async () => {
        const other = await connect(`127.0.0.1:${server.port}`);
        await other.create('/e', undefined, 'ephemeral');
        await other.close();
        expect(await direct.exists('/e')).to.equal(undefined);
        expect((await errorOf(other.get('/e'))).name).to.equal('SESSION_EXPIRED');
      });

      it('are made with their parents and deleted with their children', async () => {
        await direct.createPath('/p/q/r');
        await direct.createPath('/p/q/r');
        await direct.create('/p/q/s', undefined);
        await direct.deleteRecursive('/p');
        await direct.deleteRecursive('/p');
        expect(await direct.exists('/p')).to.equal(undefined);
      });

      it('hold half a mebibyte', async () => {
        const data = Buffer.alloc(512 * 1024, 'x');
        await direct.create('/big', data);
        expect((await direct.get('/big')).data.equals(data)).to.equal(true);
      });

      it('have access control lists', async () => {
        await direct.create('/a', undefined);
        const acl = [{ scheme: 'world', id: 'anyone', permissions: 31 }];
        expect((await direct.getAcl('/a')).acl).to.deep.equal(acl);
        const readers = [{ scheme: 'ip', id: '127.0.0.1', permissions: 1 | 8 | 16 }];
        expect((await direct.setAcl('/a', readers, 0)).aclVersion).to.equal(1);
        expect((await direct.getAcl('/a')).acl).to.deep.equal(readers);
        expect((await errorOf(direct.set('/a', Buffer.alloc(0), -1))).name).to.equal('NO_AUTH');
      });
    });

    describe('multi', () => {
      it('does all steps and gives what each gave', async () => {
        await direct.create('/epoch', Buffer.from('0'));
        const results = await direct.multi([
          { kind: 'check', path: '/epoch', version: 0 },
          { kind: 'create', path: '/me', data: undefined, mode: 'ephemeral' },
          { kind: 'set', path: '/me', data: Buffer.from('x'), version: 0 },
          { kind: 'delete', path: '/epoch', version: 0 },
        ]);
        expect(results.map((result) => Object.keys(result))).to.deep.equal([[], ['createdPath'], ['stat'], []]);
        expect(results[1]?.createdPath).to.equal('/me');
        expect(results[2]?.stat?.version).to.equal(1);
        expect(results[2]?.stat?.czxid).to.equal((await direct.exists('/me'))?.czxid);
        expect(results[2]?.stat?.ephemeralOwner).to.equal(direct.sessionId);
      });

      it('takes version 0 at its word in every kind of step', async () => {
        await direct.create('/a', undefined);
        await direct.set('/a', Buffer.from('x'), 0);
        for (const kind of ['check', 'set', 'delete'] as const) {
          const error = await errorOf(direct.multi([{ kind: 'create', path: '/new', data: undefined }, { kind, path: '/a', version: 0, data: Buffer.alloc(0) }]));
          expect([error.name, error.failedStep, error.path]).to.deep.equal(['BAD_VERSION', 1, '/a']);
        }
        expect(await direct.exists('/new')).to.equal(undefined);
      });

      it('tells the step that failed, be it first, and does nothing', async () => {
        const error = await errorOf(direct.multi([{ kind: 'check', path: '/none', version: 0 }, { kind: 'create', path: '/new', data: undefined }]));
        expect([error.name, error.failedStep]).to.deep.equal(['NO_NODE', 0]);
        expect(await direct.multi([])).to.deep.equal([]);
      });
    });

    describe('watches', () => {
      it('tell each kind of change once', async () => {
        const told = new Told<WatchEvent>();
        expect(await direct.find('/a', told.listen)).to.equal(undefined);
        await direct.create('/a', undefined);
        await direct.get('/a', told.listen);
        await direct.set('/a', Buffer.from('1'), 0);
        await direct.set('/a', Buffer.from('2'), 1);
        await direct.children('/a', told.listen);
        await direct.create('/a/b', undefined);
        await direct.delete('/a/b', -1);
        expect((await direct.find('/a', told.listen))?.data.toString()).to.equal('2');
        await direct.delete('/a', -1);
        expect(told.all).to.deep.equal([
          { kind: 'created', path: '/a' }, { kind: 'data-changed', path: '/a' }, { kind: 'children-changed', path: '/a' }, { kind: 'deleted', path: '/a' },
        ]);
      });

      it('stand again after a reconnect, and tell at once what changed meanwhile', async () => {
        const proxy = await startProxy();
        const zooKeeper = await connect(proxy.address);
        const [told, session] = [new Told<WatchEvent>(), new Told<SessionEvent>()];
        for (const path of ['/a', '/b', '/c']) await direct.create(path, undefined);
        await zooKeeper.create('/mine', undefined, 'ephemeral');
        for (const path of ['/a', '/b', '/c']) await zooKeeper.get(path, told.listen);
        await zooKeeper.children('/a', told.listen);
        await zooKeeper.exists('/later', told.listen);
        zooKeeper.onSession(session.listen);
        const { sessionId } = zooKeeper;
        proxy.isRefusing = true;
        proxy.cut();
        await session.until(({ kind }) => kind === 'disconnected');
        await direct.set('/a', Buffer.from('x'), 0);
        await direct.create('/a/child', undefined);
        await direct.delete('/b', -1);
        proxy.isRefusing = false;
        await session.until(({ kind }) => kind === 'connected');
        await told.until(({ kind }) => kind === 'deleted');
        await direct.set('/c', Buffer.from('x'), 0);
        await direct.create('/later', undefined);
        await told.until(({ path }) => path === '/later');
        expect(told.all.map(({ kind, path }) => `${kind} ${path}`).toSorted()).to.deep.equal([
          'children-changed /a', 'created /later', 'data-changed /a', 'data-changed /c', 'deleted /b',
        ]);
        expect(zooKeeper.sessionId).to.equal(sessionId);
        expect(await direct.exists('/mine')).not.to.equal(undefined);
      });

      it('stand again when they are too many for one request', async () => {
        const proxy = await startProxy();
        const zooKeeper = await connect(proxy.address, { maxInFlightRequests: 1000, sessionTimeoutMs: 5 * sessionTimeoutMs });
        const [told, session] = [new Told<WatchEvent>(), new Told<SessionEvent>()];
        const long = 'x'.repeat(400);
        await Promise.all(Array.from({ length: 3000 }, (_, index) => zooKeeper.exists(`/${long}${index}`, told.listen)));
        zooKeeper.onSession(session.listen);
        proxy.cut();
        await session.until(({ kind }) => kind === 'connected');
        await direct.create(`/${long}2999`, undefined);
        await direct.create(`/${long}0`, undefined);
        await told.until(({ path }) => path === `/${long}2999`);
        await told.until(({ path }) => path === `/${long}0`);
        expect(session.all).to.deep.equal([{ kind: 'disconnected' }, { kind: 'connected' }]);
      });
    });

    describe('chroot', () => {
      it('is made when missing and is the root of everything inside', async () => {
        const told = new Told<WatchEvent>();
        const inner = await connect(`127.0.0.1:${server.port}`, { connectString: `127.0.0.1:${server.port}${chroot}/x/y` });
        expect(await direct.exists('/x/y')).not.to.equal(undefined);
        expect(await inner.create('/a-', undefined, 'persistent-sequential')).to.equal('/a-0000000000');
        expect(await inner.children('/', told.listen)).to.deep.equal(['a-0000000000']);
        expect((await inner.multi([{ kind: 'create', path: '/b', data: undefined }]))[0]?.createdPath).to.equal('/b');
        expect(await told.until(() => true)).to.deep.equal({ kind: 'children-changed', path: '/' });
        expect((await direct.children('/x/y')).toSorted()).to.deep.equal(['a-0000000000', 'b']);
      });
    });

    describe('authentication', () => {
      const auth = [{ scheme: 'digest', credential: 'alice:secret' }];
      const aliceOnly = [{ scheme: 'auth', id: '', permissions: 31 }];

      it('is sent before anything else, after a reconnect too', async () => {
        const proxy = await startProxy();
        const alice = await connect(proxy.address, { auth });
        await alice.create('/secret', Buffer.from('x'), 'persistent', aliceOnly);
        const { acl } = await alice.getAcl('/secret');
        expect(acl.map(({ scheme, permissions }) => [scheme, permissions])).to.deep.equal([['digest', 31]]);
        expect((await errorOf(direct.get('/secret'))).name).to.equal('NO_AUTH');
        proxy.cut();
        expect((await alice.get('/secret')).data.toString()).to.equal('x');
      });

      it('that the server does not know ends the connecting', async () => {
        const refused = connect(`127.0.0.1:${server.port}`, { auth: [{ scheme: 'nonsense', credential: 'x' }] });
        const error = await errorOf(refused.then((zooKeeper) => zooKeeper.get('/')));
        expect(error.name).to.equal('AUTH_FAILED');
      });
    });

    describe('a connection cut in the middle of a request', () => {
      it('leaves a write open: here it was done', async () => {
        const proxy = await startProxy();
        const zooKeeper = await connect(proxy.address);
        const created = new Told<WatchEvent>();
        await direct.exists('/a', created.listen);
        proxy.answers = 'swallow';
        const call = errorOf(zooKeeper.create('/a', undefined));
        await created.until(() => true);
        proxy.answers = 'pass';
        proxy.cut();
        expect((await call).name).to.equal('CONNECTION_LOSS');
        expect(await zooKeeper.exists('/a')).not.to.equal(undefined);
      });

      it('leaves a write open: here it was not done', async () => {
        const proxy = await startProxy();
        const zooKeeper = await connect(proxy.address);
        proxy.requests = 'swallow';
        const call = errorOf(zooKeeper.create('/a', undefined));
        await proxy.nextRequest();
        proxy.requests = 'pass';
        proxy.cut();
        expect((await call).name).to.equal('CONNECTION_LOSS');
        expect(await zooKeeper.exists('/a')).to.equal(undefined);
      });

      it('does not show in a read', async () => {
        const proxy = await startProxy();
        const zooKeeper = await connect(proxy.address);
        await direct.create('/a', Buffer.from('x'));
        proxy.requests = 'swallow';
        const call = zooKeeper.get('/a');
        await proxy.nextRequest();
        proxy.requests = 'pass';
        proxy.cut();
        expect((await call).data.toString()).to.equal('x');
      });

      it('does no write that was still waiting to be sent', async () => {
        const proxy = await startProxy();
        const zooKeeper = await connect(proxy.address, { maxInFlightRequests: 1 });
        proxy.requests = 'swallow';
        const [first, second] = [errorOf(zooKeeper.create('/a', undefined)), zooKeeper.create('/b', undefined)];
        await proxy.nextRequest();
        proxy.requests = 'pass';
        proxy.cut();
        expect((await first).name).to.equal('CONNECTION_LOSS');
        expect(await second).to.equal('/b');
      });
    });

    describe('a server that falls silent', () => {
      it('is left for another within two thirds of the session, which lives on', async () => {
        const [silent, other] = [await startProxy(), await startProxy()];
        other.isRefusing = true;
        const zooKeeper = await connect(`${silent.address},${other.address}`);
        const session = new Told<SessionEvent>();
        zooKeeper.onSession(session.listen);
        const { sessionId } = zooKeeper;
        other.isRefusing = false;
        silent.answers = 'swallow';
        const startMs = nodeClock.monotonicMs();
        const safeUntilMs = zooKeeper.sessionSafeUntilMs;
        await session.until(({ kind }) => kind === 'connected');
        const waitedMs = nodeClock.monotonicMs() - startMs;
        expect(waitedMs).to.be.greaterThan(zooKeeper.sessionTimeoutMs / 3).and.lessThan(zooKeeper.sessionTimeoutMs);
        expect(zooKeeper.sessionId).to.equal(sessionId);
        expect(zooKeeper.sessionSafeUntilMs).to.be.greaterThan(safeUntilMs);
        expect(session.all).to.deep.equal([{ kind: 'disconnected' }, { kind: 'connected' }]);
      });

      it('is not mistaken for one that has nothing to say', async () => {
        const proxy = await startProxy();
        const zooKeeper = await connect(proxy.address);
        const firstSafeMs = zooKeeper.sessionSafeUntilMs;
        const owner = await connect(`127.0.0.1:${server.port}`, { sessionTimeoutMs: sessionTimeoutMs * 4 });
        await owner.create('/alive', undefined, 'ephemeral');
        while (nodeClock.monotonicMs() < firstSafeMs + zooKeeper.sessionTimeoutMs / 2) await proxy.nextRequest();
        expect(proxy.connectionCount).to.equal(1);
        expect(zooKeeper.sessionSafeUntilMs).to.be.greaterThan(firstSafeMs);
      });

      it('before it takes the session fails the connecting in time', async () => {
        const proxy = await startProxy();
        proxy.answers = 'swallow';
        const error = await errorOf(connect(proxy.address, { connectionTimeoutMs: 300 }));
        expect(error.name).to.equal('CONNECTION_LOSS');
        expect(error.message).to.include(proxy.address);
      });
    });

    describe('an expired session', () => {
      it('takes its calls, watches and ephemeral nodes along and is followed by a new one', async () => {
        const proxy = await startProxy();
        const zooKeeper = await connect(proxy.address);
        const [session, told, gone] = [new Told<SessionEvent>(), new Told<WatchEvent>(), new Told<WatchEvent>()];
        zooKeeper.onSession(session.listen);
        await direct.create('/watched', undefined);
        await zooKeeper.get('/watched', told.listen);
        await zooKeeper.create('/mine', undefined, 'ephemeral');
        await direct.exists('/mine', gone.listen);
        const { sessionId } = zooKeeper;
        proxy.isRefusing = true;
        proxy.cut();
        await session.until(({ kind }) => kind === 'disconnected');
        await gone.until(() => true);
        expect(zooKeeper.sessionSafeUntilMs).to.be.lessThan(nodeClock.monotonicMs());
        const waiting = errorOf(zooKeeper.get('/watched'));
        proxy.isRefusing = false;
        expect((await waiting).name).to.equal('SESSION_EXPIRED');
        await session.until(({ kind }) => kind === 'new-session');
        expect(session.all.map(({ kind }) => kind)).to.deep.equal(['disconnected', 'expired', 'new-session']);
        expect(zooKeeper.sessionId).not.to.equal(sessionId);
        expect(zooKeeper.sessionSafeUntilMs).to.be.greaterThan(nodeClock.monotonicMs());
        await direct.set('/watched', Buffer.from('x'), 0);
        await zooKeeper.create('/mine', undefined, 'ephemeral');
        expect((await direct.exists('/mine'))?.ephemeralOwner).to.equal(zooKeeper.sessionId);
        expect(told.all).to.deep.equal([]);
      });

      it('is not told while no server answers; calls end at their deadline', async () => {
        const proxy = await startProxy();
        const zooKeeper = await connect(proxy.address);
        const session = new Told<SessionEvent>();
        zooKeeper.onSession(session.listen);
        proxy.isRefusing = true;
        proxy.cut();
        await session.until(({ kind }) => kind === 'disconnected');
        expect((await errorOf(zooKeeper.create('/a', undefined))).name).to.equal('OPERATION_TIMEOUT');
        expect(session.all).to.deep.equal([{ kind: 'disconnected' }]);
        await zooKeeper.close();
      });
    });
  });
}
