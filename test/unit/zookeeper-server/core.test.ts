import { expect } from 'chai';
import type { Acl } from '../../../src/zookeeper-server/acl.ts';
import { digestIdentity, readOnlyAcl } from '../../../src/zookeeper-server/acl.ts';
import { errorCodes } from '../../../src/zookeeper-server/errors.ts';
import type { ReplyBody } from '../../../src/zookeeper-server/replies.ts';
import type { Request, WriteRequest } from '../../../src/zookeeper-server/requests.ts';
import { check, create, remove, setData, TestCore } from './support.ts';

const { OK, NO_NODE, NODE_EXISTS, BAD_VERSION, BAD_ARGUMENTS, NOT_EMPTY, NO_AUTH, INVALID_ACL, NO_CHILDREN_FOR_EPHEMERALS, UNIMPLEMENTED } = errorCodes;
type ResultsBody = ReplyBody & { kind: 'results' };
const getData = (path: string, watch = false): Request => ({ kind: 'get-data', path, watch });
const exists = (path: string, watch = false): Request => ({ kind: 'exists', path, watch });
const getChildren = (path: string, watch = false): Request => ({ kind: 'get-children', path, watch, withStat: false });
const multi = (...steps: WriteRequest[]): Request => ({ kind: 'multi', steps });

function namesIn(test: TestCore, path: string): string[] {
  return [...test.core.tree.nodes.get(path)!.children].sort();
}

describe('a write', () => {
  const table: readonly (readonly [behaviour: string, before: readonly WriteRequest[], request: Request, code: number])[] = [
    ['makes a node', [], create('/a'), OK],
    ['needs the parent', [], create('/a/b'), NO_NODE],
    ['does not make a node twice', [create('/a')], create('/a'), NODE_EXISTS],
    ['does not make the root', [], create('/'), NODE_EXISTS],
    ['makes no child of an ephemeral node', [create('/e', { mode: 'ephemeral' })], create('/e/x'), NO_CHILDREN_FOR_EPHEMERALS],
    ['says of an existing child of an ephemeral parent first that it exists', [create('/a')], create('/a'), NODE_EXISTS],
    ['refuses a path without slash', [], create('a'), BAD_ARGUMENTS],
    ['refuses a path that ends in a slash', [create('/a')], create('/a/'), BAD_ARGUMENTS],
    ['looks for the parent before it looks at the name', [], create('/a//b'), NO_NODE],
    ['refuses a dot as a name', [], create('/.'), BAD_ARGUMENTS],
    ['refuses two dots as a name', [create('/a')], create('/a/..'), BAD_ARGUMENTS],
    ['takes three dots as a name', [], create('/...'), OK],
    ['refuses control characters', [], create('/a\u0007'), BAD_ARGUMENTS],
    ['refuses a null character before it looks for the parent', [], create('/x/a\0'), BAD_ARGUMENTS],
    ['refuses an empty ACL', [], create('/a', { acl: [] }), INVALID_ACL],
    ['refuses an unknown scheme', [], create('/a', { acl: [{ permissions: 31, scheme: 'no', id: 'x' }] }), INVALID_ACL],
    ['refuses the auth scheme of who proved nothing', [], create('/a', { acl: [{ permissions: 31, scheme: 'auth', id: '' }] }), INVALID_ACL],
    ['makes TTL nodes only where extended types are on', [], create('/a', { mode: 'ttl', ttlMs: 5 }), UNIMPLEMENTED],
    ['refuses a createTTL without TTL mode', [], { ...create('/a', { mode: 'ttl', ttlMs: 5 }), flags: 0 }, BAD_ARGUMENTS],
    ['refuses unknown flags', [], { ...create('/a'), flags: 9 }, BAD_ARGUMENTS],
    ['deletes a node', [create('/a')], remove('/a'), OK],
    ['deletes the right version', [create('/a')], remove('/a', 0), OK],
    ['does not delete another version', [create('/a')], remove('/a', 1), BAD_VERSION],
    ['does not delete what is not there', [], remove('/a'), NO_NODE],
    ['does not delete a parent', [create('/a'), create('/a/b')], remove('/a'), NOT_EMPTY],
    ['looks at the version before the children', [create('/a'), create('/a/b')], remove('/a', 7), BAD_VERSION],
    ['does not delete the root', [], remove('/'), BAD_ARGUMENTS],
    ['does not delete what ZooKeeper keeps for itself', [], remove('/zookeeper/quota'), BAD_ARGUMENTS],
    ['sets data of any version', [create('/a')], setData('/a', 'x'), OK],
    ['sets data of the right version', [create('/a'), setData('/a', 'y')], setData('/a', 'x', 1), OK],
    ['does not set data of another version', [create('/a')], setData('/a', 'x', 1), BAD_VERSION],
    ['does not set data of what is not there', [], setData('/a', 'x'), NO_NODE],
    ['does not change the configuration node, which the world may only read', [], setData('/zookeeper/config', 'x'), NO_AUTH],
    ['sets an ACL', [create('/a')], { kind: 'set-acl', path: '/a', acl: readOnlyAcl, version: 0 }, OK],
    ['does not set an ACL of another version', [create('/a')], { kind: 'set-acl', path: '/a', acl: readOnlyAcl, version: 1 }, BAD_VERSION],
    ['does not reconfigure', [], { kind: 'reconfig' }, errorCodes.RECONFIG_DISABLED],
    ['that cannot be read fails', [], { kind: 'malformed', isWrite: true }, errorCodes.MARSHALLING_ERROR],
  ];
  for (const [behaviour, before, request, code] of table) {
    it(behaviour, () => {
      const test = new TestCore();
      const client = test.client();
      for (const one of before) expect(test.code(client, one)).to.equal(OK);
      const { lastZxid } = test.core.tree;
      const { reply, transaction } = test.apply(client, request, 77);
      expect(reply).to.include({ xid: 77, code, zxid: lastZxid + 1 });
      expect(transaction).to.include({ cxid: 77, zxid: lastZxid + 1, sessionId: client.sessionId });
      if (code !== OK) expect(transaction!.change).to.deep.equal({ kind: 'error', type: -1, code });
    });
  }

  it('of a finished session fails', () => {
    const test = new TestCore();
    const client = test.client();
    test.core.closeSession(client.sessionId, 0, 0);
    expect(test.code(client, create('/a'))).to.equal(errorCodes.SESSION_EXPIRED);
  });
});

