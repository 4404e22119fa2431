import { groupMetadataKey } from '../../protocol/messages/group-metadata.ts';
import { offsetCommitKey } from '../../protocol/messages/offset-commit.ts';
import { decodeVersioned, encodeVersioned, versionOf } from '../versioned.ts';

/** What a record of `__consumer_offsets` is about. Key versions 0 and 1 are an offset, 2 is a group; others are of later releases. */
export type RecordKey =
  | { readonly kind: 'offset'; readonly version: number; readonly group: string; readonly topic: string; readonly partition: number }
  | { readonly kind: 'group'; readonly version: number; readonly group: string }
  | { readonly kind: 'unknown'; readonly version: number };

const writtenOffsetKeyVersion = 1;
const groupKeyVersion = 2;

/** @throws MalformedMessage */
export function decodeRecordKey(bytes: Buffer): RecordKey {
  const version = versionOf(bytes);
  if (version === 0 || version === writtenOffsetKeyVersion) {
    const { group, topic, partition } = decodeVersioned(bytes, offsetCommitKey).message;
    return { kind: 'offset', version, group, topic, partition };
  }
  if (version === groupKeyVersion) return { kind: 'group', version, group: decodeVersioned(bytes, groupMetadataKey).message.group };
  return { kind: 'unknown', version };
}

export function encodeOffsetKey(group: string, topic: string, partition: number): Buffer {
  return encodeVersioned(offsetCommitKey, writtenOffsetKeyVersion, { group, topic, partition });
}

export function encodeGroupKey(group: string): Buffer {
  return encodeVersioned(groupMetadataKey, groupKeyVersion, { group });
}
