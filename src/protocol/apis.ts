import type { MessageSchema } from './schema.ts';
import { produceRequest, produceResponse } from './messages/produce.ts';
import { fetchRequest, fetchResponse } from './messages/fetch.ts';
import { listOffsetsRequest, listOffsetsResponse } from './messages/list-offsets.ts';
import { metadataRequest, metadataResponse } from './messages/metadata.ts';
import { leaderAndIsrRequest, leaderAndIsrResponse } from './messages/leader-and-isr.ts';
import { stopReplicaRequest, stopReplicaResponse } from './messages/stop-replica.ts';
import { updateMetadataRequest, updateMetadataResponse } from './messages/update-metadata.ts';
import { controlledShutdownRequest, controlledShutdownResponse } from './messages/controlled-shutdown.ts';
import { offsetCommitRequest, offsetCommitResponse } from './messages/offset-commit.ts';
import { offsetFetchRequest, offsetFetchResponse } from './messages/offset-fetch.ts';
import { findCoordinatorRequest, findCoordinatorResponse } from './messages/find-coordinator.ts';
import { joinGroupRequest, joinGroupResponse } from './messages/join-group.ts';
import { heartbeatRequest, heartbeatResponse } from './messages/heartbeat.ts';
import { leaveGroupRequest, leaveGroupResponse } from './messages/leave-group.ts';
import { syncGroupRequest, syncGroupResponse } from './messages/sync-group.ts';
import { describeGroupsRequest, describeGroupsResponse } from './messages/describe-groups.ts';
import { listGroupsRequest, listGroupsResponse } from './messages/list-groups.ts';
import { saslHandshakeRequest, saslHandshakeResponse } from './messages/sasl-handshake.ts';
import { apiVersionsRequest, apiVersionsResponse } from './messages/api-versions.ts';
import { createTopicsRequest, createTopicsResponse } from './messages/create-topics.ts';
import { deleteTopicsRequest, deleteTopicsResponse } from './messages/delete-topics.ts';
import { deleteRecordsRequest, deleteRecordsResponse } from './messages/delete-records.ts';
import { initProducerIdRequest, initProducerIdResponse } from './messages/init-producer-id.ts';
import { offsetForLeaderEpochRequest, offsetForLeaderEpochResponse } from './messages/offset-for-leader-epoch.ts';
import { addPartitionsToTxnRequest, addPartitionsToTxnResponse } from './messages/add-partitions-to-txn.ts';
import { addOffsetsToTxnRequest, addOffsetsToTxnResponse } from './messages/add-offsets-to-txn.ts';
import { endTxnRequest, endTxnResponse } from './messages/end-txn.ts';
import { writeTxnMarkersRequest, writeTxnMarkersResponse } from './messages/write-txn-markers.ts';
import { txnOffsetCommitRequest, txnOffsetCommitResponse } from './messages/txn-offset-commit.ts';
import { describeAclsRequest, describeAclsResponse } from './messages/describe-acls.ts';
import { createAclsRequest, createAclsResponse } from './messages/create-acls.ts';
import { deleteAclsRequest, deleteAclsResponse } from './messages/delete-acls.ts';
import { describeConfigsRequest, describeConfigsResponse } from './messages/describe-configs.ts';
import { alterConfigsRequest, alterConfigsResponse } from './messages/alter-configs.ts';
import { alterReplicaLogDirsRequest, alterReplicaLogDirsResponse } from './messages/alter-replica-log-dirs.ts';
import { describeLogDirsRequest, describeLogDirsResponse } from './messages/describe-log-dirs.ts';
import { saslAuthenticateRequest, saslAuthenticateResponse } from './messages/sasl-authenticate.ts';
import { createPartitionsRequest, createPartitionsResponse } from './messages/create-partitions.ts';
import { createDelegationTokenRequest, createDelegationTokenResponse } from './messages/create-delegation-token.ts';
import { renewDelegationTokenRequest, renewDelegationTokenResponse } from './messages/renew-delegation-token.ts';
import { expireDelegationTokenRequest, expireDelegationTokenResponse } from './messages/expire-delegation-token.ts';
import { describeDelegationTokenRequest, describeDelegationTokenResponse } from './messages/describe-delegation-token.ts';
import { deleteGroupsRequest, deleteGroupsResponse } from './messages/delete-groups.ts';
import { electLeadersRequest, electLeadersResponse } from './messages/elect-leaders.ts';
import { incrementalAlterConfigsRequest, incrementalAlterConfigsResponse } from './messages/incremental-alter-configs.ts';
import { alterPartitionReassignmentsRequest, alterPartitionReassignmentsResponse } from './messages/alter-partition-reassignments.ts';
import { listPartitionReassignmentsRequest, listPartitionReassignmentsResponse } from './messages/list-partition-reassignments.ts';
import { offsetDeleteRequest, offsetDeleteResponse } from './messages/offset-delete.ts';
import { describeClientQuotasRequest, describeClientQuotasResponse } from './messages/describe-client-quotas.ts';
import { alterClientQuotasRequest, alterClientQuotasResponse } from './messages/alter-client-quotas.ts';
import { describeUserScramCredentialsRequest, describeUserScramCredentialsResponse } from './messages/describe-user-scram-credentials.ts';
import { alterUserScramCredentialsRequest, alterUserScramCredentialsResponse } from './messages/alter-user-scram-credentials.ts';
import { alterPartitionRequest, alterPartitionResponse } from './messages/alter-partition.ts';
import { updateFeaturesRequest, updateFeaturesResponse } from './messages/update-features.ts';
import { envelopeRequest, envelopeResponse } from './messages/envelope.ts';
import { describeClusterRequest, describeClusterResponse } from './messages/describe-cluster.ts';
import { describeProducersRequest, describeProducersResponse } from './messages/describe-producers.ts';
import { describeTransactionsRequest, describeTransactionsResponse } from './messages/describe-transactions.ts';
import { listTransactionsRequest, listTransactionsResponse } from './messages/list-transactions.ts';
import { allocateProducerIdsRequest, allocateProducerIdsResponse } from './messages/allocate-producer-ids.ts';
import { consumerGroupHeartbeatRequest, consumerGroupHeartbeatResponse } from './messages/consumer-group-heartbeat.ts';
import { consumerGroupDescribeRequest, consumerGroupDescribeResponse } from './messages/consumer-group-describe.ts';

