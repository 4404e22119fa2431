import type { ErrorName, KafkaError } from '../protocol/errors.ts';

/** Classes of org.apache.kafka.common.errors that are not named after their error. */
const oddClasses: Partial<Record<ErrorName, string>> = {
  CORRUPT_MESSAGE: 'CorruptRecordException',
  REQUEST_TIMED_OUT: 'TimeoutException',
  MESSAGE_TOO_LARGE: 'RecordTooLargeException',
  STALE_CONTROLLER_EPOCH: 'ControllerMovedException',
  OFFSET_METADATA_TOO_LARGE: 'OffsetMetadataTooLarge',
  RECORD_LIST_TOO_LARGE: 'RecordBatchTooLargeException',
  TOPIC_ALREADY_EXISTS: 'TopicExistsException',
  INVALID_CONFIG: 'InvalidConfigurationException',
  OUT_OF_ORDER_SEQUENCE_NUMBER: 'OutOfOrderSequenceException',
  DUPLICATE_SEQUENCE_NUMBER: 'DuplicateSequenceException',
  INVALID_PRODUCER_ID_MAPPING: 'InvalidPidMappingException',
  INVALID_TRANSACTION_TIMEOUT: 'InvalidTxnTimeoutException',
  NON_EMPTY_GROUP: 'GroupNotEmptyException',
  DELEGATION_TOKEN_AUTH_DISABLED: 'DelegationTokenDisabledException',
  DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: 'UnsupportedByAuthenticationException',
  PRINCIPAL_DESERIALIZATION_FAILURE: 'PrincipalDeserializationException',
};

/** What Kafka's client says where the protocol carries a code alone. */
const defaultMessages: Partial<Record<ErrorName, string>> = {
  UNKNOWN_SERVER_ERROR: 'The server experienced an unexpected error when processing the request.',
  OFFSET_OUT_OF_RANGE: 'The requested offset is not within the range of offsets maintained by the server.',
  UNKNOWN_TOPIC_OR_PARTITION: 'This server does not host this topic-partition.',
  NOT_LEADER_OR_FOLLOWER: 'For requests intended only for the leader, this error indicates that the broker is not the current leader. For requests intended for any replica, this error indicates that the broker is not a replica of the topic partition.',
  REPLICA_NOT_AVAILABLE: 'The replica is not available for the requested topic-partition. Produce/Fetch requests and other requests intended only for the leader or follower return NOT_LEADER_OR_FOLLOWER if the broker is not a replica of the topic-partition.',
  INVALID_TOPIC_EXCEPTION: 'The request attempted to perform an operation on an invalid topic.',
  TOPIC_AUTHORIZATION_FAILED: 'Topic authorization failed.',
  CLUSTER_AUTHORIZATION_FAILED: 'Cluster authorization failed.',
  POLICY_VIOLATION: 'Request parameters do not satisfy the configured policy.',
  KAFKA_STORAGE_ERROR: 'Disk error when trying to access log file on the disk.',
  LOG_DIR_NOT_FOUND: 'The user-specified log directory is not found in the broker config.',
  NON_EMPTY_GROUP: 'The group is not empty.',
  GROUP_ID_NOT_FOUND: 'The group id does not exist.',
  GROUP_SUBSCRIBED_TO_TOPIC: 'Deleting offsets of a topic is forbidden while the consumer group is actively subscribed to it.',
  GROUP_AUTHORIZATION_FAILED: 'Group authorization failed.',
  INVALID_GROUP_ID: 'The group id is invalid.',
  COORDINATOR_NOT_AVAILABLE: 'The coordinator is not available.',
  NOT_COORDINATOR: 'This is not the correct coordinator.',
  UNKNOWN_MEMBER_ID: 'The coordinator is not aware of this member.',
  NO_REASSIGNMENT_IN_PROGRESS: 'No partition reassignment is in progress.',
};

/** Full name of the class that Kafka's clients throw for an error. */
export function javaExceptionClass(name: ErrorName): string {
  const words = name.replace(/_(EXCEPTION|ERROR)$|(?<=_(AUTHORIZATION|AUTHENTICATION))_FAILED$/, '').split('_').map((word) => word.slice(0, 1) + word.slice(1).toLowerCase());
  return `org.apache.kafka.common.errors.${oddClasses[name] ?? `${words.join('')}Exception`}`;
}

/** Throwable.toString: class and message. */
export function javaException(error: KafkaError): string {
  return `${javaExceptionClass(error.name)}: ${error.message}`;
}

/** The same for an answer that carried only a code, so that the words are the client's. */
export function javaExceptionOfCode(name: ErrorName): string {
  return `${javaExceptionClass(name)}: ${defaultMessages[name] ?? name}`;
}
