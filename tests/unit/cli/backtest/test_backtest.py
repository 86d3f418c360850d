"""A backtest finds what another policy would have decided, adds it up, and says what it can't know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from services.cli.backtest import Report, backtest
from services.cli.backtest.outcome import Money
from services.cli.backtest.recorded import histories
from shared.contracts.facts import Line
from shared.contracts.messaging import AnswerReturn, RequestReturn
from shared.policies import Policy
from tests.unit.cli.backtest.stories import DAY, HOUR, START, Story, live, order, record, shipped_catalogue

WROTE, FILED = START + 6 * DAY, START + 11 * DAY


def arrived(number: int = 1, amount_minor: int = 4999) -> Story:
    """A parcel that came in time, and a buyer who asks where it is."""
    story = Story(order(number, amount_minor=amount_minor)).shipped(START + DAY, START + 3 * DAY)
    return story.add(story.order.wrote("buyer", WROTE))


def filed(story: Story, **other: object) -> Story:
    return story.add(story.order.filed(FILED, "delivered_not_found", **other))


def tried(candidate: Policy | str, *stories: Story, **other: Sequence[str]) -> Report:
    known = shipped_catalogue()
    policy = known.policy(candidate) if isinstance(candidate, str) else candidate
    said = live(stories, known)
    return backtest(histories(record(said)), known, policy, until=said[-1].now, **other)


def changed(part: str, **numbers: object) -> Policy:
    """The default policy with other numbers in one part."""
    policy = shipped_catalogue().policy("2021-en")
    other = getattr(policy, part).model_copy(update=numbers)
    return policy.model_copy(update={"id": "candidate", part: other})


def test_the_policy_that_was_in_force_changes_nothing() -> None:
    silent, answered = filed(arrived(1)), filed(arrived(2))
    answered.add(answered.order.wrote("seller", WROTE + HOUR), answered.order.denied(FILED + DAY))
    report = tried("2021-en", silent, answered)
    assert (report.orders, report.claims, report.same) == (2, 2, 2)
    assert report.differences == []
    assert report.not_reproduced == []
    assert report.judged_by == {"2021-en"}


def test_a_longer_time_to_answer_saves_the_seller_who_took_it() -> None:
    late = filed(arrived())
    late.add(late.order.wrote("seller", WROTE + 50 * HOUR))
    report = tried("2021-zh", late)
    [found] = report.differences
    assert (found.recorded.status, found.recorded.rules) == ("granted", ("C6.2",))
    assert found.candidate.status == "open"
    assert found.money == Money(buyer=-4999, seller=4999)
    assert (report.defects, report.undecided) == (-1, 1)
    [change] = report.changes
    assert (change.recorded, change.candidate, change.claims) == ("C6.2", "nobody yet", 1)
    assert dict(change.money) == dict(report.money) == {"USD": Money(buyer=-4999, seller=4999)}


def test_a_shorter_time_to_answer_takes_the_decision_from_the_investigator() -> None:
    story = filed(arrived())
    story.add(story.order.wrote("seller", WROTE + 30 * HOUR), story.order.denied(FILED + DAY))
    report = tried(changed("messaging", response=timedelta(hours=24)), story)
    [found] = report.differences
    assert (found.recorded.status, found.candidate.status) == ("denied", "granted")
    assert found.money == Money(buyer=4999, seller=-4999)
    assert report.superseded == 1
    assert [change.recorded for change in report.changes] == ["C9 (a person)"]


def test_information_requests_are_timed_anew() -> None:
    story = filed(arrived())
    story.add(story.order.wrote("seller", WROTE + HOUR), story.order.asked(FILED + HOUR))
    known = tried("2021-en", story)
    assert known.differences == []
    report = tried("2021-zh", story)
    [found] = report.differences
    assert (found.recorded.rules, found.candidate.status) == (("C6.5",), "open")


def test_the_window_to_file_is_counted_anew() -> None:
    late = arrived()
    late.add(late.order.filed(START + 60 * DAY, "delivered_not_found"))
    report = tried(changed("claims", filing_window_days=30), late)
    [found] = report.differences
    assert (found.recorded.status, found.candidate.status) == ("granted", "not accepted")
    assert [change.candidate for change in report.changes] == ["C4 (too_late)"]


def test_what_a_person_decided_is_kept() -> None:
    story = filed(arrived())
    story.add(story.order.wrote("seller", WROTE + HOUR), story.order.denied(FILED + DAY))
    report = tried(changed("messaging", response=timedelta(hours=72)), story)
    assert (report.same, report.differences) == (1, [])
    assert any("What people decided" in note for note in report.notes)


def test_what_a_person_decided_stands_where_rules_decide_no_more() -> None:
    """An investigator's appeal decision needs the grant that it was about."""
    story = filed(arrived())
    story.add(story.order.wrote("seller", WROTE + 50 * HOUR), story.order.denied(FILED + DAY))
    report = tried(changed("messaging", response=timedelta(hours=72)), story)
    [found] = report.differences
    assert (found.recorded.status, found.candidate.status) == ("granted", "open")


