"""A backtest of what a real database recorded: nothing differs under its own policy, and nothing is written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeAlias

import asyncpg
import pytest

from services.cli.backtest import History, Report
from services.cli.backtest.compare import Backtest
from services.cli.backtest.database import count, recorded
from shared import policies
from shared.kit import provision
from shared.policies import Policy
from tests.integration.cli.conftest import BANKED, CLAIMED, DENIED, END, OVERTURNED, REFUNDED, VOIDED
from tests.integration.cli.path import SERVICES

Connection: TypeAlias = "asyncpg.Connection[Any]"
KNOWN = policies.load()


@pytest.fixture
async def reading(lived: str) -> AsyncIterator[Connection]:
    """What the command has: a transaction that may only read."""
    connection = await asyncpg.connect(lived, server_settings={"timezone": "UTC"})
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        yield connection
    await connection.close()


async def histories(connection: Connection) -> list[History]:
    return [history async for history in recorded(connection, SERVICES)]


async def tried(connection: Connection, candidate: Policy) -> Report:
    test = Backtest(KNOWN, candidate, END)
    async for history in recorded(connection, SERVICES):
        test.look(history)
    return test.report


def changed(part: str, **numbers: object) -> Policy:
    policy = KNOWN.policy("2021-en")
    return replace_part(policy, part, getattr(policy, part).model_copy(update=numbers))


def replace_part(policy: Policy, part: str, other: object) -> Policy:
    return policy.model_copy(update={"id": "candidate", part: other})


async def test_the_orders_on_which_claims_were_filed_are_read(reading: Connection) -> None:
    found = await histories(reading)
    assert [history.order_id for history in found] == sorted(CLAIMED)
    assert await count(reading) == len(found)
    assert {history.marketplace_id for history in found} == {"us"}
    assert all(history.fired for history in found)


async def test_its_own_policy_changes_nothing(reading: Connection) -> None:
    report = await tried(reading, KNOWN.policy("2021-en"))
    assert (report.orders, report.claims, report.same) == (len(CLAIMED), len(CLAIMED), len(CLAIMED))
    assert report.not_reproduced == []
    assert report.failed == []


async def test_another_policy_changes_what_it_must(reading: Connection) -> None:
    """With 23 hours to answer, sellers who took a day have not answered in time; appeals are about other decisions."""
    report = await tried(reading, changed("messaging", response=timedelta(hours=23)))
    found = {each.order_id: (each.recorded, each.candidate) for each in report.differences}
    assert set(found) == {VOIDED, DENIED, OVERTURNED, REFUNDED, BANKED}
    assert [each.status for each in found[DENIED]] == ["denied", "granted"]
    assert [each.status for each in found[REFUNDED]] == ["refunded", "granted"]
    assert [each.appeal for each in found[OVERTURNED]] == ["reversed", None]
    assert report.not_reproduced == []


async def test_the_clock_is_known_from_what_was_said_before(reading: Connection) -> None:
    """An answer dated on the seventh day was read on the eleventh: what followed from it says so."""
    [voided] = [history for history in await histories(reading) if history.order_id == VOIDED]
    assert any(told.data.TYPE == "claims.grant_voided.v1" for told in voided.told)
    assert all(told.read_at >= told.at for told in voided.told)


async def test_nothing_is_written(lived: str) -> None:
    before = await _rows(lived)
    connection = await asyncpg.connect(lived, server_settings={"default_transaction_read_only": "on"})
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await tried(connection, KNOWN.policy("classic"))
    await connection.close()
    assert await _rows(lived) == before


async def test_the_read_only_role_is_enough(lived: str) -> None:
    """The role of `verify`, which owns nothing and may write nothing."""
    admin = await asyncpg.connect(lived)
    await admin.execute(
        f"DO $$ BEGIN CREATE ROLE {provision.READER_ROLE}; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    )
    for service in SERVICES:
        await admin.execute(
            f"GRANT USAGE ON SCHEMA {service} TO {provision.READER_ROLE};"
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {service} TO {provision.READER_ROLE}"
        )
    try:
        async with admin.transaction(isolation="repeatable_read"):
            await admin.execute(f"SET LOCAL ROLE {provision.READER_ROLE}")
            report = await tried(admin, KNOWN.policy("2021-en"))
            assert report.same == report.claims == len(CLAIMED)
    finally:
        await admin.close()


async def _rows(dsn: str) -> dict[str, int]:
    """Count the rows, and the writes, of every table."""
    connection = await asyncpg.connect(dsn)
    tables = await connection.fetch(
        "SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname = ANY($1::text[])",
        list(SERVICES),
    )
    found = {row["name"]: await connection.fetchval(f"SELECT count(*) FROM {row['name']}") for row in tables}
    await connection.close()
    return found


def test_an_order_whose_beginning_is_gone_is_left_out() -> None:
    test = Backtest(KNOWN, KNOWN.policy("classic"), END)
    test.look(History("order-old", ()))
    assert (test.report.without_beginning, test.report.orders) == (1, 0)
    assert replace(History("order-old", ()), told=()).marketplace_id is None
