import type { FetchedRecords } from './fetched.ts';
import type { TopicPartition } from './records.ts';

/** Where a consumer stands in one partition. */
export interface PartitionState extends TopicPartition {
  /** Offset of the next record; undefined until it is known. */
  position: number | undefined;
  /** Epoch of the last record read; undefined where there was none. */
  epoch: number | undefined;
  /** The group may have a committed offset to begin with. */
  awaitsCommitted: boolean;
  /** It is about to be given up: no more records of it. */
  isLeaving: boolean;
  /** Where to look for a position. */
  reset: 'earliest' | 'latest' | 'none';
  isPaused: boolean;
  /** A Fetch request on its way asks for it. */
  isFetching: boolean;
  buffered: FetchedRecords | undefined;
  /** Last one told by a leader; undefined before. */
  highWatermark: number | undefined;
  /** A replica nearer than the leader, that the leader named (KIP-392), and until when to believe it. */
  nearReplica: { readonly brokerId: number; readonly untilMs: number } | undefined;
}

export const placeKey = ({ topic, partition }: TopicPartition): string => `${partition} ${topic}`;

/** The partitions that a consumer reads, in the order in which it was given them. */
export class Assignment {
  #states = new Map<string, PartitionState>();
  #first = 0;

  get all(): Iterable<PartitionState> {
    return this.#states.values();
  }

  get size(): number {
    return this.#states.size;
  }

  /** Partitions that stay keep their place and position. */
  replace(partitions: readonly TopicPartition[], reset: 'earliest' | 'latest' | 'none'): void {
    const before = this.#states;
    this.#states = new Map(
      partitions.map(({ topic, partition }) => {
        const key = placeKey({ topic, partition });
        const state = before.get(key) ?? { topic, partition, position: undefined, epoch: undefined, awaitsCommitted: true, isLeaving: false, reset, isPaused: false, isFetching: false, buffered: undefined, highWatermark: undefined, nearReplica: undefined };
        return [key, state];
      }),
    );
  }

  get(place: TopicPartition): PartitionState | undefined {
    return this.#states.get(placeKey(place));
  }

  /** All of them, beginning one further each time, so that none starves. */
  rotated(): PartitionState[] {
    const states = [...this.#states.values()];
    if (states.length < 2) return states;
    this.#first = (this.#first + 1) % states.length;
    return [...states.slice(this.#first), ...states.slice(0, this.#first)];
  }
}
