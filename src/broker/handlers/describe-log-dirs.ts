import type { LogManager } from '../../log/log-manager.ts';
import type { PartitionLog } from '../../log/partition-log.ts';
import { errorCode } from '../../protocol/errors.ts';
import { describeLogDirsRequest, describeLogDirsResponse } from '../../protocol/messages/describe-log-dirs.ts';
import type { DescribeLogDirsRequest, DescribeLogDirsResponseInput } from '../../protocol/messages/describe-log-dirs.ts';
import type { Disk } from '../../runtime/disk.ts';
import type { Handler } from '../handler.ts';

type Result = NonNullable<DescribeLogDirsResponseInput['results']>[number];

/** DescribeLogDirs, API key 35: this broker's log directories, what lies in them, and their space (KIP-113, KIP-827). */
export function describeLogDirsHandler(logs: LogManager, disk: Disk): Handler<DescribeLogDirsRequest, DescribeLogDirsResponseInput> {
  function describe(logDir: string, isWanted: (log: PartitionLog) => boolean): Result {
    const inside = Array.from(logs.logs()).filter((log) => log.logDirectory === logDir && !log.isOffline && isWanted(log));
    const { totalBytes, usableBytes } = disk.spaceSync(logDir);
    return {
      errorCode: 0,
      logDir,
      topics: Array.from(new Set(inside.map(({ topic }) => topic)), (name) => ({
        name,
        partitions: inside
          .filter(({ topic }) => topic === name)
          .map(({ partition, sizeBytes, highWatermark, writtenEndOffset }) => ({ partitionIndex: partition, partitionSize: sizeBytes, offsetLag: Math.max(0, highWatermark - writtenEndOffset), isFutureKey: false })),
      })),
      totalBytes,
      usableBytes,
    };
  }

  return {
    request: describeLogDirsRequest,
    response: describeLogDirsResponse,
    handle({ topics }, _context, answer) {
      const wanted = topics === null ? undefined : new Map(topics.map(({ topic, partitions }) => [topic, new Set(partitions)]));
      const isWanted = ({ topic, partition }: PartitionLog): boolean => wanted === undefined || wanted.get(topic)?.has(partition) === true;
      const offline = logs.offlineDirectories.map((logDir) => ({ errorCode: errorCode('KAFKA_STORAGE_ERROR'), logDir, topics: [] }));
      answer({ errorCode: 0, results: [...logs.liveDirectories.map((logDir) => describe(logDir, isWanted)), ...offline] });
    },
    failed: (_request, code) => ({ errorCode: code, results: [] }),
  };
}
