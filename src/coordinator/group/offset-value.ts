import { offsetCommitValue } from '../../protocol/messages/offset-commit.ts';
import { decodeVersioned, encodeVersioned } from '../versioned.ts';

/** A committed offset, as `__consumer_offsets` keeps it. */
export interface CommittedOffset {
  readonly offset: number;
  /** Of the last record consumed; -1 when the client did not say. */
  readonly leaderEpoch: number;
  readonly metadata: string;
  /** Milliseconds since the Unix epoch. */
  readonly commitTimestampMs: number;
  /** When the client of an old version wants it forgotten; -1 for offsets.retention.minutes (KIP-211). Milliseconds since the Unix epoch. */
  readonly expireTimestampMs: number;
}

/** The version that carries a time of expiry. */
const versionWithExpiry = 1;

/** @param version what inter.broker.protocol.version asks for; an own time of expiry needs version 1 whatever it asks for */
export function encodeOffsetValue(value: CommittedOffset, version: number): Buffer {
  const { offset, leaderEpoch, metadata, commitTimestampMs, expireTimestampMs } = value;
  return encodeVersioned(offsetCommitValue, expireTimestampMs === -1 ? version : versionWithExpiry, {
    offset,
    leaderEpoch,
    metadata,
    commitTimestamp: commitTimestampMs,
    expireTimestamp: expireTimestampMs,
  });
}

/** @throws MalformedMessage; KafkaError UNSUPPORTED_VERSION */
export function decodeOffsetValue(bytes: Buffer): CommittedOffset {
  const { offset, leaderEpoch, metadata, commitTimestamp, expireTimestamp } = decodeVersioned(bytes, offsetCommitValue).message;
  return { offset, leaderEpoch, metadata, commitTimestampMs: commitTimestamp, expireTimestampMs: expireTimestamp };
}
