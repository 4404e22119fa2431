import type { LoopDelayMonitor } from './loop-watch.ts';
import type { MetricValues } from './metrics.ts';

/** The process as it is seen from outside; a simulated broker has none. */
export interface Machine {
  monitorLoop(): LoopDelayMonitor;
  /** Memory and processor time of the process. */
  processFigures(): MetricValues;
  /**
   * Answers GET /metrics over HTTP with what `text` gives at that moment.
   * @throws Error that says what to do when the address cannot be had
   */
  serveMetrics(host: string, port: number, text: () => string): Promise<MetricsListener>;
}

export interface MetricsListener {
  readonly port: number;
  close(): Promise<void>;
}
