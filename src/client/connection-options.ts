import { KafkaError } from '../protocol/errors.ts';

/** What every client knows of the cluster before it speaks to it; names and defaults are Kafka's. */
export interface ConnectionOptions {
  /** `host:port`, several separated by commas or as a list; used until the cluster has told its brokers. */
  readonly bootstrapServers: string | readonly string[];
  /** client.id */
  readonly clientId?: string;
  /** request.timeout.ms */
  readonly requestTimeoutMs?: number;
  /** default.api.timeout.ms: bound of an admin or offset call over all its attempts. */
  readonly defaultApiTimeoutMs?: number;
  /** retry.backoff.ms and retry.backoff.max.ms */
  readonly retryBackoffMs?: number;
  readonly retryBackoffMaxMs?: number;
  /** reconnect.backoff.ms and reconnect.backoff.max.ms */
  readonly reconnectBackoffMs?: number;
  readonly reconnectBackoffMaxMs?: number;
  /** socket.connection.setup.timeout.ms */
  readonly socketConnectionSetupTimeoutMs?: number;
  /** metadata.max.age.ms */
  readonly metadataMaxAgeMs?: number;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Options with every default filled in. */
export interface ConnectionSettings {
  readonly bootstrap: readonly Address[];
  readonly clientId: string;
  readonly requestTimeoutMs: number;
  readonly defaultApiTimeoutMs: number;
  readonly retryBackoffMs: number;
  readonly retryBackoffMaxMs: number;
  readonly reconnectBackoffMs: number;
  readonly reconnectBackoffMaxMs: number;
  readonly socketConnectionSetupTimeoutMs: number;
  readonly metadataMaxAgeMs: number;
}

/** @throws KafkaError INVALID_CONFIG when no address can be read from bootstrapServers or a time is negative */
export function connectionSettings(options: ConnectionOptions, clientId: string): ConnectionSettings {
  const settings: ConnectionSettings = {
    bootstrap: parseAddresses(options.bootstrapServers),
    clientId: options.clientId ?? clientId,
    requestTimeoutMs: options.requestTimeoutMs ?? 30_000,
    defaultApiTimeoutMs: options.defaultApiTimeoutMs ?? 60_000,
    retryBackoffMs: options.retryBackoffMs ?? 100,
    retryBackoffMaxMs: options.retryBackoffMaxMs ?? 1000,
    reconnectBackoffMs: options.reconnectBackoffMs ?? 50,
    reconnectBackoffMaxMs: options.reconnectBackoffMaxMs ?? 1000,
    socketConnectionSetupTimeoutMs: options.socketConnectionSetupTimeoutMs ?? 10_000,
    metadataMaxAgeMs: options.metadataMaxAgeMs ?? 300_000,
  };
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value === 'number' && !(value >= 0)) throw new KafkaError('INVALID_CONFIG', `${name} must be at least 0, not ${value}`);
  }
  return settings;
}

/** `host:port` or `[v6]:port`, comma-separated. @throws KafkaError INVALID_CONFIG */
export function parseAddresses(servers: string | readonly string[]): Address[] {
  const texts = (typeof servers === 'string' ? servers.split(',') : [...servers]).map((text) => text.trim()).filter((text) => text !== '');
  if (texts.length === 0) throw new KafkaError('INVALID_CONFIG', 'No resolvable bootstrap urls given in bootstrap.servers');
  return texts.map(parseAddress);
}

const addressPattern = /^(?:[A-Za-z][A-Za-z0-9_]*:\/\/)?\[?([0-9A-Za-z\-%._:]*)\]?:([0-9]+)$/;

function parseAddress(text: string): Address {
  const found = addressPattern.exec(text);
  const port = Number(found?.[2]);
  if (found === null || found[1] === '' || !(port >= 0 && port <= 65_535)) {
    throw new KafkaError('INVALID_CONFIG', `Invalid url in bootstrap.servers: ${text}`);
  }
  return { host: found[1]!, port };
}
