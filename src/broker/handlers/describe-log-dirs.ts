import path from 'node:path';
import type { LogManager } from '../../log/log-manager.ts';
import type { PartitionLog } from '../../log/partition-log.ts';
import { KafkaError, errorCode } from '../../protocol/errors.ts';
import { describeLogDirsRequest, describeLogDirsResponse } from '../../protocol/messages/describe-log-dirs.ts';
import type { DescribeLogDirsRequest, DescribeLogDirsResponseInput } from '../../protocol/messages/describe-log-dirs.ts';
import type { Disk } from '../../runtime/disk.ts';
import type { Handler } from '../handler.ts';

const unknownLag = -1;

type Result = NonNullable<DescribeLogDirsResponseInput['results']>[number];

/** DescribeLogDirs, API key 35: this broker's log directories, what lies in them, and their space (KIP-113, KIP-827). */
export function describeLogDirsHandler(logs: LogManager, disk: Disk): Handler<DescribeLogDirsRequest, DescribeLogDirsResponseInput> {
  /** What a copy still lacks; -1 where its log is not known. */
  function lagOf({ topic, partition, logEndOffset }: PartitionLog): number {
    const present = logs.logOf(topic, partition);
    return present === undefined ? unknownLag : present.logEndOffset - logEndOffset;
  }

  function describe(logDir: string, isWanted: (log: PartitionLog) => boolean): Result {
    const isInside = (log: PartitionLog): boolean => log.logDirectory === logDir && !log.isOffline && isWanted(log);
    const present = Array.from(logs.logs()).filter(isInside).map((log) => ({ log, isFutureKey: false, offsetLag: Math.max(0, log.highWatermark - log.writtenEndOffset) }));
    const future = Array.from(logs.futureLogs()).filter(isInside).map((log) => ({ log, isFutureKey: true, offsetLag: lagOf(log) }));
    const inside = [...present, ...future];
    const { totalBytes, usableBytes } = disk.spaceSync(logDir);
    return {
      errorCode: 0,
      logDir: path.resolve(logDir),
      topics: Array.from(new Set(inside.map(({ log: { topic } }) => topic)), (name) => ({
        name,
        partitions: inside
          .filter(({ log: { topic } }) => topic === name)
          .map(({ log: { partition, sizeBytes }, offsetLag, isFutureKey }) => ({ partitionIndex: partition, partitionSize: sizeBytes, offsetLag, isFutureKey })),
      })),
      totalBytes,
      usableBytes,
    };
  }

  /** A directory that has gone may be asked before anybody has noticed; the others have their answer all the same. */
  function tryToDescribe(logDir: string, isWanted: (log: PartitionLog) => boolean): Result {
    try {
      return describe(logDir, isWanted);
    } catch (error) {
      return { errorCode: errorCode(error instanceof KafkaError ? error.name : 'UNKNOWN_SERVER_ERROR'), logDir: path.resolve(logDir), topics: [] };
    }
  }

  return {
    request: describeLogDirsRequest,
    response: describeLogDirsResponse,
    handle({ topics }, _context, answer) {
      const wanted = topics === null ? undefined : new Map(topics.map(({ topic, partitions }) => [topic, new Set(partitions)]));
      const isWanted = ({ topic, partition }: PartitionLog): boolean => wanted === undefined || wanted.get(topic)?.has(partition) === true;
      const offline = logs.offlineDirectories.map((logDir) => ({ errorCode: errorCode('KAFKA_STORAGE_ERROR'), logDir: path.resolve(logDir), topics: [] }));
      answer({ errorCode: 0, results: [...logs.liveDirectories.map((logDir) => tryToDescribe(logDir, isWanted)), ...offline] });
    },
    failed: (_request, code) => ({ errorCode: code, results: [] }),
  };
}
