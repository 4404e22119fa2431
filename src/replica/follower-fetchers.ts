import { connectRequestClient } from '../network/request-client.ts';
import type { RequestClient } from '../network/request-client.ts';
import { KafkaError, errorByCode } from '../protocol/errors.ts';
import { fetchRequest, fetchResponse } from '../protocol/messages/fetch.ts';
import type { FetchResponse } from '../protocol/messages/fetch.ts';
import { listOffsetsRequest, listOffsetsResponse } from '../protocol/messages/list-offsets.ts';
import type { Clock } from '../runtime/clock.ts';
import { sleep } from '../runtime/clock.ts';
import type { BrokerConfig } from '../runtime/config/broker-config.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Network } from '../runtime/network.ts';
import { protocolError } from './errors.ts';
import type { Partition } from './partition.ts';

/**
 * The follower's side: one connection and one loop for each broker that leads a partition of ours. A fetch names the
 * epoch of its last record; where the leader's log parts from ours, it answers where, and we cut there (KIP-595).
 */
export interface FollowerFetchers {
  /** Addresses of living leaders, as a LeaderAndIsr told; loops start for those that are followed. */
  start(leaders: ReadonlyMap<number, LeaderAddress>): void;
  follow(partition: Partition): void;
  remove(partition: Partition): void;
  close(): void;
}

export interface LeaderAddress {
  readonly host: string;
  readonly port: number;
}

export interface FollowerFetchersOptions {
  readonly brokerId: number;
  readonly network: Network;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: BrokerConfig;
  /** Records or a high watermark came from the leader. */
  readonly changed: (partition: Partition) => void;
}

/** The newest version that names topics; it carries the last fetched epoch. */
const fetchVersion = 12;
const listOffsetsVersion = 5;
const earliestTimestamp = -2;
const latestTimestamp = -1;

interface Source {
  readonly leaderId: number;
  address: LeaderAddress;
  readonly partitions: Map<string, Partition>;
  client: RequestClient | undefined;
  isRunning: boolean;
  /** What last went wrong, told once until it changes. */
  trouble: string | undefined;
}

