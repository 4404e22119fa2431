import { int, parseProperty, string } from './definition.ts';
import type { ValuesOf } from './definition.ts';

/** The properties that Apache Kafka does not have. Each begins with `ottla.`, so that it never meets one of Kafka's. */
export const ottlaProperties = {
  /** Address on which metrics are served; who opens it to others tells them all about the load, but nothing of what records hold. */
  'ottla.metrics.host': string({ default: '127.0.0.1', importance: 'low' }),
  /** Port on which metrics are served over HTTP in Prometheus's format, at /metrics; -1: nowhere; 0: a free one, which the log tells. */
  'ottla.metrics.port': int({ default: -1, importance: 'low', min: -1, max: 65_535 }),
} as const;

export type OttlaConfig = ValuesOf<typeof ottlaProperties>;

/** @throws InvalidProperty */
export function readOttlaConfig(properties: Readonly<Record<string, string>>): OttlaConfig {
  const values: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries(ottlaProperties)) {
    const text = properties[name];
    values[name] = text === undefined ? definition.defaultValue : parseProperty(name, definition, text);
  }
  return values as OttlaConfig; // sound: the loop visits the keys of the table
}
