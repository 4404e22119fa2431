import type { AbortedTransaction, EpochEndOffset, FileSlice, ReadLimit } from '../log/partition-log.ts';
import { KafkaError } from '../protocol/errors.ts';
import { zeroUuid } from '../protocol/fields.ts';
import type { Clock } from '../runtime/clock.ts';
import { protocolError } from './errors.ts';
import { settle } from './fetch-session.ts';
import type { FetchPart, FetchSession } from './fetch-session.ts';
import type { Partition } from './partition.ts';
import type { FileSender, LentRecords, RecordReader } from './record-reader.ts';
import type { ReplicaManager } from './replica-manager.ts';

export interface FetchParameters {
  /** Broker id of a follower; -1 for a consumer, -2 for one that debugs and sees up to the log's end. */
  readonly replicaId: number;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly isReadCommitted: boolean;
  /** Fetch v0 to v2: sizes hold even where they cut the first batch (KIP-74 came with v3). */
  readonly isLimitHard: boolean;
  /** Consumers since Fetch v11 may read from a follower (KIP-392). */
  readonly mayReadFollower: boolean;
  /** The connection to answer by; undefined where the records are looked at before. */
  readonly sender: FileSender | undefined;
  /** Who says its rack may be sent to a replica near it (KIP-392). */
  readonly place: ConsumerPlace | undefined;
}

/** Where a consumer is, and by which listener it reaches brokers. */
export interface ConsumerPlace {
  /** Not empty. */
  readonly rack: string;
  readonly listenerName: string;
}

export interface FetchedPart {
  readonly part: FetchPart;
  readonly error: KafkaError | undefined;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly divergingEpoch: EpochEndOffset | undefined;
  readonly abortedTransactions: readonly AbortedTransaction[] | undefined;
  /** Broker id of a replica that the consumer should read from instead; nothing is read here then. */
  readonly preferredReadReplica: number | undefined;
  /** Undefined where there is nothing to read. */
  readonly lent: LentRecords | undefined;
}

/** On its way to a FetchedPart: one object, filled in step by step, since each fetch makes one for each of its partitions. */
interface PlannedPart extends FetchedPart {
  error: KafkaError | undefined;
  highWatermark: number;
  lastStableOffset: number;
  logStartOffset: number;
  divergingEpoch: EpochEndOffset | undefined;
  abortedTransactions: readonly AbortedTransaction[] | undefined;
  preferredReadReplica: number | undefined;
  lent: LentRecords | undefined;
  /** Undefined where there is nothing to read. */
  slice: FileSlice | undefined;
  isHot: boolean;
  /** The segment ends here and another follows: there is more, but not in this answer. */
  isSegmentEnd: boolean;
  /** Nothing to tell before the replica has news. */
  isOver: boolean;
}

export interface FetchEnvironment {
  readonly manager: ReplicaManager;
  readonly reader: RecordReader;
  readonly clock: Clock;
}

/** One request: all its partitions, or those of its session that are due. */
export interface FetchQuestion {
  readonly parameters: FetchParameters;
  readonly parts: readonly FetchPart[];
  readonly session: FetchSession | undefined;
}

/**
 * Reads, or waits until `minBytes` are there, something is wrong, or `maxWaitMs` is over. `done` is called once, unless
 * the function that is returned takes the fetch back before; each part's bytes must be given back.
 */
export function fetchRecords(environment: FetchEnvironment, question: FetchQuestion, done: (fetched: readonly FetchedPart[]) => void): () => void {
  const { manager } = environment;
  const { parameters, parts, session } = question;
  if (parameters.replicaId >= 0) tellFollower(manager, parameters.replicaId, question);
  const planned = plan(manager, question, parts);
  const isEmpty = session === undefined ? parts.length === 0 : session.parts.size === 0;
  if (isEmpty || isEnough(planned, parameters)) {
    answer(environment, question, planned, done);
    return () => undefined;
  }
  return session === undefined ? wait(environment, question, done) : waitInSession(environment, question, session, done);
}

