import type { ElectionResult } from '../../controller/controller-requests.ts';
import type { Controller } from '../../controller/controller.ts';
import { KafkaError, errorCode } from '../../protocol/errors.ts';
import { electLeadersRequest, electLeadersResponse } from '../../protocol/messages/elect-leaders.ts';
import type { ElectLeadersRequest, ElectLeadersResponseInput } from '../../protocol/messages/elect-leaders.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { TopicPartition } from '../../zookeeper/znodes/partitions.ts';
import type { Handler } from '../handler.ts';
import type { MetadataCache } from '../metadata-cache.ts';
import { waitForPartitionLeaders } from '../wait-for-leaders.ts';

const electionTypes = ['preferred', 'unclean'] as const;

/** ElectLeaders, API key 43: waits until this broker knows the new leaders (KIP-460). */
export function electLeadersHandler(controller: Controller, cache: MetadataCache, clock: Clock): Handler<ElectLeadersRequest, ElectLeadersResponseInput> {
  async function elect(type: (typeof electionTypes)[number], named: readonly TopicPartition[]): Promise<readonly ElectionResult[]> {
    try {
      return await controller.requests().electLeaders(type, named);
    } catch (error) {
      // Told per partition, as Apache Kafka does.
      if (!(error instanceof KafkaError)) throw error;
      return named.map(({ topic, partition }) => ({ topic, partition, error }));
    }
  }

  return {
    request: electLeadersRequest,
    response: electLeadersResponse,
    async handle({ electionType, topicPartitions, timeoutMs }, _context, answer) {
      const type = electionTypes[electionType];
      if (type === undefined) throw new KafkaError('INVALID_REQUEST', `Value ${electionType} must be one of PREFERRED, UNCLEAN`);
      const named = topicPartitions?.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
      const all = named ?? Array.from(cache.topics, ([topic, { partitions }]) => Array.from(partitions.keys(), (partition) => ({ topic, partition }))).flat();
      const results = await elect(type, all);
      const late = await waitForPartitionLeaders(cache, clock, results.filter(({ error }) => error === undefined), type === 'preferred', timeoutMs);
      const shown = results.filter(({ error }) => named !== undefined || error?.code !== errorCode('ELECTION_NOT_NEEDED'));
      answer({
        errorCode: 0,
        replicaElectionResults: Array.from(new Set(shown.map(({ topic }) => topic)), (name) => ({
          topic: name,
          partitionResult: shown
            .filter(({ topic }) => topic === name)
            .map((result) => ({
              partitionId: result.partition,
              errorCode: result.error?.code ?? (late.has(result) ? errorCode('REQUEST_TIMED_OUT') : 0),
              errorMessage: result.error?.message ?? null,
            })),
        })),
      });
    },
    failed: (_request, code) => ({ errorCode: code, replicaElectionResults: [] }),
  };
}
