import type { LogPosition } from '../log/partition-log.ts';

/**
 * Fetch sessions (KIP-227): a fetcher names its partitions once, later only what changed, and the answers hold only
 * partitions with news. Pure but for its own table; the clock comes in.
 */
export interface FetchPart {
  /** Empty while no topic with `topicId` is known here. */
  topic: string;
  topicId: string;
  readonly partition: number;
  currentLeaderEpoch: number;
  fetchOffset: number;
  lastFetchedEpoch: number;
  logStartOffset: number;
  bytesMax: number;
  /** Where the next read probably begins: saves the look into the index. */
  position: LogPosition | undefined;
  /** What the last answer told; -1 before the first and after an error. */
  toldHighWatermark: number;
  toldLogStartOffset: number;
  /** In a session: the replica whose news make the part due. */
  watched: { readonly replica: object; readonly stop: () => void } | undefined;
}

/** What a request says of a partition, without what only a session knows. */
export type RequestedPart = Omit<FetchPart, 'position' | 'toldHighWatermark' | 'toldLogStartOffset' | 'watched'>;

export function newPart({ topic, topicId, partition, currentLeaderEpoch, fetchOffset, lastFetchedEpoch, logStartOffset, bytesMax }: RequestedPart): FetchPart {
  return { topic, topicId, partition, currentLeaderEpoch, fetchOffset, lastFetchedEpoch, logStartOffset, bytesMax, position: undefined, toldHighWatermark: -1, toldLogStartOffset: -1, watched: undefined };
}

export interface SessionRequest {
  readonly sessionId: number;
  /** -1 ends a session, or wants none; 0 begins one; others go on. */
  readonly sessionEpoch: number;
  readonly usesTopicIds: boolean;
  readonly isFollower: boolean;
  readonly parts: readonly FetchPart[];
  readonly forgotten: readonly { readonly topic: string; readonly topicId: string; readonly partition: number }[];
}

export interface FetchSession {
  readonly id: number;
  readonly usesTopicIds: boolean;
  readonly isFollower: boolean;
  /** What the next request must carry. */
  epoch: number;
  /** When it last fetched, on the monotonic clock. */
  lastUsedMs: number;
  readonly parts: Map<string, FetchPart>;
  /**
   * Those that the next answer must look at, in its order: named by the request, with news, or not answered to the end.
   * The others cost nothing, however many they are.
   */
  readonly due: Set<FetchPart>;
  /** Fetches of this session that wait for news. */
  readonly listeners: Set<(part: FetchPart) => void>;
  isClosed: boolean;
}

export type SessionError = 'FETCH_SESSION_ID_NOT_FOUND' | 'INVALID_FETCH_SESSION_EPOCH' | 'FETCH_SESSION_TOPIC_ID_ERROR';

export type FetchContext =
  | { readonly kind: 'error'; readonly error: SessionError }
  /** All partitions are answered; `session` is a new one, or undefined without. */
  | { readonly kind: 'full'; readonly parts: readonly FetchPart[]; readonly session: FetchSession | undefined }
  /** `parts` are those that are due. */
  | { readonly kind: 'incremental'; readonly parts: readonly FetchPart[]; readonly session: FetchSession };

export interface FetchSessions {
  readonly size: number;
  contextOf(request: SessionRequest, nowMs: number): FetchContext;
}

export interface FetchSessionOptions {
  /** max.incremental.fetch.session.cache.slots */
  readonly sessionsMax: number;
  /** min.incremental.fetch.session.eviction.ms: a session unused for so long may make room for another. */
  readonly evictAfterMs: number;
  /** A random whole number in [1, 2^31). */
  readonly newId: () => number;
}

export const finalEpoch = -1;
export const initialEpoch = 0;

/** After 2^31 - 1 comes 1: 0 would begin a new session. */
export function nextEpoch(epoch: number): number {
  return epoch === 0x7fffffff ? 1 : epoch + 1;
}

