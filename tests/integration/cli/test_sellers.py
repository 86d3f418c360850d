"""`recourse performance`, on a database on which a few orders have lived through everything."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypeAlias

import asyncpg
import pytest

from services.cli.errors import CommandError, Exit
from services.cli.sellers import MEASURED, SQL, SellerReport, report
from services.cli.sellers_page import page
from shared import policies
from tests.integration.cli.conftest import END, SILENT, VOIDED
from tests.integration.cli.path import START

Connection: TypeAlias = "asyncpg.Connection[Any]"


async def asked(connection: Connection, seller_id: str, *, rows_max: int = 20) -> SellerReport:
    return await report(connection, seller_id, END, policies.load(), rows_max)


async def test_each_rate_has_its_numbers_its_days_and_the_orders_behind_it(spoilable: Connection) -> None:
    found = await asked(spoilable, "seller-0")
    assert [rate.measured for rate in found.rates] == list(MEASURED)
    defects, cancellations, answered = found.rates
    assert (defects.rate.numerator, defects.rate.denominator, defects.is_met) == (1, 1, False)
    assert [(row.order_id, row.counts, row.stands) for row in defects.against.rows] == [
        (SILENT, "claim_granted", True)
    ]
    assert [row.order_id for row in defects.of.rows] == [SILENT]
    assert [(day.numerator, day.denominator) for day in defects.trend if day.denominator] == [(1, 1)]
    assert [len(rate.trend) for rate in found.rates] == [60, 7, 30]
    assert (cancellations.rate.denominator, cancellations.share, cancellations.is_met) == (0, None, True)
    assert (answered.rate.numerator, answered.rate.denominator) == (0, 1)
    assert [row.counts for row in answered.against.rows] == ["late_answer"]


async def test_what_was_taken_back_is_listed_and_says_so(spoilable: Connection) -> None:
    found = await asked(spoilable, "seller-1")
    defects, _, answered = found.rates
    assert (defects.rate.numerator, defects.rate.denominator) == (0, 1)
    [row] = defects.against.rows
    assert (row.order_id, row.stands) == (VOIDED, False)
    assert (answered.rate.numerator, answered.rate.denominator) == (1, 1)
    assert any("taken back" in line and VOIDED in line for line in page(found, "en"))
    assert any("已撤销" in line for line in page(found, "zh"))


async def test_the_numbers_are_those_of_the_clock_also_when_nothing_was_said_since(
    spoilable: Connection,
) -> None:
    later = await report(spoilable, "seller-0", END + timedelta(days=90), policies.load(), 20)
    assert [rate.rate.denominator for rate in later.rates] == [0, 0, 0]
    assert [rate.against.rows for rate in later.rates] == [[], [], []]
    sooner = await report(spoilable, "seller-0", START, policies.load(), 20)
    assert sooner.as_of > START


async def test_more_than_is_asked_for_is_said_to_be_more(spoilable: Connection) -> None:
    await spoilable.execute(
        "INSERT INTO performance.counted SELECT seller_id, counts, day, order_id || n, name || n, marketplace_id,"
        " policy_id, claim_id, contact_id, stands, contest_id, contest"
        " FROM performance.counted, generate_series(1, 30) AS n"
    )
    found = await asked(spoilable, "seller-0", rows_max=5)
    assert (len(found.rates[0].against.rows), found.rates[0].against.has_more) == (5, True)


async def test_of_a_seller_that_nothing_is_known_of_that_is_said(spoilable: Connection) -> None:
    with pytest.raises(CommandError) as refused:
        await asked(spoilable, "seller-9")
    assert refused.value.code == Exit.CHECK_FAILED


async def test_the_days_behind_a_number_are_found_by_the_key(spoilable: Connection) -> None:
    await spoilable.execute("SET LOCAL enable_seqscan = off; SET LOCAL search_path = performance")
    plan = await spoilable.fetch(
        f"EXPLAIN {SQL['behind']}", "seller-0", ["released"], [START.date()], ["us"], ["2021-en"], 20
    )
    assert "counted_pkey" in "\n".join(row[0] for row in plan)
    plan = await spoilable.fetch(f"EXPLAIN {SQL['trend']}", "seller-0", START.date(), END.date())
    assert "daily_pkey" in "\n".join(row[0] for row in plan)
