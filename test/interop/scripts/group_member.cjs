/* The same with kafkajs: group_member.cjs KAFKAJS_FOLDER BOOTSTRAP GROUP TOPIC. */
const { createRequire } = require('node:module');

const [folder, bootstrap, groupId, topic] = process.argv.slice(2);
const { Kafka, logLevel } = createRequire(`${folder}/package.json`)('kafkajs');
const kafka = new Kafka({ clientId: 'kafkajs', brokers: bootstrap.split(','), logLevel: logLevel.NOTHING, retry: { retries: 20, maxRetryTime: 1000 } });
const consumer = kafka.consumer({ groupId, sessionTimeout: 6000, heartbeatInterval: 500, rebalanceTimeout: 10_000, metadataMaxAge: 2000, maxWaitTimeInMs: 200 });

consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => console.log(`assigned ${(payload.memberAssignment[topic] ?? []).sort().join(',')}`));
process.on('SIGTERM', async () => {
  await consumer.disconnect();
  console.log('left');
  process.exit(0);
});

(async () => {
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message }) => {
      console.log(`${partition}:${message.offset}`);
      await consumer.commitOffsets([{ topic, partition, offset: String(Number(message.offset) + 1) }]);
      console.log(`committed ${partition}:${message.offset}`);
    },
  });
})();