def test_an_answer_that_was_read_late_is_read_late_again() -> None:
    story = filed(arrived())
    story.add(story.order.wrote("seller", WROTE + HOUR), late=10 * DAY)
    report = tried("2021-en", story)
    assert report.not_reproduced == []
    assert report.same == 1


def test_a_refund_dated_before_the_claim_and_read_after_it_stays_one_from_before_it() -> None:
    """Orders dates a refund as the answer is dated that promised it: so it does when it is said again."""
    story = arrived()
    order, contact, lines = story.order, "order-1-return", (Line(order_item_id="order-1-1", quantity=1),)
    asked = order.does("buyer", RequestReturn, FILED - DAY, contact_id=contact, lines=lines, reason="Broken.")
    waived = {"contact_id": contact, "answer": "refund_without_return", "text": "Keep it."}
    promised = order.does("seller", AnswerReturn, FILED - HOUR, **waived)
    filed(story.add(order.wrote("seller", WROTE + HOUR), asked)).add(promised, late=2 * HOUR)
    report = tried("2021-en", story)
    assert (report.same, report.differences, report.not_reproduced) == (1, [], [])


def test_filings_that_were_refused_and_are_not_recorded_are_kept_and_counted() -> None:
    early = arrived()
    early.add(early.order.filed(WROTE + HOUR, "delivered_not_found"))
    report = tried("2021-zh", early)
    assert (report.claims, report.not_recorded, report.same) == (1, 1, 0)
    assert any("not accepted" in note and "1" in note for note in report.notes)


def test_only_the_marketplaces_that_are_named_are_looked_at() -> None:
    here, there = filed(arrived(1)), Story(order(2, marketplace_id="jp", currency="JPY"))
    there.shipped(START + DAY, START + 3 * DAY).add(there.order.wrote("buyer", WROTE))
    for story in (here, there):
        story.add(story.order.wrote("seller", WROTE + 50 * HOUR))
    report = tried("2021-zh", here, filed(there), marketplaces=("jp",))
    assert (report.orders, report.claims) == (1, 1)
    assert [each.order_id for each in report.differences] == ["order-2"]


def test_money_is_added_up_by_currency() -> None:
    here, there = filed(arrived(1, 1000)), Story(order(2, marketplace_id="jp", currency="JPY"))
    there.shipped(START + DAY, START + 3 * DAY).add(there.order.wrote("buyer", WROTE))
    longer = changed("messaging", response=timedelta(days=30))
    for story in (here, there):
        story.add(story.order.wrote("seller", WROTE + 3 * DAY))
    report = tried(longer, here, filed(there))
    assert dict(report.money) == {
        "JPY": Money(buyer=-4999, seller=4999),
        "USD": Money(buyer=-1000, seller=1000),
    }


def test_numbers_that_play_no_part_are_named() -> None:
    report = tried(changed("orders", hold=timedelta(hours=1)), filed(arrived()))
    assert report.differences == []
    assert any("orders.hold" in note for note in report.notes)


def test_the_claim_of_an_order_that_was_never_shipped_is_the_same_under_any_policy() -> None:
    story = Story()
    story.add(story.order.wrote("buyer", WROTE), story.order.filed(FILED))
    for policy_id in ("2021-en", "2021-zh", "classic"):
        report = tried(policy_id, story)
        assert (report.same, report.differences) == (1, []), policy_id


@pytest.mark.parametrize("policy_id", ["2021-en", "2021-zh", "classic"])
def test_as_json_everything_adds_up(policy_id: str) -> None:
    stories = [filed(arrived(number)) for number in range(1, 5)]
    stories[0].add(stories[0].order.wrote("seller", WROTE + 50 * HOUR))
    stories[1].add(stories[1].order.wrote("seller", WROTE + HOUR), stories[1].order.denied(FILED + DAY))
    found = tried(policy_id, *stories).to_json()
    assert found["candidate"] == policy_id
    assert found["same"] + found["differ"] == found["claims"] == 4
    assert (
        sum(change["claims"] for change in found["by_rule"]) == found["differ"] == len(found["differences"])
    )
    for side in ("buyers", "sellers", "marketplace"):
        whole = found["money"].get("USD", {}).get(side, 0)
        assert whole == sum(each["money"][side] for each in found["differences"])
        assert whole == sum(change["money"].get("USD", {}).get(side, 0) for change in found["by_rule"])
