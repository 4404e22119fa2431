import { offsetForLeaderEpochRequest, offsetForLeaderEpochResponse } from '../../protocol/messages/offset-for-leader-epoch.ts';
import type { OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponseInput } from '../../protocol/messages/offset-for-leader-epoch.ts';
import { protocolError } from '../../replica/errors.ts';
import type { ReplicaManager } from '../../replica/replica-manager.ts';
import type { Handler } from '../handler.ts';

/** OffsetForLeaderEpoch, API key 23: where an epoch ends here (KIP-101, KIP-279). */
export function offsetForLeaderEpochHandler(replicas: ReplicaManager): Handler<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponseInput> {
  return {
    request: offsetForLeaderEpochRequest,
    response: offsetForLeaderEpochResponse,
    handle(request, _context, answer) {
      answer({
        topics: request.topics.map(({ topic, partitions }) => ({
          topic,
          partitions: partitions.map(({ partition, currentLeaderEpoch, leaderEpoch }) => endOf(replicas, topic, partition, currentLeaderEpoch, leaderEpoch)),
        })),
      });
    },
    failed: (request, code) => ({
      topics: request.topics.map(({ topic, partitions }) => ({ topic, partitions: partitions.map(({ partition }) => ({ partition, errorCode: code })) })),
    }),
  };
}

function endOf(replicas: ReplicaManager, topic: string, partition: number, currentLeaderEpoch: number, epoch: number) {
  try {
    const end = replicas.leaderOf(topic, partition, currentLeaderEpoch).log.endOffsetForEpoch(epoch);
    return { partition, errorCode: 0, leaderEpoch: end.epoch, endOffset: end.endOffset };
  } catch (error) {
    const known = protocolError(error);
    if (known === undefined) throw error;
    return { partition, errorCode: known.code };
  }
}
