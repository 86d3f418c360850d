"""The demo's story: its times go forward, all that is said in it can be published, and its endings are told apart."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from services.cli.routing import Routed, route
from services.cli.story import burst
from services.cli.story.ending import End, ends, to_json
from services.cli.story.events import ups_number
from services.cli.story.hearing import Fact
from services.cli.story.mails import Mail
from services.cli.story.script import START, Chapter, chapters, morning_after, opening
from shared import policies

CHAPTERS = chapters(START + timedelta(hours=1))


def test_time_only_goes_forward() -> None:
    steps = [*opening(START), *(step for chapter in CHAPTERS for step in chapter.steps)]
    assert [(one, other) for one, other in pairwise(steps) if one.at > other.at] == []


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.title)
def test_everything_that_is_said_can_be_published(chapter: Chapter) -> None:
    events = [event for step in chapter.steps for event in step.events]
    assert events
    assert [found for event in events if not isinstance(found := route(event.line()), Routed)] == []


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.title)
def test_a_step_with_events_is_taken_by_somebody_and_one_without_only_lets_time_pass(
    chapter: Chapter,
) -> None:
    assert [step for step in chapter.steps if bool(step.who) != bool(step.events)] == []


def test_the_chapters_show_what_the_demo_promises() -> None:
    decisions = [chapter.ending.decisions for chapter in CHAPTERS]
    assert ("claims.claim_granted.v1",) in decisions
    assert ("claims.claim_granted.v1", "claims.grant_voided.v1", "claims.claim_denied.v1") in decisions
    assert ("claims.claim_denied.v1",) in decisions
    assert ("claims.claim_granted.v1", "claims.appeal_reversed.v1") in decisions
    assert sum(chapter.ending.debits for chapter in CHAPTERS) == 4
    assert sum(chapter.ending.reimbursements for chapter in CHAPTERS) == 2
    assert {chapter.order.seller.language for chapter in CHAPTERS} == {"en", "zh"}


def test_every_parcel_has_a_number_of_its_own_that_the_marketplace_takes() -> None:
    numbers = [chapter.order.tracking_number for chapter in CHAPTERS]
    assert len(set(numbers)) == len(numbers)
    catalogue = policies.load()
    assert all(catalogue.is_valid_number("us", "UPS", number) for number in [*numbers, ups_number(1234567)])


def test_the_burst_has_as_many_orders_as_it_says_each_with_its_own_id() -> None:
    found = burst.orders(START)
    assert len({order.order_id for order in found}) == burst.ORDERS


def test_a_chapter_begins_at_the_hour_at_which_the_story_began() -> None:
    assert morning_after(START, START) == START + timedelta(days=1)
    assert morning_after(START + timedelta(hours=50), START) == START + timedelta(days=3)


def fact(chapter: Chapter, type_: str) -> Fact:
    return Fact("topic", type_, type_, START, {"order_id": chapter.order.order_id})


def end_of(chapter: Chapter, types: list[str], mails: int = 1) -> End:
    told = [
        Mail("x", "decision_to_seller", "s", f"order {chapter.order.order_id}", str(n)) for n in range(mails)
    ]
    (end,) = ends([chapter], [fact(chapter, type_) for type_ in types], told)
    return end


def test_an_ending_that_is_another_than_the_script_says_is_wrong() -> None:
    silence = CHAPTERS[1]
    granted, debited = "claims.claim_granted.v1", "finance.seller_debited.v1"
    assert end_of(silence, [granted, debited]).wrong is None
    assert end_of(silence, [granted, debited, debited]).wrong == "2 debits and 0 reimbursements"
    assert end_of(silence, [granted]).wrong == "0 debits and 0 reimbursements"
    assert end_of(silence, []).wrong == "decided nothing, expected claims.claim_granted.v1"
    assert end_of(silence, [granted, debited], mails=0).wrong == "the seller got no mail about the debit"


def test_the_end_as_json_says_what_is_wrong_with_whom() -> None:
    silence = CHAPTERS[1]
    (outcome,) = to_json([end_of(silence, [])], [], [])["outcomes"]
    assert (outcome["order_id"], outcome["debits"]) == ("order-silence", 0)
    assert outcome["wrong"].startswith("decided nothing")
