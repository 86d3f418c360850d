"""A real process of a service: its pages, its end, and what it says of wrong settings."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import asyncpg
import pytest

from services.cli.embedded.kafka import Kafka
from services.cli.embedded.ports import LOOPBACK, free_port
from shared.contracts import topics
from shared.contracts.timer import Schedule
from shared.kit.clock import ClockFile
from shared.kit.provision import make_roles
from tests.support.databases import Databases
from tests.support.processes import CHECKOUT
from tests.support.proxy import Proxy, proxy
from tests.support.streaming import counted, send, sent_to, truncate
from tests.support.toy import Say, say
from tests.support.until import until

PASSWORD = "timers-only"
LONG_AGO = datetime(2021, 3, 10, tzinfo=UTC)


@dataclass
class Running:
    """A process of the timer, behind a network that can be cut."""

    process: asyncio.subprocess.Process
    port: int
    log: Path

    async def page(self, path: str) -> tuple[int, Mapping[str, Any]]:
        """Ask one of its pages; 0 while nobody listens."""

        def ask() -> tuple[int, Mapping[str, Any]]:
            try:
                with urlopen(f"http://{LOOPBACK}:{self.port}{path}", timeout=10) as answer:
                    return answer.status, json.load(answer)
            except OSError as error:
                read = getattr(error, "read", None)
                return (getattr(error, "code", 0), json.loads(read())) if read else (0, {})

        return await asyncio.to_thread(ask)

    async def until_ready(self) -> None:
        async def ready() -> bool:
            return (await self.page("/ready"))[0] == 200

        await until(ready, f"readiness; its log: {self.log}", 30)

    async def until_not_ready(self, why: str) -> None:
        async def says_so() -> bool:
            status, body = await self.page("/ready")
            return status == 503 and why in body["why"]

        await until(says_so, f"not ready, because {why}", 30)

    async def end(self) -> int:
        """Ask it to end and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 20)

    def logged(self) -> list[str]:
        """Return the events that it logged."""
        return [
            json.loads(line)["event"] for line in self.log.read_text().splitlines() if line.startswith("{")
        ]


@dataclass
class Installation:
    """A database with the timer's schema and role, and the network to it."""

    dsn: str
    network: Proxy
    bootstrap: str
    folder: Path
    started: int = 0

    @asynccontextmanager
    async def timer(self, **settings: str) -> AsyncIterator[Running]:
        """Give a running timer; killed at the end of the block if it still runs."""
        name = urlsplit(self.dsn).path
        port = free_port()
        environment = os.environ | {
            "DATABASE_URL": f"postgresql://recourse_timer:{PASSWORD}@{LOOPBACK}:{self.network.port}{name}",
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "INSTANCE_ID": "timer-1",
            "HEALTH_PORT": str(port),
            "PAUSE_SECONDS_MAX": "0.5",
        }
        self.started += 1
        path = self.folder / f"timer-{self.started}.log"
        with path.open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "services.timer", cwd=CHECKOUT, env=environment | settings, stderr=log
            )
        try:
            yield Running(process, port, path)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


@pytest.fixture
async def installation(databases: Databases, kit_kafka: Kafka, tmp_path: Path) -> AsyncIterator[Installation]:
    await truncate(kit_kafka.bootstrap, topics.TIMER_COMMANDS, topics.TIMER_EVENTS)
    dsn = await databases.fresh()
    await make_roles(dsn, {"timer": PASSWORD}, PASSWORD)
    async with proxy(urlsplit(dsn).port or 5432) as network:
        yield Installation(dsn, network, kit_kafka.bootstrap, tmp_path)


def schedule(timer_id: str, due_at: datetime = LONG_AGO) -> Say:
    """Ask for a deadline, which has come already unless told otherwise."""
    data = Schedule(
        timer_id=timer_id, kind="hold_end", owner="orders", order_id="o", subject_id="s", due_at=due_at
    )
    return say(data, "o", f"set-{timer_id}", source="/recourse/orders")


async def test_it_waits_for_what_is_away_and_says_what_it_waits_for(
    installation: Installation, kit_kafka: Kafka
) -> None:
    """At its start, and when the database goes later; what was asked meanwhile is done."""
    await asyncio.to_thread(kit_kafka.kill)
    installation.network.cut()
    async with installation.timer() as timer:
        await timer.until_not_ready("waits for the database and Kafka")
        assert (await timer.page("/health"))[0] == 200
        installation.network.mend()
        await asyncio.to_thread(kit_kafka.start)
        await timer.until_ready()
        installation.network.cut()
        await timer.until_not_ready("the database does not answer")
        await send(installation.bootstrap, schedule("meanwhile"))
        installation.network.mend()
        await timer.until_ready()
        (fired,) = await sent_to(installation.bootstrap, topics.TIMER_EVENTS, 1)
        assert dict(fired.headers)["ce_id"] == b"meanwhile"
        assert timer.process.returncode is None
        assert await timer.end() == 0


