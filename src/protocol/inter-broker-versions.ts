/** In which versions brokers talk to each other under one inter.broker.protocol.version, and what else hangs on it. */
export interface InterBrokerVersions {
  /** The exact version, such as `3.9-IV0`. */
  readonly release: string;
  readonly leaderAndIsr: number;
  readonly updateMetadata: number;
  readonly stopReplica: number;
  readonly controlledShutdown: number;
  /** Of followers; 12 at most while a partition of the session has no topic id. */
  readonly fetch: number;
  readonly listOffsets: number;
  readonly offsetForLeaderEpoch: number;
  readonly writeTxnMarkers: number;
  /** Highest that may be sent (2 and above need a topic id for every topic); null: the leader writes the partition's znode itself. */
  readonly alterPartition: number | null;
  /** Null: blocks of producer ids are taken from /latest_producer_id_block. */
  readonly allocateProducerIds: number | null;
  /** Versions of values in __consumer_offsets. */
  readonly groupMetadataValue: number;
  readonly offsetCommitValue: number;
  readonly hasTopicIds: boolean;
  /** A follower truncates by what fetch answers tell, without asking OffsetForLeaderEpoch (KIP-595). */
  readonly truncatesOnFetch: boolean;
  /** Features are versioned (KIP-584): /feature is enabled, and /brokers/ids/N has `version` 5 instead of 4. */
  readonly hasFeatureZnode: boolean;
  /** `version` of /feature. */
  readonly featureZnodeVersion: 1 | 2;
  /** The partition's znode tells of recovery after an unclean election (KIP-704). */
  readonly hasLeaderRecoveryState: boolean;
  /** A shrinking in-sync set takes a new leader epoch. */
  readonly bumpsEpochOnIsrShrink: boolean;
}

const oldest: InterBrokerVersions = {
  release: '2.4-IV0',
  leaderAndIsr: 3,
  updateMetadata: 5,
  stopReplica: 1,
  controlledShutdown: 2,
  fetch: 11,
  listOffsets: 5,
  offsetForLeaderEpoch: 3,
  writeTxnMarkers: 0,
  alterPartition: null,
  allocateProducerIds: null,
  groupMetadataValue: 3,
  offsetCommitValue: 3,
  hasTopicIds: false,
  truncatesOnFetch: false,
  hasFeatureZnode: false,
  featureZnodeVersion: 1,
  hasLeaderRecoveryState: false,
  bumpsEpochOnIsrShrink: true,
};

/** What each release changed (MetadataVersion in Kafka 3.9.1), oldest first. */
const changes: readonly (readonly [string, Partial<InterBrokerVersions>])[] = [
  ['2.4-IV0', {}],
  ['2.4-IV1', { leaderAndIsr: 4, updateMetadata: 6, stopReplica: 2, controlledShutdown: 3 }],
  ['2.5-IV0', {}],
  ['2.6-IV0', { stopReplica: 3 }],
  ['2.7-IV0', { hasFeatureZnode: true }],
  ['2.7-IV1', { fetch: 12, truncatesOnFetch: true }],
  ['2.7-IV2', { alterPartition: 1 }],
  ['2.8-IV0', { listOffsets: 6, offsetForLeaderEpoch: 4, writeTxnMarkers: 1, alterPartition: 3, hasTopicIds: true }],
  ['2.8-IV1', { leaderAndIsr: 5, updateMetadata: 7 }],
  ['3.0-IV0', { allocateProducerIds: 0 }],
  ['3.0-IV1', { listOffsets: 7 }],
  ['3.1-IV0', { fetch: 13 }],
  ['3.2-IV0', { leaderAndIsr: 6, hasLeaderRecoveryState: true }],
  ['3.3-IV0', { featureZnodeVersion: 2 }],
  ['3.3-IV1', {}],
  ['3.3-IV2', {}],
  ['3.3-IV3', {}],
  ['3.4-IV0', { leaderAndIsr: 7, updateMetadata: 8, stopReplica: 4 }],
  ['3.5-IV0', { fetch: 14, listOffsets: 8 }],
  ['3.5-IV1', { fetch: 15 }],
  ['3.5-IV2', {}],
  ['3.6-IV0', { bumpsEpochOnIsrShrink: false }],
  ['3.6-IV1', {}],
  ['3.6-IV2', {}],
  ['3.7-IV0', {}],
  ['3.7-IV1', {}],
  ['3.7-IV2', {}],
  ['3.7-IV3', {}],
  ['3.7-IV4', { fetch: 16 }],
  ['3.8-IV0', {}],
  ['3.9-IV0', { fetch: 17, listOffsets: 9 }],
];

/** Every version from 2.4 to 3.9, oldest first. */
export const allInterBrokerVersions: readonly InterBrokerVersions[] = changes.reduce<readonly InterBrokerVersions[]>(
  (versions, [release, change]) => [...versions, { ...(versions.at(-1) ?? oldest), ...change, release }],
  [],
);

/**
 * @param text value of inter.broker.protocol.version: `2.4-IV1`, or a release such as `2.4` or `3.9.1`, which means its last one
 * @throws RangeError when it is none of 2.4 to 3.9
 */
export function interBrokerVersions(text: string): InterBrokerVersions {
  const release = /^\d+\.\d+(?=\.|$)/.exec(text)?.[0];
  const found = allInterBrokerVersions.findLast((versions) => versions.release === text || (release !== undefined && versions.release.startsWith(`${release}-`)));
  if (found === undefined) throw new RangeError(`inter.broker.protocol.version ${text} is not supported: give 2.4 to 3.9, or an exact one such as 2.4-IV1`);
  return found;
}
