import { LogFailure } from '../log/errors.ts';
import { connectRequestClient } from '../network/request-client.ts';
import type { RequestClient } from '../network/request-client.ts';
import { KafkaError, errorByCode } from '../protocol/errors.ts';
import type { ErrorName } from '../protocol/errors.ts';
import { fetchRequest, fetchResponse } from '../protocol/messages/fetch.ts';
import type { FetchResponse } from '../protocol/messages/fetch.ts';
import { listOffsetsRequest, listOffsetsResponse } from '../protocol/messages/list-offsets.ts';
import { offsetForLeaderEpochRequest, offsetForLeaderEpochResponse } from '../protocol/messages/offset-for-leader-epoch.ts';
import type { BufferPool } from '../runtime/buffer-pool.ts';
import { createPause } from '../runtime/pause.ts';
import { appendFetched } from './append-fetched.ts';
import { protocolError } from './errors.ts';
import { FetchSessionClient } from './fetch-session-client.ts';
import type { FollowerFetchersOptions, LeaderAddress } from './follower-fetchers.ts';
import type { Partition } from './partition.ts';
import { truncationOf } from './truncation.ts';

/**
 * Fetches from one leader, one request at a time:
 *
 *     connect ─► (before 2.7: compare epochs, cut) ─► fetch what is not paused ─► append, cut where told, move the high watermark
 *        ▲                                                                                          │
 *        └── replica.fetch.backoff.ms ◄── connection lost ◄─────────────────────────────────────────┤
 *                                         error of one partition: that one pauses, the others go on ◄┘
 *
 * Since 2.7 a fetch names the epoch of the follower's last record, and the leader answers where their logs part
 * (KIP-595). Before, the follower asks with OffsetsForLeaderEpoch before its first fetch (KIP-101).
 */
export interface LeaderFetcher {
  /** Fetches from there as soon as there is something to fetch. */
  start(address: LeaderAddress): void;
  add(partition: Partition): void;
  /** The log changed by other hands than the fetcher's: its start moved. */
  changed(partition: Partition): void;
  remove(partition: Partition): void;
  close(): void;
}

/** A partition that is followed, in one leader epoch. */
interface Followed {
  readonly partition: Partition;
  /** Where the leader was last asked to read; undefined before, and for one that is not fetched now. */
  fetchOffset: number | undefined;
  readonly leaderEpoch: number;
  /** On the monotonic clock; Infinity until the controller says something new. */
  pausedUntilMs: number;
  /** The last answer left nothing to fetch below the leader's high watermark. */
  isInSync: boolean;
  /** What last went wrong, logged once until it changes. */
  trouble: string | undefined;
  /** How often in a row the leader said that it does not lead yet. */
  tries: number;
}

type AnsweredPart = FetchResponse['responses'][number]['partitions'][number];

/** The newest version that names topics by name; it carries the last fetched epoch. */
const fetchVersion = 12;
const fetchVersionBefore27 = 11;
const listOffsetsVersion = 5;
const offsetForLeaderEpochVersion = 3;
/** Answers of a leader that the controller has not told yet. */
const saidByLeaderUntold: ReadonlySet<ErrorName> = new Set<ErrorName>(['NOT_LEADER_OR_FOLLOWER', 'UNKNOWN_LEADER_EPOCH', 'UNKNOWN_TOPIC_OR_PARTITION']);
/** Doubles with each try, up to replica.fetch.backoff.ms. */
const firstPauseMs = 10;
const earliestTimestamp = -2;
const latestTimestamp = -1;

