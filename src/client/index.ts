/*
 * The public library of Ottla: producer, consumer and admin for any Kafka-compatible cluster.
 *
 *     const producer = createProducer({ bootstrapServers: 'localhost:9092' });
 *     await producer.send({ topic: 'greetings', key: 'en', value: 'hello' });
 *     await producer.close();
 */
import type { Codec } from '../record/batch.ts';
import { initialiseCodecs } from '../record/initialise-codecs.ts';
import { nodeClock } from '../runtime/node-clock.ts';
import { createNodeNetwork } from '../runtime/node-network.ts';
import { nodeRandom } from '../runtime/node-random.ts';
import { silentLogger } from '../runtime/logger.ts';
import { createAdminWith } from './admin.ts';
import type { Admin, AdminOptions } from './admin-types.ts';
import { createConsumerWith } from './consumer.ts';
import type { Consumer } from './consumer-types.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { createProducerWith } from './producer.ts';
import type { Producer } from './producer.ts';
import type { ProducerOptions } from './producer-options.ts';
import type { ClientRuntime } from './runtime.ts';

/** The machine's own clock, chance and network. Lines about connections and retries go to `logger`, by default nowhere. */
export function nodeRuntime(overrides: Partial<ClientRuntime> = {}): ClientRuntime {
  return { clock: nodeClock, random: nodeRandom, network: createNodeNetwork(), logger: silentLogger, loadCodec, ...overrides };
}

async function loadCodec(codec: Codec): Promise<void> {
  if (codec === 'snappy' || codec === 'lz4' || codec === 'zstd') await initialiseCodecs([codec]);
}

/** @throws KafkaError INVALID_CONFIG */
export function createProducer(options: ProducerOptions, runtime: Partial<ClientRuntime> = {}): Producer {
  return createProducerWith(nodeRuntime(runtime), options);
}

/** @throws KafkaError INVALID_CONFIG */
export function createConsumer(options: ConsumerOptions, runtime: Partial<ClientRuntime> = {}): Consumer {
  return createConsumerWith(nodeRuntime(runtime), options);
}

/** @throws KafkaError INVALID_CONFIG */
export function createAdmin(options: AdminOptions, runtime: Partial<ClientRuntime> = {}): Admin {
  return createAdminWith(nodeRuntime(runtime), options);
}

export { createAdminWith, createConsumerWith, createProducerWith };
export { KafkaError } from '../protocol/errors.ts';
export type { ErrorName } from '../protocol/errors.ts';
export type {
  BrokerLogDirs,
  ConfigChange,
  ConfigChanges,
  ConfigOutcome,
  ConfigValues,
  ElectionType,
  LogDirectory,
  LogDirMove,
  LogDirMoveOutcome,
  LogDirReplica,
  PartitionOutcome,
  ReassignmentChange,
} from './admin-partition-types.ts';
export type { GroupDescription, GroupListing, GroupMemberDescription } from './admin-group-types.ts';
export type { HangingTransaction, ProducerState, TransactionDescription, TransactionListing } from './admin-transactions.ts';
export type {
  Admin,
  AdminOptions,
  BrokerApiVersions,
  ClusterDescription,
  ConfigDescription,
  ConfigEntry,
  ConfigResource,
  ConfigSource,
  DeletedRecords,
  NewPartitions,
  NewTopic,
  Outcome,
  Reassignment,
  TopicDescription,
} from './admin-types.ts';
export type { EntityQuotas, QuotaChanges, QuotaEntity, QuotaEntityType, QuotaFilter, ScramChange, ScramMechanism, UserScramCredentials } from './admin-user-types.ts';
export type { ConnectionOptions } from './connection-options.ts';
export type { Consumer, GroupMetadata } from './consumer-types.ts';
export type { ConsumerOptions } from './consumer-options.ts';
export type { Assignor, GroupAssignment, LastAssignment, MemberSubscription, RebalanceProtocol, TopicLayouts } from './group/assignor.ts';
export { assignors } from './group/assignors.ts';
export type { AssignorName } from './group/assignors.ts';
export type { OffsetAndMetadata, PartitionOffset } from './group/offset-requests.ts';
export type { RebalanceListener } from './group/rebalance-listener.ts';
export type { Node, PartitionMetadata, TopicMetadata } from './metadata.ts';
export { murmur2, partitionOfKey } from './murmur2.ts';
export { offsetSpecs } from './offset-specs.ts';
export type { OffsetAnswer, OffsetQuery } from './offsets.ts';
export type { Partitioner, RecordToPlace } from './partitioner.ts';
export type { Producer } from './producer.ts';
export type { Transaction, TransactionGroup, TransactionOffset } from './transaction-types.ts';
export type { ProducerOptions } from './producer-options.ts';
export type { ConsumerRecord, Content, ProducerRecord, RecordMetadata, TopicPartition } from './records.ts';
export type { ClientRuntime } from './runtime.ts';
