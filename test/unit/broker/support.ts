import type { RequestContext } from '../../../src/broker/handler.ts';
import type { ClientConnection } from '../../../src/network/request-sink.ts';

/** A connection that remembers why it was destroyed. */
export class TestConnection implements ClientConnection {
  readonly id = 1;
  readonly listenerName: string;
  readonly securityProtocol = 'PLAINTEXT' as const;
  readonly remoteAddress = '127.0.0.1';
  readonly remotePort = 4711;
  readonly principal = 'User:ANONYMOUS';
  clientSoftware: ClientConnection['clientSoftware'] = undefined;
  destroyed: string | undefined;

  constructor(listenerName = 'PLAINTEXT') {
    this.listenerName = listenerName;
  }

  sendsFiles(): boolean {
    return false;
  }

  onClosed(): () => void {
    return () => undefined;
  }

  destroy(reason: string): void {
    this.destroyed = reason;
  }
}

export function requestContext({ apiVersion, listenerName }: { readonly apiVersion: number; readonly listenerName?: string }): RequestContext {
  return { apiVersion, correlationId: 1, clientId: 'test', connection: new TestConnection(listenerName) };
}
