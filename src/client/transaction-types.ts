import type { ProducerRecord, RecordMetadata, TopicPartition } from './records.ts';

/** An offset that a transaction commits: the next that the group is to read. */
export interface TransactionOffset extends TopicPartition {
  readonly offset: number;
  readonly leaderEpoch?: number;
  readonly metadata?: string;
}

/** The group whose offsets are committed; with its member (`consumer.groupMetadata()`), the commit fails when the group has moved on (KIP-447). */
export interface TransactionGroup {
  readonly groupId: string;
  readonly generationId?: number;
  readonly memberId?: string;
  readonly groupInstanceId?: string | null | undefined;
}

/** An open transaction. Whatever fails in it, it is aborted. */
export interface Transaction {
  /** As `Producer.send`; the commit waits for it whether or not the caller does. */
  send(record: ProducerRecord): Promise<RecordMetadata>;
  /** Offsets that the group has once the transaction is committed. @throws KafkaError */
  sendOffsets(group: string | TransactionGroup, offsets: readonly TransactionOffset[]): Promise<void>;
}