describe('a sequential node', () => {
  it('counts all creates below its parent, and no deletes', () => {
    const test = new TestCore();
    const client = test.client();
    const made = (request: Request): unknown => (test.apply(client, request).reply!.body as { path: string }).path;
    expect(test.code(client, create('/p'))).to.equal(OK);
    expect(made(create('/p/s-', { mode: 'sequential' }))).to.equal('/p/s-0000000000');
    expect(test.code(client, create('/p/x'))).to.equal(OK);
    expect(test.code(client, remove('/p/x'))).to.equal(OK);
    expect(made(create('/p/', { mode: 'ephemeralSequential' }))).to.equal('/p/0000000002');
  });
});

describe('the stat', () => {
  it('tells who changed what last', () => {
    const test = new TestCore();
    const client = test.client(); // zxid 1
    const stat = (path: string): unknown => (test.apply(client, exists(path)).reply!.body as { stat: unknown }).stat;
    test.nowMs = 10;
    test.apply(client, create('/p', { data: 'abc' })); // 2
    test.nowMs = 20;
    test.apply(client, create('/p/a', { mode: 'ephemeral' })); // 3
    test.apply(client, create('/p/b')); // 4
    test.apply(client, remove('/p/b')); // 5
    test.nowMs = 30;
    test.apply(client, setData('/p', 'x')); // 6
    test.apply(client, { kind: 'set-acl', path: '/p', acl: readOnlyAcl, version: -1 }); // 7
    expect(stat('/p')).to.deep.equal({
      czxid: 2, mzxid: 6, pzxid: 5, createdMs: 10, modifiedMs: 30, version: 1, childrenVersion: 3, aclVersion: 1, owner: '', dataLength: 1, childrenCount: 1,
    });
    expect(stat('/p/a')).to.deep.equal({
      czxid: 3, mzxid: 3, pzxid: 3, createdMs: 20, modifiedMs: 20, version: 0, childrenVersion: 0, aclVersion: 0, owner: client.sessionId, dataLength: 0, childrenCount: 0,
    });
  });
});

