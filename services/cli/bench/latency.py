"""B11: how long a command's answer takes, and a deadline's debit, with all services under the load of the whole mix.

An answer is measured from the command's sending to the first record that it caused on its owner's topic, in the hands
of a reader: there the next service has it. A debit is measured from the instant that its deadline was due to its
record on `finance.debits`: it crosses timer, claims and its relay. Both are held against the p99 of an echo of the same
round, sent and read by the same process through the same Kafka.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from services.cli.bench import loading, mix
from services.cli.bench.benchmark import Benchmark, Curves, Findings, Plan, Step, check
from services.cli.bench.draining import wait_until_ready
from services.cli.bench.echo import curve, echoing, percentile
from services.cli.bench.ground import Ground
from services.cli.bench.heard import Heard
from services.cli.bench.mix import Life
from services.cli.bench.rounds import Figure
from services.cli.bench.standing import KEEPERS, what_stands_wrong
from services.cli.embedded.smtp import MailServer
from services.cli.running import memory
from services.cli.running.service_process import SERVICES, ServiceProcess
from services.cli.story.events import Event
from shared.contracts.data import Command
from shared.contracts.topics import Installation, provisions
from shared.kit import clock

LIVES_PER_SECOND = 11
"""Each leads to about 45 records, what its people say and what services say to that: 500 records/s."""
ECHOES_PER_SECOND = 50
SHARE = 0.99
_SHIPS_AFTER, _WRITES_AFTER, _ARRIVES_AFTER, _FILES_AFTER, _DUE_AFTER = 2.0, 3.5, 5.0, 6.5, 9.0
"""Seconds in a life. A deadline lies so far behind the claim that it waits, if only for a moment."""
_EDGE_SECONDS = 1.0
"""Of a round, at both ends: what was over by then is in no percentile, of the echo as of the services."""
_END_SECONDS_MAX = 60.0
_MB = 1e6


@dataclass(frozen=True, slots=True)
class Size:
    """How long orders are placed, in seconds: before the first round, and in each."""

    warm_up: float
    seconds: float


FULL = Size(warm_up=2, seconds=30)
QUICK = Size(warm_up=0, seconds=3)


@dataclass(frozen=True, slots=True)
class Round:
    """What one round came to, in seconds for each but those at its edges; and how many records a second in all."""

    echo: Sequence[float]
    answers: Sequence[float]
    applied: Sequence[float]
    debits: Sequence[float]
    per_second: float


def steps(plan: Plan) -> int:
    """The start, and the rounds."""
    return 1 + plan.rounds


def measure(ground: Ground, plan: Plan, step: Step) -> Findings:
    """Start everything, and let orders live in it."""
    size = QUICK if plan.is_quick else FULL
    step("starting every service")
    with _everything(ground) as processes:
        asyncio.run(_say(ground, mix.people(clock.real_now())))
        if size.warm_up:
            asyncio.run(_round(ground, "warm", size.warm_up))
        rounds = []
        for number in range(plan.rounds):
            step(f"round {number + 1}: {LIVES_PER_SECOND} orders a second live")
            rounds.append(asyncio.run(_round(ground, f"life{number}", size.seconds)))
        megabytes = memory.bytes_of([each.pid for each in processes]) / _MB
    return _findings(rounds, megabytes)


@contextmanager
def _everything(ground: Ground) -> Iterator[Sequence[ServiceProcess]]:
    """Give all services, and a mail server, which must be quick to end: nobody waits for the last mails."""
    mail = MailServer(ground.instance)
    mail.start()
    processes = [
        ground.service(name, {"SMTP_URL": mail.url} if name == "notifications" else None) for name in SERVICES
    ]
    try:
        for process in processes:
            process.start()
        for process in processes:
            wait_until_ready(process)
        yield processes
    finally:
        for process in processes:
            process.stop()
        mail.stop()


async def _say(ground: Ground, events: Sequence[Event]) -> None:
    await loading.send(ground.kafka.bootstrap, [mix.sent(event) for event in events])


async def _round(ground: Ground, prefix: str, seconds: float) -> Round:
    """Let orders be placed at a steady pace until the time is over, and wait until all of them are debited."""
    bootstrap = ground.kafka.bootstrap
    heard = await Heard.open(bootstrap, Installation().order_partitions)
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all")
    await producer.start()
    listening = asyncio.ensure_future(heard.listen())
    try:
        async with echoing(bootstrap, ECHOES_PER_SECOND) as echo:
            load = _Load(producer, heard, prefix)
            before, began = await _records(bootstrap), time.perf_counter()
            await load.run(round(seconds * LIVES_PER_SECOND))
            await heard.until(load.commands, load.orders, _END_SECONDS_MAX)
            ended = time.perf_counter()
            records = await _records(bootstrap) - before
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await producer.stop()
        await heard.close()
    twice = [order for order, times in heard.debited.items() if times > 1]
    check(
        heard.wrong,
        f"{len(twice)} orders were debited twice" if twice else None,
        await what_stands_wrong(ground, KEEPERS, prefix, len(load.orders), plain=False),
    )
    echoed, answers, applied, debits = (
        [each.seconds for each in found if began + _EDGE_SECONDS <= each.at <= ended - _EDGE_SECONDS]
        for found in (echo, heard.answers, heard.applied, heard.debits)
    )
    # At its full pace it ran only between the end of the first life and the beginning of the last.
    per_second = (records - len(echo)) / (ended - began - _DUE_AFTER)
    return Round(echoed, answers, applied, debits, per_second)


class _Load:
    """What people say, order by order, each at its time."""

    def __init__(self, producer: AIOKafkaProducer, heard: Heard, prefix: str) -> None:
        self._producer = producer
        self._heard = heard
        self._prefix = prefix
        self.commands: list[str] = []
        self.orders: list[str] = []

    async def run(self, count: int) -> None:
        """Let so many orders live, one after the other begun."""
        began = time.perf_counter()
        async with asyncio.TaskGroup() as lives:
            for number in range(count):
                await _until(began + number / LIVES_PER_SECOND)
                lives.create_task(self._live(number))

    async def _live(self, number: int) -> None:
        began, due_at = time.perf_counter(), clock.real_now() + timedelta(seconds=_DUE_AFTER)
        life = Life(self._prefix, number, due_at)
        self.orders.append(life.order.order_id)
        self._heard.due[life.order.order_id] = due_at.timestamp()
        await self._say(*life.placed())
        await _until(began + _SHIPS_AFTER)
        await self._say(life.shipped())
        await self._say(life.on_its_way())
        await _until(began + _WRITES_AFTER)
        await self._say(life.wrote())
        await _until(began + _ARRIVES_AFTER)
        await self._say(life.delivered())
        await _until(began + _FILES_AFTER)
        await self._say(life.filed(clock.real_now()))

    async def _say(self, *events: Event) -> None:
        for event in events:
            sent = mix.sent(event)
            if isinstance(event.data, Command):
                self.commands.append(event.data.command_id)
                self._heard.asked[event.data.command_id] = time.perf_counter()
            await self._producer.send(
                sent.topic, value=sent.value, key=sent.key.encode(), headers=list(sent.headers)
            )


async def _until(instant: float) -> None:
    await asyncio.sleep(instant - time.perf_counter())


async def _records(bootstrap: str) -> int:
    """Count all records of all topics."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=None)
    await consumer.start()
    try:
        ends = await consumer.end_offsets(
            [
                TopicPartition(topic.name, number)
                for topic in provisions(Installation())
                for number in range(topic.partitions)
            ]
        )
        return sum(ends.values())
    finally:
        await consumer.stop()


