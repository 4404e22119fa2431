import type { TopicPartition } from '../records.ts';

/** Hears of a rebalance, within a poll (or unsubscribe, or close), which waits for it (ConsumerRebalanceListener). */
export interface RebalanceListener {
  /** These came; with the cooperative protocol beside those that are there already. */
  assigned?(partitions: readonly TopicPartition[]): void | Promise<void>;
  /** These go; their offsets can still be committed. */
  revoked?(partitions: readonly TopicPartition[]): void | Promise<void>;
  /** These are gone, others may have them: committing is too late. As revoked when left out. */
  lost?(partitions: readonly TopicPartition[]): void | Promise<void>;
}

/** @throws Error with what the listener threw as its cause */
export async function callListener(listener: RebalanceListener, event: keyof RebalanceListener, partitions: readonly TopicPartition[]): Promise<void> {
  try {
    if (event === 'lost' && listener.lost === undefined) await listener.revoked?.(partitions);
    else await listener[event]?.(partitions);
  } catch (error) {
    throw new Error('User rebalance callback throws an error', { cause: error });
  }
}