describe('multi', () => {
  it('shows each step what those before it did', () => {
    const test = new TestCore();
    const client = test.client();
    const { reply } = test.apply(client, multi(create('/a'), create('/a/s-', { mode: 'sequential' }), create('/a/s-', { mode: 'sequential' }), setData('/a', 'x', 0), check('/a', 1), remove('/a/s-0000000000')));
    expect(reply!.code).to.equal(OK);
    expect(namesIn(test, '/a')).to.deep.equal(['s-0000000001']);
  });

  it('does nothing when one step fails, takes a zxid, and says which', () => {
    const test = new TestCore();
    const client = test.client();
    const { reply, transaction } = test.apply(client, multi(create('/a'), setData('/a', 'x', 5), create('/b')));
    expect(reply).to.include({ code: OK, zxid: 2 });
    expect((reply!.body as ResultsBody).results.map(({ code }) => code)).to.deep.equal([OK, BAD_VERSION, errorCodes.RUNTIME_INCONSISTENCY]);
    expect(transaction!.change.kind).to.equal('multi');
    expect(namesIn(test, '/')).to.deep.equal(['zookeeper']);
  });

  it('can delete and make a node anew', () => {
    const test = new TestCore();
    const client = test.client();
    test.apply(client, create('/a', { data: 'old' }));
    expect(test.apply(client, multi(remove('/a'), create('/a', { data: 'new' }), setData('/a', 'newer', 0))).reply!.code).to.equal(OK);
    expect(test.core.tree.nodes.get('/a')!.data!.toString()).to.equal('newer');
  });

  it('counts the children of the root', () => {
    const test = new TestCore();
    const client = test.client();
    const { reply } = test.apply(client, multi(create('/s', { mode: 'sequential' }), create('/s', { mode: 'sequential' })));
    expect((reply!.body as ResultsBody).results).to.deep.equal([
      { type: 1, code: 0, body: { kind: 'path', path: '/s0000000000' } },
      { type: 1, code: 0, body: { kind: 'path', path: '/s0000000001' } },
    ]);
  });

  it('of reads gives each its own result', () => {
    const test = new TestCore();
    const client = test.client();
    test.apply(client, create('/a', { data: 'x' }));
    const { reply, transaction } = test.apply(client, { kind: 'multi-read', steps: [{ kind: 'get-data', path: '/b', watch: true }, { kind: 'get-children', path: '/', watch: true, withStat: false }] });
    expect(transaction).to.equal(undefined);
    expect((reply!.body as ResultsBody).results).to.deep.equal([
      { type: undefined, code: NO_NODE, body: undefined },
      { type: 8, code: 0, body: { kind: 'children', names: ['zookeeper', 'a'], stat: undefined } },
    ]);
    expect(test.core.childWatches.size).to.equal(0);
  });
});

describe('ephemeral nodes', () => {
  it('go with their session, in one transaction, and are told of', () => {
    const test = new TestCore();
    const [owner, watcher] = [test.client(), test.client()];
    test.apply(owner, create('/p'));
    test.apply(owner, create('/p/a', { mode: 'ephemeral' }));
    test.apply(owner, create('/p/b', { mode: 'ephemeral' }));
    test.apply(watcher, create('/p/c', { mode: 'ephemeral' }));
    test.apply(watcher, exists('/p/a', true));
    test.apply(watcher, getChildren('/p', true));
    const closed = test.core.closeSession(owner.sessionId, 9, 0);
    expect(closed.transaction.change).to.deep.equal({ kind: 'close-session', type: -11, paths: ['/p/a', '/p/b'] });
    expect(test.events([watcher], closed)).to.deep.equal(['0: 2 /p/a', '0: 4 /p']);
    expect(namesIn(test, '/p')).to.deep.equal(['c']);
  });

  it('are listed for their own session, below a prefix', () => {
    const test = new TestCore();
    const client = test.client();
    for (const path of ['/ab', '/ac', '/b']) test.apply(client, create(path, { mode: 'ephemeral' }));
    const list = (prefix: string | null): unknown => (test.apply(client, { kind: 'get-ephemerals', prefix }).reply!.body as { paths: unknown }).paths;
    expect(list('/a')).to.deep.equal(['/ab', '/ac']);
    expect(list('/')).to.deep.equal(['/ab', '/ac', '/b']);
    expect(list(null)).to.deep.equal(['/ab', '/ac', '/b']);
  });
});

