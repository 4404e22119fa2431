import type { Consumer } from '../../client/consumer.ts';
import type { TopicPartition } from '../../client/records.ts';
import type { Logger } from '../../runtime/logger.ts';
import { isKafkaError } from '../kafka-errors.ts';
import type { ConsoleConsumerRequest } from './options.ts';

/** How long one look for a topic may take before the next. */
const lookMs = 1000;
/** metadata.max.age.ms: new partitions are found by then. */
const recheckMs = 300_000;

/**
 * Assigns all partitions of the topic, or of all topics that match, and keeps looking: for a topic that does not exist
 * yet, and for partitions that are added.
 * @returns ends the looking
 */
export async function watchTopics(consumer: Consumer, request: ConsoleConsumerRequest, logger: Logger): Promise<() => void> {
  let isWatching = true;
  let timer: NodeJS.Timeout | undefined;
  let isMissingTold = false;

  async function look(): Promise<void> {
    let nextMs = recheckMs;
    try {
      const places = await partitionsWanted(consumer, request);
      if (!isWatching) return;
      if (places.length > consumer.assignment().length) consumer.assign(places);
      if (places.length === 0) nextMs = lookMs;
    } catch (error) {
      if (!isWatching) return;
      nextMs = 0;
      if (!isMissingTold && isKafkaError(error)) logger.warn(error.message);
      isMissingTold = true;
    }
    timer = setTimeout(() => void look(), nextMs);
  }

  const first = look();
  await Promise.race([first, new Promise((resolve) => setTimeout(resolve, lookMs).unref())]);
  return () => {
    isWatching = false;
    clearTimeout(timer);
  };
}

async function partitionsWanted(consumer: Consumer, { topic, include }: ConsoleConsumerRequest): Promise<TopicPartition[]> {
  const pattern = include === undefined ? undefined : new RegExp(`^(?:${include})$`, 'u');
  const topics =
    pattern === undefined
      ? [await consumer.partitionsFor(topic ?? '', lookMs)]
      : (await consumer.listTopics(lookMs)).filter(({ name, isInternal }) => pattern.test(name) && !isInternal);
  return topics.flatMap(({ name, partitions }) => partitions.map(({ partition }) => ({ topic: name, partition })));
}
