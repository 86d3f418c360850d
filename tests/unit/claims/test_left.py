"""What is left of what was paid, whatever was canceled, refunded and granted (C1, C6, C15)."""

from __future__ import annotations

from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.claims.domain.events import ClaimGranted
from services.claims.domain.inputs import Heard
from services.claims.domain.left import left_minor, rest_minor
from services.claims.domain.money import Line, Units
from tests.unit.claims.builders import (
    FILED,
    HOUR,
    Story,
    after,
    answered,
    bank_decided,
    canceled,
    charged_back,
    delivered,
    desk,
    file_claim,
    line,
    received,
    refunded,
    released,
    rule,
    shipped,
    wrote,
)

ONE, TWO, THREE = Units("item-1", 1), Units("item-1", 2), Units("item-1", 3)
Sums: TypeAlias = tuple[int, int]


def claimed(
    *units: Units, lines: tuple[Line, ...], heard: tuple[Heard, ...] = (), currency: str = "USD"
) -> Story:
    """Give a claim that no rule grants on these units, and what was heard after its filing."""
    parcel = shipped(*(Units(each.order_item_id, each.quantity) for each in lines))
    story = after(received(*lines, currency=currency), released(), parcel, delivered(), wrote(), answered())
    form = file_claim(*units, reason="delivered_not_found", amount=1, currency=currency)
    story = story.when(form, now=FILED)
    for fact in heard:
        story = story.when(fact, now=FILED + HOUR)
    return story


def left(story: Story) -> int:
    at = desk(story, FILED + HOUR)
    return left_minor(at.subject(at.state.decided.claims[0].case))


@pytest.mark.parametrize(("paid", "currency", "of_one"), [(101, "JPY", 33), (10_001, "KWD", 3333)])
def test_a_part_of_a_line_is_left_in_proportion_in_any_currency(
    paid: int, currency: str, of_one: int
) -> None:
    lines = (line(quantity=3, paid_minor=paid),)
    assert left(claimed(ONE, lines=lines, currency=currency)) == of_one
    assert left(claimed(THREE, lines=lines, currency=currency)) == paid


@pytest.mark.parametrize(
    ("units", "fact", "expected"),
    [
        (THREE, refunded(400, THREE), 600),
        (THREE, refunded(333, ONE), 667),
        (ONE, refunded(333, ONE), 333),
        (ONE, refunded(900, THREE), 100),
        (TWO, refunded(900, THREE), 100),
        (TWO, canceled(ONE, not_charged=333), 667),
        (THREE, canceled(ONE, not_charged=333), 667),
        (THREE, canceled(THREE, not_charged=1000), 0),
        (THREE, canceled(ONE, not_charged=0, by_claim=True), 1000),
    ],
)
def test_what_is_gone_of_a_line_is_gone(units: Units, fact: Heard, expected: int) -> None:
    assert left(claimed(units, lines=(line(quantity=3, paid_minor=1000),), heard=(fact,))) == expected


def test_what_the_bank_gave_back_is_gone_of_the_whole_order() -> None:
    lines = (line("item-1", paid_minor=600), line("item-2", paid_minor=400))
    for kept, expected in ((300, 600), (500, 500), (1000, 0)):
        story = claimed(ONE, lines=lines, heard=(charged_back(at=FILED + HOUR),))
        story = story.when(bank_decided("buyer_won", kept, at=FILED + HOUR), now=FILED + HOUR)
        assert left(story) == expected
    story = claimed(
        ONE, lines=lines, heard=(charged_back(at=FILED), bank_decided("seller_won", 1000, at=FILED))
    )
    assert left(story) == 600


def test_a_refund_of_more_than_was_paid_is_for_extra_charges() -> None:
    lines = (line("item-1", paid_minor=600), line("item-2", paid_minor=400))
    story = claimed(ONE, lines=lines, heard=(refunded(700, Units("item-2", 1)),))
    assert left(story) == 600


def test_what_another_claim_of_the_item_has_paid_is_gone_and_what_it_did_not_is_left() -> None:
    lines = (line(quantity=3, paid_minor=1000),)
    story = claimed(TWO, lines=lines).when(rule("granted", 600, at=FILED), now=FILED + HOUR)
    again = file_claim(TWO, claim_id="claim-2", reason="delivered_not_found", amount=400)
    told = story.when(again, now=FILED + HOUR).when(
        rule("granted", 400, at=FILED, claim_id="claim-2"), now=FILED + 2 * HOUR
    )
    assert told.the(ClaimGranted).amount.amount_minor == 400


@given(
    paid=st.tuples(st.integers(0, 5000), st.integers(0, 5000)),
    quantity=st.integers(1, 4),
    refunds=st.lists(st.tuples(st.sampled_from([1, 2, 3]), st.integers(1, 4000)), max_size=4),
    units=st.integers(1, 4),
)
def test_refunds_and_what_is_left_are_never_more_than_was_paid(
    paid: Sums, quantity: int, refunds: list[Sums], units: int
) -> None:
    lines = (line("item-1", quantity, paid[0] + quantity), line("item-2", 1, paid[1]))
    first, second = Units("item-1", quantity), Units("item-2", 1)
    named = {1: (first,), 2: (second,), 3: (first, second)}
    heard = tuple(refunded(amount, *named[which], at=FILED - HOUR) for which, amount in refunds)
    story = claimed(Units("item-1", min(units, quantity)), lines=lines, heard=heard)
    found, of_line = left(story), sum(amount for which, amount in refunds if which == 1)
    assert 0 <= found <= max(0, lines[0].paid_minor - of_line)
    at = desk(story, FILED + HOUR)
    case = at.state.decided.claims[0].case
    assert rest_minor(at.subject(case), case) <= found
