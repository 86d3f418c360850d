"""A seller's rates through real Kafka and PostgreSQL: counted, contested, taken back, gone with their day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.cli.addresses import System
from shared.contracts import topics
from shared.contracts.data import Actor
from shared.contracts.performance import ContestDefect, DecideContest
from tests.support.events import Event, Order, buyer, event, seller
from tests.support.running import Answer, Desk, at_desk, run_command, up

START = datetime(2027, 1, 4, 18, tzinfo=UTC)
DAY = timedelta(days=1)
SILENT = Order("order-silent", "seller-1", "buyer-1", START)
FINE = Order("order-fine", "seller-1", "buyer-2", START)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[System, Path]]:
    folder = tmp_path_factory.mktemp("performance")
    with up(folder, START) as found:
        yield found, folder / "ready.json"


def contest(defect_id: str, at: datetime, kind: str, person: str) -> Event:
    body = ContestDefect(
        command_id=f"contest-by-{person}",
        at=at,
        actor=Actor(kind=kind, id=person),  # type: ignore[arg-type]
        order_id=SILENT.order_id,
        contest_id="contest-1",
        defect_id=defect_id,
        explanation="The parcel was lost by the carrier.",
        evidence=("receipt-1",),
    )
    return event(body, SILENT.order_id, at)


def accepted(at: datetime) -> Event:
    body = DecideContest(
        command_id="decide-contest",
        at=at,
        actor=Actor(kind="investigator", id="investigator-1"),
        order_id=SILENT.order_id,
        contest_id="contest-1",
        accepted=True,
        reasons=("The receipt shows it.",),
    )
    return event(body, SILENT.order_id, at)


async def said(desk: Desk) -> list[Answer]:
    return await desk.said(topics.PERFORMANCE_EVENTS)


def short(answers: list[Answer]) -> list[str]:
    return [each.type.removeprefix("performance.").removesuffix(".v1") for each in answers]


def numbers(answers: list[Answer]) -> list[tuple[int, int]]:
    rates = [each for each in answers if each.type == "performance.health_changed.v1"][-1].body["rates"]
    return [(rate["numerator"], rate["denominator"]) for rate in rates.values()]


async def shown(ready: Path) -> Any:
    code, data, words = await run_command(ready, "performance", "seller-1", "--json")
    assert code == 0, words
    return json.loads(data)["rates"]


async def test_what_counts_is_counted_contested_and_gone_with_its_day(system: tuple[System, Path]) -> None:
    found, ready = system
    async with at_desk(found) as desk:
        await desk.send(seller("seller-1", START), buyer("buyer-1", START), buyer("buyer-2", START))
        await desk.send(SILENT.placed(), SILENT.verified(), FINE.placed(), FINE.verified())
        await desk.go_to(START + DAY)
        assert numbers(await said(desk)) == [(0, 2), (0, 2), (0, 0)]

        await desk.go_to(START + 6 * DAY)
        await desk.send(SILENT.wrote("buyer", desk.now))
        await desk.go_to(START + 10 * DAY)
        assert numbers(await said(desk)) == [(0, 2), (0, 0), (0, 1)]
        await desk.send(SILENT.filed(desk.now))
        answers = await said(desk)
        assert numbers(answers) == [(1, 2), (0, 0), (0, 1)]
        defects = {each.body["kind"]: each.body for each in answers if "defect_id" in each.body}
        assert set(defects) == {"late_answer", "claim_granted"}
        assert {each.headers["ce_subject"] for each in answers} == {"seller-1"}

        granted = defects["claim_granted"]["defect_id"]
        await desk.send(contest(granted, desk.now, "seller", "seller-2"))
        await desk.send(contest(granted, desk.now, "seller", "seller-1"))
        before = await shown(ready)
        assert before["order_defect_rate"]["met"] is False
        [against] = before["order_defect_rate"]["against"]["shown"]
        assert (against["order_id"], against["contest"]) == (SILENT.order_id, "under_review")
        await desk.send(accepted(desk.now))
        answers = await said(desk)
        assert short(answers)[-6:] == [
            "command_refused",
            "contest_submitted",
            "contest_under_review",
            "contest_accepted",
            "defect_taken_back",
            "health_changed",
        ]
        assert numbers(answers) == [(0, 2), (0, 0), (0, 1)]
        after = await shown(ready)
        assert after["order_defect_rate"]["met"] is True
        assert after["order_defect_rate"]["against"]["shown"][0]["stands"] is False

        await desk.go_to(START + 70 * DAY)
        answers = await said(desk)
        assert numbers(answers) == [(0, 0), (0, 0), (0, 0)]
        last = answers[-1].headers["ce_time"]
        assert last == "2027-03-05T08:00:00Z"
    code, words, _ = await run_command(ready, "performance", "seller-1")
    assert code == 0
    assert "nothing to count" in words
    code, words, _ = await run_command(ready, "verify")
    assert code == 0, words
