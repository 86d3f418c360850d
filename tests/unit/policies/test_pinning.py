"""A policy that comes later changes no promise: each order, contact and claim has the one of its own day (P1)."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.cli.backtest.world import Said
from shared.contracts import claims, messaging, orders, timer
from shared.policies import SHIPPED, Catalogue, load
from shared.policies.model import Term
from tests.support.events import Order
from tests.unit.cli.backtest.stories import DAY, HOUR, MICRO, Story, live

ZONE_OFFSET = 8 * HOUR
CHANGE = datetime(2027, 1, 10, tzinfo=UTC) + ZONE_OFFSET
"""Midnight in Los Angeles: from then on the other policy is in force."""


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """The marketplace `us` under 2021-en, and from 10 January 2027 on under another one, with other numbers."""
    folder = tmp_path_factory.mktemp("policies") / "own"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("*.py", "__*"))
    text = (folder / "policies" / "2021-en.yaml").read_text("utf-8")
    for old, new in (
        ("id: 2021-en", "id: later"),
        ("ship_confirmation: 30d", "ship_confirmation: 20d"),
        ("  response: 48h", "  response: 24h"),
        ("  contact_wait: 48h", "  contact_wait: 12h"),
        ("  information: 48h", "  information: 6h"),
        ("  appeal: 30d", "  appeal: 10d"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "policies" / "later.yaml").write_text(text, "utf-8")
    file = folder / "marketplaces.yaml"
    terms = "- {policy: 2021-en, to: 2027-01-09}\n    - {policy: later, from: 2027-01-10}\n"
    file.write_text(file.read_text("utf-8").replace("- policy: 2021-en\n", terms, 1), "utf-8")
    return load(folder)


def story(placed_at: datetime, wrote_at: datetime, filed_at: datetime | None = None) -> Story:
    order = Order("order-1", "seller-1", "buyer-1", placed_at)
    told = Story(order).shipped(placed_at + DAY, placed_at + 3 * DAY)
    told.add(order.wrote("buyer", wrote_at))
    return told.add(order.filed(filed_at, "delivered_not_found")) if filed_at else told


def only(said: Sequence[Said], kind: type[Any]) -> Any:
    [found] = [each.data for each in said if isinstance(each.data, kind)]
    return found


def deadlines(said: Sequence[Said], kind: str) -> list[datetime]:
    return [
        each.data.due_at for each in said if isinstance(each.data, timer.Schedule) and each.data.kind == kind
    ]


def test_an_order_keeps_the_policy_of_the_day_on_which_it_was_placed(known: Catalogue) -> None:
    placed_at = CHANGE - DAY
    said = live([Story(Order("order-1", "seller-1", "buyer-1", placed_at))], known)
    assert only(said, orders.OrderReceived).policy_id == "2021-en"
    assert only(said, orders.OrderReleased).confirm_by == placed_at + 30 * DAY
    later = live([Story(Order("order-1", "seller-1", "buyer-1", CHANGE))], known)
    assert only(later, orders.OrderReceived).policy_id == "later"
    assert only(later, orders.OrderReleased).confirm_by == CHANGE + 20 * DAY


@pytest.mark.parametrize(
    ("wrote_at", "policy_id", "window"),
    [
        (CHANGE - MICRO, "2021-en", 48 * HOUR),
        (CHANGE, "later", 24 * HOUR),
        (CHANGE + DAY, "later", 24 * HOUR),
    ],
)
def test_a_contact_has_the_policy_of_the_day_on_which_it_was_opened(
    known: Catalogue, wrote_at: datetime, policy_id: str, window: timedelta
) -> None:
    said = live([story(CHANGE - 6 * DAY, wrote_at)], known)
    assert only(said, orders.OrderReceived).policy_id == "2021-en"
    opened = only(said, messaging.ContactOpened)
    assert (opened.policy_id, opened.respond_by) == (policy_id, wrote_at + window)


def test_a_running_clock_is_never_timed_anew(known: Catalogue) -> None:
    """Opened an hour before the change, the seller has 48 hours, and whoever writes meanwhile moves nothing."""
    wrote_at = CHANGE - HOUR
    told = story(CHANGE - 6 * DAY, wrote_at)
    told.add(told.order.wrote("buyer", CHANGE + HOUR, "Hello?"))
    said = live([told], known)
    assert deadlines(said, "response_due") == [wrote_at + 48 * HOUR]
    assert only(said, messaging.ResponseOverdue).at == wrote_at + 48 * HOUR


def test_a_claim_has_the_policy_of_the_day_on_which_it_was_filed(known: Catalogue) -> None:
    """Order and contact are older: the window for the answer is the contact's, the time to appeal the claim's."""
    filed_at = CHANGE + 5 * DAY
    said = live([story(CHANGE - 8 * DAY, CHANGE - 2 * DAY, filed_at)], known)
    assert only(said, messaging.ContactOpened).policy_id == "2021-en"
    assert only(said, claims.ClaimFiled).policy_id == "later"
    granted = only(said, claims.ClaimGranted)
    assert (granted.policy_id, granted.appeal_until) == ("later", filed_at + 10 * DAY)


def test_what_was_filed_before_is_judged_and_appealed_as_it_was(known: Catalogue) -> None:
    filed_at = CHANGE - DAY
    told = story(CHANGE - 14 * DAY, CHANGE - 8 * DAY, filed_at)
    said = live([told], known)
    granted = only(said, claims.ClaimGranted)
    assert (granted.policy_id, granted.appeal_until) == ("2021-en", filed_at + 30 * DAY)
    assert only(said, claims.ClaimClosed).at == filed_at + 30 * DAY


def test_a_question_about_a_claim_is_timed_by_the_claims_policy(known: Catalogue) -> None:
    """It is asked after the change; the claim, which it belongs to, was filed before."""
    told = story(CHANGE - 14 * DAY, CHANGE - 8 * DAY)
    told.add(
        told.order.wrote("seller", CHANGE - 7 * DAY),
        told.order.filed(CHANGE - DAY, "delivered_not_found"),
        told.order.asked(CHANGE + DAY),
    )
    asked = only(live([told], known), claims.InformationRequested)
    assert asked.respond_by == CHANGE + DAY + 48 * HOUR


def test_the_wait_before_filing_is_that_of_the_contact(known: Catalogue) -> None:
    """Under the later policy a claim may be filed 12 hours after the buyer wrote; the contact is an older one."""
    placed_at = CHANGE - 12 * DAY
    filed_at = CHANGE + 13 * HOUR
    early = live([story(placed_at, CHANGE - HOUR, filed_at)], known)
    assert only(early, claims.ClaimRefused).reason == "too_early"
    late = live([story(placed_at, CHANGE + HOUR, filed_at + HOUR)], known)
    assert only(late, claims.ClaimFiled).policy_id == "later"


def test_a_marketplace_with_other_policies_knows_nothing_of_those_that_it_was_made_from() -> None:
    """A back-test asks what would be if another policy had always been in force."""
    known = load()
    before = known.marketplaces["us"]
    assert (before.policy_at(CHANGE), before.zone.key) == ("2021-en", "America/Los_Angeles")
    after = before.model_copy(update={"policies": (Term(policy="classic"),), "time_zone": "Asia/Tokyo"})
    assert (after.policy_at(CHANGE), after.zone.key) == ("classic", "Asia/Tokyo")
