import type { BrokerLogDirs } from '../../client/admin-partition-types.ts';
import { javaHashCode, javaHashOrder } from '../../client/java-hash-order.ts';
import { javaExceptionClass } from '../java-exceptions.ts';
import { partitionHashOrder, partitionName } from '../topic-partitions.ts';

/** One line of JSON, its keys and entries in the order of Kafka's HashMaps. Without `topics`: all. */
export function logDirsJson(brokers: readonly BrokerLogDirs[], topics: ReadonlySet<string>): string {
  const ordered = javaHashOrder(brokers, ({ brokerId }) => brokerId);
  return JSON.stringify({ brokers: ordered.map(({ brokerId, logDirs }) => ({ broker: brokerId, logDirs: describedDirs(logDirs, topics) })), version: 1 });
}

function describedDirs(logDirs: BrokerLogDirs['logDirs'], topics: ReadonlySet<string>): object[] {
  return javaHashOrder(logDirs, ({ path }) => javaHashCode(path), logDirs.length).map(({ path, error, replicas }) => ({
    partitions: partitionHashOrder(replicas.filter(({ topic }) => topics.size === 0 || topics.has(topic))).map((replica) => ({
      partition: partitionName(replica),
      size: replica.sizeBytes,
      offsetLag: replica.offsetLag,
      isFuture: replica.isFuture,
    })),
    error: error === undefined ? null : javaExceptionClass(error.name),
    logDir: path,
  }));
}
