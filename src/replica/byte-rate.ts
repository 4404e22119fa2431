/**
 * Bytes per second over the last `count` windows, as Kafka's SimpleRate measures them: what was recorded in windows that
 * have not run out, by the time since the oldest of them began, but at least one window. Pure but for its own windows.
 */
export interface ByteRate {
  record(bytes: number, nowMs: number): void;
  /** Bytes per second. */
  at(nowMs: number): number;
  /** Milliseconds from now until the rate is at most `bound` bytes per second, with nothing recorded meanwhile; 0 when it is. */
  msUntil(bound: number, nowMs: number): number;
}

interface Window {
  readonly startMs: number;
  bytes: number;
}

export function createByteRate(count: number, windowMs: number): ByteRate {
  let windows: Window[] = [];

  function drop(nowMs: number): void {
    if (windows.length > 0 && nowMs - windows[0]!.startMs >= count * windowMs) windows = windows.filter(({ startMs }) => nowMs - startMs < count * windowMs);
  }

  const total = (some: readonly Window[]): number => some.reduce((sum, { bytes }) => sum + bytes, 0);

  function at(nowMs: number): number {
    drop(nowMs);
    return windows.length === 0 ? 0 : (total(windows) * 1000) / Math.max(nowMs - windows[0]!.startMs, windowMs);
  }

  return {
    record(bytes, nowMs) {
      drop(nowMs);
      const last = windows.at(-1);
      if (last !== undefined && nowMs - last.startMs < windowMs) last.bytes += bytes;
      else windows.push({ startMs: nowMs, bytes });
    },
    at,
    msUntil(bound, nowMs) {
      if (at(nowMs) <= bound) return 0;
      // The windows run out one after the other; before each does, the rate sinks because time goes on.
      let aloneFromMs = nowMs;
      for (let first = 0; first < windows.length; first++) {
        const { startMs } = windows[first]!;
        const reachedMs = Math.max(startMs + Math.max((total(windows.slice(first)) * 1000) / bound, windowMs), aloneFromMs);
        aloneFromMs = startMs + count * windowMs;
        if (reachedMs < aloneFromMs) return Math.max(1, Math.ceil(reachedMs - nowMs));
      }
      return Math.max(1, Math.ceil(aloneFromMs - nowMs));
    },
  };
}
