/*
 * Fetch sessions (KIP-227), the client's side: a broker remembers what a consumer wants, and each request names only
 * what is new, changed or no longer wanted. Pure.
 *
 *     id 0, epoch 0 ──full request──> broker gives an id ──> epoch 1, 2, 3 … name differences
 *          ^                                                      │ lost connection, refused epoch
 *          └── no id (before version 7, or no room at the broker) └──> same id, epoch 0: a full request, the old session ends
 */
import type { TopicPartition } from './records.ts';

export interface FetchEntry extends TopicPartition {
  /** Undefined while topics go by name. */
  readonly topicId: string | undefined;
  readonly fetchOffset: number;
  readonly currentLeaderEpoch: number;
  readonly partitionMaxBytes: number;
}

export interface FetchSession {
  readonly id: number;
  readonly epoch: number;
  /** What the broker remembers. */
  readonly entries: ReadonlyMap<string, FetchEntry>;
}

export const noFetchSession: FetchSession = { id: 0, epoch: 0, entries: new Map() };

export interface FetchPlan {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly named: readonly FetchEntry[];
  readonly forgotten: readonly FetchEntry[];
  /** What the broker remembers once it has answered. */
  readonly entries: ReadonlyMap<string, FetchEntry>;
}

const keyOf = ({ topic, topicId, partition }: FetchEntry): string => `${partition} ${topicId ?? ''} ${topic}`;

const isSame = (a: FetchEntry | undefined, b: FetchEntry): boolean =>
  a !== undefined && a.fetchOffset === b.fetchOffset && a.currentLeaderEpoch === b.currentLeaderEpoch && a.partitionMaxBytes === b.partitionMaxBytes;

/** The next request of a session for just these partitions. */
export function planFetch(session: FetchSession, wanted: readonly FetchEntry[]): FetchPlan {
  const entries = new Map(wanted.map((entry) => [keyOf(entry), entry]));
  const isWithIds = (entry: FetchEntry | undefined): boolean => entry?.topicId !== undefined;
  const [known] = session.entries.values();
  // Names and ids do not mix within a session.
  const isFull = session.epoch === 0 || (known !== undefined && isWithIds(known) !== isWithIds(wanted[0]));
  if (isFull) return { sessionId: session.id, sessionEpoch: 0, named: wanted, forgotten: [], entries };
  return {
    sessionId: session.id,
    sessionEpoch: session.epoch,
    named: wanted.filter((entry) => !isSame(session.entries.get(keyOf(entry)), entry)),
    forgotten: [...session.entries].filter(([key]) => !entries.has(key)).map(([, entry]) => entry),
    entries,
  };
}

/** After an answer without an error. */
export function afterFetch(plan: FetchPlan, answeredSessionId: number): FetchSession {
  if (answeredSessionId === 0) return noFetchSession;
  const isNew = plan.sessionEpoch === 0;
  // The epoch is an int32 that goes round to 1: 0 would begin a new session.
  const epoch = isNew ? 1 : plan.sessionEpoch === 0x7fffffff ? 1 : plan.sessionEpoch + 1;
  return { id: answeredSessionId, epoch, entries: plan.entries };
}

/** After a failure nobody knows what the broker remembers; when the session is gone there is nothing to end either. */
export function afterFailedFetch(session: FetchSession, isGone: boolean): FetchSession {
  return isGone ? noFetchSession : { id: session.id, epoch: 0, entries: new Map() };
}
