/*
 * Records of __consumer_offsets and __transaction_state in the JSON and text of Kafka's tools. A key and a value each
 * begin with their version, int16; key versions 0 and 1 are an offset, 2 is a group.
 */
import { javaHashOrder, topicPartitionHashCode } from '../client/java-hash-order.ts';
import { decodeRecordKey } from '../coordinator/group/record-keys.ts';
import { decodeVersioned as versioned, versionOf } from '../coordinator/versioned.ts';
import { consumerProtocolAssignment, consumerProtocolSubscription } from '../protocol/messages/consumer-protocol.ts';
import { groupMetadataValue } from '../protocol/messages/group-metadata.ts';
import { offsetCommitValue } from '../protocol/messages/offset-commit.ts';
import { transactionLogKey, transactionLogValue } from '../protocol/messages/transaction-log.ts';

export type CoordinatorKind = 'offset' | 'group';

/** A message and the version that its first two bytes told. */
export interface Versioned {
  readonly version: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A key whose version this release does not know. */
export class UnknownRecordType extends Error {
  override readonly name = 'UnknownRecordType';
  readonly version: number;

  constructor(version: number) {
    super(`unknown record type ${version}`);
    this.version = version;
  }
}

/** @throws UnknownRecordType, MalformedMessage */
export function decodeKey(bytes: Buffer): Versioned & { readonly kind: CoordinatorKind } {
  const key = decodeRecordKey(bytes);
  if (key.kind === 'unknown') throw new UnknownRecordType(key.version);
  const { kind, version, ...data } = key;
  return { kind, version, data };
}

/**
 * @param isProtocolShown opens the subscriptions and assignments of consumer groups, which else stay base64
 * @throws MalformedMessage
 */
export function decodeValue(kind: CoordinatorKind, bytes: Buffer, isProtocolShown: boolean): Versioned {
  return kind === 'offset' ? offsetValue(bytes) : groupValue(bytes, isProtocolShown);
}

function offsetValue(bytes: Buffer): Versioned {
  const { version, message } = versioned(bytes, offsetCommitValue);
  const { offset, leaderEpoch, metadata, commitTimestamp, expireTimestamp } = message;
  return {
    version,
    data: { offset, ...(version >= 3 ? { leaderEpoch } : {}), metadata, commitTimestamp, ...(version === 1 ? { expireTimestamp } : {}) },
  };
}

function groupValue(bytes: Buffer, isProtocolShown: boolean): Versioned {
  const { version, message } = versioned(bytes, groupMetadataValue);
  const { protocolType, generation, protocol, leader, currentStateTimestamp } = message;
  const isConsumer = isProtocolShown && protocolType === 'consumer';
  const members = message.members.map((member) => ({
    memberId: member.memberId,
    ...(version >= 3 ? { groupInstanceId: member.groupInstanceId } : {}),
    clientId: member.clientId,
    clientHost: member.clientHost,
    ...(version >= 1 ? { rebalanceTimeout: member.rebalanceTimeout } : {}),
    sessionTimeout: member.sessionTimeout,
    subscription: isConsumer ? orBase64(subscription, member.subscription) : member.subscription.toString('base64'),
    assignment: isConsumer ? orBase64(assignment, member.assignment) : member.assignment.toString('base64'),
  }));
  return { version, data: { protocolType, generation, protocol, leader, ...(version >= 2 ? { currentStateTimestamp } : {}), members } };
}

/** What cannot be opened is shown as it is. */
function orBase64(open: (bytes: Buffer) => unknown, bytes: Buffer): unknown {
  try {
    return open(bytes);
  } catch {
    return bytes.toString('base64');
  }
}

function subscription(bytes: Buffer): unknown {
  const { version, message } = versioned(bytes, consumerProtocolSubscription);
  const { topics, userData, ownedPartitions, generationId, rackId } = message;
  return {
    topics,
    userData: userData?.toString('base64') ?? null,
    ...(version >= 1 ? { ownedPartitions } : {}),
    ...(version >= 2 ? { generationId } : {}),
    ...(version >= 3 ? { rackId } : {}),
  };
}

function assignment(bytes: Buffer): unknown {
  const { assignedPartitions, userData } = versioned(bytes, consumerProtocolAssignment).message;
  return { assignedPartitions, userData: userData?.toString('base64') ?? null };
}

const transactionStates = ['Empty', 'Ongoing', 'PrepareCommit', 'PrepareAbort', 'CompleteCommit', 'CompleteAbort', 'Dead', 'PrepareEpochFence'];

/** @throws UnknownRecordType, MalformedMessage */
export function decodeTransactionKey(bytes: Buffer): Versioned {
  const version = versionOf(bytes);
  if (version !== 0) throw new UnknownRecordType(version);
  return { version, data: { transactionalId: versioned(bytes, transactionLogKey).message.transactionalId } };
}

/** @throws MalformedMessage */
export function decodeTransactionValue(bytes: Buffer): Versioned {
  const { version, message } = versioned(bytes, transactionLogValue);
  return { version, data: { ...message } };
}

/** Key and value as kafka-dump-log prints them. @throws UnknownRecordType, MalformedMessage */
export function transactionText(key: Buffer, value: Buffer | null): { readonly key: string; readonly payload: string } {
  const { data } = decodeTransactionKey(key);
  const keyText = `transaction_metadata::transactionalId=${String(data['transactionalId'])}`;
  if (value === null) return { key: keyText, payload: '<DELETE>' };
  const { message } = versioned(value, transactionLogValue);
  const stored = (message.transactionPartitions ?? []).flatMap(({ topic, partitionIds }) => partitionIds.map((partition) => ({ topic, partition })));
  const partitions = javaHashOrder(stored, ({ topic, partition }) => topicPartitionHashCode(topic, partition)).map(({ topic, partition }) => `${topic}-${partition}`);
  return {
    key: keyText,
    payload: `producerId:${message.producerId},producerEpoch:${message.producerEpoch},state=${transactionStates[message.transactionStatus] ?? message.transactionStatus},partitions=[${partitions.join(',')}],txnLastUpdateTimestamp=${message.transactionLastUpdateTimestampMs},txnTimeoutMs=${message.transactionTimeoutMs}`,
  };
}
