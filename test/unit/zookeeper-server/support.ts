import type { Client } from '../../../src/zookeeper-server/core.ts';
import { ZooKeeperCore, defaultCoreOptions, type CoreOptions, type Outcome } from '../../../src/zookeeper-server/core.ts';
import { openAcl, type Acl } from '../../../src/zookeeper-server/acl.ts';
import type { CreateRequest, Request } from '../../../src/zookeeper-server/requests.ts';

/** Flags of a create, by name. */
export const modes = { persistent: 0, ephemeral: 1, sequential: 2, ephemeralSequential: 3, container: 4, ttl: 5, ttlSequential: 6 } as const;

export interface CreateOptions {
  readonly data?: string | null;
  readonly mode?: keyof typeof modes;
  readonly acl?: Acl;
  readonly ttlMs?: number;
}

export function create(path: string, { data = '', mode = 'persistent', acl = openAcl, ttlMs }: CreateOptions = {}): CreateRequest {
  const flags = modes[mode];
  const type = flags === 4 ? 19 : flags >= 5 ? 21 : 1;
  return { kind: 'create', type, path, data: data === null ? null : Buffer.from(data), acl, flags, ttlMs: ttlMs ?? -1 };
}

export function setData(path: string, data: string, version = -1): Request & { kind: 'set-data' } {
  return { kind: 'set-data', path, data: Buffer.from(data), version };
}

export function remove(path: string, version = -1): Request & { kind: 'delete' } {
  return { kind: 'delete', path, version };
}

export function check(path: string, version: number): Request & { kind: 'check' } {
  return { kind: 'check', path, version };
}

/** A core with one client on it, whose clock says 1000 unless told otherwise. */
export class TestCore {
  readonly core: ZooKeeperCore<Client>;
  nowMs = 1000;

  constructor(options: Partial<CoreOptions> = {}) {
    this.core = new ZooKeeperCore<Client>({ ...defaultCoreOptions, ...options }, 0);
  }

  client(address = '127.0.0.1'): Client {
    const { reply } = this.core.openSession(10_000, this.nowMs);
    return { sessionId: reply.sessionId, identities: [{ scheme: 'ip', id: address }] };
  }

  apply(client: Client, request: Request, xid = 1): Outcome<Client> {
    return this.core.apply(xid, request, client, this.nowMs);
  }

  /** The reply's error code. */
  code(client: Client, request: Request): number {
    return this.apply(client, request).reply!.code;
  }

  /** Events as `client index: type path`. */
  events(clients: readonly Client[], outcome: { readonly events: Outcome<Client>['events'] }): string[] {
    return outcome.events.map(({ to, type, path }) => `${clients.indexOf(to)}: ${type} ${path}`);
  }
}
