import type { KafkaError } from '../protocol/errors.ts';
import type { Outcome } from './admin-types.ts';
import type { PartitionOutcome } from './admin-partition-types.ts';
import type { PartitionOffset } from './group/offset-requests.ts';
import type { Node } from './metadata.ts';
import type { TopicPartition } from './records.ts';

export interface GroupListing {
  readonly groupId: string;
  /** `consumer`, or empty for a group that only keeps offsets. */
  readonly protocolType: string;
  /** Stable, Empty, …; undefined where the broker does not tell it (before 2.6). */
  readonly state: string | undefined;
  /** classic or consumer; undefined where the broker does not tell it (before 3.7). */
  readonly type: string | undefined;
}

export interface GroupMemberDescription {
  readonly memberId: string;
  readonly groupInstanceId: string | undefined;
  readonly clientId: string;
  readonly host: string;
  readonly partitions: readonly TopicPartition[];
}

export interface GroupDescription {
  readonly groupId: string;
  /** Dead for a group that does not exist. */
  readonly state: string;
  readonly protocolType: string;
  /** Name of the assignor; empty while there is none. */
  readonly assignor: string;
  readonly coordinator: Node;
  readonly members: readonly GroupMemberDescription[];
  readonly error: KafkaError | undefined;
}

/** The part of the admin client about consumer groups. */
export interface GroupAdmin {
  /** Consumer groups, and those that only keep offsets. Both filters are empty for all; states need a broker of 2.6, types one of 3.7. */
  listConsumerGroups(filter?: { readonly states?: readonly string[]; readonly types?: readonly string[] }): Promise<GroupListing[]>;
  describeConsumerGroups(groupIds: readonly string[]): Promise<GroupDescription[]>;
  /** Committed offsets; of all partitions that have one when none are named. @throws KafkaError */
  listConsumerGroupOffsets(groupId: string, partitions?: readonly TopicPartition[]): Promise<PartitionOffset[]>;
  /** For a group without members. @throws KafkaError */
  alterConsumerGroupOffsets(groupId: string, offsets: readonly PartitionOffset[]): Promise<PartitionOutcome[]>;
  /** For topics that no member is subscribed to. @throws KafkaError GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP, … */
  deleteConsumerGroupOffsets(groupId: string, partitions: readonly TopicPartition[]): Promise<PartitionOutcome[]>;
  /** With their offsets; groups without members alone. */
  deleteConsumerGroups(groupIds: readonly string[]): Promise<Outcome[]>;
}
