"""A member of a consumer group until it is stopped: group_member.py LIBRARY BOOTSTRAP GROUP TOPIC [INSTANCE].

Prints `assigned 0,2` when partitions come (a line with none when they go), `PARTITION:OFFSET` for each record, and
`committed PARTITION:OFFSET` when the group has got so far. SIGTERM leaves the group.
"""
import signal
import sys

library, bootstrap, group, topic = sys.argv[1:5]
instance = sys.argv[5] if len(sys.argv) > 5 else None
running = True


def stop(*_):
    global running
    running = False


signal.signal(signal.SIGTERM, stop)


def say(text):
    print(text, flush=True)


def tell_assigned(partitions):
    say("assigned " + ",".join(str(partition.partition) for partition in sorted(partitions, key=lambda one: one.partition)))


def with_kafka_python():
    from kafka import ConsumerRebalanceListener, KafkaConsumer

    class Listener(ConsumerRebalanceListener):
        def on_partitions_revoked(self, revoked):
            pass

        def on_partitions_assigned(self, assigned):
            tell_assigned(assigned)

    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap.split(","), group_id=group, group_instance_id=instance, client_id="python", auto_offset_reset="earliest", enable_auto_commit=False,
        session_timeout_ms=6000 if instance is None else 10000, heartbeat_interval_ms=500, metadata_max_age_ms=2000, request_timeout_ms=30000, max_poll_interval_ms=20000,
    )
    consumer.subscribe([topic], listener=Listener())
    while running:
        # A shorter time, if it ends while the group is being joined, leaves 3.0.12 without partitions and heartbeats.
        found = consumer.poll(timeout_ms=1000)
        for records in found.values():
            for record in records:
                say("%d:%d" % (record.partition, record.offset))
        if found:
            try:
                consumer.commit()
                for records in found.values():
                    say("committed %d:%d" % (records[-1].partition, records[-1].offset))
            except Exception as error:
                say("commit failed: %r" % error)
    consumer.close(autocommit=False)


def with_confluent_kafka():
    from confluent_kafka import Consumer, KafkaException

    settings = {
        "bootstrap.servers": bootstrap, "group.id": group, "client.id": "confluent", "auto.offset.reset": "earliest", "enable.auto.commit": False,
        "session.timeout.ms": 6000 if instance is None else 30000, "heartbeat.interval.ms": 500, "topic.metadata.refresh.interval.ms": 2000,
    }
    if instance is not None:
        settings["group.instance.id"] = instance
    consumer = Consumer(settings)
    consumer.subscribe([topic], on_assign=lambda _, partitions: tell_assigned(partitions))
    while running:
        message = consumer.poll(0.2)
        if message is None or message.error():
            continue
        say("%d:%d" % (message.partition(), message.offset()))
        try:
            consumer.commit(message, asynchronous=False)
            say("committed %d:%d" % (message.partition(), message.offset()))
        except KafkaException as error:
            say("commit failed: %s" % error)
    consumer.close()


with_kafka_python() if library == "kafka-python" else with_confluent_kafka()
say("left")
