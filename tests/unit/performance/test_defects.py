"""H1: what counts in the order defect rate, once an order, and what does not."""

from __future__ import annotations

import pytest

from shared.contracts.data import Data
from shared.contracts.performance import DefectCounted, DefectTakenBack, HealthChanged
from tests.unit.performance.build import (
    DAY,
    PLACED,
    RELEASED,
    canceled,
    chargeback,
    denied,
    feedback,
    granted,
    lines_canceled,
    received,
    refunded,
    released,
    reversed_on_appeal,
    voided,
    withdrawn,
)
from tests.unit.performance.office import Office, message


def office(*bodies: Data) -> Office:
    made = Office(PLACED)
    made.hear(received(), released(), *bodies)
    return made


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (granted(), "claim_granted"),
        (refunded(), "claim_refunded"),
        (feedback(1), "negative_feedback"),
        (feedback(2), "negative_feedback"),
        (chargeback("buyer_won"), "chargeback_lost"),
        (reversed_on_appeal(first_outcome="denied"), "claim_granted"),
        (reversed_on_appeal(first_outcome="refused"), "claim_granted"),
        (reversed_on_appeal(first_outcome="denied", reverse_defect=False), "claim_granted"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_counts_makes_the_order_one_with_a_defect(body: Data, kind: str) -> None:
    made = office(body)
    assert made.defects == (1, 1)
    [counted] = made.every(DefectCounted)
    assert (counted.kind, counted.order_id, counted.seller_id) == (kind, "order-1", "seller-1")
    assert counted.day.isoformat() == "2026-03-10"
    assert counted.at == body.at  # type: ignore[attr-defined]
    assert counted.cause_id == message(body).attributes.id


@pytest.mark.parametrize(
    "body",
    [
        withdrawn(),
        denied(),
        granted(funding="marketplace"),
        feedback(3),
        chargeback("seller_won"),
        canceled(counts=False, reason="buyer"),
        reversed_on_appeal(first_outcome="denied", funding="marketplace"),
    ],
    ids=lambda body: type(body).__name__,
)
def test_what_is_none_changes_nothing(body: Data) -> None:
    made = office(body)
    assert made.defects == (0, 1)
    assert not made.every(DefectCounted)


def test_a_released_order_is_one_of_those_that_the_rates_are_of() -> None:
    made = Office(PLACED)
    assert made.hear(received()) == []
    [health] = made.hear(released())
    assert isinstance(health, HealthChanged)
    assert made.defects == (0, 1)
    assert made.cancellations == (0, 1)
    assert made.answered == (0, 0)
    assert health.rates.order_defect_rate.to.isoformat() == "2026-03-10"
    assert health.rates.order_defect_rate.from_.isoformat() == "2026-01-10"
    assert health.rates.order_defect_rate.target == 0.01
    assert health.at == RELEASED


def test_an_order_with_two_defects_counts_once() -> None:
    made = office(granted(), feedback(1))
    assert len(made.every(DefectCounted)) == 2
    assert made.defects == (1, 1)


def test_an_order_counts_until_its_last_defect_is_taken_back() -> None:
    made = office(granted(), feedback(1), reversed_on_appeal())
    assert made.defects == (1, 1)
    made = office(granted(), reversed_on_appeal())
    assert made.defects == (0, 1)


@pytest.mark.parametrize("lifts", [voided(), reversed_on_appeal(), reversed_on_appeal(reverse_money=False)])
def test_a_void_and_a_reversed_defect_take_it_back(lifts: Data) -> None:
    made = office(granted(), lifts)
    [counted], [taken_back] = made.every(DefectCounted), made.every(DefectTakenBack)
    assert taken_back.defect_id == counted.defect_id
    assert (taken_back.kind, taken_back.contest_id) == ("claim_granted", None)
    assert taken_back.cause_id == message(lifts).attributes.id
    assert made.defects == (0, 1)


def test_money_alone_reversed_leaves_the_defect() -> None:
    made = office(granted(), reversed_on_appeal(reverse_defect=False))
    assert not made.every(DefectTakenBack)
    assert made.defects == (1, 1)


def test_a_claim_granted_again_after_its_void_is_the_same_defect() -> None:
    made = office(granted(), voided(), granted(at=RELEASED + 12 * DAY))
    first, second = made.every(DefectCounted)
    assert first.defect_id == second.defect_id
    assert made.defects == (1, 1)


def test_defects_have_ids_of_their_own_and_always_the_same() -> None:
    made, again = office(granted(), refunded(), feedback(1)), office(feedback(1), refunded(), granted())
    ids = [each.defect_id for each in made.every(DefectCounted)]
    assert len(set(ids)) == 3
    assert set(ids) == {each.defect_id for each in again.every(DefectCounted)}


def test_a_defect_that_is_read_before_its_order_counts_once_that_is_released() -> None:
    made = Office(PLACED)
    assert made.hear(granted()) == []
    assert made.hear(received()) == []
    counted, health = made.hear(released())
    assert isinstance(counted, DefectCounted)
    assert isinstance(health, HealthChanged)
    assert made.defects == (1, 1)


def test_an_order_that_was_never_released_counts_nowhere() -> None:
    made = Office(PLACED)
    made.hear(received(), chargeback("buyer_won"), canceled(counts=False, reason="fraud"))
    assert made.said == []


@pytest.mark.parametrize("reason", ["seller", "ship_confirmation_expired"])
def test_a_cancellation_that_counts_is_in_the_cancellation_rate_and_no_order_defect(reason: str) -> None:
    made = office(canceled(reason=reason))
    [counted] = made.every(DefectCounted)
    assert counted.kind == "cancellation"
    assert (made.cancellations, made.defects) == ((1, 1), (0, 1))


def test_an_order_canceled_in_two_parts_counts_once() -> None:
    made = office(lines_canceled(), canceled(at=RELEASED + 2 * DAY))
    assert len(made.every(DefectCounted)) == 2
    assert made.cancellations == (1, 1)


def test_a_repeat_changes_nothing() -> None:
    made = office(granted(), feedback(1), canceled())
    before = dict(made.states)
    assert made.hear(received(), released(), granted(), feedback(1), canceled()) == []
    assert made.states == before


def test_what_is_behind_the_numbers_is_kept_also_when_it_is_taken_back() -> None:
    made = office(granted(), voided())
    [counted] = made.every(DefectCounted)
    assert made.counted() == {
        ("released", "order-1", ""): True,
        ("claim_granted", "order-1", counted.defect_id): False,
    }
