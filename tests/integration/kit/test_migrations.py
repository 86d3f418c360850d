"""Migrations run once, in order, by one process at a time; what does not fit the release is refused."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from services.cli.running.service_process import SERVICES
from shared.kit import housekeeping, migrate
from shared.kit.db import Pool
from shared.kit.errors import MigrationError
from shared.kit.limits import Limits

_INDEXED_TEXTS = """
SELECT c.relname AS relation, i.relname AS index, a.attname AS text, o.collname AS ordered_by
FROM pg_index x
JOIN pg_class c ON c.oid = x.indrelid AND c.relnamespace = current_schema()::regnamespace
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_attribute a ON a.attrelid = i.oid
JOIN pg_collation o ON o.oid = a.attcollation
"""
"""Every text in an index: its table, index, column and collation."""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package `toymigrations` with two migrations; returns their folder."""
    folder = tmp_path / "toymigrations" / "migrations"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (folder / "0001_first.sql").write_text("CREATE TABLE first (id int); INSERT INTO first VALUES (1);")
    (folder / "0002_second.sql").write_text("ALTER TABLE first ADD COLUMN name text;")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder
    sys.modules.pop("toymigrations", None)


async def run(dsn: str, *packages: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    try:
        return list(await migrate.migrate(connection, packages))
    finally:
        await connection.close()


async def test_each_runs_once_and_in_order(database: str, package: Path) -> None:
    assert await run(database, "toymigrations") == ["0001_first.sql", "0002_second.sql"]
    assert await run(database, "toymigrations") == []
    (package / "0003_third.sql").write_text("DROP TABLE first;")
    assert await run(database, "toymigrations") == ["0003_third.sql"]


async def test_two_processes_at_once_run_them_once(database: str, package: Path) -> None:
    ran = await asyncio.gather(*(run(database, "shared.kit", "toymigrations") for _ in range(4)))
    assert sorted(map(len, ran)) == [0, 0, 0, len(migrate.migrations("shared.kit")) + 2]


async def test_an_edited_file_is_refused_and_nothing_runs(database: str, package: Path) -> None:
    await run(database, "toymigrations")
    (package / "0001_first.sql").write_text("CREATE TABLE another (id int);")
    (package / "0003_third.sql").write_text("CREATE TABLE third (id int);")
    with pytest.raises(MigrationError, match=r"0001_first\.sql was edited after it ran: put it back"):
        await run(database, "toymigrations")
    connection = await asyncpg.connect(database)
    assert await connection.fetchval("SELECT to_regclass('third')") is None
    await connection.close()


async def test_a_database_ahead_of_the_release_is_refused(database: str, package: Path) -> None:
    await run(database, "toymigrations")
    (package / "0002_second.sql").unlink()
    with pytest.raises(MigrationError, match=r"toymigrations/0002_second\.sql.*run a newer release"):
        await run(database, "toymigrations")


async def test_one_that_fails_leaves_nothing_behind(database: str, package: Path) -> None:
    (package / "0002_second.sql").write_text("ALTER TABLE nowhere ADD COLUMN name text;")
    with pytest.raises(asyncpg.UndefinedTableError):
        await run(database, "toymigrations")
    connection = await asyncpg.connect(database)
    assert await connection.fetchval("SELECT to_regclass('first')") is None
    await connection.close()


async def test_keys_are_ordered_by_their_bytes_whatever_the_databases_collation(database: str) -> None:
    await run(database, "shared.kit", *(f"services.{name}" for name in SERVICES))
    connection = await asyncpg.connect(database)
    found = await connection.fetch(_INDEXED_TEXTS)
    await connection.close()
    assert {row["relation"] for row in found} >= {
        "seen",
        "state",
        "timers",
        "mails",
        "counted",
        "late_answers",
    }
    assert [tuple(row) for row in found if row["ordered_by"] != "C"] == []


async def test_processes_that_start_together_make_the_days_of_what_was_sent_once(own_pool: Pool) -> None:
    for _ in range(5):
        await own_pool.execute(
            "DO $$ DECLARE day text; BEGIN "
            "FOR day IN SELECT relname FROM pg_class WHERE relname ~ '^outbox_sent_[0-9]{8}$' "
            "LOOP EXECUTE 'DROP TABLE ' || day; END LOOP; END $$"
        )
        await asyncio.gather(*(housekeeping.keep_house(own_pool, Limits()) for _ in range(4)))
    assert (
        await own_pool.fetchval("SELECT count(*) FROM pg_class WHERE relname ~ '^outbox_sent_[0-9]{8}$'") == 3
    )


async def test_what_is_kept_too_long_goes(own_pool: Pool) -> None:
    await own_pool.execute(
        "CREATE TABLE outbox_sent_20200101 PARTITION OF outbox_sent FOR VALUES FROM ('2020-01-01') TO ('2020-01-02')"
    )
    await own_pool.execute(
        "INSERT INTO seen SELECT '/toy', n::text, CURRENT_DATE - 91 * (n % 2) FROM generate_series(1, 30000) n"
    )
    await housekeeping.keep_house(own_pool, Limits())
    assert await own_pool.fetchval("SELECT to_regclass('outbox_sent_20200101')") is None
    assert await own_pool.fetchval("SELECT count(*) FROM seen") == 15000
