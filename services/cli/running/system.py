"""A whole system on this machine: started as fast as possible, kept running, gone when it is stopped."""

from __future__ import annotations

import asyncio
import os
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from services.cli import policies
from services.cli.addresses import System
from services.cli.embedded.instance import Instance
from services.cli.embedded.kafka import Kafka
from services.cli.embedded.postgres import Postgres
from services.cli.embedded.server import Server
from services.cli.embedded.smtp import MailServer
from services.cli.errors import CommandError, Exit
from services.cli.running import memory
from services.cli.running.keeper import Keeper
from services.cli.running.kept_clock import KeptClock, Wanted
from services.cli.running.service_process import SERVICES, ServiceProcess
from services.cli.running.timed import Timing, Took
from shared.contracts.topics import Installation, Provision
from shared.policies import SETTING as POLICIES

READY_SECONDS_MAX = 90.0
LOOK_SECONDS = 0.1
"""Not oftener: who is asked while it starts is kept from starting."""
NOTE_SECONDS = 1.0
PAUSE_SECONDS_MAX = "1"
"""Of a service whose Kafka or database is away: they are on this machine, and back soon."""
_WRONG_SETTINGS = 2
REAL_TIME = Wanted()

Environment = Mapping[str, Mapping[str, str]]
"""Environment by service, for its first start only."""
Step = Callable[[str], None]
"""Called with the name of each part that has stopped."""
_Result = TypeVar("_Result")


class Stopped(Exception):  # noqa: N818  nothing failed: somebody changed their mind
    """The start was called off."""


@dataclass(slots=True)
class Passwords:
    """Drawn anew at every start; nobody needs to remember them."""

    services: Mapping[str, str] = field(
        default_factory=lambda: {service: secrets.token_hex(16) for service in SERVICES}
    )
    reader: str = field(default_factory=lambda: secrets.token_hex(16))


