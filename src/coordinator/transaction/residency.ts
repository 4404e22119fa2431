import type { Partition } from '../../replica/partition.ts';
import type { ReplicaManager } from '../../replica/replica-manager.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { BrokerConfig } from '../../runtime/config/broker-config.ts';
import type { Logger } from '../../runtime/logger.ts';
import { readPartition } from '../read-partition.ts';
import type { Completion } from './completion.ts';
import { createLoader } from './loader.ts';
import type { OwnedPartition, Residents } from './residents.ts';
import { transactionTopic } from './transaction-log.ts';
import { isCompleting } from './transaction.ts';

export interface ResidencyOptions {
  readonly replicas: ReplicaManager;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: BrokerConfig;
  readonly residents: Residents;
  readonly completion: Completion;
}

interface Reading {
  readonly partition: Partition;
  readonly owner: OwnedPartition;
}

/**
 * Transactional ids come with the leadership of their partition of `__transaction_state` and go with it. Those whose outcome was
 * stored by an earlier coordinator are completed by this one.
 */
export function createResidency(options: ResidencyOptions): { start(): void; close(): void } {
  const { replicas, clock, logger, config, residents, completion } = options;
  const queue: Reading[] = [];
  let isReading = false;
  let isClosed = false;
  let stopListening = (): void => undefined;

  function elected(partition: Partition): void {
    if (partition.topic !== transactionTopic || residents.owns(partition.partition)) return;
    queue.push({ partition, owner: residents.beginLoading(partition.partition, partition.leaderEpoch) });
    if (!isReading) void readAll();
  }

  function resigned({ topic, partition }: { readonly topic: string; readonly partition: number }): void {
    if (topic !== transactionTopic) return;
    const owner = residents.giveUp(partition);
    if (owner !== undefined && owner.entries.size > 0) logger.info('transactional ids given up: another broker leads their partition', { partition, transactionalIds: owner.entries.size });
  }

  async function readAll(): Promise<void> {
    isReading = true;
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await read(next);
    isReading = false;
  }

  async function read({ partition, owner }: Reading): Promise<void> {
    const isWanted = (): boolean => !isClosed && residents.isCurrent(owner);
    const beganMs = clock.monotonicMs();
    const place = { partition: partition.partition, coordinatorEpoch: owner.coordinatorEpoch };
    try {
      const loader = createLoader();
      const bytes = isWanted() ? await readPartition(partition, clock, config['transaction.state.log.load.buffer.size'], isWanted, loader.take) : undefined;
      if (bytes === undefined) return;
      for (const { offset, error } of loader.unreadable) logger.error('a record of __transaction_state cannot be read and is passed over', { ...place, offset, error });
      const loaded = residents.endLoading(owner, loader.transactions.values());
      const open = loaded.filter(({ entry }) => isCompleting(entry.transaction));
      if (loaded.length > 0) logger.info('transactional ids loaded', { ...place, transactionalIds: loaded.length, toComplete: open.length, bytes, ms: Math.round(clock.monotonicMs() - beganMs) });
      for (const resident of open) completion.complete(resident);
    } catch (error) {
      if (!isWanted()) return;
      // Better no coordinator than one that does not know which transactions are open.
      logger.error('transactional ids cannot be loaded: this broker does not coordinate them until leadership changes', { ...place, error });
      residents.giveUp(owner.partition);
    }
  }

  return {
    start() {
      stopListening = replicas.onLeadership({ elected, resigned });
    },
    close() {
      isClosed = true;
      stopListening();
    },
  };
}
