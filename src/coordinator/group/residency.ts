import type { Partition } from '../../replica/partition.ts';
import type { ReplicaManager } from '../../replica/replica-manager.ts';
import type { Clock, Timer } from '../../runtime/clock.ts';
import type { BrokerConfig } from '../../runtime/config/broker-config.ts';
import type { Logger } from '../../runtime/logger.ts';
import { groupTopic } from './group-log.ts';
import type { GroupOffsets } from './group-offsets.ts';
import type { GroupRunner } from './group-runner.ts';
import { loadPartition } from './load.ts';
import type { GroupLimits } from './rebalance.ts';
import { loaded, unloaded } from './residence.ts';
import type { OwnedPartition, Residents } from './residents.ts';

export interface ResidencyOptions {
  readonly replicas: ReplicaManager;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: BrokerConfig;
  readonly residents: Residents;
  readonly runner: GroupRunner;
  readonly offsets: GroupOffsets;
  readonly limits: GroupLimits;
}

interface Reading {
  readonly partition: Partition;
  readonly owner: OwnedPartition;
}

/**
 * Groups come with the leadership of their partition of `__consumer_offsets` and go with it, or when they have outlived
 * their offsets. Partitions are read one after the other, in pieces, so that the broker serves meanwhile.
 */
export function createResidency(options: ResidencyOptions): { start(): void; close(): void } {
  const { replicas, clock, logger, config, residents, runner, offsets, limits } = options;
  const retentionMs = config['offsets.retention.minutes'] * 60_000;
  const queue: Reading[] = [];
  let isReading = false;
  let isClosed = false;
  let stopListening = (): void => undefined;
  let retentionTimer: Timer | undefined;

  function elected(partition: Partition): void {
    if (partition.topic !== groupTopic || residents.owns(partition.partition)) return;
    queue.push({ partition, owner: residents.beginLoading(partition.partition) });
    if (!isReading) void readAll();
  }

  function resigned({ topic, partition }: { readonly topic: string; readonly partition: number }): void {
    if (topic !== groupTopic || !residents.owns(partition)) return;
    const gone = residents.giveUp(partition);
    for (const resident of gone) {
      runner.perform(resident, unloaded(resident.group, runner.now()));
      runner.stopTimer(resident);
    }
    if (gone.length > 0) logger.info('groups given up: another broker leads their partition', { partition, groups: gone.length });
  }

  async function readAll(): Promise<void> {
    isReading = true;
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await read(next);
    isReading = false;
  }

  async function read({ partition, owner }: Reading): Promise<void> {
    const { partition: number, leaderEpoch } = partition;
    const isWanted = (): boolean => !isClosed && residents.isCurrent(number, owner);
    const beganMs = clock.monotonicMs();
    try {
      const found = isWanted() ? await loadPartition(partition, clock, config['offsets.load.buffer.size'], isWanted) : undefined;
      if (found === undefined) return;
      for (const { offset, error } of found.unreadable) logger.error('a record of __consumer_offsets cannot be read and is passed over', { partition: number, offset, error });
      for (const resident of residents.endLoading(number, found.groups)) runner.perform(resident, loaded(resident.group, limits, runner.now()));
      if (found.groups.length > 0) logger.info('groups loaded', { partition: number, leaderEpoch, groups: found.groups.length, bytes: found.bytes, ms: Math.round(clock.monotonicMs() - beganMs) });
    } catch (error) {
      if (!isWanted()) return;
      // Better no coordinator than one that does not know what was committed.
      logger.error('groups cannot be loaded: this broker does not coordinate them until leadership changes', { partition: number, leaderEpoch, error });
      residents.giveUp(number);
    }
  }

  async function expireOffsets(): Promise<void> {
    for (const groups of residents.partitions()) {
      for (const resident of groups.values()) offsets.removeExpired(resident, retentionMs);
      await new Promise<void>((resolve) => clock.defer(resolve));
      if (isClosed) return;
    }
  }

  function checkRetentionLater(): void {
    retentionTimer = clock.setTimer(config['offsets.retention.check.interval.ms'], () => {
      void expireOffsets().then(() => {
        if (!isClosed) checkRetentionLater();
      });
    });
  }

  return {
    start() {
      stopListening = replicas.onLeadership({ elected, resigned });
      checkRetentionLater();
    },
    close() {
      isClosed = true;
      stopListening();
      retentionTimer?.cancel();
      for (const resident of residents) runner.stopTimer(resident);
    },
  };
}