type VersionPair = readonly [number, number];

/** One API: its key and name, its messages, and the versions that real brokers advertise in ZooKeeper mode. */
export interface Api {
  readonly key: number;
  readonly name: string;
  readonly request: MessageSchema<unknown>;
  readonly response: MessageSchema<unknown>;
  /** What Kafka 3.9.1 and 2.4.1 advertise; null when that release does not have the API. */
  readonly versions39: VersionPair | null;
  readonly versions24: VersionPair | null;
  /** Sent by brokers alone: needs ClusterAction on the cluster. */
  readonly isClusterAction: boolean;
}

function api(
  name: string,
  request: MessageSchema<unknown, never>,
  response: MessageSchema<unknown, never>,
  versions39: VersionPair | null,
  versions24: VersionPair | null,
  isClusterAction = false,
): Api {
  return { key: request.apiKey, name, request: request as MessageSchema<unknown>, response: response as MessageSchema<unknown>, versions39, versions24, isClusterAction };
}

/** Every API of a 3.9 broker in ZooKeeper mode, by ascending key. */
export const apis: readonly Api[] = [
  api('Produce', produceRequest, produceResponse, [0, 11], [0, 8]),
  api('Fetch', fetchRequest, fetchResponse, [0, 17], [0, 11]),
  api('ListOffsets', listOffsetsRequest, listOffsetsResponse, [0, 9], [0, 5]),
  api('Metadata', metadataRequest, metadataResponse, [0, 12], [0, 9]),
  api('LeaderAndIsr', leaderAndIsrRequest, leaderAndIsrResponse, [0, 7], [0, 4], true),
  api('StopReplica', stopReplicaRequest, stopReplicaResponse, [0, 4], [0, 2], true),
  api('UpdateMetadata', updateMetadataRequest, updateMetadataResponse, [0, 8], [0, 6], true),
  api('ControlledShutdown', controlledShutdownRequest, controlledShutdownResponse, [0, 3], [0, 3], true),
  api('OffsetCommit', offsetCommitRequest, offsetCommitResponse, [0, 9], [0, 8]),
  api('OffsetFetch', offsetFetchRequest, offsetFetchResponse, [0, 9], [0, 6]),
  api('FindCoordinator', findCoordinatorRequest, findCoordinatorResponse, [0, 6], [0, 3]),
  api('JoinGroup', joinGroupRequest, joinGroupResponse, [0, 9], [0, 6]),
  api('Heartbeat', heartbeatRequest, heartbeatResponse, [0, 4], [0, 4]),
  api('LeaveGroup', leaveGroupRequest, leaveGroupResponse, [0, 5], [0, 4]),
  api('SyncGroup', syncGroupRequest, syncGroupResponse, [0, 5], [0, 4]),
  api('DescribeGroups', describeGroupsRequest, describeGroupsResponse, [0, 5], [0, 5]),
  api('ListGroups', listGroupsRequest, listGroupsResponse, [0, 5], [0, 3]),
  api('SaslHandshake', saslHandshakeRequest, saslHandshakeResponse, [0, 1], [0, 1]),
  api('ApiVersions', apiVersionsRequest, apiVersionsResponse, [0, 4], [0, 3]),
  api('CreateTopics', createTopicsRequest, createTopicsResponse, [0, 7], [0, 5]),
  api('DeleteTopics', deleteTopicsRequest, deleteTopicsResponse, [0, 6], [0, 4]),
  api('DeleteRecords', deleteRecordsRequest, deleteRecordsResponse, [0, 2], [0, 1]),
  api('InitProducerId', initProducerIdRequest, initProducerIdResponse, [0, 5], [0, 2]),
  api('OffsetForLeaderEpoch', offsetForLeaderEpochRequest, offsetForLeaderEpochResponse, [0, 4], [0, 3]),
  api('AddPartitionsToTxn', addPartitionsToTxnRequest, addPartitionsToTxnResponse, [0, 5], [0, 1]),
  api('AddOffsetsToTxn', addOffsetsToTxnRequest, addOffsetsToTxnResponse, [0, 4], [0, 1]),
  api('EndTxn', endTxnRequest, endTxnResponse, [0, 4], [0, 1]),
  api('WriteTxnMarkers', writeTxnMarkersRequest, writeTxnMarkersResponse, [0, 1], [0, 0], true),
  api('TxnOffsetCommit', txnOffsetCommitRequest, txnOffsetCommitResponse, [0, 4], [0, 2]),
  api('DescribeAcls', describeAclsRequest, describeAclsResponse, [0, 3], [0, 1]),
  api('CreateAcls', createAclsRequest, createAclsResponse, [0, 3], [0, 1]),
  api('DeleteAcls', deleteAclsRequest, deleteAclsResponse, [0, 3], [0, 1]),
  api('DescribeConfigs', describeConfigsRequest, describeConfigsResponse, [0, 4], [0, 2]),
  api('AlterConfigs', alterConfigsRequest, alterConfigsResponse, [0, 2], [0, 1]),
  api('AlterReplicaLogDirs', alterReplicaLogDirsRequest, alterReplicaLogDirsResponse, [0, 2], [0, 1]),
  api('DescribeLogDirs', describeLogDirsRequest, describeLogDirsResponse, [0, 4], [0, 1]),
  api('SaslAuthenticate', saslAuthenticateRequest, saslAuthenticateResponse, [0, 2], [0, 1]),
  api('CreatePartitions', createPartitionsRequest, createPartitionsResponse, [0, 3], [0, 1]),
  api('CreateDelegationToken', createDelegationTokenRequest, createDelegationTokenResponse, [0, 3], [0, 2]),
  api('RenewDelegationToken', renewDelegationTokenRequest, renewDelegationTokenResponse, [0, 2], [0, 1]),
  api('ExpireDelegationToken', expireDelegationTokenRequest, expireDelegationTokenResponse, [0, 2], [0, 1]),
  api('DescribeDelegationToken', describeDelegationTokenRequest, describeDelegationTokenResponse, [0, 3], [0, 1]),
  api('DeleteGroups', deleteGroupsRequest, deleteGroupsResponse, [0, 2], [0, 2]),
  api('ElectLeaders', electLeadersRequest, electLeadersResponse, [0, 2], [0, 2]),
  api('IncrementalAlterConfigs', incrementalAlterConfigsRequest, incrementalAlterConfigsResponse, [0, 1], [0, 1]),
  api('AlterPartitionReassignments', alterPartitionReassignmentsRequest, alterPartitionReassignmentsResponse, [0, 0], [0, 0]),
  api('ListPartitionReassignments', listPartitionReassignmentsRequest, listPartitionReassignmentsResponse, [0, 0], [0, 0]),
  api('OffsetDelete', offsetDeleteRequest, offsetDeleteResponse, [0, 0], [0, 0]),
  api('DescribeClientQuotas', describeClientQuotasRequest, describeClientQuotasResponse, [0, 1], null),
  api('AlterClientQuotas', alterClientQuotasRequest, alterClientQuotasResponse, [0, 1], null),
  api('DescribeUserScramCredentials', describeUserScramCredentialsRequest, describeUserScramCredentialsResponse, [0, 0], null),
  api('AlterUserScramCredentials', alterUserScramCredentialsRequest, alterUserScramCredentialsResponse, [0, 0], null),
  api('AlterPartition', alterPartitionRequest, alterPartitionResponse, [0, 3], null, true),
  api('UpdateFeatures', updateFeaturesRequest, updateFeaturesResponse, [0, 1], null, true),
  api('Envelope', envelopeRequest, envelopeResponse, [0, 0], null, true),
  api('DescribeCluster', describeClusterRequest, describeClusterResponse, [0, 1], null),
  api('DescribeProducers', describeProducersRequest, describeProducersResponse, [0, 0], null),
  api('DescribeTransactions', describeTransactionsRequest, describeTransactionsResponse, [0, 0], null),
  api('ListTransactions', listTransactionsRequest, listTransactionsResponse, [0, 1], null),
  api('AllocateProducerIds', allocateProducerIdsRequest, allocateProducerIdsResponse, [0, 0], null, true),
  api('ConsumerGroupHeartbeat', consumerGroupHeartbeatRequest, consumerGroupHeartbeatResponse, [0, 0], null),
  api('ConsumerGroupDescribe', consumerGroupDescribeRequest, consumerGroupDescribeResponse, [0, 0], null),
];

const byKey = new Map(apis.map((entry) => [entry.key, entry]));

/** Undefined for a key that a ZooKeeper-mode broker does not know. */
export function apiByKey(key: number): Api | undefined {
  return byKey.get(key);
}