class RunningSystem:
    """Kafka, PostgreSQL, the mail server and every service. `close` must be called, also after a failed start."""

    def __init__(
        self,
        data: Path | None = None,
        clock: Wanted = REAL_TIME,
        once: Environment = MappingProxyType({}),
        say: Callable[[str], None] = lambda _text: None,
        stopping: threading.Event | None = None,
    ) -> None:
        # Before anything is started: what can't be used stops no service one by one.
        policies.catalogue()
        self._policies = policies.own_folder()
        self.instance = Instance(data)
        try:
            self.clock = KeptClock(self.instance.path, clock)
        except BaseException:
            self.instance.close()
            raise
        self.kafka = Kafka(self.instance)
        self.postgres = Postgres(self.instance)
        self.mail = MailServer(self.instance)
        self._passwords = Passwords()
        self._once = once
        self._say = say
        self.services: dict[str, ServiceProcess] = {}
        self._keeper: Keeper | None = None
        self._stopping = stopping or threading.Event()
        self.timing = Timing(lambda _took: None)

    # ----------------------------------------------------------------------------------------- starting

    def start(self, tell: Callable[[Took], None]) -> System:
        """Start everything and return where it is, when it is ready. `tell` hears of each step that has ended.

        Raises EmbeddedError or CommandError when a part can't be had, Stopped when `stopping` was set.
        """
        self.timing = Timing(tell)
        with ThreadPoolExecutor(4, thread_name_prefix="up") as pool:
            self._all(
                kafka := pool.submit(self._start_kafka),
                pool.submit(self._start_postgres),
                pool.submit(self._start_mail),
            )
            # Kafka is busy with its disk now, and a service with its imports: neither waits for the other.
            led = pool.submit(self._until_led, kafka.result())
            began = self.timing.seconds
            for service in SERVICES:
                self.services[service] = self._service(service)
                self.services[service].start()
            self._wait_until_ready(began)
            self._all(led)
        self._keeper = Keeper([*self._servers(), *self.services.items()], self._say)
        self._keeper.start()
        self.clock.let_run()
        threading.Thread(target=self._note_time, name="clock", daemon=True).start()
        return self.addresses()

    def _all(self, *started: Future[Any]) -> None:
        """Wait for all; at the first error, or when it is called off, the others need not go on."""
        try:
            while not all(each.done() for each in started):
                self._pause()
                for each in started:
                    if each.done():
                        each.result()
            for each in started:
                each.result()
        except BaseException:
            self._kill_servers()
            raise

    def _start_postgres(self) -> None:
        with self.timing.step("PostgreSQL"):
            self.postgres.start()
        with self.timing.step("a role and a schema for each service"):
            from shared.kit import provision

            asyncio.run(
                provision.make_roles(
                    self.postgres.admin_dsn, self._passwords.services, self._passwords.reader
                )
            )

    def _start_kafka(self) -> Sequence[Provision]:
        with self.timing.step("Kafka"):
            self.kafka.start()
        with self.timing.step("all topics"):
            from shared.kit import provision

            return asyncio.run(provision.create_topics(self.kafka.bootstrap, Installation()))

    def _until_led(self, made: Sequence[Provision]) -> None:
        from shared.kit import provision

        with self.timing.step("a leader for each partition"):
            asyncio.run(provision.until_led(self.kafka.bootstrap, made))

    def _start_mail(self) -> None:
        with self.timing.step("a mail server"):
            self.mail.start()

    def _service(self, service: str) -> ServiceProcess:
        from shared.kit.provision import role_of

        environment = {
            "DATABASE_URL": self._database_url(role_of(service), self._passwords.services[service]),
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka.bootstrap,
            "CLOCK_FILE": str(self.clock.file.path),
            "PAUSE_SECONDS_MAX": PAUSE_SECONDS_MAX,
        }
        if self._policies:
            environment[POLICIES] = str(self._policies)
        if service == "notifications":
            environment["SMTP_URL"] = self.mail.url
        return ServiceProcess(self.instance, service, environment, self._once.get(service, {}))

    def _database_url(self, role: str, password: str) -> str:
        return self.postgres.dsn(user=role, password=password, database="postgres")

    def _wait_until_ready(self, began: float) -> None:
        give_up = time.monotonic() + READY_SECONDS_MAX
        waiting = dict(self.services)
        while waiting:
            for name, process in list(waiting.items()):
                why = process.why_not_ready()
                if why is None:
                    self.timing.ended(name, began)
                    del waiting[name]
                elif not process.running():
                    self._restart_while_starting(process)
                elif time.monotonic() > give_up:
                    raise _not_ready(process, why)
            if waiting:
                self._pause()

    def _pause(self) -> None:
        if self._stopping.wait(LOOK_SECONDS):
            raise Stopped

    def _restart_while_starting(self, process: ServiceProcess) -> None:
        """One that was told to die is started again; one that can't start is not worth trying twice."""
        code = process.exit_code()
        if code is None or code >= 0:
            why = "its settings are wrong" if code == _WRONG_SETTINGS else f"it ended with exit code {code}"
            raise _not_ready(process, why)
        self._say(f"{process.service} was killed by signal {-code} while starting; it is started again")
        process.start()

    def addresses(self) -> System:
        """Say where everything is."""
        from shared.kit.provision import READER_ROLE

        return System(
            kafka=self.kafka.bootstrap,
            database_url=self._database_url(READER_ROLE, self._passwords.reader),
            gateway=None,
            smtp_url=self.mail.url,
            maildir=str(self.mail.maildir),
            services={name: f"{process.health_url}/health" for name, process in self.services.items()},
            clock=str(self.clock.file.path),
            folder=str(self.instance.path),
            policies=str(self._policies) if self._policies else None,
        )

    def python_bytes(self) -> int:
        """Return the memory of all Python processes together: this one, the mail server and the services."""
        children = [self.mail, *self.services.values()]
        return memory.bytes_of([os.getpid(), *(child.pid for child in children if child.running())])

    def _note_time(self) -> None:
        while not self._stopping.wait(NOTE_SECONDS):
            self.clock.note()

    # ----------------------------------------------------------------------------------------- stopping

    def close(self, step: Step) -> None:
        """Stop everything in order: the services first, then what they stand on. The folder goes, unless kept."""
        self._stopping.set()
        if self._keeper:
            self._keeper.stop()
        _together([process.stop for process in self.services.values()])
        if self.services:
            step("the services")
        _together([server.stop for _, server in self._servers()])
        step("the mail server, Kafka and PostgreSQL")
        if self.instance.kept:
            self.clock.note()
        self.instance.close()

    def _servers(self) -> Sequence[tuple[str, Server]]:
        return [("PostgreSQL", self.postgres), ("Kafka", self.kafka), ("the mail server", self.mail)]

    def _kill_servers(self) -> None:
        """Let their `start` fail at once."""
        for _, server in self._servers():
            if server.running():
                server.kill()


def _not_ready(process: ServiceProcess, why: str) -> CommandError:
    return CommandError(
        Exit.NOT_REACHABLE,
        what=f"{process.service} is not ready.",
        why=f"{why}. The end of its log:\n       {process.last_words()}",
        remedy=f"see its whole log, {process.log}.",
    )


def _together(stops: Sequence[Callable[[], _Result]]) -> None:
    if not stops:
        return
    with ThreadPoolExecutor(len(stops), thread_name_prefix="stop") as pool:
        for stopped in [pool.submit(stop) for stop in stops]:
            stopped.result()
