"""What goes in: orders as checkout places them, the same bytes for every side."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer

from shared.contracts.checkout import OrderPlaced
from shared.contracts.examples import event
from shared.contracts.topics import CHECKOUT_EVENTS

SELLERS = 500
_UNACKNOWLEDGED_MAX = 5000


@dataclass(frozen=True, slots=True)
class Sent:
    """One record to be sent."""

    topic: str
    key: str
    value: bytes
    headers: Sequence[tuple[str, bytes]]


def placed(prefix: str, count: int) -> Iterator[Sent]:
    """Make orders of one line, of an untracked sku, spread over sellers."""
    body = event(OrderPlaced.TYPE)["data"]
    for number in range(count):
        order_id = f"{prefix}-{number}"
        data = {**body, "order_id": order_id, "seller_id": f"seller-{number % SELLERS}"}
        headers = [
            ("ce_specversion", b"1.0"),
            ("ce_id", f"placed-{order_id}".encode()),
            ("ce_source", b"/checkout"),
            ("ce_type", OrderPlaced.TYPE.encode()),
            ("content-type", b"application/json"),
        ]
        yield Sent(CHECKOUT_EVENTS, order_id, json.dumps(data).encode(), headers)


async def send(bootstrap: str, records: Iterator[Sent], prefix: str = "") -> None:
    """Send all, in order, each acknowledged."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        enable_idempotence=True,
        acks="all",
        linger_ms=5,
        max_batch_size=256 * 1024,
    )
    await producer.start()
    try:
        waiting = []
        for record in records:
            waiting.append(
                await producer.send(
                    prefix + record.topic,
                    value=record.value,
                    key=record.key.encode(),
                    headers=list(record.headers),
                )
            )
            if len(waiting) >= _UNACKNOWLEDGED_MAX:
                for future in waiting:
                    await future
                waiting.clear()
        for future in waiting:
            await future
    finally:
        await producer.stop()
