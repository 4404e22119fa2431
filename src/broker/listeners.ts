import type { ClientConnection } from '../network/request-sink.ts';
import type { BrokerConfig } from '../runtime/config/broker-config.ts';
import { InvalidProperty, splitList } from '../runtime/config/definition.ts';

export interface ListenerConfig {
  /** Upper case. */
  readonly name: string;
  /** Address to bind; undefined for all. */
  readonly host: string | undefined;
  readonly port: number;
  readonly securityProtocol: ClientConnection['securityProtocol'];
}

export interface Listeners {
  readonly bound: readonly ListenerConfig[];
  /** What clients are told: by name; a port of 0 stands for the one that is bound. */
  readonly advertised: readonly ListenerConfig[];
  /** The listener that brokers use among themselves. */
  readonly interBroker: string;
}

/**
 * Reads `listeners`, `advertised.listeners`, `listener.security.protocol.map` and the inter-broker listener.
 * @throws InvalidProperty in Kafka's cases; for a protocol other than PLAINTEXT, which this broker does not speak yet
 */
export function readListeners(config: BrokerConfig): Listeners {
  const protocols = new Map(
    splitList(config['listener.security.protocol.map']).map((entry) => {
      const [name = '', protocol = ''] = entry.split(':');
      return [name.trim().toUpperCase(), protocol.trim().toUpperCase()] as const;
    }),
  );
  const bound = parseListeners('listeners', config.listeners, protocols);
  const given = config['advertised.listeners'];
  const advertised = given === undefined ? bound : parseListeners('advertised.listeners', given, protocols);
  for (const { name, host } of advertised) {
    if (given !== undefined && !bound.some((listener) => listener.name === name)) {
      throw new InvalidProperty('advertised.listeners', given, `advertised.listeners listener names must be equal to or a subset of the ones defined in listeners; ${name} is not among them`);
    }
    if (host === '0.0.0.0') {
      throw new InvalidProperty('advertised.listeners', given ?? config.listeners, 'advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address.');
    }
  }
  const interBroker = interBrokerListener(config, bound);
  if (!advertised.some(({ name }) => name === interBroker)) {
    throw new InvalidProperty('inter.broker.listener.name', interBroker, 'inter.broker.listener.name must be a listener name defined in advertised.listeners');
  }
  return { bound, advertised, interBroker };
}

function interBrokerListener(config: BrokerConfig, bound: readonly ListenerConfig[]): string {
  const name = config['inter.broker.listener.name']?.toUpperCase();
  if (name !== undefined) return name;
  const protocol = config['security.inter.broker.protocol'];
  return bound.find(({ securityProtocol }) => securityProtocol === protocol)?.name ?? protocol;
}

function parseListeners(property: string, text: string, protocols: ReadonlyMap<string, string>): ListenerConfig[] {
  const refuse = (why: string): never => {
    throw new InvalidProperty(property, text, why);
  };
  const listeners = splitList(text).map((entry): ListenerConfig => {
    const found = /^([A-Za-z0-9_.-]+):\/\/(\[[^\]]*\]|[^:]*):(-?\d+)$/.exec(entry);
    if (found === null) return refuse(`Unable to parse ${entry} to a broker endpoint; NAME://HOST:PORT is wanted`);
    const name = found[1]!.toUpperCase();
    const host = found[2]!.replace(/^\[|\]$/g, '');
    const protocol = protocols.get(name) ?? refuse(`No security protocol defined for listener ${name}`);
    if (protocol !== 'PLAINTEXT') refuse(`listener ${name} has the security protocol ${protocol}; this broker speaks PLAINTEXT so far, so map it to that or leave it out`);
    return { name, host: host === '' ? undefined : host, port: Number(found[3]), securityProtocol: 'PLAINTEXT' };
  });
  if (new Set(listeners.map(({ name }) => name)).size !== listeners.length) refuse('Each listener must have a different name');
  const ports = listeners.map(({ port }) => port).filter((port) => port !== 0);
  if (property === 'listeners' && new Set(ports).size !== ports.length) refuse('Each listener must have a different port');
  return listeners;
}

/** Who can reach an advertised address, for the line at start. */
export function reachableBy(host: string): string {
  if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return 'this machine only';
  return `whoever can resolve and reach ${host}`;
}