describe('containers and TTL nodes', () => {
  it('are collected when they are empty again, or old', () => {
    const test = new TestCore({ extendedTypes: true });
    const client = test.client();
    test.apply(client, create('/never', { mode: 'container' }));
    test.apply(client, create('/used', { mode: 'container' }));
    test.apply(client, create('/used/x'));
    test.apply(client, create('/ttl', { mode: 'ttl', ttlMs: 500 }));
    test.apply(client, create('/full', { mode: 'ttl', ttlMs: 500 }));
    test.apply(client, create('/full/x'));
    expect(test.core.collectable(1500)).to.deep.equal([]);
    test.apply(client, remove('/used/x'));
    expect(test.core.collectable(1501)).to.deep.equal(['/used', '/ttl']);
    expect(test.core.collect('/used', 1501)!.transaction.change).to.deep.equal({ kind: 'delete', type: 20, path: '/used' });
    expect(test.core.collect('/full', 1501)).to.equal(undefined);
    expect(test.core.collectable(1501)).to.deep.equal(['/ttl']);
  });

  it('may have children', () => {
    const test = new TestCore({ extendedTypes: true });
    const client = test.client();
    test.apply(client, create('/t', { mode: 'ttlSequential', ttlMs: 2 ** 40 - 1 }));
    expect(test.code(client, create('/t0000000000/x'))).to.equal(OK);
    expect(test.code(client, create('/u', { mode: 'ttl', ttlMs: 2 ** 40 }))).to.equal(BAD_ARGUMENTS);
  });
});

describe('permissions', () => {
  const bobs: Acl = [{ permissions: 31, scheme: 'digest', id: digestIdentity('bob:pw') }];
  const asBob: Request = { kind: 'auth', scheme: 'digest', auth: Buffer.from('bob:pw') };

  it('are checked on the node, or on the parent for create and delete', () => {
    const test = new TestCore();
    const [bob, eve] = [test.client(), test.client()];
    test.apply(bob, asBob);
    test.apply(bob, create('/s', { acl: bobs }));
    test.apply(bob, create('/s/x'));
    for (const request of [getData('/s'), exists('/s', true), getChildren('/s'), { kind: 'get-acl', path: '/s' } as const, create('/s/y'), remove('/s/x'), setData('/s', ''), multi(check('/s', -1)), { kind: 'get-all-children-number', path: '/s' } as const]) {
      const { reply } = test.apply(eve, request);
      const code = reply!.body?.kind === 'results' ? reply!.body.results[0]!.code : reply!.code;
      expect(code, request.kind).to.equal(NO_AUTH);
    }
    expect(test.core.dataWatches.size).to.equal(0);
    expect(test.code(bob, create('/s/y'))).to.equal(OK);
    expect(test.code(eve, setData('/s/x', 'open to all'))).to.equal(OK);
  });

  it('of the auth scheme are those of who asks', () => {
    const test = new TestCore();
    const bob = test.client();
    test.apply(bob, asBob);
    test.apply(bob, create('/s', { acl: [{ permissions: 1, scheme: 'auth', id: 'ignored' }] }));
    expect(test.core.tree.acl(test.core.tree.nodes.get('/s')!)).to.deep.equal([{ permissions: 1, scheme: 'digest', id: digestIdentity('bob:pw') }]);
  });

  it('by address know ranges', () => {
    const test = new TestCore();
    const [near, far] = [test.client('10.1.2.3'), test.client('10.2.0.1')];
    test.apply(near, create('/n', { acl: [{ permissions: 31, scheme: 'ip', id: '10.1.0.0/16' }] }));
    expect(test.code(near, getData('/n'))).to.equal(OK);
    expect(test.code(far, getData('/n'))).to.equal(NO_AUTH);
  });

  it('do not hold the super user', () => {
    const test = new TestCore({ superDigest: digestIdentity('super:secret') });
    const client = test.client();
    test.apply(client, { kind: 'auth', scheme: 'digest', auth: Buffer.from('super:secret') });
    expect(test.code(client, setData('/zookeeper/config', 'x'))).to.equal(OK);
  });

  it('hide password hashes from who may not change them', () => {
    const test = new TestCore();
    const [bob, eve] = [test.client(), test.client()];
    test.apply(bob, asBob);
    test.apply(bob, create('/s', { acl: [...bobs, { permissions: 1, scheme: 'world', id: 'anyone' }] }));
    const shown = (test.apply(eve, { kind: 'get-acl', path: '/s' }).reply!.body as { acl: Acl }).acl;
    expect(shown[0]!.id).to.equal('bob:x');
  });

  it('decide who hears of a change', () => {
    const test = new TestCore();
    const [bob, eve] = [test.client(), test.client()];
    test.apply(bob, asBob);
    for (const client of [bob, eve]) test.apply(client, exists('/s', true));
    expect(test.events([bob, eve], test.apply(bob, create('/s', { acl: bobs })))).to.deep.equal(['0: 1 /s']);
    expect(test.core.dataWatches.size).to.equal(0);
  });

  it('are not proved without end', () => {
    const test = new TestCore();
    const client = test.client();
    const codes = Array.from({ length: 1001 }, (_, index) => test.code(client, { kind: 'auth', scheme: 'digest', auth: Buffer.from(`u${index}:pw`) }));
    expect(codes.indexOf(errorCodes.AUTH_FAILED)).to.equal(999);
    expect(client.identities.length).to.equal(1000);
  });

  it('fail the connection for an unknown scheme', () => {
    const test = new TestCore();
    const outcome = test.apply(test.client(), { kind: 'auth', scheme: 'kerberos', auth: Buffer.alloc(0) }, -4);
    expect(outcome).to.deep.include({ thenClose: true, reply: { xid: -4, zxid: 0, code: errorCodes.AUTH_FAILED, body: undefined } });
  });
});

