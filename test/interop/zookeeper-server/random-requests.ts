import { openAcl, readOnlyAcl, type Acl } from '../../../src/zookeeper-server/acl.ts';
import { bodies } from '../../integration/zookeeper-server/wire-client.ts';

export interface WireRequest {
  readonly name: string;
  readonly type: number;
  readonly body: Buffer;
  /** Where the protocol wants a certain one. */
  readonly xid?: number;
}

const paths = ['/', '/a', '/b', '/c', '/a/x', '/a/y', '/a/s', '/a/x/1', '/b/z', '/b/t', '/b/z/2', '/d', '/d/e', '/d/e/f', '/zookeeper', '/zookeeper/quota', '/zookeeper/config'];
const oddPaths = [
  '', 'a', '/a/', '/a//x', '/./a', '/a/..', '/a/\u0001', '/é', '/a/b/c/d', '/x\0y', '/a/...', '/a/.b', '/a/..b', '/a/b..',
  '/zookeeper/quota/a', '/zookeeper/quota/a/zookeeper_limits', '/zookeeper/quota/a/zookeeper_stats',
];
const all = 31;
const acls: readonly Acl[] = [
  openAcl, openAcl, openAcl, openAcl, openAcl, readOnlyAcl, [],
  [{ permissions: all, scheme: 'auth', id: '' }],
  [{ permissions: all, scheme: 'ip', id: '127.0.0.0/8' }],
  [{ permissions: all, scheme: 'digest', id: 'bob:ikIaKsbtGweaHnb/jKn7OHqbunM=' }, { permissions: 1, scheme: 'world', id: 'anyone' }],
  [{ permissions: all, scheme: 'digest', id: 'a:b:c' }],
  [{ permissions: all, scheme: 'ip', id: '1.2.3' }],
  [{ permissions: all, scheme: 'ip', id: '127.0.0.1/40' }],
  [{ permissions: 7, scheme: 'world', id: 'anyone' }, { permissions: 7, scheme: 'world', id: 'anyone' }],
  [{ permissions: all, scheme: 'world', id: 'other' }],
  [{ permissions: 0, scheme: 'world', id: 'anyone' }],
  [{ permissions: all, scheme: 'sasl', id: 'anyone' }],
  [{ permissions: all, scheme: 'super', id: '' }],
];

