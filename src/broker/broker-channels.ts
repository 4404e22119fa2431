import { connectRequestClient } from '../network/request-client.ts';
import type { RequestClient } from '../network/request-client.ts';
import { KafkaError } from '../protocol/errors.ts';
import type { MessageSchema } from '../protocol/schema.ts';
import type { Clock } from '../runtime/clock.ts';
import type { BrokerConfig } from '../runtime/config/broker-config.ts';
import type { Network } from '../runtime/network.ts';
import type { MetadataCache } from './metadata-cache.ts';

/** Requests to other brokers, over one connection to each that is made when needed. */
export interface BrokerChannels {
  /**
   * Sends in the highest version that both know, within a range.
   * @throws KafkaError BROKER_NOT_AVAILABLE for a broker that is not alive; NETWORK_EXCEPTION; REQUEST_TIMED_OUT after request.timeout.ms;
   * UNSUPPORTED_VERSION when it does not offer one
   */
  send<Request, Response>(
    brokerId: number,
    request: MessageSchema<unknown, Request>,
    response: MessageSchema<Response, never>,
    versions: { readonly lowest: number; readonly highest: number },
    value: Request,
  ): Promise<Response>;
  close(): void;
}

export interface BrokerChannelsOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly config: BrokerConfig;
  readonly cache: MetadataCache;
  /** inter.broker.listener.name */
  readonly listenerName: string;
  readonly clientId: string;
}

interface Channel {
  readonly host: string;
  readonly port: number;
  readonly client: Promise<RequestClient>;
}

export function createBrokerChannels({ network, clock, config, cache, listenerName, clientId }: BrokerChannelsOptions): BrokerChannels {
  const channels = new Map<number, Channel>();
  let isClosed = false;

  function channelTo(brokerId: number): Promise<RequestClient> {
    const endpoint = cache.brokers.get(brokerId)?.endpoints.find(({ listener }) => listener === listenerName);
    if (endpoint === undefined || isClosed) return Promise.reject(new KafkaError('BROKER_NOT_AVAILABLE', `broker ${brokerId} is not alive`));
    const { host, port } = endpoint;
    const known = channels.get(brokerId);
    if (known !== undefined && known.host === host && known.port === port) return known.client;
    if (known !== undefined) drop(brokerId, known);
    const forget = (): void => {
      if (channels.get(brokerId) === channel) channels.delete(brokerId);
    };
    const client = connectRequestClient({ network, clock, host, port, clientId, connectTimeoutMs: config['socket.connection.setup.timeout.ms'], negotiate: true, onClosed: forget });
    const channel: Channel = { host, port, client };
    channels.set(brokerId, channel);
    client.catch(forget);
    return client;
  }

  function drop(brokerId: number, { client }: Channel): void {
    channels.delete(brokerId);
    client.then(
      (open) => open.close(),
      () => undefined, // whoever sends over it is told
    );
  }

  return {
    async send(brokerId, request, response, { lowest, highest }, value) {
      const client = await channelTo(brokerId);
      const version = client.versionFor(request, highest);
      if (version < lowest) throw new KafkaError('UNSUPPORTED_VERSION', `broker ${brokerId} offers ${request.name} up to version ${version} only`);
      return client.send(request, response, version, value, config['request.timeout.ms']);
    },
    close() {
      isClosed = true;
      for (const [brokerId, channel] of Array.from(channels)) drop(brokerId, channel);
    },
  };
}