export function createFetchSessions(options: FetchSessionOptions): FetchSessions {
  /** In the order of their last use. */
  const sessions = new Map<number, FetchSession>();

  function open(request: SessionRequest, nowMs: number): FetchSession | undefined {
    if (sessions.size >= options.sessionsMax && !makeRoom(request.isFollower, nowMs)) return undefined;
    let id = options.newId();
    while (sessions.has(id)) id = options.newId();
    const { usesTopicIds, isFollower } = request;
    const session: FetchSession = { id, usesTopicIds, isFollower, epoch: 1, lastUsedMs: nowMs, parts: new Map(), due: new Set(), listeners: new Set(), isClosed: false };
    for (const part of request.parts) take(session, part);
    sessions.set(id, session);
    return session;
  }

  /** Followers may take a consumer's place at any time, as in Kafka. */
  function makeRoom(isFollower: boolean, nowMs: number): boolean {
    for (const session of sessions.values()) {
      if (nowMs - session.lastUsedMs > options.evictAfterMs || (isFollower && !session.isFollower)) return close(session.id);
    }
    return false;
  }

  function close(sessionId: number): boolean {
    const session = sessions.get(sessionId);
    if (session === undefined) return false;
    session.isClosed = true;
    for (const part of session.parts.values()) part.watched?.stop();
    return sessions.delete(sessionId);
  }

  function goOn(request: SessionRequest, nowMs: number): FetchContext {
    const { sessionId, sessionEpoch, usesTopicIds } = request;
    const session = sessions.get(sessionId);
    if (session === undefined) return { kind: 'error', error: 'FETCH_SESSION_ID_NOT_FOUND' };
    if (sessionEpoch !== session.epoch) return { kind: 'error', error: 'INVALID_FETCH_SESSION_EPOCH' };
    if (usesTopicIds !== session.usesTopicIds) return { kind: 'error', error: 'FETCH_SESSION_TOPIC_ID_ERROR' };
    session.epoch = nextEpoch(sessionEpoch);
    session.lastUsedMs = nowMs;
    sessions.delete(sessionId);
    for (const part of request.parts) take(session, part);
    for (const gone of request.forgotten) drop(session, sessionKey(gone, usesTopicIds));
    // A session without partitions is closed, as its fetcher has nothing to fetch here any more.
    if (session.parts.size > 0) sessions.set(sessionId, session);
    return { kind: 'incremental', parts: Array.from(session.due), session };
  }

  return {
    get size() {
      return sessions.size;
    },
    contextOf(request, nowMs) {
      if (request.sessionEpoch === finalEpoch || request.sessionEpoch === initialEpoch) {
        close(request.sessionId);
        const session = request.sessionEpoch === initialEpoch && request.parts.length > 0 ? open(request, nowMs) : undefined;
        return { kind: 'full', parts: session === undefined ? request.parts : Array.from(session.due), session };
      }
      return goOn(request, nowMs);
    },
  };
}

/** A partition that the session has keeps its place and what was told of it. */
function take(session: FetchSession, part: FetchPart): void {
  const key = sessionKey(part, session.usesTopicIds);
  const known = session.parts.get(key);
  session.due.add(known ?? part);
  if (known === undefined) {
    session.parts.set(key, part);
    return;
  }
  known.topic = part.topic;
  known.topicId = part.topicId;
  known.currentLeaderEpoch = part.currentLeaderEpoch;
  known.fetchOffset = part.fetchOffset;
  known.lastFetchedEpoch = part.lastFetchedEpoch;
  known.logStartOffset = part.logStartOffset;
  known.bytesMax = part.bytesMax;
}

function drop(session: FetchSession, key: string): void {
  const part = session.parts.get(key);
  if (part === undefined) return;
  part.watched?.stop();
  part.watched = undefined;
  session.due.delete(part);
  session.parts.delete(key);
}

/**
 * A part was answered. One that gave records goes last next time, so that each gets its turn within the byte limit.
 * @param isOver it has no more to tell before its replica has news
 */
export function settle({ due }: FetchSession, part: FetchPart, isOver: boolean, gaveRecords: boolean): void {
  if (isOver || gaveRecords) due.delete(part);
  if (!isOver && gaveRecords) due.add(part);
}

function sessionKey(part: Pick<FetchPart, 'topic' | 'topicId' | 'partition'>, usesTopicIds: boolean): string {
  return `${usesTopicIds ? part.topicId : part.topic}-${part.partition}`;
}
