/**
 * When sessions end. As in ZooKeeper, time is cut into ticks and a session ends at a whole tick: it lives at least its
 * timeout from the last touch and at most one tick longer. A touch within the same tick costs two look-ups.
 *
 * @see SessionTrackerImpl and ExpiryQueue in Apache ZooKeeper 3.8
 */
export class SessionTracker {
  readonly #tickMs: number;
  readonly #deadlines = new Map<string, number>();
  readonly #buckets = new Map<number, Set<string>>();

  constructor(tickMs: number) {
    this.#tickMs = tickMs;
  }

  get count(): number {
    return this.#deadlines.size;
  }

  /**
   * Begins or prolongs a session's life.
   *
   * @param nowMs monotonic
   * @returns when it ends unless it is touched again
   */
  touch(sessionId: string, timeoutMs: number, nowMs: number): number {
    const deadline = (Math.floor((nowMs + timeoutMs) / this.#tickMs) + 1) * this.#tickMs;
    const before = this.#deadlines.get(sessionId);
    if (before === deadline) return deadline;
    if (before !== undefined) this.#leave(sessionId, before);
    this.#deadlines.set(sessionId, deadline);
    let bucket = this.#buckets.get(deadline);
    if (bucket === undefined) this.#buckets.set(deadline, (bucket = new Set()));
    bucket.add(sessionId);
    return deadline;
  }

  forget(sessionId: string): void {
    const deadline = this.#deadlines.get(sessionId);
    if (deadline === undefined) return;
    this.#deadlines.delete(sessionId);
    this.#leave(sessionId, deadline);
  }

  #leave(sessionId: string, deadline: number): void {
    const bucket = this.#buckets.get(deadline);
    bucket?.delete(sessionId);
    if (bucket?.size === 0) this.#buckets.delete(deadline);
  }

  /** Takes out the sessions whose time is over. */
  expire(nowMs: number): string[] {
    const expired: string[] = [];
    for (const [deadline, bucket] of this.#buckets) {
      if (deadline > nowMs) continue;
      for (const sessionId of bucket) {
        expired.push(sessionId);
        this.#deadlines.delete(sessionId);
      }
      this.#buckets.delete(deadline);
    }
    return expired;
  }

  /** The earliest time at which a session can end; undefined without sessions. */
  get nextDeadlineMs(): number | undefined {
    let next: number | undefined;
    for (const deadline of this.#buckets.keys()) if (next === undefined || deadline < next) next = deadline;
    return next;
  }

  /** Session ids by the time at which they end, in order of time. */
  buckets(): readonly (readonly [deadlineMs: number, sessionIds: readonly string[]])[] {
    return [...this.#buckets].sort(([a], [b]) => a - b).map(([deadline, ids]) => [deadline, [...ids]] as const);
  }
}
