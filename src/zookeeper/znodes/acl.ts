import { encodeJson, MalformedZnode, ZnodeObject } from './json.ts';

/** One entry of an access control list, in the spelling of the znode. */
export interface AclEntry {
  /** `User:alice`, `User:*`. */
  readonly principal: string;
  readonly permissionType: 'Allow' | 'Deny';
  readonly host: string;
  /** CamelCase: `Read`, `ClusterAction`, `All`. */
  readonly operation: string;
}

/** `/kafka-acl/<Type>/<name>` and `/kafka-acl-extended/prefixed/<Type>/<name>`. */
export function encodeAcl(entries: readonly AclEntry[]): Buffer {
  const acls = entries.map(({ principal, permissionType, host, operation }) => ({ principal, permissionType, host, operation }));
  return encodeJson({ acls, version: 1 });
}

/**
 * No data is an empty list.
 *
 * @throws MalformedZnode
 */
export function decodeAcl(bytes: Uint8Array): readonly AclEntry[] {
  if (bytes.byteLength === 0) return [];
  const object = ZnodeObject.parse('access control list', bytes);
  if (object.integer('version') !== 1) throw new MalformedZnode(`access control list has the unknown version ${object.integer('version')}`);
  return object.objects('acls').map((entry) => ({
    principal: entry.string('principal'),
    permissionType: permissionOf(entry.string('permissionType')),
    host: entry.string('host'),
    operation: entry.string('operation'),
  }));
}

function permissionOf(text: string): 'Allow' | 'Deny' {
  const lower = text.toLowerCase();
  if (lower === 'allow') return 'Allow';
  if (lower === 'deny') return 'Deny';
  throw new MalformedZnode(`access control list has the unknown permission ${text}`);
}
