import type { AbortedTransaction, EpochEndOffset, FileSlice, ReadLimit } from '../log/partition-log.ts';
import { KafkaError } from '../protocol/errors.ts';
import { zeroUuid } from '../protocol/fields.ts';
import type { Clock } from '../runtime/clock.ts';
import { protocolError } from './errors.ts';
import type { FetchPart } from './fetch-session.ts';
import type { Partition } from './partition.ts';
import { partitionKey } from './partition.ts';
import type { LentBytes, RecordReader } from './record-reader.ts';
import type { ReplicaManager } from './replica-manager.ts';

export interface FetchParameters {
  /** Broker id of a follower; -1 for a consumer. */
  readonly replicaId: number;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly isReadCommitted: boolean;
}

export interface FetchedPart {
  readonly part: FetchPart;
  readonly error: KafkaError | undefined;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly divergingEpoch: EpochEndOffset | undefined;
  readonly abortedTransactions: readonly AbortedTransaction[] | undefined;
  /** Undefined where there is nothing to read. */
  readonly lent: LentBytes | undefined;
}

interface PlannedPart extends Omit<FetchedPart, 'lent'> {
  readonly slice: FileSlice | undefined;
  readonly isHot: boolean;
}

export interface FetchEnvironment {
  readonly manager: ReplicaManager;
  readonly reader: RecordReader;
  readonly clock: Clock;
}

/**
 * Reads, or waits until `minBytes` are there, something is wrong, or `maxWaitMs` is over. `done` is called once; each
 * part's bytes must be given back.
 */
export function fetchRecords(environment: FetchEnvironment, parameters: FetchParameters, parts: readonly FetchPart[], done: (fetched: readonly FetchedPart[]) => void): () => void {
  const { manager } = environment;
  if (parameters.replicaId >= 0) tellFollower(manager, parameters.replicaId, parts);
  const planned = plan(manager, parameters, parts);
  if (isEnough(planned, parameters) || parts.length === 0) {
    read(environment, planned, done);
    return () => undefined;
  }
  const complete = (): void => read(environment, plan(manager, parameters, parts), done);
  return manager.waiting.wait(
    parts.map(({ topic, partition }) => partitionKey(topic, partition)),
    parameters.maxWaitMs,
    {
      tryComplete() {
        const now = plan(manager, parameters, parts);
        if (!isEnough(now, parameters)) return false;
        read(environment, now, done);
        return true;
      },
      expire: complete,
    },
  );
}

function isEnough(planned: readonly PlannedPart[], { minBytes, maxWaitMs }: FetchParameters): boolean {
  if (maxWaitMs <= 0) return true;
  let bytes = 0;
  for (const { error, divergingEpoch, slice } of planned) {
    if (error !== undefined || divergingEpoch !== undefined) return true;
    bytes += slice?.length ?? 0;
  }
  return bytes >= minBytes;
}

/** A follower's fetch says what it has; errors show when its partition is read. */
function tellFollower(manager: ReplicaManager, followerId: number, parts: readonly FetchPart[]): void {
  for (const part of parts) {
    const partition = manager.partitionOf(part.topic, part.partition);
    if (partition === undefined || !partition.isLeader || !isEpochRight(partition, part)) continue;
    if (!partition.followers.has(followerId) || part.fetchOffset > partition.log.writtenEndOffset || hasDiverged(partition, part)) continue;
    manager.followerFetched(partition, followerId, part.fetchOffset, part.logStartOffset);
  }
}

function hasDiverged(partition: Partition, part: FetchPart): boolean {
  try {
    return divergence(partition, part) !== undefined;
  } catch (error) {
    if (protocolError(error) === undefined) throw error;
    return true;
  }
}

const isEpochRight = (partition: Partition, part: FetchPart): boolean => part.currentLeaderEpoch < 0 || part.currentLeaderEpoch === partition.leaderEpoch;

function plan(manager: ReplicaManager, parameters: FetchParameters, parts: readonly FetchPart[]): PlannedPart[] {
  let bytesLeft = parameters.maxBytes;
  let isFirst = true;
  return parts.map((part) => {
    const planned = planOne(manager, parameters, part, bytesLeft, isFirst);
    const length = planned.slice?.length ?? 0;
    if (length > 0) isFirst = false;
    bytesLeft -= length;
    return planned;
  });
}

