"""Every named query of every service fits the migrated schema; the hot ones find their rows by an index."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from shared.kit import db, migrate
from shared.kit.sql import queries
from tests.support.databases import Databases

ROOT = Path(__file__).parents[3]
KIT = ("shared.kit", "kit.sql")
ERASURE = ("shared.kit", "erasure.sql")
FILES = sorted(
    (".".join(file.parent.relative_to(ROOT).parts), file.name)
    for folder in (ROOT / "services", ROOT / "shared")
    for file in folder.rglob("*.sql")
    if file.parent.name != "migrations"
)
SERVICES = sorted(folder.parent.name for folder in (ROOT / "services").glob("*/handlers.py"))


async def fill(dsn: str) -> None:
    """Make every service's tables, each in a schema of its own, as in a real installation."""
    connection = await asyncpg.connect(dsn)
    for service in SERVICES:
        await connection.execute(f"CREATE SCHEMA {service}; SET search_path = {service}")
        await migrate.migrate(connection, ["shared.kit", f"services.{service}"])
    await connection.close()


async def connected(databases: Databases, package: str) -> asyncpg.Connection[Any]:
    """Connect as the service whose queries these are, with the settings of its sessions."""
    service = package.removeprefix("services.")
    schema = service if service in SERVICES else SERVICES[0]
    return await db.connect(
        await databases.shared("all-services", fill), "test", "queries", search_path=schema
    )


def test_there_are_queries_to_check() -> None:
    assert KIT in FILES
    assert len(FILES) > 3


@pytest.mark.parametrize(("package", "file"), FILES, ids=["/".join(each) for each in FILES])
async def test_every_query_can_be_prepared(databases: Databases, package: str, file: str) -> None:
    """The command line writes a service's schema into its queries; each is prepared for each service."""
    connection = await connected(databases, package)
    wrong = {}
    for name, query in queries(package, file).items():
        for service in SERVICES if "{service}" in query else SERVICES[:1]:
            try:
                await connection.prepare(query.replace("{service}", service))
            except asyncpg.PostgresError as error:
                wrong[name] = str(error)
    await connection.close()
    assert wrong == {}


@pytest.mark.parametrize(("package", "file"), [KIT, ERASURE, ("services.timer", "store.sql")])
def test_every_query_has_its_reason_above_it(package: str, file: str) -> None:
    for name, query in queries(package, file).items():
        assert query.startswith("-- "), f"{file}: {name}"


async def plan_of(connection: asyncpg.Connection[Any], query: str) -> list[dict[str, Any]]:
    """Return the nodes of the plan that is made once and kept, whatever the parameters."""
    prepared = await connection.prepare(query)
    # The sessions' settings keep the generic plan, so any values will do to see it.
    sample = [SAMPLES[parameter.name] for parameter in prepared.get_parameters()]
    return nodes((await prepared.explain(*sample))[0]["Plan"])


SAMPLES: dict[str, Any] = {
    "text": "x",
    "int4": 1,
    "int8": 1,
    "timestamptz": datetime(2021, 3, 10, tzinfo=UTC),
    "date": date(2021, 3, 10),
    "text[]": ["x"],
    "int4[]": [1],
    "int8[]": [1],
    "bytea[]": [b"x"],
    "json[]": ["[]"],
    "jsonb[]": ["[]"],
    "date[]": [date(2021, 3, 10)],
}


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a plan's node and all below it."""
    return [plan, *(below for child in plan.get("Plans", ()) for below in nodes(child))]


HOT = {
    ("shared.kit", "kit.sql", "load_states"): {"state_pkey"},
    ("shared.kit", "kit.sql", "begin_batch"): {"offsets_pkey"},
    ("shared.kit", "kit.sql", "write_batch"): {"offsets_pkey"},
    ("shared.kit", "kit.sql", "load_held"): {"held_by_key"},
    ("shared.kit", "kit.sql", "release_held"): {"held_pkey"},
    ("shared.kit", "kit.sql", "overdue_commands"): {"held_for_an_order"},
    ("shared.kit", "kit.sql", "read_outbox"): {"outbox_pkey"},
    ("shared.kit", "kit.sql", "move_outbox"): {"outbox_pkey"},
    ("shared.kit", "erasure.sql", "erased_among"): {"erasures_pkey"},
    ("shared.kit", "erasure.sql", "pending_erasures"): {"erasures_pending"},
    ("shared.kit", "erasure.sql", "take_erasure"): {"erasures_pending"},
    ("shared.kit", "erasure.sql", "texts_after"): {"texts_pkey"},
    ("shared.kit", "erasure.sql", "dead_letters_after"): {"dead_letters_pkey"},
    ("shared.kit", "erasure.sql", "held_after"): {"held_pkey"},
    ("shared.kit", "erasure.sql", "rewrite_held"): {"held_pkey"},
    ("shared.kit", "erasure.sql", "messages_sent"): {"outbox_sent_other_days_aggregateid_idx"},
    ("shared.kit", "erasure.sql", "rewrite_messages_sent"): {"outbox_sent_other_days_aggregateid_idx"},
    ("shared.kit", "erasure.sql", "rewrite_copies_sent"): {"outbox_sent_other_days_id_idx"},
    ("services.timer", "store.sql", "own_shards"): {"offsets_pkey"},
    ("services.timer", "store.sql", "fire_due"): {"timers_by_due"},
    ("services.timer", "store.sql", "next_due"): {"timers_by_due"},
    ("services.timer", "store.sql", "cancel_timers"): {"timers_pkey"},
}


@pytest.mark.parametrize(("query", "indexes"), HOT.items(), ids=[query[2] for query in HOT])
async def test_the_hot_queries_read_no_table_whole(
    databases: Databases, query: tuple[str, str, str], indexes: set[str]
) -> None:
    """On empty tables: a plan that is made then is kept, and must be right for millions of rows."""
    package, file, name = query
    connection = await connected(databases, package)
    found = await plan_of(connection, queries(package, file)[name])
    await connection.close()
    assert "Seq Scan" not in {node["Node Type"] for node in found}
    assert indexes <= {node.get("Index Name") for node in found}


async def test_what_is_due_and_what_is_next_are_read_in_order_and_no_further(databases: Databases) -> None:
    """No sort between the limit and the index: what is pending beyond the limit costs nothing."""
    connection = await connected(databases, "services.timer")
    for name, limits in (("fire_due", 2), ("next_due", 1)):
        found = await plan_of(connection, queries("services.timer", "store.sql")[name])
        below = [node["Plans"][0]["Node Type"] for node in found if node["Node Type"] == "Limit"]
        assert below == ["Index Scan"] * limits
    await connection.close()
