/**
 * Fetch sessions (KIP-227): a fetcher names its partitions once, later only what changed, and the answers hold only
 * partitions with news. Pure but for its own table; the clock comes in.
 */
export interface FetchPart {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  readonly currentLeaderEpoch: number;
  readonly fetchOffset: number;
  readonly lastFetchedEpoch: number;
  readonly logStartOffset: number;
  readonly bytesMax: number;
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

/** What an answer last told of a partition; an incremental one leaves it out while nothing changed. */
export interface ToldPart {
  readonly highWatermark: number;
  readonly logStartOffset: number;
}

export interface FetchSession {
  readonly id: number;
  readonly usesTopicIds: boolean;
  readonly isFollower: boolean;
  epoch: number;
  lastUsedMs: number;
  readonly parts: Map<string, FetchPart>;
  readonly told: Map<string, ToldPart>;
}

export type SessionError = 'FETCH_SESSION_ID_NOT_FOUND' | 'INVALID_FETCH_SESSION_EPOCH' | 'FETCH_SESSION_TOPIC_ID_ERROR';

export type FetchContext =
  | { readonly kind: 'error'; readonly error: SessionError; readonly sessionId: number }
  /** All partitions are answered; `session` is a new one, or undefined without. */
  | { readonly kind: 'full'; readonly parts: readonly FetchPart[]; readonly session: FetchSession | undefined }
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

export function createFetchSessions(options: FetchSessionOptions): FetchSessions {
  /** In the order of their last use. */
  const sessions = new Map<number, FetchSession>();

  function open(request: SessionRequest, nowMs: number): FetchSession | undefined {
    if (sessions.size >= options.sessionsMax && !makeRoom(request.isFollower, nowMs)) return undefined;
    let id = options.newId();
    while (sessions.has(id)) id = options.newId();
    const { usesTopicIds, isFollower } = request;
    const session: FetchSession = { id, usesTopicIds, isFollower, epoch: 1, lastUsedMs: nowMs, parts: new Map(), told: new Map() };
    for (const part of request.parts) session.parts.set(sessionKey(part, usesTopicIds), part);
    sessions.set(id, session);
    return session;
  }

  /** Followers may take a consumer's place at any time, as in Kafka. */
  function makeRoom(isFollower: boolean, nowMs: number): boolean {
    for (const session of sessions.values()) {
      if (nowMs - session.lastUsedMs > options.evictAfterMs || (isFollower && !session.isFollower)) return sessions.delete(session.id);
    }
    return false;
  }

  function goOn(request: SessionRequest, nowMs: number): FetchContext {
    const { sessionId, sessionEpoch, usesTopicIds } = request;
    const session = sessions.get(sessionId);
    if (session === undefined) return { kind: 'error', error: 'FETCH_SESSION_ID_NOT_FOUND', sessionId: 0 };
    if (sessionEpoch !== session.epoch) return { kind: 'error', error: 'INVALID_FETCH_SESSION_EPOCH', sessionId: 0 };
    if (usesTopicIds !== session.usesTopicIds) return { kind: 'error', error: 'FETCH_SESSION_TOPIC_ID_ERROR', sessionId: 0 };
    session.epoch = sessionEpoch === 0x7fffffff ? 1 : sessionEpoch + 1;
    session.lastUsedMs = nowMs;
    sessions.delete(sessionId);
    for (const gone of request.forgotten) {
      const key = sessionKey(gone, usesTopicIds);
      session.parts.delete(key);
      session.told.delete(key);
    }
    for (const part of request.parts) session.parts.set(sessionKey(part, usesTopicIds), part);
    // A session without partitions is closed, as its fetcher has nothing to fetch here any more.
    if (session.parts.size > 0) sessions.set(sessionId, session);
    return { kind: 'incremental', parts: Array.from(session.parts.values()), session };
  }

  return {
    get size() {
      return sessions.size;
    },
    contextOf(request, nowMs) {
      if (request.sessionEpoch === finalEpoch || request.sessionEpoch === initialEpoch) {
        sessions.delete(request.sessionId);
        const session = request.sessionEpoch === initialEpoch && request.parts.length > 0 ? open(request, nowMs) : undefined;
        return { kind: 'full', parts: request.parts, session };
      }
      return goOn(request, nowMs);
    },
  };
}

export function sessionKey(part: Pick<FetchPart, 'topic' | 'topicId' | 'partition'>, usesTopicIds: boolean): string {
  return `${usesTopicIds ? part.topicId : part.topic}-${part.partition}`;
}
