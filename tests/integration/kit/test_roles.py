"""No service reads another's tables: each has a role that sees its own schema only."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from shared.kit import db, migrate
from shared.kit.provision import READER_ROLE, make_roles, role_of
from tests.support.databases import Databases

PASSWORD = "correct 'horse"
SERVICES = ("orders", "claims")


@dataclass
class Roles:
    """A database with two services' schemas, filled."""

    dsn: str

    async def connect(self, role: str) -> asyncpg.Connection[Any]:
        parts = urlsplit(self.dsn)
        url = urlunsplit(
            parts._replace(netloc=f"{role}:{PASSWORD.replace(' ', '%20')}@{parts.netloc.rsplit('@')[-1]}")
        )
        return await db.connect(url, "test", role)


async def _make(databases: Databases) -> Roles:
    made = Roles(await databases.fresh())
    await make_roles(made.dsn, dict.fromkeys(SERVICES, PASSWORD), PASSWORD)
    for service in SERVICES:
        connection = await made.connect(role_of(service))
        await migrate.migrate(connection, ["shared.kit"])
        await connection.close()
    return made


@pytest.fixture(scope="module")
def roles(databases: Databases) -> Roles:
    with asyncio.Runner() as runner:
        return runner.run(_make(databases))


async def test_a_role_works_in_its_own_schema(roles: Roles) -> None:
    connection = await roles.connect("recourse_orders")
    assert await connection.fetchval("SELECT current_schema()") == "orders"
    await connection.execute("INSERT INTO seen VALUES ('s', 'i', CURRENT_DATE)")
    assert await connection.fetchval("SELECT count(*) FROM orders.seen") == 1
    await connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM claims.state",
        "INSERT INTO claims.seen VALUES ('s', 'i', CURRENT_DATE)",
        "DELETE FROM claims.outbox",
        "CREATE TABLE claims.mine (id int)",
        "CREATE TABLE public.mine (id int)",
        "SET ROLE recourse_claims",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "COPY claims.state TO STDOUT",
        "ALTER TABLE claims.state DISABLE TRIGGER ALL",
    ],
)
async def test_anothers_schema_is_refused(roles: Roles, statement: str) -> None:
    connection = await roles.connect("recourse_orders")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(statement)
    await connection.close()


async def test_the_reader_reads_all_and_writes_nothing(roles: Roles) -> None:
    connection = await roles.connect(READER_ROLE)
    for service in SERVICES:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1", service)
        assert len(tables) > 8
        for row in tables:
            table = f"{service}.{row['tablename']}"
            await connection.fetch(f"TABLE {table}")
            for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}", f"DROP TABLE {table}"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(statement)
    await connection.close()


async def test_made_again_it_changes_the_passwords_and_nothing_else(roles: Roles) -> None:
    await make_roles(roles.dsn, dict.fromkeys(SERVICES, PASSWORD), PASSWORD)
    connection = await roles.connect("recourse_orders")
    assert await connection.fetchval("SELECT count(*) FROM state") == 0
    await connection.close()


@pytest.mark.parametrize("name", ["Robert'); DROP", "", "a b", "x" * 64, "1st"])
def test_a_name_that_cannot_be_a_schema_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="can't name a schema"):
        role_of(name)