def _findings(rounds: Sequence[Round], megabytes: float) -> Findings:
    echo = [percentile(each.echo, SHARE) for each in rounds]
    answer = [percentile(each.answers, SHARE) for each in rounds]
    applied = [percentile(each.applied, SHARE) for each in rounds]
    debit = [percentile(each.debits, SHARE) for each in rounds]
    sides = {
        "echo": [second for each in rounds for second in each.echo],
        "a command's answer": [second for each in rounds for second in each.answers],
        "what another service says to that": [second for each in rounds for second in each.applied],
        "a deadline's debit": [second for each in rounds for second in each.debits],
    }
    medians = ", ".join(f"{side} {_ms(percentile(found, 0.5))}" for side, found in sides.items())
    p99s = ", ".join(f"{side} {_ms(percentile(found, SHARE))}" for side, found in sides.items())
    asked = sum(len(each.answers) for each in rounds)
    return Findings(
        figures={
            "B11": {
                "answer": _of(answer, echo),
                "debit": _of(debit, echo),
            }
        },
        pictures=[
            Curves(
                "How long it takes, all rounds together",
                "percent of all",
                "ms",
                {side: curve(found) for side, found in sides.items()},
                is_y_log=True,
            )
        ],
        notes=[
            f"Load: {Figure([each.per_second for each in rounds]).median:.0f} records/s on all topics together.",
            f"Medians: {medians}. p99: {p99s}. {asked} answers, {sum(len(each.debits) for each in rounds)} debits.",
            f"What another service says to a command's fact, p99 to the echo's: {_of(applied, echo).median:.1f}x.",
            f"The {len(SERVICES)} services took {megabytes:.0f} MB together at the end.",
        ],
    )


def _of(ours: Sequence[float], echo: Sequence[float]) -> Figure:
    return Figure([mine / other for mine, other in zip(ours, echo, strict=True)])


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


BENCHMARK = Benchmark(steps=steps, measure=measure)
