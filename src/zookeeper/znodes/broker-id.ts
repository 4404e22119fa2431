import { encodeJson, MalformedZnode, ZnodeObject } from './json.ts';

/** An advertised listener. */
export interface BrokerEndpoint {
  /** Upper case, as Kafka normalizes listener names. */
  readonly listener: string;
  readonly host: string;
  readonly port: number;
  /** PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL. */
  readonly securityProtocol: string;
}

export interface SupportedFeature {
  readonly minVersion: number;
  readonly maxVersion: number;
}

/** What a broker says of itself in the ephemeral `/brokers/ids/N`. */
export interface BrokerRegistration {
  /** 5 with inter.broker.protocol.version 2.7 or later, 4 before; 1 to 3 are read only. */
  readonly version: number;
  /** In the order of advertised.listeners. */
  readonly endpoints: readonly BrokerEndpoint[];
  /** broker.rack; undefined when not set. */
  readonly rack: string | undefined;
  /** -1 without JMX. */
  readonly jmxPort: number;
  readonly timestampMs: number;
  readonly features: Readonly<Record<string, SupportedFeature>>;
}

/** Key order as Apache Kafka 3.9.1 prints version 5, and 2.4.1 version 4. */
export function encodeBrokerId(registration: BrokerRegistration): Buffer {
  const { version, jmxPort } = registration;
  const plaintext = registration.endpoints.find((endpoint) => endpoint.securityProtocol === 'PLAINTEXT');
  const protocols = Object.fromEntries(registration.endpoints.map((endpoint) => [endpoint.listener, endpoint.securityProtocol]));
  const rack = registration.rack === undefined ? {} : { rack: registration.rack };
  const host = plaintext?.host ?? null;
  const port = plaintext?.port ?? -1;
  const timestamp = String(registration.timestampMs);
  const endpoints = registration.endpoints.map(endpointText);
  if (version < 5) return encodeJson({ listener_security_protocol_map: protocols, endpoints, ...rack, jmx_port: jmxPort, host, timestamp, port, version });
  const features = Object.fromEntries(Object.entries(registration.features)
    .map(([name, { minVersion, maxVersion }]) => [name, { min_version: minVersion, max_version: maxVersion }]));
  return encodeJson({ features, listener_security_protocol_map: protocols, endpoints, ...rack, jmx_port: jmxPort, port, host, version, timestamp });
}

/** @throws MalformedZnode */
export function decodeBrokerId(bytes: Uint8Array): BrokerRegistration {
  const object = ZnodeObject.parse('broker registration', bytes);
  const version = object.integer('version');
  if (version < 1) throw new MalformedZnode(`broker registration has the unknown version ${version}`);
  return {
    version,
    endpoints: version === 1 ? [onlyEndpoint(object)] : endpointsOf(object),
    rack: object.optionalString('rack'),
    jmxPort: object.integerOr('jmx_port', -1),
    timestampMs: object.has('timestamp') ? object.integerText('timestamp') : -1,
    features: featuresOf(object.objectOrEmpty('features')),
  };
}

function onlyEndpoint(object: ZnodeObject): BrokerEndpoint {
  return { listener: 'PLAINTEXT', host: object.string('host'), port: object.integer('port'), securityProtocol: 'PLAINTEXT' };
}

function endpointsOf(object: ZnodeObject): readonly BrokerEndpoint[] {
  const map = object.objectOrEmpty('listener_security_protocol_map');
  const protocols = new Map(map.keys().map((listener) => [listener.toUpperCase(), map.string(listener)]));
  return object.strings('endpoints').map((text) => {
    const match = /^(.*):\/\/\[?([0-9a-zA-Z\-%._:]*)\]?:(-?[0-9]+)$/.exec(text);
    if (match === null) throw new MalformedZnode(`broker registration has the endpoint ${text}, which is not NAME://host:port`);
    const [, name = '', host = '', port = ''] = match;
    const listener = name.toUpperCase();
    return { listener, host, port: Number(port), securityProtocol: protocols.get(listener) ?? listener };
  });
}

function featuresOf(object: ZnodeObject): Readonly<Record<string, SupportedFeature>> {
  return Object.fromEntries(object.keys().map((name) => {
    const range = object.object(name);
    return [name, { minVersion: range.integer('min_version'), maxVersion: range.integer('max_version') }];
  }));
}

function endpointText({ listener, host, port }: BrokerEndpoint): string {
  return `${listener}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
