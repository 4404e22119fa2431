import type { Admin } from '../../client/admin-types.ts';
import type { ProducerState, TransactionDescription } from '../../client/admin-transactions.ts';
import type { TopicPartition } from '../../client/records.ts';
import { isKafkaError } from '../kafka-errors.ts';
import { ToolExit } from '../terminal.ts';

/** A transaction as the log of one partition knows it. */
export interface OpenTransaction extends TopicPartition {
  readonly producer: ProducerState;
}

export interface Search {
  readonly topic: string | undefined;
  readonly partition: number | undefined;
  readonly brokerId: number | undefined;
  /** No transaction may be open for longer; milliseconds. */
  readonly timeoutMaxMs: number;
  readonly nowMs: number;
}

export async function partitionsToSearch(admin: Admin, { topic, partition, brokerId }: Search): Promise<readonly TopicPartition[]> {
  if (topic !== undefined && partition !== undefined) return [{ topic, partition }];
  const topics = (await admin.listTopics()).filter(({ name }) => topic === undefined || name === topic);
  if (topic !== undefined && topics.length === 0) throw new ToolExit(1, 'Failed to describe 1 topics: This server does not host this topic-partition.. Enable debug logging for additional detail.\n');
  return topics.flatMap(({ name, partitions }) =>
    partitions.filter(({ replicas }) => brokerId === undefined || replicas.includes(brokerId)).map(({ partition: number }) => ({ topic: name, partition: number })),
  );
}

/** Transactions that are open for longer than any may be. */
export async function openTooLong(admin: Admin, partitions: readonly TopicPartition[], { brokerId, timeoutMaxMs, nowMs }: Search): Promise<readonly OpenTransaction[]> {
  const found = await Promise.all(partitions.map(async (one) => (await admin.describeProducers(one, brokerId)).map((producer) => ({ ...one, producer }))));
  return found.flat().filter(({ producer }) => producer.transactionStartOffset !== undefined && nowMs - producer.lastTimestamp > timeoutMaxMs);
}

/** Those among them that no coordinator is going to end: it does not know the producer, or not that the partition is part of its transaction. */
export async function hangingAmong(admin: Admin, open: readonly OpenTransaction[]): Promise<readonly OpenTransaction[]> {
  const listings = await admin.listTransactions({ producerIds: [...new Set(open.map(({ producer }) => producer.producerId))] });
  const descriptions = new Map(await Promise.all(listings.map(async ({ producerId, transactionalId }) => [producerId, await describe(admin, transactionalId)] as const)));
  return open.filter(({ topic, partition, producer }) => {
    const description = descriptions.get(producer.producerId);
    return description === undefined || !description.partitions.some((one) => one.topic === topic && one.partition === partition);
  });
}

async function describe(admin: Admin, transactionalId: string): Promise<TransactionDescription | undefined> {
  try {
    return await admin.describeTransaction(transactionalId);
  } catch (error) {
    if (isKafkaError(error) && error.name === 'TRANSACTIONAL_ID_NOT_FOUND') return undefined;
    throw error;
  }
}
