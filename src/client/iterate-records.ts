import type { ConsumerRecord } from './records.ts';

/** How long the iterator lets one poll wait: it polls again. */
const iterationPollMs = 60_000;

export interface RecordSource {
  poll(timeoutMs: number): Promise<ConsumerRecord[]>;
  isClosed(): boolean;
  /** Stand before this record again. */
  giveBack(record: ConsumerRecord): void;
}

/**
 * Records one by one, for ever. A loop that ends in the midst of a poll's records gives the rest back, so that no
 * commit covers what nobody looked at.
 */
export async function* iterateRecords(source: RecordSource): AsyncGenerator<ConsumerRecord, void> {
  while (!source.isClosed()) {
    let records: readonly ConsumerRecord[] = [];
    let next = 0;
    try {
      records = await source.poll(iterationPollMs);
      while (next < records.length) yield records[next++]!;
    } catch (error) {
      if (source.isClosed()) return;
      throw error;
    } finally {
      for (const record of firstOfEach(records.slice(next))) source.giveBack(record);
    }
  }
}

function firstOfEach(records: readonly ConsumerRecord[]): ConsumerRecord[] {
  const first = new Map<string, ConsumerRecord>();
  for (const record of records) {
    const key = `${record.partition} ${record.topic}`;
    if (!first.has(key)) first.set(key, record);
  }
  return [...first.values()];
}
