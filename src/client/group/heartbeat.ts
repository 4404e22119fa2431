/** Times of a member, in monotonic milliseconds. */
export interface HeartbeatTimes {
  /** Last Heartbeat sent, or the start. */
  readonly sentMs: number;
  /** Last sign from the coordinator that the member is alive to it. */
  readonly confirmedMs: number;
  readonly isAwaited: boolean;
  readonly hasFailed: boolean;
  /** Last poll of the application; Infinity while one is running. */
  readonly polledMs: number;
}

export interface HeartbeatLimits {
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly maxPollIntervalMs: number;
  readonly retryBackoffMs: number;
}

export type HeartbeatDecision = { readonly kind: 'wait'; readonly delayMs: number } | { readonly kind: 'send' | 'session-expired' | 'poll-expired' };

/** What the heartbeat of a member does now: KIP-62 has it go on while records are worked on, up to max.poll.interval.ms. */
export function decideHeartbeat(times: HeartbeatTimes, limits: HeartbeatLimits, nowMs: number): HeartbeatDecision {
  if (nowMs - times.confirmedMs >= limits.sessionTimeoutMs) return { kind: 'session-expired' };
  const pollLeftMs = times.polledMs + limits.maxPollIntervalMs - nowMs;
  if (pollLeftMs <= 0) return { kind: 'poll-expired' };
  const nextMs = times.sentMs + (times.hasFailed ? limits.retryBackoffMs : limits.heartbeatIntervalMs) - nowMs;
  if (nextMs <= 0 && !times.isAwaited) return { kind: 'send' };
  const delayMs = times.isAwaited ? limits.retryBackoffMs : nextMs;
  return { kind: 'wait', delayMs: Math.max(1, Math.min(delayMs, pollLeftMs, times.confirmedMs + limits.sessionTimeoutMs - nowMs)) };
}
