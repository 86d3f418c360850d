"""The embedded servers are real: they keep what they said they have, through every way of ending."""

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.cli.embedded.errors import EmbeddedError
from services.cli.embedded.instance import Instance
from services.cli.embedded.kafka import Kafka
from services.cli.embedded.places import runs_folder
from services.cli.embedded.postgres import Postgres
from services.cli.embedded.system import embedded, start_together, stopping
from tests.support.processes import open_to_servers, processes_in


@pytest.fixture(scope="module")
def instance() -> Iterator[Instance]:
    with Instance() as made:
        yield made


@pytest.fixture(scope="module")
def kafka(instance: Instance) -> Iterator[Kafka]:
    with stopping(server := Kafka(instance)):
        server.start()
        yield server


@pytest.fixture(scope="module")
def postgres(instance: Instance) -> Iterator[Postgres]:
    with stopping(server := Postgres(instance)):
        server.start()
        yield server


async def make_topic(bootstrap: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, 1)])
    finally:
        await admin.close()


async def produce(bootstrap: str, topic: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True) as producer:
        await producer.send_and_wait(topic, value)


async def first_record(bootstrap: str, topic: str) -> bytes:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    async with consumer:
        return bytes((await consumer.getone()).value)


async def fetch_value(dsn: str, query: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_kafka_keeps_its_records_through_kill_9(kafka: Kafka) -> None:
    address = kafka.bootstrap
    await make_topic(address, "kept")
    await produce(address, "kept", b"before")
    await asyncio.to_thread(kafka.kill)
    assert not kafka.running()
    await asyncio.to_thread(kafka.restart)
    assert kafka.bootstrap == address
    assert await first_record(address, "kept") == b"before"
    await produce(address, "kept", b"after")


async def test_postgres_keeps_what_was_committed_through_kill_9(postgres: Postgres) -> None:
    dsn = postgres.admin_dsn
    await fetch_value(dsn, "CREATE TABLE kept AS SELECT 7 AS number")
    await asyncio.to_thread(postgres.kill)
    await asyncio.to_thread(postgres.restart)
    assert postgres.admin_dsn == dsn
    assert await fetch_value(dsn, "SELECT number FROM kept") == 7


async def test_postgres_killed_by_someone_else_starts_again(postgres: Postgres) -> None:
    os.kill(postgres.pid, signal.SIGKILL)
    await asyncio.to_thread(postgres.restart)
    assert await fetch_value(postgres.admin_dsn, "SELECT 1") == 1


async def test_postgres_restarts_while_clients_are_connected(postgres: Postgres) -> None:
    connection = await asyncpg.connect(postgres.admin_dsn)
    await asyncio.to_thread(postgres.restart)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await connection.fetchval("SELECT 1")
    assert await fetch_value(postgres.admin_dsn, "SELECT 1") == 1


async def test_postgres_is_as_safe_as_its_defaults(postgres: Postgres) -> None:
    for setting in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
        assert await fetch_value(postgres.admin_dsn, f"SHOW {setting}") == "on"
    assert await fetch_value(postgres.admin_dsn, "SELECT datcollate FROM pg_database LIMIT 1") == "C"


async def test_postgres_wants_its_password(postgres: Postgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres.dsn(user="postgres", password="guessed", database="postgres"))


async def test_a_frozen_server_does_not_answer_and_then_does(postgres: Postgres) -> None:
    postgres.freeze()
    with pytest.raises(TimeoutError):
        await asyncpg.connect(postgres.admin_dsn, timeout=0.3)
    postgres.thaw()
    assert await fetch_value(postgres.admin_dsn, "SELECT 1") == 1


async def test_a_topic_is_not_made_by_naming_it(kafka: Kafka) -> None:
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(produce(kafka.bootstrap, "never-made", b""), 1)


async def test_kafka_takes_a_dead_letter_of_twice_the_input_size(kafka: Kafka) -> None:
    await make_topic(kafka.bootstrap, "large")
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, max_request_size=3 << 20)
    async with producer:
        await producer.send_and_wait("large", b"x" * (2 << 20))


def test_a_server_outlives_the_thread_that_started_it() -> None:
    with Instance() as instance, stopping(server := Postgres(instance)):
        starting = threading.Thread(target=server.start)
        starting.start()
        starting.join()
        with pytest.raises(psutil.TimeoutExpired):
            psutil.Process(server.pid).wait(0.3)


def test_two_systems_at_once_and_nothing_of_them_left() -> None:
    with embedded() as one, Instance() as other, stopping(second := Postgres(other)):
        start_together(second)
        assert one.instance.path != other.path
        assert len({one.kafka.port, one.kafka.controller_port, one.postgres.port, second.port}) == 4
        assert one.kafka.pid in processes_in(one.instance.path)
        folders = [one.instance.path, other.path]
        assert all(folder.parent == runs_folder() for folder in folders)
        segment = (other.path / "postgres/data/postmaster.pid").read_text().splitlines()[6].split()[1]
        assert segment in shared_memory_segments()
        second.kill()  # even so: its folder goes without it ever starting again
    assert not any(folder.exists() for folder in folders)
    assert [pid for folder in folders for pid in processes_in(folder)] == []
    assert segment not in shared_memory_segments()


def shared_memory_segments() -> set[str]:
    """The ids of this machine's System V segments."""
    table = Path("/proc/sysvipc/shm")
    if not table.exists():
        pytest.skip("only Linux shows its segments like this")
    return {line.split()[1] for line in table.read_text().splitlines()[1:]}


@pytest.fixture
def reachable(tmp_path: Path) -> Path:
    return open_to_servers(tmp_path)


async def test_data_in_a_folder_of_yours_is_kept(reachable: Path) -> None:
    folder = reachable / "data"
    with Instance(folder) as first, stopping(server := Postgres(first)):
        await asyncio.to_thread(server.start)
        await fetch_value(server.admin_dsn, "CREATE TABLE kept AS SELECT 7 AS number")
        with pytest.raises(EmbeddedError, match="is in use"):
            Instance(folder)
    with Instance(folder) as again, stopping(server := Postgres(again)):
        await asyncio.to_thread(server.start)
        assert await fetch_value(server.admin_dsn, "SELECT number FROM kept") == 7


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs the servers itself")
def test_a_folder_that_the_servers_can_not_enter_is_refused(reachable: Path) -> None:
    (reachable / "mine").mkdir(mode=0o700)
    with pytest.raises(EmbeddedError, match=r"who may not enter .*/mine"):
        Instance(reachable / "mine" / "data")
