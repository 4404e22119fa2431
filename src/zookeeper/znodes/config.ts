import { encodeJson, ZnodeObject } from './json.ts';

/** `/config/<type>/<name>`, also below `users/<user>/clients`: property name to text, in the order written. Quotas and SCRAM credentials too. */
export type EntityConfig = Readonly<Record<string, string>>;

export function encodeConfig(config: EntityConfig): Buffer {
  return encodeJson({ version: 1, config });
}

/**
 * No data, or an object without `config`, is an empty config.
 *
 * @throws MalformedZnode
 */
export function decodeConfig(bytes: Uint8Array): EntityConfig {
  if (bytes.byteLength === 0) return {};
  const config = ZnodeObject.parse('config', bytes).objectOrEmpty('config');
  return Object.fromEntries(config.keys().map((name) => [name, config.string(name)]));
}
