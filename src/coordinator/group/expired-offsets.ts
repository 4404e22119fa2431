import type { Group } from './group.ts';
import type { CommittedOffset } from './offset-value.ts';
import type { TopicPartition } from './partition-map.ts';

/**
 * Offsets whose time is over (KIP-211): of a group without members, all, when it has been empty for the retention; of
 * consumers, those of topics that they do not read any more, and of one that only commits, each, when that long ago
 * committed. An offset that a client of an old version gave its own time lives as long as that says.
 * @param wallMs milliseconds since the Unix epoch
 */
export function expiredOffsets(group: Group, wallMs: number, retentionMs: number): TopicPartition[] {
  const since = retainedSince(group);
  if (since === undefined) return [];
  const inUse = group.state === 'Stable' ? group.subscribedTopics : undefined;
  const expired: TopicPartition[] = [];
  for (const { topic, partition, value } of group.offsets) {
    if (inUse?.has(topic) === true || group.offsets.isPending(topic, partition)) continue;
    const isOver = value.expireTimestampMs === -1 ? wallMs - since(value) >= retentionMs : wallMs >= value.expireTimestampMs;
    if (isOver) expired.push({ topic, partition });
  }
  return expired;
}

/** From when on an offset is retained; undefined while the group keeps all of its offsets. */
function retainedSince(group: Group): ((offset: CommittedOffset) => number) | undefined {
  const sinceCommit = ({ commitTimestampMs }: CommittedOffset): number => commitTimestampMs;
  if (group.protocolType === null) return sinceCommit;
  if (group.state === 'Empty') return (offset) => group.stateSinceMs ?? offset.commitTimestampMs;
  return group.isConsumerGroup && group.state === 'Stable' && group.subscribedTopics !== undefined ? sinceCommit : undefined;
}