async def test_it_ends_quickly_when_asked_and_nothing_is_lost_or_done_twice(
    installation: Installation,
) -> None:
    count = 4000
    async with installation.timer(BATCH_RECORDS_MAX="100") as timer:
        await timer.until_ready()
        await send(installation.bootstrap, *(schedule(f"t{n}") for n in range(count)))
        await sent_to(installation.bootstrap, topics.TIMER_EVENTS, 1)
        asked_at = time.monotonic()
        assert await timer.end() == 0
        assert time.monotonic() - asked_at < 5
        assert timer.logged()[-2:] == ["stopping", "stopped"]
    async with installation.timer() as timer:
        fired = await sent_to(installation.bootstrap, topics.TIMER_EVENTS, count)
        assert await timer.end() == 0
    assert counted(fired, "ce_id") == {f"t{n}": 1 for n in range(count)}


async def test_it_ends_when_asked_while_kafka_is_away_and_leaves_what_it_has_to_say(
    installation: Installation, kit_kafka: Kafka
) -> None:
    by_hand = ClockFile.create(installation.folder / "clock", LONG_AGO + timedelta(hours=1), speed=0)
    connection = await asyncpg.connect(installation.dsn)
    async with installation.timer(CLOCK_FILE=str(by_hand.path)) as timer:
        await timer.until_ready()
        await send(installation.bootstrap, schedule("now"), schedule("later", LONG_AGO + timedelta(hours=2)))

        async def only_later_is_left() -> bool:
            left = await connection.fetch(
                "SELECT timer_id FROM timer.timers UNION ALL SELECT id FROM timer.outbox"
            )
            return [row["timer_id"] for row in left] == ["later"]

        async def fired() -> bool:
            return bool(
                await connection.fetchval("SELECT EXISTS (SELECT FROM timer.outbox WHERE id = 'later')")
            )

        # Not only sent but acknowledged: what Kafka took and did not answer for is rightly still to be said.
        await until(only_later_is_left, "the first deadline is said, the second is set")
        await asyncio.to_thread(kit_kafka.kill)
        try:
            by_hand.set(LONG_AGO + timedelta(hours=2))

            await until(fired, "the deadline comes")
            asked_at = time.monotonic()
            assert await timer.end() == 0
            assert time.monotonic() - asked_at < 15
        finally:
            await asyncio.to_thread(kit_kafka.start)
    assert [row["id"] for row in await connection.fetch("SELECT id FROM timer.outbox")] == ["later"]
    await connection.close()


async def test_it_makes_way_for_others_as_far_as_it_is_told(installation: Installation) -> None:
    async with installation.timer(NICENESS="5") as timer:
        await timer.until_ready()
        mine, its = (os.getpriority(os.PRIO_PROCESS, pid) for pid in (0, timer.process.pid))
    assert its == mine + 5


async def test_its_pages_tell_of_its_work_which_is_done_in_its_own_schema(installation: Installation) -> None:
    async with installation.timer() as timer:
        await timer.until_ready()
        await send(installation.bootstrap, schedule("t"))
        await sent_to(installation.bootstrap, topics.TIMER_EVENTS, 1)
        assert (await timer.page("/ready"))[1] == {"service": "timer", "ready": True}

        def metrics() -> str:
            with urlopen(f"http://{LOOPBACK}:{timer.port}/metrics", timeout=5) as answer:
                return str(answer.read().decode())

        async def counted_it() -> bool:
            text = await asyncio.to_thread(metrics)
            return (
                'recourse_records_total{verdict="applied"} 1.0' in text
                and "recourse_sent_messages_total 1.0" in text
            )

        await until(counted_it, "the metrics count one record and one message")
        connection = await asyncpg.connect(installation.dsn)
        owners = await connection.fetch(
            "SELECT DISTINCT schemaname, tableowner FROM pg_tables WHERE tablename IN ('timers', 'offsets')"
        )
        await connection.close()
        assert [tuple(row) for row in owners] == [("timer", "recourse_timer")]
        assert PASSWORD not in timer.log.read_text()


async def test_wrong_settings_stop_it_at_once_and_each_is_named() -> None:
    wrong = {
        "DATABASE_URL": "mysql://u:hidden@h/d",
        "KAFKA_BOOTSTRAP_SERVERS": "nowhere",
        "HEALTH_PORT": "70000",
        "SESSION_SECONDS": "1",
        "ENVIRONMENT": "moon",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.timer",
        cwd=CHECKOUT,
        env=os.environ | wrong,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    assert process.returncode == 2
    lines = said.decode().splitlines()
    assert sorted(line.split(": ")[1].removeprefix("setting ") for line in lines) == sorted(wrong)
    assert "hidden" not in said.decode()


async def test_production_refuses_a_clock_that_can_be_moved(tmp_path: Path) -> None:
    good = {
        "DATABASE_URL": "postgresql://u:p@h/d",
        "KAFKA_BOOTSTRAP_SERVERS": "h:1",
        "ENVIRONMENT": "production",
        "CLOCK_FILE": str(tmp_path / "clock"),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.timer",
        cwd=CHECKOUT,
        env=os.environ | good,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    assert process.returncode == 2
    assert b"CLOCK_FILE" in said
