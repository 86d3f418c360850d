"""A Kafka and a PostgreSQL for the tests, in one of three ways; the tests can't tell which.

`RECOURSE_TEST_KAFKA` (host:port) and `RECOURSE_TEST_DATABASE` (a superuser's URL) name running ones;
`RECOURSE_TEST_CONTAINERS=1` takes containers; otherwise the embedded ones are started. Each is started once
for the session, when first asked for.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from services.cli.embedded.instance import Instance
from services.cli.embedded.kafka import Kafka
from services.cli.embedded.postgres import Postgres
from services.cli.embedded.system import stopping
from tests.support import containers

KAFKA_SETTING = "RECOURSE_TEST_KAFKA"
DATABASE_SETTING = "RECOURSE_TEST_DATABASE"
CONTAINERS_SETTING = "RECOURSE_TEST_CONTAINERS"


@contextlib.contextmanager
def kafka_for_tests() -> Iterator[str]:
    """Give the bootstrap address of a Kafka, `host:port`."""
    if told := os.environ.get(KAFKA_SETTING):
        yield told
    elif os.environ.get(CONTAINERS_SETTING) == "1":
        with containers.kafka() as bootstrap:
            yield bootstrap
    else:
        with Instance() as instance, stopping(kafka := Kafka(instance)):
            kafka.start()
            yield kafka.bootstrap


def postgres_goes_on() -> bool:
    """Say whether the PostgreSQL is there after the session: one that is not takes its databases along."""
    return bool(os.environ.get(DATABASE_SETTING))


@contextlib.contextmanager
def postgres_for_tests() -> Iterator[str]:
    """Give a superuser's connection URL of a PostgreSQL."""
    if told := os.environ.get(DATABASE_SETTING):
        yield told
    elif os.environ.get(CONTAINERS_SETTING) == "1":
        with containers.postgres() as dsn:
            yield dsn
    else:
        with Instance() as instance, stopping(postgres := Postgres(instance)):
            postgres.start()
            yield postgres.admin_dsn
