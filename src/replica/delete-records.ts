import { KafkaError } from '../protocol/errors.ts';
import { protocolError } from './errors.ts';
import type { Partition } from './partition.ts';
import type { ReplicaManager } from './replica-manager.ts';

export interface DeletedBefore {
  readonly topic: string;
  readonly partition: number;
  /** The records below are to go; -1 for all that are replicated. */
  readonly offset: number;
}

export interface DeletionResult {
  /** The least log start offset of the leader and its living followers; -1 with an error. */
  readonly lowWatermark: number;
  readonly error: KafkaError | undefined;
}

const noLowWatermark = -1;

/** Moves log starts forward and waits until every living replica has followed (KIP-107); results in the order of the wishes. */
export function deleteRecords(manager: ReplicaManager, wishes: readonly DeletedBefore[], timeoutMs: number): Promise<readonly DeletionResult[]> {
  const begun = wishes.map((wish) => begin(manager, wish));
  const results = new Map<number, DeletionResult>();

  function look(): boolean {
    begun.forEach((one, index) => {
      if (results.has(index)) return;
      const result = resultOf(manager, one);
      if (result !== undefined) results.set(index, result);
    });
    return results.size === begun.length;
  }

  const all = (): readonly DeletionResult[] => begun.map((_, index) => results.get(index) ?? { lowWatermark: noLowWatermark, error: new KafkaError('REQUEST_TIMED_OUT', 'a replica did not follow the new log start offset in time') });
  if (look() || timeoutMs <= 0) return Promise.resolve(all());
  return new Promise((resolve) => {
    const keys = begun.flatMap((one, index) => (results.has(index) || one instanceof KafkaError ? [] : [one.partition]));
    manager.waiting.wait(keys, timeoutMs, {
      tryComplete() {
        if (!look()) return false;
        resolve(all());
        return true;
      },
      expire: () => resolve(all()),
    });
  });
}

interface Begun {
  readonly partition: Partition;
  readonly requestedOffset: number;
}

function begin(manager: ReplicaManager, { topic, partition, offset }: DeletedBefore): Begun | KafkaError {
  try {
    const leader = manager.leaderOf(topic, partition, -1);
    const requestedOffset = leader.deleteRecordsBefore(offset);
    manager.waiting.wake(leader);
    return { partition: leader, requestedOffset };
  } catch (error) {
    const known = protocolError(error);
    if (known === undefined) throw error;
    return known;
  }
}

/** Undefined while a replica has not followed. */
function resultOf(manager: ReplicaManager, begun: Begun | KafkaError): DeletionResult | undefined {
  if (begun instanceof KafkaError) return { lowWatermark: noLowWatermark, error: begun };
  const { partition, requestedOffset } = begun;
  if (!partition.isLeader || manager.partitionOf(partition.topic, partition.partition) !== partition) {
    return { lowWatermark: noLowWatermark, error: new KafkaError('NOT_LEADER_OR_FOLLOWER', `leadership of ${partition.key} moved meanwhile`) };
  }
  if (partition.log.isOffline) return { lowWatermark: noLowWatermark, error: new KafkaError('KAFKA_STORAGE_ERROR', `the log directory of ${partition.key} is offline`) };
  const { lowWatermark } = partition;
  return lowWatermark >= requestedOffset ? { lowWatermark, error: undefined } : undefined;
}
