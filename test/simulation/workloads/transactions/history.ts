/** One try to copy some records from topic to topic in a transaction. Times are places in the order of all that happened. */
export interface Attempt {
  readonly id: number;
  readonly copier: Copier;
  readonly beganAt: number;
  /** Names of input records that it sent copies of. */
  readonly copies: string[];
  /** The commit was asked for, or would have been at once: from here on nobody knows until it is answered. */
  mayCommit: boolean;
  /** Acknowledged. */
  isCommitted: boolean;
}

/** One life of a producer. */
export interface Copier {
  readonly name: string;
  readonly transactionalId: string;
  /** When it began its first transaction, and asked for its epoch. */
  begunAt: number | undefined;
  /** When it knew its epoch; undefined before. */
  initialisedAt: number | undefined;
}

/** A record of the output: a copy, and the attempt that made it. */
export interface Copy {
  readonly partition: number;
  readonly offset: number;
  readonly attempt: number;
  readonly input: string;
}

export interface TransactionHistory {
  readonly topic: string;
  readonly attempts: Attempt[];
  /** Each input record, in the order of its partition. */
  readonly inputs: { readonly name: string; readonly partition: number }[];
  /** What a read_committed reader that ran all the time was given. */
  readonly read: Copy[];
  /** What a fresh read_committed reader finds at the end. */
  readonly kept: Copy[];
  /** What the leaders' files say was committed, by their markers. */
  readonly stored: Copy[];
  tick(): number;
}

export function newTransactionHistory(topic: string): TransactionHistory {
  let ticks = 0;
  return { topic, attempts: [], inputs: [], read: [], kept: [], stored: [], tick: () => ticks++ };
}

export const copyValue = (attempt: number, input: string): string => `${attempt}/${input.replace(/^\D+/, '')}`;

/** @param prefix of the input's names */
export function copyOf({ partition, offset, value }: { readonly partition: number; readonly offset: number; readonly value: Buffer | null }, prefix: string): Copy {
  const [attempt, number] = String(value).split('/');
  return { partition, offset, attempt: Number(attempt), input: `${prefix}${number}` };
}
