import type { Clock } from '../runtime/clock.ts';
import type { OttlaConfig } from '../runtime/config/ottla-properties.ts';
import type { Logger } from '../runtime/logger.ts';
import { watchLoop } from '../runtime/loop-watch.ts';
import type { Machine } from '../runtime/machine.ts';
import type { Observation } from '../runtime/observation.ts';
import { prometheusText } from '../runtime/prometheus.ts';

export interface ObservedBrokerOptions {
  readonly machine: Machine;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: OttlaConfig;
  readonly observation: Observation;
}

/**
 * Lets the process be seen from its first moment on, recovery included: watches the event loop, and serves metrics where that is wanted.
 * Returns what ends it.
 * @throws Error that says what to do when ottla.metrics.port cannot be had
 */
export async function observe({ machine, clock, logger, config, observation }: ObservedBrokerOptions): Promise<() => Promise<void>> {
  const { metrics, work } = observation;
  metrics.gauges(() => machine.processFigures());
  const port = config['ottla.metrics.port'];
  const listener = port < 0 ? undefined : await machine.serveMetrics(config['ottla.metrics.host'], port, () => prometheusText(metrics.read()));
  if (listener !== undefined) logger.info('metrics served', { url: `http://${config['ottla.metrics.host']}:${listener.port}/metrics` });
  const endWatch = watchLoop({ clock, logger, metrics, monitor: machine.monitorLoop(), work });
  return async () => {
    endWatch();
    await listener?.close();
  };
}
