/** Counts and latencies in milliseconds, of a server or of one connection. */
export class Statistics {
  received = 0;
  sent = 0;
  latencyMinMs = Number.MAX_SAFE_INTEGER;
  latencyMaxMs = 0;
  latencyTotalMs = 0;
  answered = 0;

  /** A request was answered after `latencyMs`. */
  answer(latencyMs: number): void {
    this.answered++;
    this.latencyTotalMs += latencyMs;
    if (latencyMs < this.latencyMinMs) this.latencyMinMs = latencyMs;
    if (latencyMs > this.latencyMaxMs) this.latencyMaxMs = latencyMs;
  }

  get latencyLowestMs(): number {
    return this.answered === 0 ? 0 : this.latencyMinMs;
  }

  get latencyMeanMs(): number {
    return this.answered === 0 ? 0 : this.latencyTotalMs / this.answered;
  }

  resetLatency(): void {
    this.latencyMinMs = Number.MAX_SAFE_INTEGER;
    this.latencyMaxMs = 0;
    this.latencyTotalMs = 0;
    this.answered = 0;
  }

  reset(): void {
    this.resetLatency();
    this.received = 0;
    this.sent = 0;
  }
}
