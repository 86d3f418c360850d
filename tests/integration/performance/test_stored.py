"""Performance on a real PostgreSQL: what is stored is found again, and what is repeated is known."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from services.performance.domain.evolve import decide_on
from services.performance.domain.model import Decided
from services.performance.translate.replay import event_of
from shared.contracts.data import Data
from shared.contracts.messages import BY_TYPE
from shared.contracts.performance import (
    CommandRefused,
    ContestAccepted,
    ContestSubmitted,
    ContestUnderReview,
    DefectCounted,
    DefectTakenBack,
    HealthChanged,
)
from shared.contracts.timer import Schedule
from shared.kit.fold import Verdict
from tests.integration.performance.desk import Desk
from tests.support.events import seller
from tests.unit.performance.build import (
    DAY,
    DUE,
    OPENED,
    PLACED,
    RELEASED,
    canceled,
    contest,
    decision,
    feedback,
    granted,
    lines_canceled,
    opened,
    received,
    released,
    responded,
    voided,
)
from tests.unit.performance.office import fired

MIDNIGHT = datetime(2026, 3, 10, 7, tzinfo=UTC)
LIFE: tuple[Data, ...] = (
    received(),
    released(),
    opened(),
    canceled(at=RELEASED + 4 * DAY),
    feedback(1, at=RELEASED + 5 * DAY),
    granted(at=RELEASED + 5 * DAY),
)


async def counted(desk: Desk) -> set[tuple[str, bool]]:
    return {(row["counts"], row["stands"]) for row in await desk.table("counted")}


async def last_health(desk: Desk) -> HealthChanged:
    return (await desk.said(HealthChanged))[-1]


def numbers(health: HealthChanged) -> list[tuple[int, int]]:
    rates = health.rates
    each = (rates.order_defect_rate, rates.pre_fulfilment_cancel_rate, rates.answered_in_time_rate)
    return [(rate.numerator, rate.denominator) for rate in each]


async def test_a_life_is_counted_in_one_batch_or_in_many(desk: Desk) -> None:
    await desk.apply(*LIFE)
    await desk.fire(DUE)
    assert numbers(await last_health(desk)) == [(1, 1), (1, 1), (0, 1)]
    assert await counted(desk) == {
        ("released", True),
        ("cancellation", True),
        ("negative_feedback", True),
        ("claim_granted", True),
        ("late_answer", True),
    }
    [placed, asked, gone] = sorted(await desk.table("daily"), key=lambda row: row["day"])
    assert [placed[name] for name in ("released", "defective", "canceled", "contacts")] == [1, 1, 0, 0]
    assert [gone[name] for name in ("released", "canceled", "contacts")] == [0, 1, 0]
    assert [asked[name] for name in ("released", "contacts", "answered")] == [0, 1, 0]


async def test_each_fact_in_a_batch_of_its_own_comes_to_the_same(desk: Desk) -> None:
    for body in LIFE:
        await desk.apply(body)
    await desk.fire(DUE)
    assert numbers(await last_health(desk)) == [(1, 1), (1, 1), (0, 1)]
    assert len(await desk.table("counted")) == 5


async def test_what_overtakes_its_order_counts_once_that_comes(desk: Desk) -> None:
    await desk.apply(granted(), opened(), responded())
    assert await desk.all_said() == []
    await desk.apply(received(), released())
    assert numbers(await last_health(desk)) == [(1, 1), (0, 1), (1, 1)]


async def test_copies_change_nothing(desk: Desk) -> None:
    await desk.apply(*LIFE)
    said, tables = await desk.all_said(), [await desk.table("counted"), await desk.table("daily")]
    applied = await desk.apply(*LIFE)
    assert applied.verdicts == {Verdict.COPY: len(LIFE)}
    assert await desk.all_said() == said
    assert [await desk.table("counted"), await desk.table("daily")] == tables


async def test_a_contest_is_followed_to_its_end(desk: Desk) -> None:
    await desk.apply(received(), released(), granted())
    [defect] = await desk.said(DefectCounted)
    asked = contest(defect.defect_id)
    await desk.apply(asked, asked)
    await desk.apply(decision(accepted=True))
    await desk.apply(decision(accepted=True, command_id="command-again"))
    assert len(await desk.said(ContestSubmitted)) == len(await desk.said(ContestUnderReview)) == 1
    assert len(await desk.said(ContestAccepted)) == len(await desk.said(DefectTakenBack)) == 1
    [refused] = await desk.said(CommandRefused)
    assert (refused.reason, refused.contest_id) == ("contest_decided", "contest-1")
    [row] = [row for row in await desk.table("counted") if row["counts"] == "claim_granted"]
    assert (row["stands"], row["contest_id"], row["contest"]) == (False, "contest-1", "accepted")
    assert numbers(await last_health(desk)) == [(0, 1), (0, 0), (0, 0)]


async def test_a_command_waits_for_its_order_then_is_refused(desk: Desk) -> None:
    await desk.apply(contest("defect-1"))
    assert await desk.all_said() == []
    await desk.wait_for_orders_no_more("order-1")
    [refused] = await desk.said(CommandRefused)
    assert (refused.rule, refused.reason, refused.seller_id) == ("E1", "unknown_order", None)


async def test_days_leave_by_their_timers_though_those_name_no_seller(desk: Desk) -> None:
    await desk.apply(*LIFE)
    await desk.fire(MIDNIGHT + 90 * DAY)
    assert {bucket.tally.released for bucket in (await desk.seller()).buckets} == {0}
    assert numbers(await last_health(desk)) == [(0, 0), (0, 0), (0, 0)]
    [placed, *_] = sorted(await desk.table("daily"), key=lambda row: row["day"])
    assert placed["released"] == 1


async def test_deadlines_of_others_and_what_does_not_count_are_passed_over(desk: Desk) -> None:
    await desk.apply(*LIFE[:2])
    before = await desk.seller()
    timer = (await desk.said(Schedule))[0].model_copy(update={"owner": "claims"})
    applied = await desk.apply(fired(timer, timer.due_at))
    assert applied.verdicts == {Verdict.PASSED_OVER: 1}
    assert (await desk.seller()) == before
    applied = await desk.apply_records(seller("seller-1", PLACED))
    assert applied.verdicts == {Verdict.PASSED_OVER: 1}


async def test_our_own_facts_replay_to_the_row(desk: Desk) -> None:
    await desk.apply(*LIFE, voided(at=RELEASED + 6 * DAY))
    [cancellation] = [each for each in await desk.said(DefectCounted) if each.kind == "cancellation"]
    await desk.apply(contest(cancellation.defect_id), decision(accepted=False))
    rows = await desk.pool.fetch("SELECT type, payload FROM outbox ORDER BY position")
    decided = Decided()
    for row in rows:
        event = event_of(BY_TYPE[row["type"]].model_validate_json(row["payload"]))
        decided = decide_on(decided, event) if event else decided
    assert decided == (await desk.order()).decided
    assert len(decided.defects) == 3


async def test_two_processes_count_two_orders_of_one_seller_without_losing_any(desk: Desk) -> None:
    other = Desk(desk.pool)
    names = [f"order-{number}" for number in range(20)]
    await desk.apply(*(body for name in names for body in (received(name), released(name))))
    other.offsets = desk.offsets.copy()
    other.numbers = desk.numbers

    async def defects(which: Desk, of: Sequence[Data]) -> None:
        for body in of:
            await which.apply(body)

    await asyncio.gather(
        defects(desk, [granted(name, claim_id=name, at=RELEASED + DAY) for name in names]),
        defects(other, [lines_canceled(name) for name in names]),
    )
    assert numbers(await last_health(desk))[:2] == [(20, 20), (20, 20)]
    rows = await desk.table("daily")
    assert [sum(row[name] for row in rows) for name in ("released", "defective", "canceled")] == [20, 20, 20]


async def test_a_seller_with_many_orders_costs_no_more_than_one_with_few(desk: Desk) -> None:
    """As many rows read and written, of as many bytes, for an event of a seller of 10 orders and of 2 000."""
    small = [(f"small-{number}", "seller-small") for number in range(10)]
    large = [(f"large-{number}", "seller-large") for number in range(2000)]
    for start in range(0, 2010, 500):
        some = [*small, *large][start : start + 500]
        bodies: list[Data] = []
        for number, (name, seller_id) in enumerate(some):
            at = PLACED + timedelta(days=(start + number) % 10)
            bodies += [received(name, at=at, seller_id=seller_id), released(name, at=at, seller_id=seller_id)]
        await desk.apply(*bodies)
    costs = [await cost_of(desk, name, seller_id) for name, seller_id in (small[0], large[0])]
    few, many = costs
    assert (few["rows"], few["statements"]) == (many["rows"], many["statements"])
    assert many["bytes"] - few["bytes"] < 100  # as many numbers, of a few more digits


async def cost_of(desk: Desk, name: str, seller_id: str) -> dict[str, int]:
    """Say how many rows an event writes, and how large the seller's row is."""
    before = await written(desk)
    await desk.apply(granted(name, claim_id=name).model_copy(update={"seller_id": seller_id}))
    after = await written(desk)
    query = "SELECT length(body::text) FROM state WHERE kind = 'seller' AND key = $1"
    return {
        "rows": after["rows"] - before["rows"],
        "statements": after["said"] - before["said"],
        "bytes": await desk.pool.fetchval(query, seller_id),
    }


async def written(desk: Desk) -> Any:
    """Count rows by what is visible: versions of states, and rows of our own tables."""
    return await desk.pool.fetchrow(
        "SELECT (SELECT sum(version) FROM state) + (SELECT count(*) FROM counted) AS rows,"
        " (SELECT count(*) FROM outbox) AS said"
    )


async def test_late_contacts_are_those_of_the_contacts_own_day(desk: Desk) -> None:
    await desk.apply(received(), released(), opened())
    await desk.fire(DUE)
    [row] = [row for row in await desk.table("counted") if row["counts"] == "late_answer"]
    assert (row["day"], row["contact_id"]) == (OPENED.date(), "contact-1")
    await desk.apply(responded())
    assert await counted(desk) == {("released", True), ("late_answer", False), ("answered_in_time", True)}
