/**
 * When each request of an open-loop load is meant to leave: evenly, over the connections in turn. Latency counts from this
 * moment, so that a broker that stands still also pays for the requests that would have left meanwhile.
 */
export interface Schedule {
  /** Of the clock that all threads and processes share (`sharedNowMs`). */
  readonly beginMs: number;
  readonly ratePerSecond: number;
  readonly connections: number;
  readonly requests: number;
}

/** Milliseconds since the machine started, the same for all threads: performance.now() counts from each one's own start. */
export function sharedNowMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

export const dueMs = ({ beginMs, ratePerSecond }: Schedule, request: number): number => beginMs + (request * 1000) / ratePerSecond;

/** The number of the `nth` request (from 0) of a connection. */
export const requestOf = ({ connections }: Schedule, connection: number, nth: number): number => nth * connections + connection;
