import type { GroupCoordinator } from '../../coordinator/group/coordinator.ts';
import { errorCode } from '../../protocol/errors.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { offsetDeleteRequest, offsetDeleteResponse } from '../../protocol/messages/offset-delete.ts';
import type { OffsetDeleteRequest, OffsetDeleteResponseInput } from '../../protocol/messages/offset-delete.ts';
import type { Handler } from '../handler.ts';
import type { MetadataCache } from '../metadata-cache.ts';
import { byTopic } from './by-topic.ts';

/** OffsetDelete, API key 47: committed offsets of topics that the group does not read (KIP-496). */
export function offsetDeleteHandler(coordinator: GroupCoordinator, cache: MetadataCache): Handler<OffsetDeleteRequest, OffsetDeleteResponseInput> {
  return {
    request: offsetDeleteRequest,
    response: offsetDeleteResponse,
    handle({ groupId, topics }, _context, answer) {
      const asked = topics.flatMap(({ name, partitions }) => partitions.map(({ partitionIndex }) => ({ topic: name, partition: partitionIndex })));
      const isKnown = ({ topic, partition }: { topic: string; partition: number }): boolean => cache.topics.get(topic)?.partitions.has(partition) ?? false;
      const known = asked.filter(isKnown);
      const { error, partitionErrors } = coordinator.deleteOffsets(groupId, known);
      if (error !== 'NONE') {
        answer({ errorCode: errorCode(error) });
        return;
      }
      const unknown = asked.filter((one) => !isKnown(one)).map((one) => ({ ...one, error: 'UNKNOWN_TOPIC_OR_PARTITION' as ErrorName }));
      const results = [...unknown, ...known.map((one, index) => ({ ...one, error: partitionErrors[index]! }))];
      answer({ errorCode: 0, topics: byTopic(results, (result) => ({ partitionIndex: result.partition, errorCode: errorCode(result.error) })) });
    },
    failed: (_request, code) => ({ errorCode: code }),
  };
}
