import { encodeJson, MalformedZnode, textOf, ZnodeObject } from './json.ts';

/** Which resource's access control list to read again. */
export interface AclChange {
  /** In capitals: `TOPIC`, `TRANSACTIONAL_ID`. */
  readonly resourceType: string;
  readonly name: string;
  /** `LITERAL` in `/kafka-acl-changes`, another in `/kafka-acl-extended-changes`. */
  readonly patternType: string;
}

/** `/kafka-acl-changes/acl_changes_N` for literal patterns, else `/kafka-acl-extended-changes/acl_changes_N`. */
export function encodeAclChange({ resourceType, name, patternType }: AclChange): Buffer {
  if (patternType === 'LITERAL') return Buffer.from(`${resourceType}:${name}`);
  return encodeJson({ version: 1, resourceType, name, patternType });
}

/** @throws MalformedZnode */
export function decodeLiteralAclChange(bytes: Uint8Array): AclChange {
  const text = textOf(bytes);
  const separator = text.indexOf(':');
  if (separator < 0) throw new MalformedZnode(`access control list change is not TYPE:name: ${text}`);
  return { resourceType: text.slice(0, separator).toUpperCase(), name: text.slice(separator + 1), patternType: 'LITERAL' };
}

/** @throws MalformedZnode */
export function decodeExtendedAclChange(bytes: Uint8Array): AclChange {
  const object = ZnodeObject.parse('access control list change', bytes);
  if (object.integer('version') > 1) throw new MalformedZnode(`access control list change has the unknown version ${object.integer('version')}`);
  return { resourceType: object.string('resourceType'), name: object.string('name'), patternType: object.string('patternType') };
}
