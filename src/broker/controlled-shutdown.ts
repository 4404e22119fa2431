import type { InterBrokerVersions } from '../protocol/inter-broker-versions.ts';
import { connectRequestClient } from '../network/request-client.ts';
import { errorByCode, KafkaError } from '../protocol/errors.ts';
import { controlledShutdownRequest, controlledShutdownResponse } from '../protocol/messages/controlled-shutdown.ts';
import type { ControlledShutdownResponse } from '../protocol/messages/controlled-shutdown.ts';
import type { Clock } from '../runtime/clock.ts';
import type { BrokerConfig } from '../runtime/config/broker-config.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Network } from '../runtime/network.ts';
import type { MetadataCache } from './metadata-cache.ts';

export interface ControlledShutdownOptions {
  readonly brokerId: number;
  readonly brokerEpoch: () => number;
  readonly config: BrokerConfig;
  readonly protocol: InterBrokerVersions;
  /** inter.broker.listener.name */
  readonly listenerName: string;
  readonly cache: MetadataCache;
  readonly clock: Clock;
  readonly network: Network;
  readonly logger: Logger;
}

/**
 * Asks the controller to move this broker's leaders before it stops; resolves in any case, at the latest after
 * controlled.shutdown.max.retries. News of the cluster, such as a new controller, end the pause between two tries.
 */
export async function handOver(options: ControlledShutdownOptions): Promise<void> {
  const { config, cache, clock, logger } = options;
  for (let left = config['controlled.shutdown.max.retries']; left > 0; ) {
    const news = waitForNews(cache, clock, config['controlled.shutdown.retry.backoff.ms']);
    try {
      const { errorCode, remainingPartitions } = await ask(options);
      if (errorCode === 0 && remainingPartitions.length === 0) {
        news.cancel();
        return;
      }
      logger.info('the controller cannot move all leaders now', errorCode === 0 ? { remaining: remainingPartitions.length } : { error: errorByCode(errorCode) });
    } catch (error) {
      logger.info('controlled shutdown was not answered', { reason: (error as Error).message });
    }
    if ((await news.what) === 'time') left--;
  }
  logger.warn('stopping without a controlled shutdown: partitions that this broker leads have no leader for a moment');
}

async function ask({ brokerId, brokerEpoch, config, protocol, listenerName, cache, clock, network }: ControlledShutdownOptions): Promise<ControlledShutdownResponse> {
  const endpoint = cache.brokers.get(cache.controllerId)?.endpoints.find(({ listener }) => listener === listenerName);
  if (endpoint === undefined) throw new KafkaError('NOT_CONTROLLER', 'no controller is known');
  const timeoutMs = config['controller.socket.timeout.ms'];
  const client = await connectRequestClient({ network, clock, host: endpoint.host, port: endpoint.port, clientId: String(brokerId), connectTimeoutMs: timeoutMs, negotiate: false });
  try {
    return await client.send(controlledShutdownRequest, controlledShutdownResponse, protocol.controlledShutdown, { brokerId, brokerEpoch: brokerEpoch() }, timeoutMs);
  } finally {
    client.close();
  }
}

/** Resolves after the pause, or earlier when the controller is another or brokers have come or gone. */
function waitForNews(cache: MetadataCache, clock: Clock, pauseMs: number): { readonly what: Promise<'time' | 'news'>; cancel(): void } {
  const known = (): string => [cache.controllerId, ...Array.from(cache.brokers.keys()).sort((a, b) => a - b)].join();
  const before = known();
  let cancel: () => void = () => undefined;
  const what = new Promise<'time' | 'news'>((resolve) => {
    const finish = (why: 'time' | 'news'): void => {
      cancel();
      resolve(why);
    };
    const forget = cache.onUpdate(() => {
      if (known() !== before) finish('news');
    });
    const timer = clock.setTimer(pauseMs, () => finish('time'));
    cancel = () => {
      forget();
      timer.cancel();
    };
  });
  return { what, cancel: () => cancel() };
}