function answer(environment: FetchEnvironment, { parameters, session }: FetchQuestion, planned: readonly PlannedPart[], done: (fetched: readonly FetchedPart[]) => void): void {
  if (session !== undefined) for (const { part, isOver, slice } of planned) settle(session, part, isOver, slice !== undefined);
  read(environment, planned, parameters, done);
}

function isEnough(planned: readonly PlannedPart[], { minBytes, maxWaitMs }: FetchParameters): boolean {
  if (maxWaitMs <= 0 || minBytes <= 0) return true;
  let bytes = 0;
  for (const { error, divergingEpoch, preferredReadReplica, slice, isSegmentEnd } of planned) {
    if (error !== undefined || divergingEpoch !== undefined || preferredReadReplica !== undefined || isSegmentEnd) return true;
    bytes += slice?.length ?? 0;
  }
  return bytes >= minBytes;
}

/** What happens to one partition costs a look at that one, however many the session has. */
function waitInSession(environment: FetchEnvironment, question: FetchQuestion, session: FetchSession, done: (fetched: readonly FetchedPart[]) => void): () => void {
  const { manager, clock } = environment;
  const { parameters } = question;
  const complete = (): void => {
    leave();
    const due = Array.from(session.due);
    answer(environment, question, plan(manager, question, due), done);
  };
  const readableOf = (part: FetchPart): number => {
    const partition = manager.partitionOf(part.topic, part.partition);
    return partition === undefined ? Infinity : readableBytes(manager, parameters, part, partition);
  };
  const noticed = (part: FetchPart): void => {
    const bytes = readableOf(part);
    if (bytes === 0) return;
    let total = bytes;
    if (bytes < parameters.minBytes) for (const other of session.due) if (other !== part) total += readableOf(other);
    if (total >= parameters.minBytes) complete();
  };
  const timer = clock.setTimer(parameters.maxWaitMs, complete);
  const leave = (): void => {
    timer.cancel();
    session.listeners.delete(noticed);
  };
  session.listeners.add(noticed);
  return leave;
}

/** Without a session each fetch names all its partitions, and waits for each. */
function wait(environment: FetchEnvironment, question: FetchQuestion, done: (fetched: readonly FetchedPart[]) => void): () => void {
  const { manager } = environment;
  const { parameters, parts } = question;
  const waited = new Map<Partition, FetchPart>();
  for (const part of parts) {
    const partition = manager.partitionOf(part.topic, part.partition);
    if (partition !== undefined) waited.set(partition, part);
  }
  const complete = (): void => read(environment, plan(manager, question, parts), parameters, done);
  return manager.waiting.wait(Array.from(waited.keys()), parameters.maxWaitMs, {
    tryComplete(partition) {
      const bytes = readableBytes(manager, parameters, waited.get(partition)!, partition);
      if (bytes === 0) return false;
      if (bytes < parameters.minBytes) {
        let total = 0;
        for (const [other, part] of waited) total += readableBytes(manager, parameters, part, other);
        if (total < parameters.minBytes) return false;
      }
      complete();
      return true;
    },
    expire: complete,
  });
}

/** What an answer could carry of a partition; Infinity when there is something else to tell at once. */
function readableBytes(manager: ReplicaManager, parameters: FetchParameters, part: FetchPart, partition: Partition): number {
  try {
    if (manager.partitionOf(part.topic, part.partition) !== partition) return Infinity;
    check(partition, parameters, part);
    if (divergence(partition, part) !== undefined) return Infinity;
    if (isHeldBack(manager, parameters, partition)) return 0;
    const { log } = partition;
    const upTo = limitOf(parameters);
    if (part.fetchOffset >= limitOffset(partition, upTo)) return part.fetchOffset > log.logEndOffset ? Infinity : 0;
    return parameters.minBytes <= 1 ? 1 : Math.min(part.bytesMax, log.readableBytes(part.fetchOffset, upTo));
  } catch (error) {
    if (protocolError(error) === undefined) throw error;
    return Infinity;
  }
}

function limitOf({ replicaId, isReadCommitted }: FetchParameters): ReadLimit {
  if (replicaId !== consumerId) return 'log-end';
  return isReadCommitted ? 'last-stable' : 'high-watermark';
}

const consumerId = -1;

