"""Where a benchmark runs: a Kafka and a PostgreSQL of its own, the services' roles, the peers' topics."""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.cli.bench import echo
from services.cli.bench.peers.plain import topic_of
from services.cli.embedded import jars
from services.cli.embedded.instance import Instance
from services.cli.embedded.java import find_java
from services.cli.embedded.kafka import Kafka
from services.cli.embedded.places import CHECKOUT
from services.cli.embedded.postgres import Postgres
from services.cli.embedded.process import Child, Command
from services.cli.embedded.system import embedded
from services.cli.running.service_process import SERVICES, ServiceProcess
from shared.contracts.topics import Installation, provisions
from shared.kit import provision

PARTITIONS: Mapping[str, int] = {each.name: each.partitions for each in provisions(Installation())}
"""How many partitions each topic has on the ground, and the peers' copy of it."""


@dataclass(slots=True)
class Ground:
    """One Kafka and one PostgreSQL, both as durable as in production, and processes on them."""

    instance: Instance
    kafka: Kafka
    postgres: Postgres
    passwords: Mapping[str, str] = field(
        default_factory=lambda: {service: secrets.token_hex(16) for service in SERVICES}
    )
    _services: list[ServiceProcess] = field(default_factory=list)
    _peers: list[Child] = field(default_factory=list)

    def versions(self) -> dict[str, str]:
        """Say which servers these are."""
        found = asyncio.run(_versions(self.postgres.admin_dsn))
        return found | {"Kafka": _kafka_version(), "Java": find_java().version}

    def clear(self) -> None:
        """End what a benchmark left running: it failed, or was called off."""
        for service in self._services:
            if service.running():
                service.kill()
        for peer in self._peers:
            if peer.running():
                peer.kill()

    def service(self, name: str, environment: Mapping[str, str] | None = None) -> ServiceProcess:
        """Return a service, not yet started."""
        url = self.postgres.dsn(
            user=provision.role_of(name), password=self.passwords[name], database="postgres"
        )
        settings = {
            "DATABASE_URL": url,
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka.bootstrap,
            "LOG_LEVEL": "WARNING",
        }
        process = ServiceProcess(self.instance, name, {**settings, **(environment or {})}, {})
        self._services.append(process)
        return process

    def peer(self, module: str, *arguments: str) -> Child:
        """Start a peer as a process of its own."""
        argv = [sys.executable, "-P", "-m", f"services.cli.bench.peers.{module}", *arguments]
        log = self.instance.logs / f"{module}.log"
        command = Command(module, argv, log, environment={"PYTHONPATH": str(CHECKOUT)})
        self._peers.append(self.instance.spawn(command))
        return self._peers[-1]

    def plain(self, service: str, workers: int = 1, *further: str) -> Child:
        """Start the plain handler that stands for a service, with further arguments of its own."""
        return self.peer(
            "plain", "--service", service, "--database-url", self.postgres.admin_dsn,
            "--kafka", self.kafka.bootstrap, "--workers", str(workers), *further,
        )  # fmt: skip


@contextmanager
def ground() -> Iterator[Ground]:
    """Give a ground; all of it goes at the end."""
    with embedded() as pair:
        found = Ground(pair.instance, pair.kafka, pair.postgres)
        asyncio.run(_prepare(found))
        try:
            yield found
        finally:
            found.clear()


def _kafka_version() -> str:
    return next(jar.version for jar in jars.listed() if jar.artifact.startswith("kafka_"))


async def _versions(url: str) -> dict[str, str]:
    connection = await asyncpg.connect(url)
    try:
        return {"PostgreSQL": await connection.fetchval("SHOW server_version")}
    finally:
        await connection.close()


async def _prepare(ground: Ground) -> None:
    await provision.make_roles(ground.postgres.admin_dsn, ground.passwords, secrets.token_hex(16))
    installation = Installation()
    await provision.make_topics(ground.kafka.bootstrap, installation)
    admin = AIOKafkaAdminClient(bootstrap_servers=ground.kafka.bootstrap)
    await admin.start()
    try:
        await admin.create_topics(
            [
                NewTopic(echo.TOPIC, echo.PARTITIONS, installation.replicas),
                *(
                    NewTopic(
                        topic_of(each.name), each.partitions, each.replicas, topic_configs=dict(each.config)
                    )
                    for each in provisions(installation)
                ),
            ]
        )
    finally:
        await admin.close()


def topics_of(names: Sequence[str], *, plain: bool) -> Sequence[str]:
    """Name topics, or the peer's copies of them."""
    return [topic_of(name) for name in names] if plain else list(names)
