import type { RequestClient } from '../network/request-client.ts';
import { connectRequestClient } from '../network/request-client.ts';
import type { MessageSchema } from '../protocol/schema.ts';
import { backoffMs } from './backoff.ts';
import type { Address, ConnectionSettings } from './connection-options.ts';
import type { ClientRuntime } from './runtime.ts';
import { clientClosed, sleepUnlessClosed } from './waiting.ts';

/** A connection that counts what it waits for, so that calls for any broker go to the one with the least to do. */
export interface BrokerConnection {
  readonly address: Address;
  readonly requests: RequestClient;
  readonly inFlight: number;
  /** @throws KafkaError NETWORK_EXCEPTION, REQUEST_TIMED_OUT, UNSUPPORTED_VERSION */
  call<Q, A>(request: MessageSchema<unknown, Q>, response: MessageSchema<A, never>, value: Q, timeoutMs: number, highest?: number): Promise<A>;
}

interface Slot {
  readonly address: Address;
  connection: (BrokerConnection & { inFlight: number }) | undefined;
  connecting: Promise<BrokerConnection> | undefined;
  failures: number;
  notBeforeMs: number;
}

/** One connection per broker address, made when first wanted and made again, after a back-off, when lost. */
export interface Connections {
  /** Connects where needed. @throws KafkaError NETWORK_EXCEPTION when this attempt failed */
  to(address: Address): Promise<BrokerConnection>;
  /** The connection when it stands already. */
  standing(address: Address): BrokerConnection | undefined;
  /** Which of the addresses to try: fewest requests in flight, then one that may be tried soonest; ties by chance. */
  leastLoaded(addresses: readonly Address[]): Address | undefined;
  close(): void;
}

export function createConnections(runtime: ClientRuntime, settings: ConnectionSettings, signal: AbortSignal): Connections {
  const { clock, random, network, logger } = runtime;
  const slots = new Map<string, Slot>();

  function slotOf(address: Address): Slot {
    const key = `${address.host}:${address.port}`;
    let slot = slots.get(key);
    if (slot === undefined) {
      slot = { address, connection: undefined, connecting: undefined, failures: 0, notBeforeMs: 0 };
      slots.set(key, slot);
    }
    return slot;
  }

  async function connect(slot: Slot): Promise<BrokerConnection> {
    const { host, port } = slot.address;
    const waitMs = slot.notBeforeMs - clock.monotonicMs();
    if (waitMs > 0) await sleepUnlessClosed(clock, waitMs, signal);
    try {
      const requests = await connectRequestClient({
        network,
        clock,
        host,
        port,
        clientId: settings.clientId,
        connectTimeoutMs: settings.socketConnectionSetupTimeoutMs,
        negotiate: true,
        onClosed: () => {
          slot.connection = undefined;
          slot.notBeforeMs = clock.monotonicMs() + backoffMs(random, settings.reconnectBackoffMs, settings.reconnectBackoffMaxMs, 1);
        },
      });
      if (signal.aborted) {
        requests.close();
        throw clientClosed();
      }
      slot.failures = 0;
      slot.connection = countingConnection(slot.address, requests);
      return slot.connection;
    } catch (error) {
      slot.failures++;
      slot.notBeforeMs = clock.monotonicMs() + backoffMs(random, settings.reconnectBackoffMs, settings.reconnectBackoffMaxMs, slot.failures);
      if (!signal.aborted) {
        logger.warn('connection to broker could not be established; it may not be running, or the address may be wrong', { host, port, cause: (error as Error).message });
      }
      throw error;
    }
  }

  function load(slot: Slot): number {
    if (slot.connection !== undefined) return slot.connection.inFlight;
    return 1_000_000 + Math.max(0, slot.notBeforeMs - clock.monotonicMs());
  }

  return {
    to(address) {
      if (signal.aborted) return Promise.reject(clientClosed());
      const slot = slotOf(address);
      if (slot.connection !== undefined) return Promise.resolve(slot.connection);
      slot.connecting ??= connect(slot).finally(() => {
        slot.connecting = undefined;
      });
      return slot.connecting;
    },
    standing: (address) => slots.get(`${address.host}:${address.port}`)?.connection,
    leastLoaded(addresses) {
      if (addresses.length === 0) return undefined;
      const start = random.integer(addresses.length);
      let best: Address | undefined;
      let bestLoad = Infinity;
      for (let index = 0; index < addresses.length; index++) {
        const address = addresses[(start + index) % addresses.length]!;
        const itsLoad = load(slotOf(address));
        if (itsLoad < bestLoad) {
          best = address;
          bestLoad = itsLoad;
        }
      }
      return best;
    },
    close() {
      for (const { connection } of slots.values()) connection?.requests.close();
    },
  };
}

function countingConnection(address: Address, requests: RequestClient): BrokerConnection & { inFlight: number } {
  const connection = {
    address,
    requests,
    inFlight: 0,
    async call<Q, A>(request: MessageSchema<unknown, Q>, response: MessageSchema<A, never>, value: Q, timeoutMs: number, highest?: number): Promise<A> {
      const version = requests.versionFor(request, highest);
      connection.inFlight++;
      try {
        return await requests.send(request, response, version, value, timeoutMs);
      } finally {
        connection.inFlight--;
      }
    },
  };
  return connection;
}
