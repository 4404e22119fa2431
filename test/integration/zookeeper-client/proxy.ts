import { createServer, connect } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** What the proxy does with bytes of one direction. */
type Flow = 'pass' | 'swallow';

/** TCP between a client and a ZooKeeper server, spoilt on command. */
export class Proxy {
  /** New connections are closed at once. */
  isRefusing = false;
  requests: Flow = 'pass';
  answers: Flow = 'pass';
  connectionCount = 0;
  readonly #server: Server;
  readonly #pairs = new Set<{ readonly client: Socket; readonly server: Socket }>();
  #whenRequested: (() => void) | undefined;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(targetPort: number): Promise<Proxy> {
    const server = createServer();
    const proxy = new Proxy(server);
    server.on('connection', (client) => proxy.#accept(client, targetPort));
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    return proxy;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves when bytes next come from the client; passed on or swallowed. */
  nextRequest(): Promise<void> {
    return new Promise((resolve) => { this.#whenRequested = resolve; });
  }

  cut(): void {
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => { this.#server.close(resolve); });
  }

  #accept(client: Socket, targetPort: number): void {
    this.connectionCount += 1;
    if (this.isRefusing) {
      client.destroy();
      return;
    }
    const server = connect(targetPort, '127.0.0.1');
    const pair = { client, server };
    this.#pairs.add(pair);
    client.setNoDelay();
    server.setNoDelay();
    client.on('data', (bytes) => {
      if (this.requests === 'pass') server.write(bytes);
      const tell = this.#whenRequested;
      this.#whenRequested = undefined;
      tell?.();
    });
    server.on('data', (bytes) => {
      if (this.answers === 'pass') client.write(bytes);
    });
    for (const [one, other] of [[client, server], [server, client]] as const) {
      one.on('error', () => undefined);
      one.on('close', () => {
        this.#pairs.delete(pair);
        other.destroy();
      });
    }
  }
}
