"""Copies a topic to another in transactions of 1 to MOST records and the offsets up to which they were read.

usage: transactional_copier.py BOOTSTRAP INPUT OUTPUT MOST

One transaction in ten is aborted and done again. Goes on until it is killed, and where it was killed when it is started again.
Prints `committed COUNT` and `aborted COUNT`; ends with status 3 after an error that ends a producer.
"""
import random
import sys
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

bootstrap, source, target, most_per_transaction = *sys.argv[1:4], int(sys.argv[4])
name = "librdkafka-" + target


def retried(call):
    """Calls again while the error says that this may help."""
    while True:
        try:
            return call()
        except KafkaException as failure:
            if not failure.args[0].retriable():
                raise
            print("again:", failure.args[0], file=sys.stderr)


def go_back():
    """To what is committed."""
    positions = retried(lambda: consumer.committed(assignment, timeout=30))
    consumer.assign([TopicPartition(source, one.partition, max(0, one.offset)) for one in positions])


def copy(messages):
    next_offsets = {}
    producer.begin_transaction()
    for message in messages:
        while True:
            try:
                producer.produce(target, key=message.key(), value=message.value(), partition=message.partition())
                break
            except BufferError:
                producer.poll(0.1)
        next_offsets[message.partition()] = message.offset() + 1
    if random.random() < 0.1:
        producer.flush(30)
        raise RuntimeError("as if the work had failed")
    offsets = [TopicPartition(source, partition, offset) for partition, offset in next_offsets.items()]
    retried(lambda: producer.send_offsets_to_transaction(offsets, consumer.consumer_group_metadata(), 60))
    retried(lambda: producer.commit_transaction(60))


producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": name, "transaction.timeout.ms": 20000, "linger.ms": 5})
retried(lambda: producer.init_transactions(60))
consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": name, "enable.auto.commit": False, "auto.offset.reset": "earliest", "isolation.level": "read_committed"})
assignment = [TopicPartition(source, partition) for partition in consumer.list_topics(source, timeout=30).topics[source].partitions]
go_back()
while True:
    consumed = consumer.consume(random.randint(1, most_per_transaction), timeout=0.5)
    messages = [message for message in consumed if message.error() is None]
    for message in consumed:
        if message.error() is not None:
            print("consume:", message.error(), file=sys.stderr, flush=True)
    if not messages:
        continue
    try:
        copy(messages)
        print("committed %d" % len(messages), flush=True)
    except (KafkaException, RuntimeError) as failure:
        print("failed:", failure, file=sys.stderr)
        if isinstance(failure, KafkaException) and failure.args[0].fatal():
            sys.exit(3)
        retried(lambda: producer.abort_transaction(60))
        print("aborted %d" % len(messages), flush=True)
        go_back()
