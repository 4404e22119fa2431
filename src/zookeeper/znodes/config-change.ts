import { encodeJson, MalformedZnode, ZnodeObject } from './json.ts';

/**
 * `/config/changes/config_change_N`: which entity below `/config` to read again.
 *
 * @param entityPath such as `topics/t1`, `brokers/<default>`, `users/alice/clients/c1`; names sanitized
 */
export function encodeConfigChange(entityPath: string): Buffer {
  return encodeJson({ version: 2, entity_path: entityPath });
}

/**
 * The entity path; version 1 (`entity_type`, `entity_name`) is read too.
 *
 * @throws MalformedZnode
 */
export function decodeConfigChange(bytes: Uint8Array): string {
  const object = ZnodeObject.parse('config change', bytes);
  const version = object.integer('version');
  if (version === 1) {
    const type = object.string('entity_type');
    if (type !== 'topics' && type !== 'clients') throw new MalformedZnode(`config change of version 1 has the entity type ${type}`);
    return `${type}/${object.string('entity_name')}`;
  }
  if (version === 2) return object.string('entity_path');
  throw new MalformedZnode(`config change has the unknown version ${version}`);
}