export function createLeaderFetcher(leaderId: number, options: FollowerFetchersOptions & { readonly pool: BufferPool }): LeaderFetcher {
  const { clock, logger, config, brokerId, quota } = options;
  const cutsOnFetch = isAtLeast27(config['inter.broker.protocol.version']);
  const backoffMs = config['replica.fetch.backoff.ms'];
  const timeoutMs = config['replica.socket.timeout.ms'];
  const followed = new Map<string, Followed>();
  /** Those to tell the leader of with the next request; the others cost nothing. */
  const changed = new Set<Followed>();
  const paused = new Set<Followed>();
  /** Those that a replication quota keeps from being fetched. */
  const heldBack = new Set<Followed>();
  /** Those whose logs are not fetched before they were cut where they part from the leader's. */
  const toTruncate = new Set<Followed>();
  let address: LeaderAddress | undefined;
  let client: RequestClient | undefined;
  const session = new FetchSessionClient();
  let isRunning = false;
  let isClosed = false;
  let trouble: string | undefined;
  /** Ends early when a partition is added. */
  const pause = createPause(clock);

  async function run(): Promise<void> {
    while (!isClosed && followed.size > 0) {
      try {
        client ??= await connect(address!);
        await fetchOnce(client);
        client.release();
        trouble = undefined;
      } catch (error) {
        if (isClosed) break;
        client?.close();
        client = undefined;
        session.failed(true);
        tellTrouble(error);
        await pause.for(backoffMs);
      }
    }
    client?.close();
    client = undefined;
    session.failed(true);
    isRunning = false;
    if (!isClosed && followed.size > 0) runWhereNeeded();
  }

  function connect({ host, port }: LeaderAddress): Promise<RequestClient> {
    return connectRequestClient({ network: options.network, clock, host, port, clientId: `broker-${brokerId}-fetcher-0`, connectTimeoutMs: timeoutMs, negotiate: false, pool: options.pool });
  }

  function tellTrouble(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    if (text === trouble) return;
    trouble = text;
    logger.warn('cannot fetch from leader; trying again', { leader: leaderId, partitions: followed.size, ...(protocolError(error) === undefined ? { error } : { reason: text }) });
  }

  async function fetchOnce(open: RequestClient): Promise<void> {
    if (!cutsOnFetch) await cutByEpochs(open);
    const nowMs = clock.monotonicMs();
    resumePaused(nowMs);
    for (const one of changed) tellSession(one);
    changed.clear();
    if (session.size === 0) {
      await pause.for(Math.min(pauseLeftMs(), heldBack.size > 0 ? quota.exceededForMs() : Infinity, 60_000));
      return;
    }
    const answer = await open.send(fetchRequest, fetchResponse, cutsOnFetch ? fetchVersion : fetchVersionBefore27, nextRequest(), timeoutMs + config['replica.fetch.wait.max.ms']);
    if (answer.errorCode !== 0) {
      const name = errorByCode(answer.errorCode);
      session.failed(name === 'FETCH_SESSION_ID_NOT_FOUND');
      if (name.includes('FETCH_SESSION')) return;
      throw new KafkaError(name, `leader ${leaderId} refused the fetch: ${name}`);
    }
    session.answered(answer.sessionId);
    for (const { topic, partitions } of answer.responses) {
      for (const part of partitions) {
        const one = followed.get(keyOf(topic, part.partitionIndex));
        // Moved, cut or appended to while the answer was under way: it is not for the log as it is now.
        if (one === undefined || one.partition.log.logEndOffset !== one.fetchOffset) continue;
        await attempt(one, () => apply(open, one, part));
        changed.add(one);
      }
    }
  }

  /** Until the first pause is over. */
  function pauseLeftMs(): number {
    let untilMs = Infinity;
    for (const { pausedUntilMs } of paused) untilMs = Math.min(untilMs, pausedUntilMs);
    return untilMs - clock.monotonicMs();
  }

  /** Those whose pause is over, and that no quota holds back any more, are fetched again. */
  function resumePaused(nowMs: number): void {
    for (const one of paused) {
      if (one.pausedUntilMs > nowMs) continue;
      paused.delete(one);
      changed.add(one);
    }
    for (const one of heldBack) {
      if (isHeldBack(one)) continue;
      heldBack.delete(one);
      changed.add(one);
    }
  }

  function isHeldBack({ partition: { topic, partition }, isInSync }: Followed): boolean {
    return quota.isInUse() && !isInSync && quota.isThrottled(topic, partition) && quota.exceededForMs() > 0;
  }

  function tellSession(one: Followed): void {
    const { topic, partition, key, leaderEpoch, log } = one.partition;
    if (followed.get(key) !== one) return;
    if (isHeldBack(one)) heldBack.add(one);
    if (paused.has(one) || heldBack.has(one) || toTruncate.has(one)) {
      one.fetchOffset = undefined;
      session.drop(key);
      return;
    }
    one.fetchOffset = log.logEndOffset;
    session.want(key, { topic, partition, currentLeaderEpoch: leaderEpoch, fetchOffset: log.logEndOffset, lastFetchedEpoch: cutsOnFetch ? (log.latestEpoch ?? -1) : -1, logStartOffset: log.logStartOffset });
  }

  function nextRequest() {
    const { sessionId, sessionEpoch, parts, forgotten } = session.next();
    const partitionMaxBytes = config['replica.fetch.max.bytes'];
    return {
      replicaId: brokerId,
      // Whose pause ends meanwhile is not kept waiting by those that have nothing to fetch.
      maxWaitMs: Math.max(0, Math.min(config['replica.fetch.wait.max.ms'], Math.ceil(pauseLeftMs()))),
      minBytes: config['replica.fetch.min.bytes'],
      maxBytes: config['replica.fetch.response.max.bytes'],
      sessionId,
      sessionEpoch,
      topics: byTopic(parts).map(([topic, ofTopic]) => ({ topic, partitions: ofTopic.map(({ topic: _topic, ...part }) => ({ ...part, partitionMaxBytes })) })),
      forgottenTopicsData: byTopic(forgotten).map(([topic, ofTopic]) => ({ topic, partitions: ofTopic.map(({ partition }) => partition) })),
    };
  }

  /** An error of one partition pauses that one; a lost connection is the whole fetcher's. */
  async function attempt(one: Followed, work: () => void | Promise<void>): Promise<void> {
    try {
      await work();
      one.trouble = undefined;
      one.tries = 0;
    } catch (error) {
      const known = protocolError(error);
      if (known?.name === 'NETWORK_EXCEPTION' || known?.name === 'REQUEST_TIMED_OUT') throw error;
      const isFinal = error instanceof LogFailure || known?.name === 'FENCED_LEADER_EPOCH';
      one.pausedUntilMs = isFinal ? Infinity : clock.monotonicMs() + pauseMs(one, known);
      paused.add(one);
      const text = error instanceof Error ? error.message : String(error);
      if (text === one.trouble) return;
      one.trouble = text;
      const fields = { partition: one.partition.key, leader: leaderId, leaderEpoch: one.leaderEpoch, ...(known === undefined || isFinal ? { error } : { reason: text }) };
      if (known === undefined) logger.error('following a partition failed by a bug', fields);
      else logger.warn(isFinal ? 'partition is not followed until the controller says more' : 'partition cannot be followed now; trying again', fields);
    }
  }

  /** The controller tells leader and follower within milliseconds of each other: who heard first need not wait the whole pause. */
  function pauseMs(one: Followed, error: KafkaError | undefined): number {
    const isEarly = error !== undefined && saidByLeaderUntold.has(error.name);
    return isEarly ? Math.min(backoffMs, firstPauseMs * 2 ** one.tries++) : backoffMs;
  }

  function apply(open: RequestClient, one: Followed, part: AnsweredPart): void | Promise<void> {
    const { partition } = one;
    const { log } = partition;
    const name = errorByCode(part.errorCode);
    if (name === 'OFFSET_OUT_OF_RANGE') return moveIntoRange(open, one);
    if (name !== 'NONE') throw new KafkaError(name, `leader ${leaderId} answered ${name} for ${partition.key}`);
    if (part.divergingEpoch.endOffset >= 0) {
      cut(partition, part.divergingEpoch);
      return;
    }
    const { highWatermark, logStartOffset } = log;
    if (part.records !== null && part.records.length > 0) {
      appendFetched(log, part.records);
      if (quota.isInUse() && quota.isThrottled(partition.topic, partition.partition)) quota.record(part.records.length);
    }
    one.isInSync = part.highWatermark <= log.logEndOffset;
    if (part.highWatermark > log.highWatermark) log.setHighWatermark(Math.min(part.highWatermark, log.writtenEndOffset));
    if (part.logStartOffset > log.logStartOffset && part.logStartOffset <= log.highWatermark) log.incrementLogStartOffset(part.logStartOffset);
    if (log.highWatermark !== highWatermark || log.logStartOffset !== logStartOffset) options.changed(partition);
  }

  /** Returns whether the log now is one with the leader's as far as the leader's word goes. */
  function cut({ key, log }: Partition, leaders: { readonly epoch: number; readonly endOffset: number }): boolean {
    const { logEndOffset, highWatermark } = log;
    const { offset, isComplete } = truncationOf({ logEndOffset, highWatermark, ours: log.endOffsetForEpoch(leaders.epoch) }, leaders);
    if (offset < highWatermark) logger.warn('truncating below the high watermark', { partition: key, highWatermark, to: offset });
    if (offset < logEndOffset) logger.info('truncating to the leader\'s log', { partition: key, from: logEndOffset, to: offset, epoch: leaders.epoch });
    log.truncateTo(offset);
    return isComplete;
  }

  /** Asks where the latest epoch of each new partition ends at the leader, cuts there, and asks again where that was not enough. */
  async function cutByEpochs(open: RequestClient): Promise<void> {
    for (;;) {
      const nowMs = clock.monotonicMs();
      const asked = Array.from(toTruncate).filter(({ pausedUntilMs }) => pausedUntilMs <= nowMs);
      if (asked.length === 0) return;
      const questions = asked.map(({ partition }) => ({ topic: partition.topic, partition: partition.partition, currentLeaderEpoch: partition.leaderEpoch, leaderEpoch: partition.log.latestEpoch ?? -1 }));
      const request = { replicaId: brokerId, topics: byTopic(questions).map(([topic, partitions]) => ({ topic, partitions: partitions.map(({ topic: _topic, ...question }) => question) })) };
      const answer = await open.send(offsetForLeaderEpochRequest, offsetForLeaderEpochResponse, offsetForLeaderEpochVersion, request, timeoutMs);
      const answers = new Map(answer.topics.flatMap(({ topic, partitions }) => partitions.map((part) => [keyOf(topic, part.partition), part] as const)));
      for (const one of asked) {
        const { key } = one.partition;
        if (followed.get(key) !== one) continue;
        await attempt(one, () => {
          const part = answers.get(key);
          if (part === undefined || part.errorCode !== 0) throw new KafkaError(errorByCode(part?.errorCode ?? -1), `leader ${leaderId} does not tell the epochs of ${key}`);
          if (!cut(one.partition, { epoch: part.leaderEpoch, endOffset: part.endOffset })) return;
          toTruncate.delete(one);
          changed.add(one);
        });
      }
    }
  }

  /** The leader's log does not hold our end: it is shorter, or begins later (AbstractFetcherThread.fetchOffsetAndTruncate). */
  async function moveIntoRange(open: RequestClient, one: Followed): Promise<void> {
    const { partition } = one;
    const { key } = partition;
    const leaderEnd = await offsetOf(open, partition, latestTimestamp);
    if (followed.get(key) !== one) return;
    const { log } = partition;
    if (leaderEnd < log.logEndOffset) {
      logger.warn('truncating to the leader\'s shorter log', { partition: key, from: log.logEndOffset, to: leaderEnd });
      log.truncateTo(leaderEnd);
      return;
    }
    const leaderStart = await offsetOf(open, partition, earliestTimestamp);
    if (followed.get(key) !== one || partition.log !== log) return;
    if (leaderStart <= log.logEndOffset) throw new KafkaError('OFFSET_OUT_OF_RANGE', `leader ${leaderId} refused offset ${log.logEndOffset} of ${key}, which lies in its log`);
    logger.warn('starting anew where the leader\'s log begins', { partition: key, from: log.logEndOffset, to: leaderStart });
    log.truncateFullyAndStartAt(leaderStart);
  }

  async function offsetOf(open: RequestClient, { topic, partition, leaderEpoch }: Partition, timestamp: number): Promise<number> {
    const request = { replicaId: brokerId, topics: [{ name: topic, partitions: [{ partitionIndex: partition, currentLeaderEpoch: leaderEpoch, timestamp }] }] };
    const answer = await open.send(listOffsetsRequest, listOffsetsResponse, listOffsetsVersion, request, timeoutMs);
    const part = answer.topics[0]?.partitions[0];
    if (part === undefined || part.errorCode !== 0) throw new KafkaError(errorByCode(part?.errorCode ?? -1), `leader ${leaderId} does not tell the offsets of ${topic}-${partition}`);
    return part.offset;
  }

  const forgetQuota = quota.onChange(() => pause.end());

  function runWhereNeeded(): void {
    if (isClosed || isRunning || followed.size === 0 || address === undefined) return;
    isRunning = true;
    void run();
  }

  return {
    start(at) {
      const hasMoved = address !== undefined && (address.host !== at.host || address.port !== at.port);
      address = at;
      if (hasMoved) client?.close();
      runWhereNeeded();
    },
    add(partition) {
      const { log, key, leaderEpoch } = partition;
      // Without epochs nothing can be compared: what is above the high watermark may not be the leader's.
      if (log.latestEpoch === undefined && log.logEndOffset > log.highWatermark) log.truncateTo(log.highWatermark);
      const one: Followed = { partition, fetchOffset: undefined, leaderEpoch, pausedUntilMs: -Infinity, isInSync: false, trouble: undefined, tries: 0 };
      followed.set(key, one);
      changed.add(one);
      if (!cutsOnFetch && log.latestEpoch !== undefined) toTruncate.add(one);
      pause.end();
    },
    changed({ key }) {
      const one = followed.get(key);
      if (one !== undefined) changed.add(one);
    },
    remove({ key }) {
      const one = followed.get(key);
      if (one === undefined) return;
      followed.delete(key);
      for (const those of [changed, paused, heldBack, toTruncate]) those.delete(one);
      session.drop(key);
      if (followed.size === 0) pause.end();
    },
    close() {
      isClosed = true;
      followed.clear();
      forgetQuota();
      pause.end();
      client?.close();
    },
  };
}

const keyOf = (topic: string, partition: number): string => `${topic}-${partition}`;

function byTopic<Part extends { readonly topic: string }>(parts: readonly Part[]): [string, Part[]][] {
  const topics = new Map<string, Part[]>();
  for (const part of parts) {
    const ofTopic = topics.get(part.topic);
    if (ofTopic === undefined) topics.set(part.topic, [part]);
    else ofTopic.push(part);
  }
  return Array.from(topics);
}

/** @param version inter.broker.protocol.version, such as `3.9-IV0` or `2.4` */
function isAtLeast27(version: string): boolean {
  const found = /^(\d+)\.(\d+)/.exec(version);
  return found === null || Number(found[1]) > 2 || Number(found[2]) >= 7;
}
