import type { ErrorName } from '../../protocol/errors.ts';

/** What makes a client look for the coordinator again, or try again there, where the log could not take a record. */
function coordinatorError(error: ErrorName): ErrorName | undefined {
  switch (error) {
    case 'UNKNOWN_TOPIC_OR_PARTITION':
    case 'NOT_ENOUGH_REPLICAS':
    case 'NOT_ENOUGH_REPLICAS_AFTER_APPEND':
      return 'COORDINATOR_NOT_AVAILABLE';
    case 'NOT_LEADER_OR_FOLLOWER':
    case 'KAFKA_STORAGE_ERROR':
      return 'NOT_COORDINATOR';
    default:
      return undefined;
  }
}

const isTooLarge = (error: ErrorName): boolean => error === 'MESSAGE_TOO_LARGE' || error === 'RECORD_LIST_TOO_LARGE' || error === 'INVALID_FETCH_SIZE';

/** The answer of a SyncGroup or JoinGroup whose group record was not stored (GroupMetadataManager.storeGroup). */
export function storeGroupError(error: ErrorName): ErrorName {
  if (error === 'REQUEST_TIMED_OUT') return 'REBALANCE_IN_PROGRESS';
  return coordinatorError(error) ?? (isTooLarge(error) ? 'UNKNOWN_SERVER_ERROR' : error);
}

/** The answer of an offset commit that was not stored (GroupMetadataManager.maybeConvertOffsetCommitError). */
export function offsetCommitError(error: ErrorName): ErrorName {
  if (error === 'NETWORK_EXCEPTION') return 'COORDINATOR_LOAD_IN_PROGRESS';
  return coordinatorError(error) ?? (isTooLarge(error) ? 'INVALID_COMMIT_OFFSET_SIZE' : error);
}