/** Requests of all kinds, many of them wrong in one way or another; the same ones for the same seed. */
export class RandomRequests {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  below(bound: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * bound);
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  #path(): string {
    return this.below(8) === 0 ? this.#pick(oddPaths) : this.#pick(paths);
  }

  #version(): number {
    return this.#pick([-1, -1, -1, 0, 1, 2, 5, -2]);
  }

  #data(path: string): Buffer | null {
    // Apache ZooKeeper fails inside on a quota node that it cannot parse.
    if (/zookeeper_(limits|stats)$/.test(path)) return Buffer.from('count=3,bytes=-1');
    return this.below(4) === 0 ? null : Buffer.alloc(this.below(5), 'd');
  }

  #write(): WireRequest {
    const path = this.#path();
    const version = this.#version();
    switch (this.below(6)) {
      case 0:
      case 1:
        return this.#create(path);
      case 2:
        // Mostly a version that fails, so that some tree grows.
        return { type: 2, body: bodies.pathAndInt(path, this.below(3) === 0 ? version : 7), name: `delete ${path}` };
      case 3:
      case 4:
        return { type: 5, body: bodies.setData(path, this.#data(path), version), name: `set ${path} ${version}` };
      default:
        return { type: 13, body: bodies.pathAndInt(path, version), name: `check ${path} ${version}` };
    }
  }

  #create(path: string): WireRequest {
    const type = this.#pick([1, 1, 1, 15, 19, 21]);
    // A createTTL without TTL flags takes Apache ZooKeeper down.
    const flags = this.#pick(type === 19 ? [4, 4, 0, 1] : type === 21 ? [5, 6, 5, 5] : [0, 0, 0, 1, 2, 3, 4, 5, 9]);
    const acl = this.#pick(acls);
    const ttlMs = type === 21 ? this.#pick([1_000_000, 0, -1, 2 ** 41, 5_000_000]) : undefined;
    return { type, body: bodies.create(path, this.#data(path), acl, flags, ttlMs), name: `create ${type} ${path} flags ${flags} ttl ${ttlMs} ${JSON.stringify(acl)}` };
  }

  next(): WireRequest {
    const kind = this.below(20);
    if (kind < 6) {
      for (;;) {
        const write = this.#write();
        if (write.type !== 13) return write; // only a multi checks
      }
    }
    if (kind < 8) {
      const steps = Array.from({ length: this.below(5) }, () => this.#write());
      return { type: 14, body: bodies.multi(steps), name: `multi [${steps.map(({ name }) => name).join('; ')}]` };
    }
    return kind < 16 ? this.#read(kind) : this.#other(kind);
  }

  #read(kind: number): WireRequest {
    const path = this.#path();
    const watch = this.below(2) === 0;
    switch (kind) {
      case 8: {
        const acl = this.#pick(acls);
        return { type: 7, body: bodies.setAcl(path, acl, this.#version()), name: `setAcl ${path} ${JSON.stringify(acl)}` };
      }
      case 9:
        return { type: 3, body: bodies.pathAndFlag(path, watch), name: `exists ${path} ${watch}` };
      case 10:
      case 11:
        return { type: 4, body: bodies.pathAndFlag(path, watch), name: `getData ${path} ${watch}` };
      case 12:
        return { type: this.#pick([8, 12]), body: bodies.pathAndFlag(path, watch), name: `getChildren ${path} ${watch}` };
      case 13:
        return { type: 6, body: bodies.path(path), name: `getAcl ${path}` };
      case 14: {
        const steps = Array.from({ length: this.below(4) }, () => ({ type: this.#pick([4, 8]), body: bodies.pathAndFlag(this.#path(), watch) }));
        return { type: 22, body: bodies.multi(steps), name: 'multiRead' };
      }
      default: {
        const mode = this.#pick([0, 1, 1, 2]);
        return { type: 106, body: bodies.pathAndInt(path, mode), name: `addWatch ${path} ${mode}` };
      }
    }
  }

  #other(kind: number): WireRequest {
    switch (kind) {
      case 16: {
        const [path, watcherType] = [this.#path(), this.#pick([1, 2, 3, 3, 4, 0])];
        return { type: 18, body: bodies.pathAndInt(path, watcherType), name: `removeWatches ${path} ${watcherType}` };
      }
      case 17: {
        const lists = Array.from({ length: 3 }, () => Array.from({ length: this.below(3) }, () => this.#path()));
        return { type: 101, xid: -8, body: bodies.setWatches(this.below(400), lists), name: `setWatches ${JSON.stringify(lists)}` };
      }
      case 18:
        return this.#pick<WireRequest>([
          { type: 104, body: bodies.path(this.#path()), name: 'getAllChildrenNumber' },
          { type: 103, body: bodies.path(this.#pick(['', '/', '/a', '/b/z'])), name: 'getEphemerals' },
          { type: 9, body: bodies.path(this.#path()), name: 'sync' },
          { type: 107, body: Buffer.alloc(0), name: 'whoAmI' },
          { type: 11, xid: -2, body: Buffer.alloc(0), name: 'ping' },
        ]);
      default:
        return this.#pick<WireRequest>([
          { type: 100, xid: -4, body: bodies.auth('digest', 'bob:pw'), name: 'auth' },
          { type: 1, body: Buffer.from([0, 0, 0, 9, 1]), name: 'malformed create' },
          { type: 4, body: Buffer.from([0, 0, 0, 9, 1]), name: 'malformed getData' },
          { type: 14, body: Buffer.from([0, 0, 0, 9, 1]), name: 'malformed multi' },
          { type: 16, body: Buffer.from('ffffffffffffffffffffffff0000000000000000', 'hex'), name: 'reconfig' },
        ]);
    }
  }
}
