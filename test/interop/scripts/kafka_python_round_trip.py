"""kafka-python against one broker: topics, every codec, headers, timestamps, offsets by time."""
import sys
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

bootstrap = sys.argv[1]
admin = KafkaAdminClient(bootstrap_servers=bootstrap)
admin.create_topics([NewTopic(name="kafka-python", num_partitions=2, replication_factor=1)])

for codec in [None, "gzip", "snappy", "lz4", "zstd"]:
    producer = KafkaProducer(bootstrap_servers=bootstrap, compression_type=codec, acks="all")
    sent = [
        producer.send("kafka-python", key=b"k%d" % n, value=b"v%d" % n, headers=[("codec", str(codec).encode())], partition=n % 2, timestamp_ms=1700000000000 + n)
        for n in range(200)
    ]
    producer.flush()
    assert all(one.get(timeout=10).offset >= 0 for one in sent)
    producer.close()

consumer = KafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False, consumer_timeout_ms=5000)
partitions = [TopicPartition("kafka-python", n) for n in range(2)]
consumer.assign(partitions)
assert consumer.end_offsets(partitions) == {partitions[0]: 500, partitions[1]: 500}
consumer.seek_to_beginning()
records = []
for record in consumer:
    records.append(record)
    if len(records) == 1000:
        break
assert len(records) == 1000, len(records)
for partition in range(2):
    offsets = [record.offset for record in records if record.partition == partition]
    assert offsets == list(range(500))
assert {record.headers[0][1] for record in records} == {b"None", b"gzip", b"snappy", b"lz4", b"zstd"}
found = consumer.offsets_for_times({partitions[0]: 1700000000100})[partitions[0]]
assert (found.offset, found.timestamp) == (50, 1700000000100), found
admin.delete_topics(["kafka-python"])
print("ok")