function limitOffset({ log }: Partition, upTo: ReadLimit): number {
  if (upTo === 'log-end') return log.writtenEndOffset;
  return upTo === 'high-watermark' ? log.highWatermark : log.lastStableOffset;
}

/** A follower that is not in sync gets nothing of a throttled partition while the rate is exceeded (KIP-73). */
function isHeldBack({ quotas: { leader } }: ReplicaManager, { replicaId }: FetchParameters, { topic, partition, state }: Partition): boolean {
  return replicaId >= 0 && leader.isInUse() && leader.isThrottled(topic, partition) && state?.isr.includes(replicaId) === false && leader.exceededForMs() > 0;
}

/** A follower's fetch says what it has; errors show when its partition is read. */
function tellFollower(manager: ReplicaManager, followerId: number, { parts, session }: FetchQuestion): void {
  for (const part of parts) {
    const partition = manager.partitionOf(part.topic, part.partition);
    if (partition === undefined || !partition.isLeader || partition.log.isOffline) continue;
    if (part.currentLeaderEpoch >= 0 && part.currentLeaderEpoch !== partition.leaderEpoch) continue;
    const { logStartOffset, writtenEndOffset } = partition.log;
    if (!partition.followers.has(followerId) || part.fetchOffset < logStartOffset || part.fetchOffset > writtenEndOffset || hasDiverged(partition, part)) continue;
    manager.followerFetched(partition, followerId, part.fetchOffset, part.logStartOffset, session);
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

function plan(manager: ReplicaManager, { parameters, session }: FetchQuestion, parts: readonly FetchPart[]): PlannedPart[] {
  const planned: PlannedPart[] = [];
  let bytesLeft = parameters.maxBytes;
  let isFirst = !parameters.isLimitHard;
  for (const part of parts) {
    if (session !== undefined) watch(manager, session, part);
    const one = planOne(manager, parameters, part, bytesLeft, isFirst);
    planned.push(one);
    if (one.slice === undefined) continue;
    isFirst = false;
    bytesLeft -= one.slice.length;
  }
  return planned;
}

/**
 * From now on news of the replica make the part due, and are told to the session's waiting fetches. Where none waits, the first news are enough:
 * the part is looked at, and watched again, by the session's next fetch, which may never come.
 */
function watch(manager: ReplicaManager, session: FetchSession, part: FetchPart): void {
  const replica = manager.partitionOf(part.topic, part.partition);
  if (part.watched?.replica === replica || session.isClosed) return;
  part.watched?.stop();
  if (replica === undefined) {
    part.watched = undefined;
    return;
  }
  const stop = manager.waiting.watch(replica, () => {
    session.due.add(part);
    if (session.listeners.size > 0) {
      for (const listener of session.listeners) listener(part);
      return;
    }
    stop();
    part.watched = undefined;
  });
  part.watched = { replica, stop };
}

function planOne(manager: ReplicaManager, parameters: FetchParameters, part: FetchPart, bytesLeft: number, isFirst: boolean): PlannedPart {
  try {
    if (part.topic === '') throw new KafkaError('UNKNOWN_TOPIC_ID', `this broker knows no topic with id ${part.topicId}`);
    const partition = manager.hostedOf(part.topic, part.partition);
    check(partition, parameters, part);
    const planned = nothingOf(partition.log, part);
    planned.preferredReadReplica = parameters.place === undefined ? undefined : manager.replicaNear(partition, parameters.place, part.fetchOffset);
    if (planned.preferredReadReplica !== undefined) return planned;
    planned.divergingEpoch = divergence(partition, part);
    if (planned.divergingEpoch !== undefined) return planned;
    const upTo = limitOf(parameters);
    planned.isOver = part.fetchOffset >= limitOffset(partition, upTo) && isSettledFollower(partition, parameters.replicaId);
    const bytesMax = Math.max(0, Math.min(part.bytesMax, bytesLeft));
    const found = partition.log.read(part.fetchOffset, bytesMax, upTo, isFirst, part.position);
    part.position = found.next;
    planned.abortedTransactions = found.abortedTransactions;
    if (found.records.length === 0 || isHeldBack(manager, parameters, partition) || (found.isFirstBatchCut && !parameters.isLimitHard)) return planned;
    planned.slice = found.records;
    planned.isHot = found.isHot;
    planned.isSegmentEnd = found.next !== undefined && found.next.offset < limitOffset(partition, upTo);
    return planned;
  } catch (error) {
    const known = protocolError(error);
    if (known === undefined) throw error;
    return failed(part, known);
  }
}

/** A follower out of the ISR is looked at with each of its fetches: it may be taken in. */
function isSettledFollower({ state }: Partition, replicaId: number): boolean {
  return replicaId < 0 || state?.isr.includes(replicaId) === true;
}

function nothingOf({ highWatermark, lastStableOffset, logStartOffset }: Pick<FetchedPart, 'highWatermark' | 'lastStableOffset' | 'logStartOffset'>, part: FetchPart): PlannedPart {
  return { part, error: undefined, highWatermark, lastStableOffset, logStartOffset, divergingEpoch: undefined, abortedTransactions: undefined, preferredReadReplica: undefined, lent: undefined, slice: undefined, isHot: true, isSegmentEnd: false, isOver: false };
}

const unknownOffsets = { highWatermark: -1, lastStableOffset: -1, logStartOffset: -1 };

function failed(part: FetchPart, error: KafkaError): PlannedPart {
  const planned = nothingOf(unknownOffsets, part);
  planned.error = error;
  return planned;
}

/** @throws KafkaError when the fetcher may not read the partition here */
function check(partition: Partition, { replicaId, mayReadFollower }: FetchParameters, part: FetchPart): void {
  if (part.topicId !== zeroUuid && partition.topicId !== zeroUuid && partition.topicId !== part.topicId) {
    throw new KafkaError('INCONSISTENT_TOPIC_ID', `${partition.key} has another topic id than ${part.topicId}`);
  }
  if (mayReadFollower) partition.checkEpoch(part.currentLeaderEpoch);
  else partition.checkLeader(part.currentLeaderEpoch);
  if (replicaId >= 0 && !partition.followers.has(replicaId)) {
    throw new KafkaError('UNKNOWN_LEADER_EPOCH', `broker ${replicaId} is no replica of ${partition.key} as far as known here`);
  }
}

/** Where the fetcher's log parts from this one (KIP-595); undefined when it does not, or the fetcher says no epoch. */
function divergence({ log, key }: Partition, part: FetchPart): EpochEndOffset | undefined {
  if (part.lastFetchedEpoch < 0 || (part.lastFetchedEpoch === log.latestEpoch && part.fetchOffset <= log.logEndOffset)) return undefined;
  const end = log.endOffsetForEpoch(part.lastFetchedEpoch);
  if (end.endOffset < 0) throw new KafkaError('OFFSET_OUT_OF_RANGE', `${key} knows nothing of leader epoch ${part.lastFetchedEpoch}`);
  return end.epoch < part.lastFetchedEpoch || end.endOffset < part.fetchOffset ? end : undefined;
}

function read({ reader }: FetchEnvironment, planned: readonly PlannedPart[], { sender }: FetchParameters, done: (fetched: readonly FetchedPart[]) => void): void {
  const cold: Promise<void>[] = [];
  for (const one of planned) if (one.slice !== undefined && !takeNow(reader, one, one.slice, sender)) cold.push(readFromDisk(reader, one, one.slice));
  if (cold.length === 0) done(planned);
  else void Promise.all(cold).then(() => done(planned));
}

/** False when the records may need the disk. */
function takeNow(reader: RecordReader, one: PlannedPart, slice: FileSlice, sender: FileSender | undefined): boolean {
  try {
    one.lent = reader.take(slice, one.isHot, sender);
    return one.lent !== undefined;
  } catch (error) {
    unreadable(one, error);
    return true;
  }
}

async function readFromDisk(reader: RecordReader, one: PlannedPart, slice: FileSlice): Promise<void> {
  try {
    one.lent = await reader.read(slice);
  } catch (error) {
    unreadable(one, error);
  }
}

function unreadable(one: PlannedPart, cause: unknown): void {
  one.error = new KafkaError('KAFKA_STORAGE_ERROR', 'the log cannot be read', { cause });
  Object.assign(one, unknownOffsets);
  one.abortedTransactions = undefined;
}
