import type { Clock } from '../runtime/clock.ts';
import type { MetadataCache } from './metadata-cache.ts';

/** The controller tells a broker of the cluster some milliseconds after it has registered; without a controller it may take long. */
const waitMsMax = 5000;

/**
 * Waits for the controller's first word of the cluster. A client that asked a broker just started would else be told that there are
 * no brokers at all, upon which some forget those that they know (librdkafka from 2.10 on does, and never recovers). A controller
 * just elected tells of brokers before it tells of partitions: a client that asked in between would be told that its topics do
 * not exist, upon which librdkafka stops reading them for minutes.
 * @param hasPartitions the broker keeps partitions from an earlier life, so the cluster has some
 * @returns a function that gives undefined where nothing is to be waited for
 */
export function firstMetadata(cache: MetadataCache, clock: Clock, hasPartitions: boolean): () => Promise<void> | undefined {
  const isTold = (): boolean => cache.brokers.size > 0 && (cache.topics.size > 0 || !hasPartitions);
  let first: Promise<void> | undefined;
  const wait = (): Promise<void> =>
    new Promise((resolve) => {
      const finish = (): void => {
        forget();
        timer.cancel();
        resolve();
      };
      const forget = cache.onUpdate(() => {
        if (isTold()) finish();
      });
      const timer = clock.setTimer(waitMsMax, finish);
    });
  return () => (isTold() ? undefined : (first ??= wait()));
}
