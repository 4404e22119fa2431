"""Writes numbered records with an idempotent producer until its input ends; then prints what was acknowledged, as JSON."""
import json
import sys
import threading
import time
from confluent_kafka import Producer

bootstrap, topic = sys.argv[1:3]
producer = Producer({
    "bootstrap.servers": bootstrap,
    "enable.idempotence": True,
    "acks": "all",
    "linger.ms": 2,
    "message.timeout.ms": 120000,
    "reconnect.backoff.max.ms": 100,
})
ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()

acknowledged = []
failures = []


def delivered(error, message):
    if error is not None:
        failures.append(str(error))
    else:
        acknowledged.append([message.value().decode(), message.partition(), message.offset()])


number = 0
while not ended.is_set():
    producer.produce(topic, value="confluent-%d" % number, partition=number % 3, on_delivery=delivered)
    producer.poll(0)
    number += 1
    time.sleep(0.005)
producer.flush(120)
print(json.dumps({"sent": number, "acknowledged": acknowledged, "failures": failures}))