describe('quotas', () => {
  function withQuota(limits: string, enforceQuota = true): { test: TestCore; client: ReturnType<TestCore['client']> } {
    const test = new TestCore({ enforceQuota });
    const client = test.client();
    for (const path of ['/a', '/zookeeper/quota/a']) test.apply(client, create(path));
    test.apply(client, create('/zookeeper/quota/a/zookeeper_limits', { data: limits }));
    test.apply(client, create('/zookeeper/quota/a/zookeeper_stats', { data: 'count=0,bytes=0' }));
    return { test, client };
  }
  const stats = (test: TestCore): string => test.core.tree.nodes.get('/zookeeper/quota/a/zookeeper_stats')!.data!.toString();

  it('count nodes and bytes of a subtree without a transaction', () => {
    const { test, client } = withQuota('count=3,bytes=-1=;byteHardLimit=-1;countHardLimit=-1');
    expect(stats(test)).to.equal('count=1,bytes=0');
    test.apply(client, create('/a/b', { data: 'xyz' }));
    test.apply(client, setData('/a', '12'));
    test.apply(client, create('/abc', { data: 'not below /a' }));
    expect(stats(test)).to.equal('count=2,bytes=5');
    test.apply(client, remove('/a/b'));
    expect(stats(test)).to.equal('count=1,bytes=2');
  });

  it('refuse only past a hard limit, and only where that is on', () => {
    const hard = withQuota('count=-1,bytes=-1=;byteHardLimit=4;countHardLimit=2');
    expect(hard.test.code(hard.client, create('/a/b'))).to.equal(OK);
    expect(hard.test.code(hard.client, create('/a/c'))).to.equal(errorCodes.QUOTA_EXCEEDED);
    expect(hard.test.code(hard.client, setData('/a', '12345'))).to.equal(errorCodes.QUOTA_EXCEEDED);
    const soft = withQuota('count=1,bytes=1');
    expect(soft.test.code(soft.client, create('/a/b', { data: 'long' }))).to.equal(OK);
    const off = withQuota('count=-1,bytes=-1=;byteHardLimit=4;countHardLimit=1', false);
    expect(off.test.code(off.client, create('/a/b'))).to.equal(OK);
  });
});
