import { createConsumer, createProducer } from '../../../src/client/index.ts';

/** What goes on during a soak: records, transactions, readers in a group, of which one comes and goes. */
export interface SoakMix {
  readonly produced: () => number;
  readonly consumed: () => number;
  readonly transactions: () => number;
  readonly rebalances: () => number;
  /** Ends everything. @throws the first failure of anything */
  stop(): Promise<void>;
}

const everyMs = 10;
const recordsEach = 10;
const recordBytes = 500;
const recordsPerTransaction = 10;
const transactionPauseMs = 50;
const visitMs = 10_000;
const pollMs = 200;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function startSoakMix(bootstrapServers: string, topic: string): SoakMix {
  const value = Buffer.alloc(recordBytes, 'x');
  const counts = { produced: 0, consumed: 0, transactions: 0, rebalances: 0 };
  let isOn = true;
  let failure: Error | undefined;

  async function read(groupId: string, isWanted: () => boolean): Promise<void> {
    const consumer = createConsumer({ bootstrapServers, groupId, autoOffsetReset: 'latest', isolationLevel: 'read_committed' });
    try {
      consumer.subscribe([topic], { assigned: () => void counts.rebalances++ });
      while (isWanted()) {
        const records = await consumer.poll(pollMs);
        counts.consumed += records.length;
      }
    } finally {
      await consumer.close();
    }
  }

  async function produce(): Promise<void> {
    const producer = createProducer({ bootstrapServers, acks: 'all', lingerMs: 5 });
    const begunMs = performance.now();
    try {
      while (isOn) {
        const due = Math.floor((performance.now() - begunMs) / everyMs) * recordsEach;
        const missing = Math.min(due - counts.produced, 100 * recordsEach);
        await Promise.all(Array.from({ length: missing }, (_, index) => producer.send({ topic, key: `key-${counts.produced + index}`, value })));
        counts.produced += missing;
        await pause(everyMs);
      }
    } finally {
      await producer.close();
    }
  }

  async function transact(): Promise<void> {
    const producer = createProducer({ bootstrapServers, transactionalId: 'soak', lingerMs: 0 });
    try {
      for (; isOn; counts.transactions++) {
        await producer.transaction(async (transaction) => {
          await Promise.all(Array.from({ length: recordsPerTransaction }, () => transaction.send({ topic, value })));
        });
        await pause(transactionPauseMs);
      }
    } finally {
      await producer.close();
    }
  }

  async function visit(): Promise<void> {
    while (isOn) {
      const untilMs = performance.now() + visitMs;
      await read('readers', () => isOn && performance.now() < untilMs);
      for (const goneMs = performance.now() + visitMs; isOn && performance.now() < goneMs; ) await pause(pollMs);
    }
  }

  const works = [produce(), transact(), visit(), ...Array.from({ length: 2 }, () => read('readers', () => isOn))].map((work) =>
    work.catch((error: Error) => {
      failure ??= error;
      isOn = false;
    }),
  );
  return {
    produced: () => counts.produced,
    consumed: () => counts.consumed,
    transactions: () => counts.transactions,
    rebalances: () => counts.rebalances,
    async stop() {
      isOn = false;
      await Promise.all(works);
      if (failure !== undefined) throw failure;
    },
  };
}
