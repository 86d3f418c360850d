"""What both peers of the timer say when a deadline has come: the same record as ours, acknowledged by all."""

from __future__ import annotations

import json
from typing import Any

from aiokafka import AIOKafkaProducer

from services.cli.bench.peers.plain import topic_of
from shared.contracts.timer import DeadlineExpired
from shared.contracts.topics import TIMER_EVENTS
from shared.kit import clock

TOPIC = topic_of(TIMER_EVENTS)


def producer(kafka: str) -> AIOKafkaProducer:
    """Return a producer as durable as ours, not yet started."""
    return AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=True)


async def say(producer: AIOKafkaProducer, deadline: dict[str, Any]) -> None:
    """Send that it has come, and return when Kafka has it."""
    expired = {**deadline, "fired_at": clock.real_now().isoformat()}
    headers = {
        "ce_specversion": "1.0",
        "ce_id": deadline["timer_id"],
        "ce_source": "/recourse/timer",
        "ce_type": DeadlineExpired.TYPE,
        "ce_subject": deadline["order_id"],
        "ce_time": deadline["due_at"],
        "content-type": "application/json",
    }
    await producer.send_and_wait(
        TOPIC,
        json.dumps(expired).encode(),
        key=deadline["order_id"].encode(),
        headers=[(name, value.encode()) for name, value in headers.items()],
    )
