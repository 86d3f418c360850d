"""Kafka and PostgreSQL together, up as fast as possible, gone when the block ends."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from services.cli.embedded.instance import Instance
from services.cli.embedded.kafka import Kafka
from services.cli.embedded.postgres import Postgres
from services.cli.embedded.server import Server


@dataclass(frozen=True)
class Embedded:
    """A running Kafka and a running PostgreSQL in one folder."""

    instance: Instance
    kafka: Kafka
    postgres: Postgres


@contextlib.contextmanager
def embedded(data: Path | None = None) -> Iterator[Embedded]:
    """Give a running pair; at the end both are stopped in order and their folder goes, unless it is `data`.

    Raise EmbeddedError when one of them can't be had.
    """
    with Instance(data) as instance:
        pair = Embedded(instance, Kafka(instance), Postgres(instance))
        with stopping(pair.kafka, pair.postgres):
            start_together(pair.kafka, pair.postgres)
            yield pair


@contextlib.contextmanager
def stopping(*servers: Server) -> Iterator[None]:
    """Stop these servers at the end of the block, whatever happens in it; the last one first."""
    with contextlib.ExitStack() as stack:
        for server in servers:
            stack.callback(server.stop)
        yield


def start_together(*servers: Server) -> None:
    """Start servers at the same time; return when all are ready, or raise the first error."""
    with ThreadPoolExecutor(len(servers)) as pool:
        for started in [pool.submit(server.start) for server in servers]:
            started.result()
