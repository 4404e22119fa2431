import { encodeJson, ZnodeObject } from './json.ts';

/** `/cluster/id`; its version is a string. */
export function encodeClusterId(clusterId: string): Buffer {
  return encodeJson({ version: '1', id: clusterId });
}

/** @throws MalformedZnode */
export function decodeClusterId(bytes: Uint8Array): string {
  return ZnodeObject.parse('cluster id', bytes).string('id');
}
