/** Latencies of a run, and of the window since the last report; times are milliseconds, from one clock. */
export interface Statistics {
  /** @returns the line of a window that has ended with this record */
  record(latencyMs: number, bytes: number, nowMs: number): string | undefined;
  total(nowMs: number): string;
}

const windowMs = 5000;
const bytesPerMegabyte = 1024 * 1024;
/** Latencies kept for the percentiles, at most about so many. */
const samplesMax = 500_000;

export function createStatistics(recordCount: number, startMs: number): Statistics {
  const every = Math.max(1, Math.floor(recordCount / Math.min(Math.max(recordCount, 1), samplesMax)));
  const latencies: number[] = [];
  const all = { count: 0, bytes: 0, totalMs: 0, maxMs: 0 };
  let window = { ...all, startMs };

  function add(to: typeof all, latencyMs: number, bytes: number): void {
    to.count++;
    to.bytes += bytes;
    to.totalMs += latencyMs;
    to.maxMs = Math.max(to.maxMs, latencyMs);
  }

  return {
    record(latencyMs, bytes, nowMs) {
      if (all.count % every === 0) latencies.push(latencyMs);
      add(all, latencyMs, bytes);
      add(window, latencyMs, bytes);
      if (nowMs - window.startMs < windowMs) return undefined;
      const { perSecond, megabytes } = rates(window.count, window.bytes, nowMs - window.startMs);
      const line = `${window.count} records sent, ${perSecond.toFixed(1)} records/sec (${megabytes.toFixed(2)} MB/sec), ${(window.totalMs / window.count).toFixed(1)} ms avg latency, ${window.maxMs.toFixed(1)} ms max latency.\n`;
      window = { count: 0, bytes: 0, totalMs: 0, maxMs: 0, startMs: nowMs };
      return line;
    },
    total(nowMs) {
      const { perSecond, megabytes } = rates(all.count, all.bytes, nowMs - startMs);
      const sorted = latencies.toSorted((a, b) => a - b);
      const at = (share: number): number => sorted[Math.floor(share * sorted.length)] ?? 0;
      return `${all.count} records sent, ${perSecond.toFixed(6)} records/sec (${megabytes.toFixed(2)} MB/sec), ${(all.totalMs / all.count).toFixed(2)} ms avg latency, ${all.maxMs.toFixed(2)} ms max latency, ${at(0.5)} ms 50th, ${at(0.95)} ms 95th, ${at(0.99)} ms 99th, ${at(0.999)} ms 99.9th.\n`;
    },
  };
}

function rates(count: number, bytes: number, elapsedMs: number): { readonly perSecond: number; readonly megabytes: number } {
  return { perSecond: (1000 * count) / elapsedMs, megabytes: (1000 * bytes) / elapsedMs / bytesPerMegabyte };
}