export function createFollowerFetchers(options: FollowerFetchersOptions): FollowerFetchers {
  const { clock, logger, config } = options;
  const sources = new Map<number, Source>();
  let isClosed = false;

  function sourceOf(leaderId: number): Source {
    let source = sources.get(leaderId);
    if (source === undefined) {
      source = { leaderId, address: { host: '', port: 0 }, partitions: new Map(), client: undefined, isRunning: false, trouble: undefined };
      sources.set(leaderId, source);
    }
    return source;
  }

  async function run(source: Source): Promise<void> {
    while (!isClosed && source.partitions.size > 0) {
      try {
        source.client ??= await connect(source);
        await fetchOnce(source, source.client);
        source.trouble = undefined;
      } catch (error) {
        if (isClosed) return;
        source.client?.close();
        source.client = undefined;
        tell(source, error);
        await sleep(clock, config['replica.fetch.backoff.ms']);
      }
    }
    source.client?.close();
    source.client = undefined;
    source.isRunning = false;
  }

  function tell(source: Source, error: unknown): void {
    const trouble = error instanceof Error ? error.message : String(error);
    if (trouble === source.trouble) return;
    source.trouble = trouble;
    logger.warn('cannot fetch from leader; trying again', { leader: source.leaderId, partitions: source.partitions.size, error: protocolError(error) === undefined ? error : trouble });
  }

  function connect({ address }: Source): Promise<RequestClient> {
    return connectRequestClient({
      network: options.network,
      clock,
      ...address,
      clientId: `broker-${options.brokerId}-fetcher-0`,
      connectTimeoutMs: config['replica.socket.timeout.ms'],
      negotiate: false,
    });
  }

  async function fetchOnce(source: Source, client: RequestClient): Promise<void> {
    const asked = Array.from(source.partitions.values());
    const answer = await client.send(fetchRequest, fetchResponse, fetchVersion, requestOf(asked), config['replica.socket.timeout.ms']);
    if (answer.errorCode !== 0) throw new KafkaError(errorByCode(answer.errorCode), `leader ${source.leaderId} refused the fetch`);
    let isSlowedDown = false;
    for (const { topic, partitions } of answer.responses) {
      for (const part of partitions) {
        const partition = source.partitions.get(`${topic}-${part.partitionIndex}`);
        if (partition === undefined) continue; // it moved meanwhile
        if (!(await applyPart(source, client, partition, part))) isSlowedDown = true;
      }
    }
    if (isSlowedDown) await sleep(clock, config['replica.fetch.backoff.ms']);
  }

  function requestOf(partitions: readonly Partition[]) {
    const byTopic = new Map<string, { partition: number; currentLeaderEpoch: number; fetchOffset: number; lastFetchedEpoch: number; logStartOffset: number; partitionMaxBytes: number }[]>();
    for (const { topic, partition, log, leaderEpoch } of partitions) {
      const parts = byTopic.get(topic) ?? [];
      byTopic.set(topic, parts);
      parts.push({
        partition,
        currentLeaderEpoch: leaderEpoch,
        fetchOffset: log.logEndOffset,
        lastFetchedEpoch: log.latestEpoch ?? -1,
        logStartOffset: log.logStartOffset,
        partitionMaxBytes: config['replica.fetch.max.bytes'],
      });
    }
    return {
      replicaId: options.brokerId,
      maxWaitMs: config['replica.fetch.wait.max.ms'],
      minBytes: config['replica.fetch.min.bytes'],
      maxBytes: config['replica.fetch.response.max.bytes'],
      topics: Array.from(byTopic, ([topic, parts]) => ({ topic, partitions: parts })),
    };
  }

  /** False when the partition cannot go on at once. */
  async function applyPart(source: Source, client: RequestClient, partition: Partition, part: FetchResponse['responses'][number]['partitions'][number]): Promise<boolean> {
    const { log } = partition;
    switch (errorByCode(part.errorCode)) {
      case 'NONE':
        break;
      case 'OFFSET_OUT_OF_RANGE':
        await moveIntoRange(client, partition);
        return true;
      default:
        tell(source, new KafkaError(errorByCode(part.errorCode), `leader ${source.leaderId} answered ${errorByCode(part.errorCode)} for ${partition.key}`));
        return false;
    }
    if (part.divergingEpoch.endOffset >= 0) {
      truncate(partition, part.divergingEpoch);
      return true;
    }
    if (part.records !== null && part.records.length > 0) {
      log.appendAsFollower(part.records);
      log.writeStaged();
    }
    log.setHighWatermark(Math.min(part.highWatermark, log.logEndOffset));
    if (part.logStartOffset > log.logStartOffset && part.logStartOffset <= log.highWatermark) log.incrementLogStartOffset(part.logStartOffset);
    options.changed(partition);
    return true;
  }

  /** Cuts where the leader's log parts from ours: at its end of that epoch, or at our end of it when that is less. */
  function truncate({ key, log }: Partition, diverging: { readonly epoch: number; readonly endOffset: number }): void {
    const ours = log.endOffsetForEpoch(diverging.epoch);
    const to = Math.min(diverging.endOffset, ours.endOffset < 0 ? diverging.endOffset : ours.endOffset, log.logEndOffset);
    logger.info('truncating to the leader\'s log', { partition: key, from: log.logEndOffset, to, epoch: diverging.epoch });
    if (to < log.highWatermark) logger.warn('truncating below the high watermark', { partition: key, highWatermark: log.highWatermark, to });
    log.truncateTo(to);
  }

  /** The leader's log does not hold our end: it is shorter, or begins later (AbstractFetcherThread.fetchOffsetAndTruncate). */
  async function moveIntoRange(client: RequestClient, partition: Partition): Promise<void> {
    const { log } = partition;
    const leaderEnd = await offsetOf(client, partition, latestTimestamp);
    if (leaderEnd < log.logEndOffset) {
      logger.warn('truncating to the leader\'s shorter log', { partition: partition.key, from: log.logEndOffset, to: leaderEnd });
      log.truncateTo(leaderEnd);
      return;
    }
    const leaderStart = await offsetOf(client, partition, earliestTimestamp);
    if (leaderStart <= log.logEndOffset) return;
    logger.warn('starting anew where the leader\'s log begins', { partition: partition.key, from: log.logEndOffset, to: leaderStart });
    log.truncateFullyAndStartAt(leaderStart);
  }

  async function offsetOf(client: RequestClient, { topic, partition, leaderEpoch }: Partition, timestamp: number): Promise<number> {
    const request = { replicaId: options.brokerId, topics: [{ name: topic, partitions: [{ partitionIndex: partition, currentLeaderEpoch: leaderEpoch, timestamp }] }] };
    const answer = await client.send(listOffsetsRequest, listOffsetsResponse, listOffsetsVersion, request, config['replica.socket.timeout.ms']);
    const part = answer.topics[0]?.partitions[0];
    if (part === undefined || part.errorCode !== 0) throw new KafkaError(errorByCode(part?.errorCode ?? -1), `leader does not tell the offsets of ${topic}-${partition}`);
    return part.offset;
  }

  function runWhereNeeded(source: Source): void {
    if (isClosed || source.isRunning || source.partitions.size === 0 || source.address.host === '') return;
    source.isRunning = true;
    void run(source);
  }

  return {
    start(leaders) {
      for (const [leaderId, address] of leaders) {
        const source = sourceOf(leaderId);
        const hasMoved = source.address.host !== address.host || source.address.port !== address.port;
        source.address = address;
        if (hasMoved) source.client?.close();
      }
      for (const source of sources.values()) runWhereNeeded(source);
    },
    follow(partition) {
      for (const source of sources.values()) source.partitions.delete(partition.key);
      const leader = partition.state?.leader ?? -1;
      if (leader >= 0) sourceOf(leader).partitions.set(partition.key, partition);
    },
    remove(partition) {
      for (const source of sources.values()) source.partitions.delete(partition.key);
    },
    close() {
      isClosed = true;
      for (const source of sources.values()) source.client?.close();
    },
  };
}
