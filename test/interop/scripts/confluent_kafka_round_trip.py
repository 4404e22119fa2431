"""confluent-kafka (librdkafka) against one broker: topics, configs, every codec, a large batch."""
import sys
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

bootstrap = sys.argv[1]
admin = AdminClient({"bootstrap.servers": bootstrap})
for future in admin.create_topics([NewTopic("confluent", num_partitions=3, replication_factor=1, config={"retention.ms": "123456"})]).values():
    future.result(10)
resource = ConfigResource("topic", "confluent")
assert admin.describe_configs([resource])[resource].result(10)["retention.ms"].value == "123456"

failures = []
for codec in ["none", "gzip", "snappy", "lz4", "zstd"]:
    producer = Producer({"bootstrap.servers": bootstrap, "compression.type": codec, "linger.ms": 5})
    for n in range(20000):
        producer.produce("confluent", key=str(n), value="%s %d" % (codec, n), partition=n % 3, on_delivery=lambda error, _: error and failures.append(error))
        if n % 1000 == 0:
            producer.poll(0)
    assert producer.flush(30) == 0
assert not failures, failures[:3]

consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "unused", "enable.auto.commit": False, "auto.offset.reset": "earliest"})
consumer.assign([TopicPartition("confluent", n, 0) for n in range(3)])
seen = {n: 0 for n in range(3)}
while sum(seen.values()) < 100000:
    messages = consumer.consume(10000, timeout=10)
    assert messages, seen
    for message in messages:
        assert message.error() is None, message.error()
        assert message.offset() == seen[message.partition()]
        seen[message.partition()] += 1
low, high = consumer.get_watermark_offsets(TopicPartition("confluent", 0))
assert (low, high) == (0, seen[0])
consumer.close()
print("ok")
