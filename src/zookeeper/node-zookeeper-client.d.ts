/** The part of node-zookeeper-client 1.1.3 that package-session.ts and node-client.ts use, inner parts included. */
declare module 'node-zookeeper-client' {
  import type { EventEmitter } from 'node:events';

  namespace zookeeper {
    class Id {
      constructor(scheme: string, id: string);
      readonly scheme: string;
      readonly id: string;
    }
    class ACL {
      constructor(permission: number, id: Id);
      readonly permission: number;
      readonly id: Id;
    }
    interface Exception extends Error {
      readonly code: number;
    }
    interface Event {
      readonly type: number;
      readonly path: string;
    }
    /** Longs are eight bytes, big-endian. */
    interface Stat {
      readonly czxid: Buffer;
      readonly mzxid: Buffer;
      readonly ctime: Buffer;
      readonly mtime: Buffer;
      readonly version: number;
      readonly cversion: number;
      readonly aversion: number;
      readonly ephemeralOwner: Buffer;
      readonly dataLength: number;
      readonly numChildren: number;
      readonly pzxid: Buffer;
    }
    type Watcher = (event: Event) => void;
    type Callback<A extends unknown[]> = (error: Exception | null | undefined, ...results: A) => void;

    interface TransactionStep {
      readonly type: number;
      version?: number;
    }
    interface TransactionResult {
      readonly type: number;
      readonly path?: string;
      readonly stat?: Stat;
      readonly err?: number;
    }
    interface Transaction {
      readonly ops: TransactionStep[];
      create(path: string, data: Buffer | undefined, acls: ACL[], mode: number): Transaction;
      setData(path: string, data: Buffer, version: number): Transaction;
      check(path: string, version: number): Transaction;
      remove(path: string, version: number): Transaction;
      commit(callback: Callback<[TransactionResult[] | undefined]>): void;
    }
    interface Server {
      readonly host: string;
      readonly port: number;
    }
    /** What the package calls its connection manager; not documented. */
    interface ConnectionManager extends EventEmitter {
      servers: Server[];
      socket: { readonly destroyed: boolean; destroy(): void } | undefined;
      state: number;
      connectTimeoutHandler: NodeJS.Timeout | null | undefined;
      xid: number;
      zxid: Buffer;
      readonly pendingQueue: unknown[];
      readonly packetQueue: { readonly queue: unknown[] };
      readonly watcherManager: {
        isEmpty(): boolean;
        getDataWatcherPaths(): string[];
        getExistenceWatcherPaths(): string[];
        getChildWatcherPaths(): string[];
      };
      findNextServer(callback: (server: Server) => void): void;
      onSocketConnected(): void;
      onSocketClosed(hasError: boolean): void;
      onSocketError(error: Error): void;
      onSocketData(bytes: Buffer): void;
      onSocketTimeout(): void;
      queue(request: unknown, callback?: Callback<[unknown]>): void;
    }
    interface Client {
      readonly connectionManager: ConnectionManager;
      connect(): void;
      close(): void;
      getSessionId(): Buffer;
      getSessionTimeout(): number;
      addAuthInfo(scheme: string, credential: Buffer): void;
      create(path: string, data: Buffer | undefined, acls: ACL[], mode: number, callback: Callback<[string]>): void;
      remove(path: string, version: number, callback: Callback<[]>): void;
      exists(path: string, watcher: Watcher | undefined, callback: Callback<[Stat | null]>): void;
      getData(path: string, watcher: Watcher | undefined, callback: Callback<[Buffer | undefined, Stat]>): void;
      setData(path: string, data: Buffer, version: number, callback: Callback<[Stat]>): void;
      getChildren(path: string, watcher: Watcher | undefined, callback: Callback<[string[], Stat]>): void;
      getACL(path: string, callback: Callback<[ACL[], Stat]>): void;
      setACL(path: string, acls: ACL[], version: number, callback: Callback<[Stat]>): void;
      transaction(): Transaction;
    }
    const createClient: (connectionString: string, options: { readonly sessionTimeout: number; readonly spinDelay: number; readonly retries: number }) => Client;
  }
  export = zookeeper;
}

declare module 'node-zookeeper-client/lib/jute/index.js' {
  const jute: {
    readonly Request: new (header: unknown, payload: unknown) => unknown;
    readonly protocol: {
      readonly RequestHeader: new (xid?: number, type?: number) => { xid: number; type: number };
      readonly SetWatches: new () => { relativeZxid: Buffer; dataWatches: string[]; existWatches: string[]; childWatches: string[] };
    };
  };
  export = jute;
}
