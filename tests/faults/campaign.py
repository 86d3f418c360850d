"""One run under faults: generate → heal → quiesce → verify. Seeded, with real processes and a real Kafka that dies."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aiokafka import AIOKafkaProducer

from services.cli.addresses import System, write
from services.cli.embedded.ports import free_port
from services.cli.embedded.smtp import MailServer
from services.cli.embedded.system import Embedded, stopping
from services.cli.quiet import looking
from shared.contracts import topics
from shared.contracts.data import Command
from shared.kit.clock import ClockFile
from tests.faults import checker
from tests.faults.checker import SERVICES, Report
from tests.faults.duplicator import Duplicator
from tests.faults.fleet import Fleet
from tests.faults.load import START, Case, Phase, cases, phases
from tests.faults.poison import choose
from tests.support.events import Event
from tests.support.running import read_all, run_command

_CHUNK = 150
_WAKE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong in a run."""

    crashes: Sequence[str] = ()
    kafka_dies_in: str | None = None
    poison: int = 0
    planted: tuple[str, str] | None = None
    copies: bool = True


@dataclass(slots=True)
class Sent:
    """The load's own log: what Kafka acknowledged."""

    commands: dict[str, str] = field(default_factory=dict)
    poison: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    records: int = 0


class Campaign:
    """Runs the load against a fleet under faults, and looks at what came of it."""

    def __init__(self, embedded: Embedded, folder: Path, seed: int, claims: int, faults: Faults) -> None:
        self._embedded = embedded
        self._folder = folder
        self._seed = seed
        self._faults = faults
        self.cases: Sequence[Case] = cases(seed, claims)
        self.sent = Sent()
        self.report = Report()
        self.seconds: dict[str, float] = {}
        self.deaths: dict[str, list[str]] = {}
        self.copies = 0

    async def run(self) -> Report:
        """Do all of it and return the report."""
        with stopping(mail := MailServer(self._embedded.instance)):
            await asyncio.to_thread(mail.start)
            clock = ClockFile.create(self._folder / "clock", START, speed=0)
            kafka, postgres = self._embedded.kafka, self._embedded.postgres
            fleet = Fleet(kafka, postgres, self._folder, clock.path, mail.url)
            try:
                await self._start(fleet)
                async with self._copier() as copier:
                    await self._play(fleet, clock, copier)
                    await self._check(fleet, mail.maildir)
            finally:
                await fleet.stop()
                self.deaths = {name: member.deaths for name, member in fleet.members.items()}
        return self.report

    async def _start(self, fleet: Fleet) -> None:
        await fleet.provision(SERVICES)
        for service in SERVICES:
            planted = self._faults.planted
            bug = planted[1] if planted and planted[0] == service else None
            fleet.start(service, free_port(), self._faults.crashes, bug)
        await fleet.ready()

    async def _play(self, fleet: Fleet, clock: ClockFile, copier: Duplicator | None) -> None:
        system = System(kafka=self._embedded.kafka.bootstrap, database_url=fleet.reader_url)
        producer = AIOKafkaProducer(
            bootstrap_servers=self._embedded.kafka.bootstrap,
            acks="all",
            enable_idempotence=True,
            max_request_size=2 * topics.RECORD_BYTES_MAX,
        )
        await producer.start()
        try:
            async with looking(system, clock.now) as quiet:
                for phase in phases(self.cases):
                    began = time.monotonic()
                    clock.set(phase.at)
                    await quiet.wait()
                    await self._send(producer, phase)
                    await quiet.wait()
                    if copier is not None:
                        await copier.caught_up()
                        await quiet.wait()
                    self.seconds[phase.name] = time.monotonic() - began
        finally:
            await producer.stop()

    async def _send(self, producer: AIOKafkaProducer, phase: Phase) -> None:
        chunks = [phase.events[at : at + _CHUNK] for at in range(0, len(phase.events), _CHUNK)]
        dies = asyncio.ensure_future(self._kafka_dies()) if phase.name == self._faults.kafka_dies_in else None
        for chunk in chunks:
            await self._acknowledged(producer, chunk)
        if phase.name == "orders":
            await self._send_poison(producer)
        if dies is not None:
            await dies

    async def _acknowledged(self, producer: AIOKafkaProducer, events: Sequence[Event]) -> None:
        futures = [
            await producer.send(each.topic, each.value, key=each.key.encode(), headers=list(each.headers))
            for each in events
        ]
        await asyncio.gather(*futures)
        self.sent.records += len(events)
        self.sent.commands |= {e.event_id: e.data.TYPE for e in events if isinstance(e.data, Command)}

    async def _send_poison(self, producer: AIOKafkaProducer) -> None:
        for bad in (
            choose(self._seed, self.cases[0].order, self._faults.poison) if self._faults.poison else ()
        ):
            place = await producer.send_and_wait(bad.topic, bad.value, key=bad.key, headers=list(bad.headers))
            readers = [topic.name for service in SERVICES for topic in topics.read_by(service)]
            self.sent.poison[place.topic, place.partition, place.offset] = readers.count(bad.topic)

    async def _kafka_dies(self) -> None:
        """Kill Kafka while records are on their way, and bring it back."""
        await asyncio.sleep(_WAKE_SECONDS)
        await asyncio.to_thread(self._embedded.kafka.kill)
        await asyncio.to_thread(self._embedded.kafka.start)

    @contextlib.asynccontextmanager
    async def _copier(self) -> AsyncIterator[Duplicator | None]:
        if not self._faults.copies:
            yield None
            return
        copier = Duplicator(self._embedded.kafka.bootstrap, self._seed)
        copying = asyncio.ensure_future(copier.run())
        try:
            yield copier
        finally:
            self.copies = copier.copies
            copying.cancel()
            await asyncio.gather(copying, return_exceptions=True)

    async def _verify(self, fleet: Fleet) -> None:
        """Look as an operator would: by the command that anybody can run at any time."""
        file = self._folder / "ready.json"
        write(System(kafka=self._embedded.kafka.bootstrap, database_url=fleet.reader_url), file)
        code, data, words = await run_command(file, "verify", "--json")
        self.report.expect(f"recourse verify: {data} {words}", code, 0)

    async def _check(self, fleet: Fleet, maildir: Path) -> None:
        bootstrap = self._embedded.kafka.bootstrap
        debits = await read_all(bootstrap, topics.FINANCE_DEBITS)
        self.report.figures["records on finance.debits"] = len(debits)
        checker.check_money(self.report, self.cases, debits)
        await checker.check_services(self.report, fleet.reader_url, self.sent.poison)
        await checker.check_answers(self.report, fleet.reader_url, self.sent.commands)
        checker.check_mails(self.report, self.cases, maildir)
        await self._verify(fleet)
        letters = [await read_all(bootstrap, topics.dead_letters(service)) for service in SERVICES]
        places = {
            (headers["dl_topic"].decode(), int(headers["dl_partition"]), int(headers["dl_offset"]))
            for each in letters
            for headers in (dict(record.headers) for record in each)
        }
        self.report.expect("poison on the dead-letter topics", places, set(self.sent.poison))
