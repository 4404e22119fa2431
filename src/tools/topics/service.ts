import type { TopicAction } from './options.ts';

/** The actions of kafka-topics, by way of the brokers or of ZooKeeper. Each prints what it has to say. */
export type TopicService = Readonly<Record<TopicAction, () => Promise<void>>> & { close(): Promise<void> };
