"""What the services say while the mix runs: which command it answers, how long that took, and that nothing is odd."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from services.cli.bench.echo import Took
from shared.contracts.finance import SellerDebited
from shared.contracts.topics import (
    CLAIMS_EVENTS,
    FINANCE_DEBITS,
    MESSAGING_EVENTS,
    ORDERS_EVENTS,
    TIMER_COMMANDS,
)
from shared.kit import clock

_TOPICS = (ORDERS_EVENTS, MESSAGING_EVENTS, CLAIMS_EVENTS, FINANCE_DEBITS, TIMER_COMMANDS)
_POLL_MS = 100
_DEBITED = SellerDebited.TYPE.encode()
_REFUSED = b"_refused.v1"


@dataclass(slots=True)
class Heard:
    """Listens from `open` to `close`. `asked` and `due` are told before what they are about can come.

    `answers`, `applied` and `debits` took: from a command's sending to its answer; to what another service said to the
    fact that it led to, the first that says something; from a deadline to the debit that it caused.
    """

    consumer: AIOKafkaConsumer
    asked: dict[str, float] = field(default_factory=dict)
    due: dict[str, float] = field(default_factory=dict)
    answers: list[Took] = field(default_factory=list)
    applied: list[Took] = field(default_factory=list)
    debits: list[Took] = field(default_factory=list)
    debited: Counter[str] = field(default_factory=Counter)
    wrong: str | None = None
    _answered: set[str] = field(default_factory=set)
    _facts: dict[str, tuple[bytes, float]] = field(default_factory=dict)
    _ids: set[str] = field(default_factory=set)
    _sequences: dict[tuple[str, bytes], int] = field(default_factory=dict)
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    async def open(cls, bootstrap: str, partitions: int) -> Heard:
        """Listen to what is said from now on."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap, group_id=None, isolation_level="read_committed"
        )
        await consumer.start()
        places = [TopicPartition(topic, number) for topic in _TOPICS for number in range(partitions)]
        consumer.assign(places)
        await consumer.seek_to_end(*places)
        return cls(consumer)

    async def close(self) -> None:
        """Disconnect."""
        await self.consumer.stop()

    async def listen(self) -> None:
        """Hear until canceled."""
        while True:
            found = await self.consumer.getmany(timeout_ms=_POLL_MS)
            now, wall = time.perf_counter(), clock.real_now().timestamp()
            for records in found.values():
                for record in records:
                    self._hear(record, now, wall)
            self._came.set()

    async def until(self, answers: Sequence[str], debits: Sequence[str], seconds_max: float) -> None:
        """Wait until each of these commands is answered, and each of these orders debited. Raises TimeoutError."""
        async with asyncio.timeout(seconds_max):
            while not (self._answered.issuperset(answers) and self.debited.keys() >= set(debits)):
                self._came.clear()
                await self._came.wait()

    def _hear(self, record: Any, now: float, wall: float) -> None:
        headers = dict(record.headers)
        event_id, cause = headers["ce_id"].decode(), headers.get("ce_causationid", b"").decode()
        self._check(record, headers, event_id)
        if (sent_at := self.asked.get(cause)) is not None:
            self._answer(headers["ce_type"], cause, Took(now - sent_at, now))
            self._facts[event_id] = (headers["ce_source"], sent_at)
        elif cause in self._facts and self._facts[cause][0] != headers["ce_source"]:
            self.applied.append(Took(now - self._facts.pop(cause)[1], now))
        if headers["ce_type"] == _DEBITED:
            order_id = headers["ce_correlationid"].decode()
            self.debited[order_id] += 1
            # One whose deadline had passed when the claim was filed was granted by the filing.
            if cause not in self.asked:
                self.debits.append(Took(wall - self.due[order_id], now))

    def _answer(self, type_: bytes, command_id: str, took: Took) -> None:
        if type_.endswith(_REFUSED):
            self.wrong = f"{command_id} was refused"
        if command_id not in self._answered:
            self._answered.add(command_id)
            self.answers.append(took)

    def _check(self, record: Any, headers: dict[str, bytes], event_id: str) -> None:
        """Nothing may come twice, and what is numbered comes in order, without a gap."""
        if event_id in self._ids:
            self.wrong = f"{event_id} came twice"
        self._ids.add(event_id)
        if "ce_sequence" in headers:
            stream = (record.topic, record.key)
            number = self._sequences.get(stream, 0) + 1
            if int(headers["ce_sequence"]) != number:
                said = headers["ce_sequence"].decode()
                self.wrong = f"{record.key.decode()} said number {said}, not {number}, on {record.topic}"
            self._sequences[stream] = number
