import type { PartitionLog } from '../log/partition-log.ts';
import { baseOffset } from '../record/batch.ts';

const offsetBytes = 8;

/**
 * Appends what was read from another log of the partition. That log may begin within a batch, where DeleteRecords cut it:
 * a log that is to begin there, and is empty, then begins with the whole batch (Partition.appendRecordsToFollowerOrFutureReplica).
 * @throws LogError, LogFailure as `appendAsFollower`
 */
export function appendFetched(log: PartitionLog, records: Buffer): void {
  const isEmpty = log.logStartOffset === log.logEndOffset;
  if (isEmpty && records.length >= offsetBytes && baseOffset(records, 0) < log.logEndOffset) log.truncateFullyAndStartAt(baseOffset(records, 0));
  log.appendAsFollower(records);
  log.writeStaged();
}
