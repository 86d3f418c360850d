"""A seller's health as a page: numbers, a drawing, and words in both languages."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from services.cli.sellers import MEASURED, Behind, Day, Listed, RateReport, SellerReport
from services.cli.sellers_page import _WORDS, drawing, page
from services.performance.domain.model import Rate
from shared.contracts.lists import DEFECT_KINDS

TODAY = date(2027, 1, 12)


def day(numerator: int, denominator: int) -> Day:
    return Day(TODAY, numerator, denominator)


def behind(counts: str = "claim_granted", *, stands: bool = True, contest: str | None = None) -> Behind:
    contest_id = "contest-1" if contest else None
    return Behind(counts, TODAY, "order-1", "defect-1", "claim-1", None, stands, contest_id, contest)


def rate(numerator: int, denominator: int, *, which: int = 0, target: float = 0.01) -> RateReport:
    week = [day(0, 0), day(1, 2), day(0, 3)]
    first = TODAY - timedelta(days=2)
    against = Listed(
        [behind(stands=False, contest="accepted"), behind(contest="under_review")], has_more=True
    )
    of = Listed([behind("released")], has_more=False)
    return RateReport(MEASURED[which], Rate(numerator, denominator, target, first, TODAY), week, against, of)


def report(*rates: RateReport) -> SellerReport:
    return SellerReport("seller-1", datetime(2027, 1, 12, 8, tzinfo=UTC), ("us",), rates)


def test_a_day_is_drawn_as_high_as_its_share_of_the_highest() -> None:
    assert drawing([day(0, 0), day(0, 4), day(1, 4), day(2, 4)]) == "·▁▅█"
    assert drawing([day(0, 5)]) == "▁"
    assert drawing([]) == ""


def test_a_rate_is_told_with_its_target_its_window_and_what_counts() -> None:
    lines = list(page(report(rate(1, 40)), "en"))
    assert lines[0] == "Seller seller-1, Tue 12 Jan 2027 08:00 UTC (us)"
    assert lines[2] == "Orders with a defect: 2.5 % (1 of 40) · should be below 1 % · MISSED"
    assert lines[3] == "  ·█▁  10 January 2027 to 12 January 2027"
    assert "contest accepted, taken back" in lines[5]
    assert "contested, under review" in lines[6]
    assert lines[7:] == ["    … and more", "  also made of: order-1"]


@pytest.mark.parametrize(
    ("found", "is_met"),
    [
        (rate(0, 10), True),
        (rate(1, 100), False),
        (rate(1, 101), True),
        (rate(0, 0), True),
        (rate(9, 10, which=2, target=0.9), True),
        (rate(8, 10, which=2, target=0.9), False),
    ],
)
def test_a_target_is_met_below_it_or_where_high_is_good_from_it_on(found: RateReport, is_met: object) -> None:
    assert found.is_met is is_met


def test_every_defect_and_every_state_of_a_contest_has_its_words_in_both_languages() -> None:
    assert set(DEFECT_KINDS) <= set(_WORDS)
    assert {"submitted", "under_review", "accepted", "rejected"} <= set(_WORDS)
    assert all(re.search(r"[\u4e00-\u9fff]", words.zh) for words in _WORDS.values())


def test_the_json_has_the_same() -> None:
    found = report(rate(1, 40)).to_json()
    told = found["rates"]["order_defect_rate"]
    assert (told["numerator"], told["denominator"], told["met"], told["rate"]) == (1, 40, False, 0.025)
    assert (told["from"], told["to"], len(told["trend"])) == ("2027-01-10", "2027-01-12", 3)
    assert told["against"]["shown"][1] == {
        "counts": "claim_granted",
        "day": "2027-01-12",
        "order_id": "order-1",
        "defect_id": "defect-1",
        "claim_id": "claim-1",
        "stands": True,
        "contest_id": "contest-1",
        "contest": "under_review",
    }
