import type { Random } from '../../runtime/random.ts';
import { AssignmentError, assignReplicas } from '../../zookeeper/assignment.ts';
import type { AssignableBroker } from '../../zookeeper/assignment.ts';
import { compareTopicPartitions } from '../topic-partitions.ts';
import { ReassignError } from './errors.ts';
import type { Placement } from './plan.ts';

/** The brokers to spread over; those that are not alive are passed over. @throws ReassignError when only some name a rack */
export function assignableBrokers(live: readonly { readonly id: number; readonly rack: string | null | undefined }[], wanted: readonly number[], isRackAware: boolean): AssignableBroker[] {
  const brokers = live.filter(({ id }) => wanted.includes(id)).map(({ id, rack }) => ({ id, rack: isRackAware ? (rack ?? undefined) : undefined }));
  const rackless = brokers.filter(({ rack }) => rack === undefined).length;
  if (isRackAware && rackless > 0 && rackless < brokers.length) {
    throw new ReassignError('Not all brokers have rack information. Add --disable-rack-aware in command line to make replica assignment without rack information.');
  }
  return brokers;
}

/** New replicas for whole topics, each with the replication factor that its first partition has. @throws ReassignError */
export function proposedPlacements(current: readonly Placement[], brokers: readonly AssignableBroker[], random: Random): Placement[] {
  const topics = [...new Set(current.map(({ topic }) => topic))];
  try {
    return topics
      .flatMap((name) => {
        const its = current.filter(({ topic }) => topic === name).toSorted(compareTopicPartitions);
        return assignReplicas(brokers, its.length, its[0]!.replicas.length, random).map((replicas, partition) => ({ topic: name, partition, replicas }));
      })
      .toSorted(compareTopicPartitions);
  } catch (error) {
    if (error instanceof AssignmentError) throw new ReassignError(error.message, { cause: error });
    throw error;
  }
}

/** What --generate prints. */
export const proposalText = (currentJson: string, proposedJson: string): string =>
  `Current partition replica assignment\n${currentJson}\n\nProposed partition reassignment configuration\n${proposedJson}\n`;

/** What --execute prints before it changes anything, without the line break at the end. */
export const rollbackText = (currentJson: string): string =>
  `Current partition replica assignment\n\n${currentJson}\n\nSave this to use as the --reassignment-json-file option during rollback`;
