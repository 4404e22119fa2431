import { KafkaError } from '../../protocol/errors.ts';
import { alterReplicaLogDirsRequest, alterReplicaLogDirsResponse } from '../../protocol/messages/alter-replica-log-dirs.ts';
import type { AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponseInput } from '../../protocol/messages/alter-replica-log-dirs.ts';
import type { ReplicaManager } from '../../replica/replica-manager.ts';
import type { Handler } from '../handler.ts';

/** AlterReplicaLogDirs, API key 34 (KIP-113): replicas on this broker move to other log directories of it. */
export function alterReplicaLogDirsHandler(replicas: ReplicaManager): Handler<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponseInput> {
  function alter(topic: string, partition: number, directory: string): number {
    try {
      replicas.alterLogDir(topic, partition, directory);
      return 0;
    } catch (error) {
      if (error instanceof KafkaError) return error.code;
      throw error;
    }
  }

  return {
    request: alterReplicaLogDirsRequest,
    response: alterReplicaLogDirsResponse,
    handle({ dirs }, _context, answer) {
      const results = new Map<string, Map<number, number>>();
      for (const { path, topics } of dirs) {
        for (const { name, partitions } of topics) {
          const ofTopic = results.get(name) ?? new Map<number, number>();
          results.set(name, ofTopic);
          for (const partition of partitions) ofTopic.set(partition, alter(name, partition, path));
        }
      }
      answer({
        results: Array.from(results, ([topicName, partitions]) => ({ topicName, partitions: Array.from(partitions, ([partitionIndex, errorCode]) => ({ partitionIndex, errorCode })) })),
      });
    },
    failed: ({ dirs }, code) => ({
      results: dirs.flatMap(({ topics }) => topics.map(({ name, partitions }) => ({ topicName: name, partitions: partitions.map((partitionIndex) => ({ partitionIndex, errorCode: code })) }))),
    }),
  };
}
