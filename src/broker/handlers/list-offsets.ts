import { KafkaError } from '../../protocol/errors.ts';
import { listOffsetsRequest, listOffsetsResponse } from '../../protocol/messages/list-offsets.ts';
import type { ListOffsetsRequest, ListOffsetsResponseInput } from '../../protocol/messages/list-offsets.ts';
import { protocolError } from '../../replica/errors.ts';
import type { Partition } from '../../replica/partition.ts';
import type { ReplicaManager } from '../../replica/replica-manager.ts';
import type { Handler } from '../handler.ts';

/** Times with a meaning of their own (ListOffsetsRequest). */
const timestamps = { latest: -1, earliest: -2, maximum: -3, earliestLocal: -4, latestTiered: -5 } as const;

const firstVersionWithEpoch = 4;

type PartRequest = ListOffsetsRequest['topics'][number]['partitions'][number];
interface Found {
  readonly offset: number;
  readonly timestamp: number;
  readonly leaderEpoch: number;
}

/** ListOffsets, API key 2. */
export function listOffsetsHandler(replicas: ReplicaManager): Handler<ListOffsetsRequest, ListOffsetsResponseInput> {
  return {
    request: listOffsetsRequest,
    response: listOffsetsResponse,
    handle(request, { apiVersion }, answer) {
      const isConsumer = request.replicaId < 0;
      const isReadCommitted = request.isolationLevel === 1;
      answer({
        topics: request.topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map((part) => answerPart(replicas, name, part, apiVersion, isConsumer, isReadCommitted)),
        })),
      });
    },
    failed: (request, code) => ({
      topics: request.topics.map(({ name, partitions }) => ({ name, partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: code })) })),
    }),
  };
}

function answerPart(replicas: ReplicaManager, topic: string, part: PartRequest, apiVersion: number, isConsumer: boolean, isReadCommitted: boolean) {
  const { partitionIndex } = part;
  try {
    const partition = replicas.leaderOf(topic, partitionIndex, part.currentLeaderEpoch);
    const found = find(partition, part.timestamp, apiVersion, isConsumer, isReadCommitted);
    if (apiVersion === 0) return { partitionIndex, errorCode: 0, oldStyleOffsets: oldStyleOffsets(partition, part, found) };
    if (found === undefined) return { partitionIndex, errorCode: 0 };
    const { offset, timestamp, leaderEpoch } = found;
    return { partitionIndex, errorCode: 0, offset, timestamp, ...(apiVersion < firstVersionWithEpoch ? {} : { leaderEpoch }) };
  } catch (error) {
    const known = protocolError(error);
    if (known === undefined) throw error;
    return { partitionIndex, errorCode: known.code };
  }
}

function find(partition: Partition, timestamp: number, apiVersion: number, isConsumer: boolean, isReadCommitted: boolean): Found | undefined {
  const { log } = partition;
  const end = !isConsumer ? log.writtenEndOffset : isReadCommitted ? log.lastStableOffset : log.highWatermark;
  // A new leader's high watermark may be behind the old one's: nobody is told an end before it has caught up (KIP-207).
  const isEndKnown = !isConsumer || log.highWatermark >= partition.leaderEpochStart;
  const requireEnd = (): void => {
    if (!isEndKnown) throw new KafkaError(apiVersion >= 5 ? 'OFFSET_NOT_AVAILABLE' : 'LEADER_NOT_AVAILABLE', `${partition.key} has a new leader whose high watermark is not known yet`);
  };
  switch (timestamp) {
    case timestamps.latest:
      requireEnd();
      return { offset: end, timestamp: -1, leaderEpoch: partition.leaderEpoch };
    case timestamps.earliest:
    case timestamps.earliestLocal:
      return { offset: log.logStartOffset, timestamp: -1, leaderEpoch: log.epochForOffset(log.logStartOffset) ?? -1 };
    case timestamps.latestTiered:
      return { offset: -1, timestamp: -1, leaderEpoch: -1 };
    default: {
      if (timestamp < timestamps.latestTiered || (timestamp === timestamps.maximum && apiVersion < 7)) throw new KafkaError('UNSUPPORTED_VERSION', `there is no timestamp ${timestamp}`);
      const found = timestamp === timestamps.maximum ? log.offsetOfMaxTimestamp() : log.offsetForTimestamp(timestamp);
      if (found === undefined || found.offset >= end) {
        requireEnd();
        return undefined;
      }
      return { offset: found.offset, timestamp: found.timestamp, leaderEpoch: found.leaderEpoch ?? -1 };
    }
  }
}

/** Version 0 wants up to so many offsets, newest first: segment starts in Kafka, of which the ends are what clients use. */
function oldStyleOffsets({ log }: Partition, part: PartRequest, found: Found | undefined): number[] {
  if (found === undefined) return [];
  const offsets = part.timestamp === timestamps.latest && found.offset > log.logStartOffset ? [found.offset, log.logStartOffset] : [found.offset];
  return offsets.slice(0, part.maxNumOffsets);
}
