import { startMeasuredKafka } from '../../interop/real-kafka.ts';
import { startOurBroker } from '../../support/processes.ts';
import type { SideName } from '../bench.ts';
import { endsWithUs } from './ends-with-us.ts';

export interface OneBroker {
  readonly processId: number;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface OneBrokerOptions {
  readonly id: number;
  readonly port: number;
  readonly zookeeper: string;
  readonly folder: string;
  readonly properties?: Readonly<Record<string, string | number>>;
}

/** Resolves when the broker has printed that it started. */
export async function startOneBroker(side: SideName, options: OneBrokerOptions): Promise<OneBroker> {
  const running = side === 'ours' ? await startOurBroker(options) : await startMeasuredKafka({ ...options, folder: `${options.folder}/broker-${options.id}` });
  endsWithUs(running.process);
  return { processId: running.process.pid!, stop: (signal) => running.stop(signal) };
}
