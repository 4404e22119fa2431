/* The same as transactional_copier.py with our own client, as users import it: transactional_copier.mjs BOOTSTRAP INPUT OUTPUT MOST. */
import { createConsumer, createProducer } from '../../../dist/client/index.js';

const [bootstrapServers, input, output, most] = process.argv.slice(2);
const mostPerTransaction = Number(most);
const name = `ottla-${output}`;
const producer = createProducer({ bootstrapServers, transactionalId: name, transactionTimeoutMs: 20_000 });
const consumer = createConsumer({ bootstrapServers, groupId: name, groupInstanceId: name, sessionTimeoutMs: 30_000, isolationLevel: 'read_committed', enableAutoCommit: false, autoOffsetReset: 'earliest', maxPollRecords: mostPerTransaction });

/** Back to what is committed. */
async function goBack() {
  const partitions = consumer.assignment();
  const committed = await consumer.committed(partitions);
  for (const place of partitions) {
    const found = committed.find(({ partition }) => partition === place.partition);
    if (found === undefined) consumer.seekToBeginning([place]);
    else consumer.seek(place, found.offset);
  }
}

async function copy(records) {
  const next = new Map();
  await producer.transaction(async (transaction) => {
    for (const { topic, partition, offset, key, value } of records) {
      transaction.send({ topic: output, partition, key, value }).catch(() => undefined); // the commit fails with it
      next.set(partition, { topic, partition, offset: offset + 1 });
    }
    if (Math.random() < 0.1) throw new Error('as if the work had failed');
    await transaction.sendOffsets(consumer.groupMetadata(), [...next.values()]);
  });
}

// What an earlier run left open ends before the offsets are asked for.
await producer.transaction(async () => undefined);
consumer.subscribe([input]);
for (;;) {
  const polled = await consumer.poll(500);
  if (polled.length === 0) continue;
  const records = polled.slice(0, 1 + Math.floor(Math.random() * mostPerTransaction));
  try {
    await copy(records);
    console.log(`committed ${records.length}`);
  } catch (failure) {
    console.error('failed:', failure.name, failure.message);
    if (['PRODUCER_FENCED', 'INVALID_PRODUCER_EPOCH', 'FENCED_INSTANCE_ID'].includes(failure.name)) process.exit(3);
    console.log(`aborted ${records.length}`);
  }
  await goBack();
}
