import { groupMetadataValue } from '../../protocol/messages/group-metadata.ts';
import type { GroupMetadataValueInput } from '../../protocol/messages/group-metadata.ts';
import { decodeVersioned, encodeVersioned } from '../versioned.ts';
import { Group } from './group.ts';
import { metadataFor, noBytes } from './member.ts';

const versionWithoutRebalanceTimeout = 0;
const unknownTimestamp = -1;

/** The group as its record tells it, with `assignment` where the members do not have it yet. */
export function groupValue(group: Group, assignment: ReadonlyMap<string, Buffer>): GroupMetadataValueInput {
  return {
    protocolType: group.protocolType ?? '',
    generation: group.generation,
    protocol: group.protocolName,
    leader: group.leaderId,
    currentStateTimestamp: group.stateSinceMs ?? unknownTimestamp,
    members: Array.from(group.members.values(), (member) => ({
      memberId: member.id,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeout: member.rebalanceTimeoutMs,
      sessionTimeout: member.sessionTimeoutMs,
      subscription: metadataFor(member, group.protocolName),
      assignment: assignment.get(member.id) ?? noBytes,
    })),
  };
}

export function encodeGroupValue(value: GroupMetadataValueInput, version: number): Buffer {
  return encodeVersioned(groupMetadataValue, version, value);
}

/**
 * A group out of its record: Stable, or Empty without members. Bytes are copied.
 * @throws MalformedMessage; KafkaError UNSUPPORTED_VERSION
 */
export function decodeGroup(id: string, bytes: Buffer): Group {
  const { version, message } = decodeVersioned(bytes, groupMetadataValue);
  const group = new Group(id, message.currentStateTimestamp === unknownTimestamp ? undefined : message.currentStateTimestamp);
  group.state = message.members.length === 0 ? 'Empty' : 'Stable';
  group.generation = message.generation;
  group.protocolType = message.protocolType === '' ? null : message.protocolType;
  group.protocolName = message.protocol;
  group.leaderId = message.leader;
  for (const member of message.members) {
    group.add(
      {
        id: member.memberId,
        instanceId: member.groupInstanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        rebalanceTimeoutMs: version === versionWithoutRebalanceTimeout ? member.sessionTimeout : member.rebalanceTimeout,
        sessionTimeoutMs: member.sessionTimeout,
        protocols: message.protocol === null ? [] : [{ name: message.protocol, metadata: Buffer.from(member.subscription) }],
        assignment: Buffer.from(member.assignment),
        joinAnswer: undefined,
        syncAnswer: undefined,
        isNew: false,
        deadlineMs: Infinity,
      },
      undefined,
    );
  }
  group.computeSubscribedTopics();
  return group;
}
