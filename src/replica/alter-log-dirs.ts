import path from 'node:path';
import { LogFailure } from '../log/errors.ts';
import { futureFolderName } from '../log/file-names.ts';
import type { LogManager } from '../log/log-manager.ts';
import { KafkaError } from '../protocol/errors.ts';
import type { LogDirMoves } from './log-dir-moves.ts';
import type { ReplicaManager } from './replica-manager.ts';

export interface AlterLogDirsRoom {
  readonly manager: ReplicaManager;
  readonly logs: LogManager;
  readonly moves: LogDirMoves;
}

const folderNameLengthMax = 255;
const noUuid = '0'.repeat(32);

/**
 * Begins to move a replica to another log directory; ends a move that goes elsewhere (ReplicaManager.alterReplicaLogDirs).
 * @param wanted as DescribeLogDirs names it
 * @throws KafkaError LOG_DIR_NOT_FOUND, KAFKA_STORAGE_ERROR, INVALID_TOPIC_EXCEPTION; REPLICA_NOT_AVAILABLE when the
 * partition is not here: it will be made in that directory when it comes
 */
export function alterLogDir({ manager, logs, moves }: AlterLogDirsRoom, topic: string, number: number, wanted: string): void {
  if (futureFolderName(topic, number, noUuid).length > folderNameLengthMax) throw new KafkaError('INVALID_TOPIC_EXCEPTION', 'The topic name is too long.');
  const directory = liveDirectory(logs, wanted);
  const partition = manager.partitionOf(topic, number);
  if (partition === undefined) {
    logs.preferDirectory(topic, number, directory);
    throw new KafkaError('REPLICA_NOT_AVAILABLE', `${topic}-${number} is not on this broker; it will be made in ${directory} when it comes`);
  }
  if (partition.log.isOffline) throw new KafkaError('KAFKA_STORAGE_ERROR', `Partition ${partition.key} is offline`);
  const future = logs.futureLogOf(topic, number);
  if (future !== undefined && future.logDirectory !== directory) {
    moves.remove(partition);
    logs.deleteFutureLog(topic, number);
  }
  if (partition.log.logDirectory === directory) return;
  try {
    if (logs.futureLogOf(topic, number) === undefined) logs.createFutureLog(topic, number, directory);
  } catch (error) {
    if (error instanceof LogFailure) throw new KafkaError('KAFKA_STORAGE_ERROR', error.message, { cause: error });
    throw error;
  }
  moves.add(partition);
}

function liveDirectory(logs: LogManager, wanted: string): string {
  const isWanted = (directory: string): boolean => directory === wanted || path.resolve(directory) === wanted;
  const found = logs.liveDirectories.find(isWanted);
  if (found !== undefined) return found;
  if (logs.offlineDirectories.some(isWanted)) throw new KafkaError('KAFKA_STORAGE_ERROR', `Log directory ${wanted} is offline`);
  throw new KafkaError('LOG_DIR_NOT_FOUND', `Log dir ${wanted} is not found in the config.`);
}
