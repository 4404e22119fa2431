import { KafkaError, errorByCode } from '../protocol/errors.ts';
import { alterReplicaLogDirsRequest, alterReplicaLogDirsResponse } from '../protocol/messages/alter-replica-log-dirs.ts';
import { describeLogDirsRequest, describeLogDirsResponse } from '../protocol/messages/describe-log-dirs.ts';
import type { DescribeLogDirsResponse } from '../protocol/messages/describe-log-dirs.ts';
import type { AdminCalls } from './admin-calls.ts';
import { byTopic } from './admin-calls.ts';
import type { BrokerLogDirs, LogDirectory, LogDirMove, LogDirMoveOutcome } from './admin-partition-types.ts';
import type { TopicPartition } from './records.ts';

export function describeLogDirs(calls: AdminCalls, brokerIds: readonly number[], partitions: readonly TopicPartition[] | undefined): Promise<BrokerLogDirs[]> {
  const topics = partitions === undefined ? null : byTopic(partitions).map(({ name, entries }) => ({ topic: name, partitions: entries.map(({ partition }) => partition) }));
  return Promise.all(
    brokerIds.map((brokerId) =>
      calls.call('describeLogDirs', brokerId, async (connection, timeoutMs): Promise<BrokerLogDirs> => {
        const response = await connection.call(describeLogDirsRequest, describeLogDirsResponse, { topics }, timeoutMs);
        if (response.errorCode !== 0) throw new KafkaError(errorByCode(response.errorCode), `broker ${brokerId} does not tell its log directories: ${errorByCode(response.errorCode)}`);
        return { brokerId, logDirs: response.results.map(logDirectory) };
      }),
    ),
  );
}

function logDirectory({ errorCode, logDir, topics, totalBytes, usableBytes }: DescribeLogDirsResponse['results'][number]): LogDirectory {
  return {
    path: logDir,
    error: errorCode === 0 ? undefined : new KafkaError(errorByCode(errorCode), `log directory ${logDir} cannot be described: ${errorByCode(errorCode)}`),
    totalBytes: totalBytes < 0 ? undefined : totalBytes,
    usableBytes: usableBytes < 0 ? undefined : usableBytes,
    replicas: topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex, partitionSize, offsetLag, isFutureKey }) => ({ topic: name, partition: partitionIndex, sizeBytes: partitionSize, offsetLag, isFuture: isFutureKey })),
    ),
  };
}

export async function alterReplicaLogDirs(calls: AdminCalls, moves: readonly LogDirMove[]): Promise<LogDirMoveOutcome[]> {
  const brokerIds = [...new Set(moves.map(({ brokerId }) => brokerId))];
  const parts = await Promise.all(brokerIds.map((brokerId) => alterReplicaLogDirsAt(calls, brokerId, moves.filter((move) => move.brokerId === brokerId))));
  return parts.flat();
}

function alterReplicaLogDirsAt(calls: AdminCalls, brokerId: number, moves: readonly LogDirMove[]): Promise<LogDirMoveOutcome[]> {
  const dirs = [...new Set(moves.map(({ path }) => path))].map((path) => ({
    path,
    topics: byTopic(moves.filter((move) => move.path === path)).map(({ name, entries }) => ({ name, partitions: entries.map(({ partition }) => partition) })),
  }));
  return calls.call('alterReplicaLogDirs', brokerId, async (connection, timeoutMs) => {
    const response = await connection.call(alterReplicaLogDirsRequest, alterReplicaLogDirsResponse, { dirs }, timeoutMs);
    const codes = new Map(response.results.flatMap(({ topicName, partitions }) => partitions.map(({ partitionIndex, errorCode }) => [`${partitionIndex} ${topicName}`, errorCode] as const)));
    return moves.map((move): LogDirMoveOutcome => {
      const code = codes.get(`${move.partition} ${move.topic}`);
      if (code === 0) return { ...move, error: undefined };
      const name = code === undefined ? 'UNKNOWN_SERVER_ERROR' : errorByCode(code);
      const detail = code === undefined ? 'the broker did not answer for it' : name;
      return { ...move, error: new KafkaError(name, `replica of ${move.topic}-${move.partition} on broker ${brokerId} is not moved to ${move.path}: ${detail}`) };
    });
  });
}
