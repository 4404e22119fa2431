import { KafkaError } from '../protocol/errors.ts';
import type { TopicPartition } from '../zookeeper/znodes/partitions.ts';
import type { PartitionAssignment } from '../zookeeper/znodes/topic.ts';
import type { ClusterState, ControlledPartition } from './cluster-state.ts';
import { partitionsOf } from './cluster-state.ts';
import type { WantedIsr } from './isr-changes.ts';
import type { ElectionType, IsrAnswer, Leadership } from './leadership.ts';
import type { Reassignments, WantedReplicas } from './reassignments.ts';

export interface WantedPartition extends TopicPartition {
  readonly wanted: WantedIsr;
}

export interface RunningReassignment extends TopicPartition {
  readonly assignment: PartitionAssignment;
}

export interface ElectionResult extends TopicPartition {
  readonly error: KafkaError | undefined;
}

/** What brokers and clients ask of the controller in office. All reject with KafkaError NOT_CONTROLLER when its time ends first. */
export interface ControllerRequests {
  /**
   * A broker asks to stop. @returns the partitions that it leads and nobody else can
   * @throws KafkaError BROKER_NOT_AVAILABLE, STALE_BROKER_EPOCH
   */
  controlledShutdown(brokerId: number, brokerEpoch: number): Promise<readonly TopicPartition[]>;
  /**
   * A leader wants other ISRs for its partitions. @returns for each what is stored, or why not
   * @throws KafkaError STALE_BROKER_EPOCH
   */
  alterPartitions(brokerId: number, brokerEpoch: number, changes: readonly WantedPartition[]): Promise<readonly IsrAnswer[]>;
  /** @throws KafkaError BROKER_ID_NOT_REGISTERED, STALE_BROKER_EPOCH where the broker is not registered so */
  checkBroker(brokerId: number, brokerEpoch: number): Promise<void>;
  /** @returns for each wish undefined, or why it is refused */
  reassign(wishes: readonly WantedReplicas[]): Promise<readonly (KafkaError | undefined)[]>;
  /** Of all partitions that are on their way. */
  reassignments(): Promise<readonly RunningReassignment[]>;
  /** @param partitions all partitions unless given */
  electLeaders(type: ElectionType, partitions: readonly TopicPartition[] | undefined): Promise<readonly ElectionResult[]>;
}

export interface ControllerRequestsOptions {
  readonly cluster: ClusterState;
  readonly leadership: Leadership;
  readonly reassignments: Reassignments;
  readonly enqueue: (name: string, event: () => Promise<void>) => void;
}

/** Answers requests in their turn among the events of a reign. */
export function createControllerRequests({ cluster, leadership, reassignments, enqueue }: ControllerRequestsOptions): { readonly requests: ControllerRequests; end(): void } {
  const unanswered = new Set<(error: KafkaError) => void>();

  /** A KafkaError is the answer; after another error the event runs again. */
  function inTurn<T>(name: string, request: () => T | Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      unanswered.add(reject);
      enqueue(name, async () => {
        try {
          resolve(await request());
        } catch (error) {
          if (!(error instanceof KafkaError)) throw error;
          reject(error);
        }
        unanswered.delete(reject);
      });
    });
  }

  const partitionOf = ({ topic, partition }: TopicPartition): ControlledPartition | undefined => cluster.topics.get(topic)?.partitions.get(partition);

  async function electLeaders(type: ElectionType, wanted: readonly TopicPartition[] | undefined): Promise<readonly ElectionResult[]> {
    const named = wanted ?? Array.from(partitionsOf(cluster));
    const refusals = named.map((one) => {
      if (partitionOf(one) === undefined) return new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', 'The partition does not exist.');
      return cluster.toDelete.has(one.topic) ? new KafkaError('INVALID_TOPIC_EXCEPTION', 'The topic is being deleted') : undefined;
    });
    const electable = named.filter((_, index) => refusals[index] === undefined);
    const outcomes = await leadership.elect(electable.map((one) => partitionOf(one)!), type);
    return named.map(({ topic, partition }, index) => ({ topic, partition, error: refusals[index] ?? outcomes[electable.indexOf(named[index]!)] }));
  }

  return {
    requests: {
      controlledShutdown: (id, epoch) => inTurn('controlled shutdown', () => leadership.shutDown(id, epoch)),
      alterPartitions: (id, epoch, changes) =>
        inTurn('alter partitions', async () => {
          if (cluster.brokers.get(id)?.epoch !== epoch) throw new KafkaError('STALE_BROKER_EPOCH', `broker ${id} is not registered with epoch ${epoch}`);
          const partitions = changes.map(partitionOf);
          const answers = await leadership.alterPartitions(changes.map(({ wanted }, index) => ({ partition: partitions[index], wanted })));
          const changed = partitions.flatMap((partition, index) => (partition === undefined || typeof answers[index] === 'string' ? [] : [partition]));
          enqueue('isr of reassigned partitions', () => reassignments.isrChanged(changed));
          return answers;
        }),
      checkBroker: (id, epoch) =>
        inTurn('check broker', () => {
          const registered = cluster.brokers.get(id)?.epoch;
          if (registered === undefined) throw new KafkaError('BROKER_ID_NOT_REGISTERED', `broker ${id} is not registered`);
          if (registered !== epoch) throw new KafkaError('STALE_BROKER_EPOCH', `broker ${id} has epoch ${registered}, not ${epoch}`);
        }),
      reassign: (wishes) => inTurn('reassign partitions', () => reassignments.reassign(wishes)),
      reassignments: () => inTurn('list reassignments', () => reassignments.running().map(({ topic, partition, assignment }) => ({ topic, partition, assignment }))),
      electLeaders: (type, partitions) => inTurn('elect leaders', () => electLeaders(type, partitions)),
    },
    end() {
      for (const reject of unanswered) reject(new KafkaError('NOT_CONTROLLER', 'this broker is the controller no more'));
    },
  };
}