function planOne(manager: ReplicaManager, parameters: FetchParameters, part: FetchPart, bytesLeft: number, isFirst: boolean): PlannedPart {
  const { replicaId, isReadCommitted } = parameters;
  try {
    if (part.topic === '') throw new KafkaError('UNKNOWN_TOPIC_ID', `this broker knows no topic with id ${part.topicId}`);
    const partition = manager.leaderOf(part.topic, part.partition, part.currentLeaderEpoch);
    const { log } = partition;
    if (part.topicId !== zeroUuid && partition.topicId !== part.topicId) {
      throw new KafkaError('INCONSISTENT_TOPIC_ID', `${partition.key} has another topic id than ${part.topicId}`);
    }
    if (replicaId >= 0 && !partition.followers.has(replicaId)) throw new KafkaError('UNKNOWN_LEADER_EPOCH', `broker ${replicaId} is no replica of ${partition.key} as far as known here`);
    const known = { part, error: undefined, highWatermark: log.highWatermark, lastStableOffset: log.lastStableOffset, logStartOffset: log.logStartOffset };
    const divergingEpoch = divergence(partition, part);
    if (divergingEpoch !== undefined) return { ...known, divergingEpoch, abortedTransactions: undefined, slice: undefined, isHot: true };
    const limit: ReadLimit = replicaId >= 0 ? 'log-end' : isReadCommitted ? 'last-stable' : 'high-watermark';
    const bytesMax = Math.max(0, Math.min(part.bytesMax, bytesLeft));
    const found = log.read(part.fetchOffset, bytesMax, limit, isFirst);
    return { ...known, divergingEpoch: undefined, abortedTransactions: found.abortedTransactions, slice: found.records, isHot: found.isHot };
  } catch (error) {
    const known = protocolError(error);
    if (known === undefined) throw error;
    return { part, error: known, highWatermark: -1, lastStableOffset: -1, logStartOffset: -1, divergingEpoch: undefined, abortedTransactions: undefined, slice: undefined, isHot: true };
  }
}

/** Where the fetcher's log parts from this one (KIP-595); undefined when it does not, or the fetcher says no epoch. */
function divergence(partition: Partition, part: FetchPart): EpochEndOffset | undefined {
  if (part.lastFetchedEpoch < 0) return undefined;
  const end = partition.log.endOffsetForEpoch(part.lastFetchedEpoch);
  if (end.endOffset < 0) throw new KafkaError('OFFSET_OUT_OF_RANGE', `${partition.key} knows nothing of leader epoch ${part.lastFetchedEpoch}`);
  return end.epoch < part.lastFetchedEpoch || end.endOffset < part.fetchOffset ? end : undefined;
}

function read({ reader }: FetchEnvironment, planned: readonly PlannedPart[], done: (fetched: readonly FetchedPart[]) => void): void {
  if (planned.every(({ isHot, slice }) => isHot || slice === undefined || slice.length === 0)) {
    done(planned.map((one) => readHot(reader, one)));
    return;
  }
  void Promise.all(planned.map((one) => readCold(reader, one))).then(done);
}

function readHot(reader: RecordReader, one: PlannedPart): FetchedPart {
  if (one.slice === undefined || one.slice.length === 0) return { ...one, lent: undefined };
  try {
    return { ...one, lent: reader.readNow(one.slice) };
  } catch (error) {
    return unreadable(one, error);
  }
}

async function readCold(reader: RecordReader, one: PlannedPart): Promise<FetchedPart> {
  if (one.isHot || one.slice === undefined || one.slice.length === 0) return readHot(reader, one);
  try {
    return { ...one, lent: await reader.read(one.slice) };
  } catch (error) {
    return unreadable(one, error);
  }
}

function unreadable(one: PlannedPart, cause: unknown): FetchedPart {
  return { ...one, error: new KafkaError('KAFKA_STORAGE_ERROR', 'the log cannot be read', { cause }), lent: undefined };
}
