"""Kafka and PostgreSQL in containers, for those who have a container engine."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from services.cli.embedded.kafka import PROPERTIES, is_in_cluster
from services.cli.embedded.ports import LOOPBACK, answers, free_port

KAFKA_IMAGE = "apache/kafka:4.4.0"
POSTGRES_IMAGE = "postgres:18"
READY_SECONDS_MAX = 90.0
IN_CONTAINER = 9092


@contextlib.contextmanager
def kafka() -> Iterator[str]:
    """Give the bootstrap address of an Apache Kafka in a container (KRaft, one node)."""
    # Here, because only those with an engine need it.
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415

    port = free_port()
    container = DockerContainer(KAFKA_IMAGE).with_bind_ports(IN_CONTAINER, port)
    for name, value in kafka_environment(port).items():
        container.with_env(name, value)
    with container:
        _wait_for_kafka(port)
        yield f"{LOOPBACK}:{port}"


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Give a superuser's connection URL of a PostgreSQL in a container."""
    from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415 - as above

    with PostgresContainer(POSTGRES_IMAGE, driver=None) as container:
        yield container.get_connection_url()


def kafka_environment(port: int) -> dict[str, str]:
    """Return the settings of the embedded Kafka, as the image wants them, for clients that come to `port`."""
    settings = dict(
        line.split("=", 1) for line in PROPERTIES.splitlines() if "=" in line and not line.startswith("#")
    )
    settings |= {
        "node.id": "1",
        "process.roles": "broker,controller",
        "controller.quorum.voters": "1@localhost:9093",
        "listeners": f"PLAINTEXT://:{IN_CONTAINER},CONTROLLER://:9093",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{port}",
        "log.dirs": "/tmp/kafka-data",  # noqa: S108 - in the container
    }
    return {f"KAFKA_{name.upper().replace('.', '_')}": value for name, value in settings.items()}


def _wait_for_kafka(port: int) -> None:
    give_up = time.monotonic() + READY_SECONDS_MAX
    while not (answers(port) and is_in_cluster(port)):
        if time.monotonic() > give_up:
            message = f"Kafka in its container did not answer within {READY_SECONDS_MAX:.0f} s"
            raise TimeoutError(message)
        time.sleep(0.1)
