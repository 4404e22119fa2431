/** What a leader knows of one follower. Offsets are the next ones; times are monotonic milliseconds. */
export interface Follower {
  /** -1 before its first fetch from this leader. */
  readonly logEndOffset: number;
  readonly logStartOffset: number;
  /** When it last had everything that the leader had at that time; `neverMs` before. */
  readonly caughtUpAtMs: number;
  /** The leader's end, and the time, at its last fetch. */
  readonly lastFetchLeaderEndOffset: number;
  readonly lastFetchAtMs: number;
  /** It fetches this partition, too, whenever it fetches in this session, which names it only when its offset changed. */
  readonly session: FetchTimes | undefined;
}

export interface FetchTimes {
  /** The last fetch, on the monotonic clock. */
  readonly lastUsedMs: number;
}

export const neverMs = -Infinity;
export const unknownFollower: Follower = { logEndOffset: -1, logStartOffset: -1, caughtUpAtMs: neverMs, lastFetchLeaderEndOffset: 0, lastFetchAtMs: neverMs, session: undefined };

/**
 * A follower fetched: it has all before `fetchOffset`. It is caught up now when that is the leader's end, and was caught
 * up at its last fetch when it has what the leader had then (Replica.updateFetchState).
 */
export function fetched(before: Follower, { fetchOffset, logStartOffset, leaderEndOffset, session }: FollowerFetch, nowMs: number): Follower {
  let { caughtUpAtMs } = before;
  if (fetchOffset >= leaderEndOffset) caughtUpAtMs = Math.max(caughtUpAtMs, nowMs);
  else if (fetchOffset >= before.lastFetchLeaderEndOffset) caughtUpAtMs = Math.max(caughtUpAtMs, before.lastFetchAtMs);
  return { logEndOffset: fetchOffset, logStartOffset, caughtUpAtMs, lastFetchLeaderEndOffset: leaderEndOffset, lastFetchAtMs: nowMs, session };
}

/**
 * The leader's end is about to move. A follower that has everything had it until its session last fetched, though its
 * partition was not named then.
 */
export function beforeEndMoves(follower: Follower, leaderEndOffset: number): Follower {
  const { session, logEndOffset, lastFetchAtMs } = follower;
  if (session === undefined || logEndOffset < leaderEndOffset || session.lastUsedMs <= lastFetchAtMs) return follower;
  return { ...follower, caughtUpAtMs: session.lastUsedMs, lastFetchLeaderEndOffset: leaderEndOffset, lastFetchAtMs: session.lastUsedMs };
}

export interface LeaderView {
  readonly id: number;
  readonly logEndOffset: number;
  readonly isr: readonly number[];
  /** Asked for and not yet answered; counts as in sync for the high watermark, so that no member is overtaken. */
  readonly pendingIsr: readonly number[] | undefined;
  readonly followers: ReadonlyMap<number, Follower>;
}

/** Offsets of one follower's Fetch, and the leader's end as it found it. */
export interface FollowerFetch {
  readonly fetchOffset: number;
  readonly logStartOffset: number;
  readonly leaderEndOffset: number;
  readonly session?: FetchTimes | undefined;
}

/** Members of the ISR and those about to be (Kafka's maximal ISR). */
export function maximalIsr(view: Pick<LeaderView, 'isr' | 'pendingIsr'>): readonly number[] {
  const { isr, pendingIsr } = view;
  return pendingIsr === undefined ? isr : [...isr, ...pendingIsr.filter((id) => !isr.includes(id))];
}

/**
 * The offset below which every in-sync replica has everything.
 * @param lagMaxMs replica.lag.time.max.ms: living replicas that are caught up and about to join are waited for too
 */
export function highWatermark(view: LeaderView, nowMs: number, lagMaxMs: number, isAlive: (brokerId: number) => boolean): number {
  const inSync = maximalIsr(view);
  let least = view.logEndOffset;
  for (const [id, follower] of view.followers) {
    if (follower.logEndOffset >= least) continue;
    const counts = inSync.includes(id) || (follower.caughtUpAtMs !== neverMs && nowMs - follower.caughtUpAtMs <= lagMaxMs && isAlive(id));
    if (counts) least = follower.logEndOffset;
  }
  return Math.max(0, least);
}

/** The ISR without those that have lagged for `lagMaxMs` (KIP-16); undefined when it stays. */
export function shrunkIsr(view: LeaderView, nowMs: number, lagMaxMs: number): readonly number[] | undefined {
  if (view.pendingIsr !== undefined) return undefined;
  const isr = view.isr.filter((id) => {
    if (id === view.id) return true;
    const follower = view.followers.get(id) ?? unknownFollower;
    return follower.logEndOffset === view.logEndOffset || nowMs - follower.caughtUpAtMs <= lagMaxMs;
  });
  return isr.length === view.isr.length ? undefined : isr;
}

/** The ISR with a follower that has reached the high watermark and the leader's epoch; undefined when it stays. */
export function expandedIsr(view: LeaderView, followerId: number, highWatermarkNow: number, leaderEpochStart: number): readonly number[] | undefined {
  if (view.pendingIsr !== undefined || view.isr.includes(followerId)) return undefined;
  const follower = view.followers.get(followerId);
  if (follower === undefined || follower.logEndOffset < highWatermarkNow || follower.logEndOffset < leaderEpochStart) return undefined;
  return [...view.isr, followerId];
}
