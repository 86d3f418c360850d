"""All services as real processes that die where they are told to, and come back as a supervisor would bring them."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
import time
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from services.cli.embedded.kafka import Kafka
from services.cli.embedded.postgres import Postgres
from shared.contracts.topics import Installation
from shared.kit import provision
from shared.kit.faults import Point
from tests.support.processes import CHECKOUT

_READY_SECONDS_MAX = 60
_STOP_SECONDS_MAX = 40
_BACK_SECONDS = 0.2


@dataclass(slots=True)
class Life:
    """One start of one service: where it is to die, and how it ended."""

    crash_at: str | None
    exit_code: int | None = None


@dataclass(slots=True)
class Member:
    """One service through all its lives."""

    name: str
    port: int
    environment: Mapping[str, str]
    command: Sequence[str]
    to_come: list[str]
    lives: list[Life] = field(default_factory=list)
    process: asyncio.subprocess.Process | None = None

    @property
    def deaths(self) -> list[str]:
        """Where it was killed."""
        return [str(life.crash_at) for life in self.lives if life.exit_code == -signal.SIGKILL]


class Fleet:
    """Starts services and starts them again whenever they end, until told to stop."""

    def __init__(
        self, kafka: Kafka, postgres: Postgres, folder: Path, clock_file: Path, smtp_url: str
    ) -> None:
        self._kafka = kafka
        self._postgres = postgres
        self._folder = folder
        self._clock_file = clock_file
        self._smtp_url = smtp_url
        self._passwords: dict[str, str] = {}
        self._keepers: list[asyncio.Task[None]] = []
        self._stopping = False
        self.members: dict[str, Member] = {}
        self.reader_url = ""

    async def provision(self, services: Sequence[str]) -> None:
        """Make topics, schemas and roles."""
        self._passwords = {service: secrets.token_hex(8) for service in services}
        reader = secrets.token_hex(8)
        await provision.make_topics(self._kafka.bootstrap, Installation())
        await provision.make_roles(self._postgres.admin_dsn, self._passwords, reader)
        self.reader_url = self._postgres.dsn(
            user=provision.READER_ROLE, password=reader, database=_database(self._postgres.admin_dsn)
        )

    def start(self, service: str, port: int, crashes: Sequence[str] = (), planted: str | None = None) -> None:
        """Start a service that dies at these points, one a life; `planted` names a bug to plant in it."""
        url = self._postgres.dsn(
            user=provision.role_of(service),
            password=self._passwords[service],
            database=_database(self._postgres.admin_dsn),
        )
        environment = {
            "DATABASE_URL": url,
            "KAFKA_BOOTSTRAP_SERVERS": self._kafka.bootstrap,
            "INSTANCE_ID": f"{service}-1",
            "HEALTH_PORT": str(port),
            "CLOCK_FILE": str(self._clock_file),
            "SMTP_URL": self._smtp_url,
            "PAUSE_SECONDS_MAX": "1",
            "BATCH_RECORDS_MAX": "500",
            "LOG_LEVEL": "INFO",
        }
        module = (
            ["tests.faults.planted", planted, f"services.{service}.app"]
            if planted
            else [f"services.{service}"]
        )
        member = Member(service, port, environment, [sys.executable, "-m", *module], list(crashes))
        self.members[service] = member
        self._keepers.append(asyncio.create_task(self._keep(member)))

    async def _keep(self, member: Member) -> None:
        while not self._stopping:
            life = Life(member.to_come.pop(0) if member.to_come else None)
            member.lives.append(life)
            crash = {"RECOURSE_CRASH_AT": life.crash_at} if life.crash_at else {}
            with (self._folder / f"{member.name}.log").open("ab") as log:
                member.process = await asyncio.create_subprocess_exec(
                    *member.command,
                    env={**os.environ, **member.environment, **crash},
                    cwd=CHECKOUT,
                    stderr=log,
                )
                life.exit_code = await member.process.wait()
            await asyncio.sleep(_BACK_SECONDS)

    async def ready(self) -> None:
        """Wait until every service says that it is ready."""
        async with asyncio.timeout(_READY_SECONDS_MAX):
            await asyncio.gather(
                *(asyncio.to_thread(_wait_for, member.port) for member in self.members.values())
            )

    def log_of(self, service: str) -> str:
        """Return what a service has logged in all its lives."""
        return (self._folder / f"{service}.log").read_text("utf-8", "replace")

    async def stop(self) -> None:
        """End every service by SIGTERM; none may have to be killed."""
        self._stopping = True
        for member in self.members.values():
            if member.process is not None:
                with suppress(ProcessLookupError):
                    member.process.terminate()
        async with asyncio.timeout(_STOP_SECONDS_MAX):
            await asyncio.gather(*self._keepers)


def _wait_for(port: int) -> None:
    give_up = time.monotonic() + _READY_SECONDS_MAX
    while not _says_ready(port) and time.monotonic() < give_up:
        time.sleep(0.1)


def _says_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5):
            return True
    except OSError:
        return False


def _database(url: str) -> str:
    return url.rsplit("/", 1)[1].split("?", maxsplit=1)[0]


def points(count: int) -> list[str]:
    """Name every point once, each at its `count`-th visit."""
    return [f"{point}:{count}" for point in Point]
