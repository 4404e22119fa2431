"""Copies a topic to another with transactions: each one has some records and the offsets up to which they were read.

usage: transactional_copier.py BOOTSTRAP INPUT OUTPUT PARTITIONS

One transaction in four is aborted and done again. Ends when all that was in INPUT at the start is copied.
"""
import random
import sys
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

bootstrap, source, target, partitions = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
random.seed(7)
group = "copier-" + source
records_per_transaction = 50


def new_producer():
    producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": group, "transaction.timeout.ms": 20000, "linger.ms": 2})
    producer.init_transactions(60)
    return producer


consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": group, "enable.auto.commit": False, "auto.offset.reset": "earliest", "isolation.level": "read_committed"})
assignment = [TopicPartition(source, n) for n in range(partitions)]
ends = [consumer.get_watermark_offsets(partition, timeout=60)[1] for partition in assignment]
positions = None


def rewind():
    """Back to what is committed."""
    global positions
    for _ in range(100):
        try:
            committed = consumer.committed([TopicPartition(source, n) for n in range(partitions)], timeout=30)
            break
        except KafkaException as error:
            print("committed:", error, file=sys.stderr)
    positions = [max(0, partition.offset) for partition in committed]
    consumer.assign([TopicPartition(source, n, positions[n]) for n in range(partitions)])


producer = new_producer()
rewind()
committed_transactions = aborted_transactions = restarts = 0
while any(position < end for position, end in zip(positions, ends)):
    try:
        messages = [message for message in consumer.consume(records_per_transaction, timeout=1) if message.error() is None]
        if not messages:
            continue
        producer.begin_transaction()
        for message in messages:
            producer.produce(target, key=message.key(), value=message.value(), partition=message.partition())
            positions[message.partition()] = message.offset() + 1
        if random.random() < 0.25:
            producer.flush(30)
            raise RuntimeError("as if the work had failed")
        producer.send_offsets_to_transaction([TopicPartition(source, n, positions[n]) for n in range(partitions)], consumer.consumer_group_metadata(), 60)
        while True:
            try:
                producer.commit_transaction(60)
                break
            except KafkaException as error:
                if not error.args[0].retriable():
                    raise
        committed_transactions += 1
    except (KafkaException, RuntimeError) as failure:
        error = failure.args[0]
        if isinstance(failure, KafkaException):
            print("failed:", error, file=sys.stderr)
        if isinstance(failure, KafkaException) and error.fatal():
            producer = new_producer()
            restarts += 1
        else:
            try:
                producer.abort_transaction(60)
                aborted_transactions += 1
            except KafkaException as error:
                print("abort failed:", error, file=sys.stderr)
                producer = new_producer()
                restarts += 1
        rewind()
consumer.close()
print("committed %d aborted %d restarts %d" % (committed_transactions, aborted_transactions, restarts))
