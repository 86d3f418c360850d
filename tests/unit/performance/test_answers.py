"""H2: contacts answered in time, by the dates of question and answer."""

from __future__ import annotations

import pytest

from shared.contracts.data import Data
from shared.contracts.performance import DefectCounted, DefectTakenBack
from tests.unit.performance.build import (
    DAY,
    DUE,
    HOUR,
    OPENED,
    PLACED,
    canceled,
    opened,
    received,
    released,
    resolved,
    responded,
)
from tests.unit.performance.office import INSTANT, Office


def office(*bodies: Data) -> Office:
    made = Office(PLACED)
    made.hear(received(), released(), *bodies)
    return made


def test_a_contact_counts_from_its_answer_on() -> None:
    made = office(opened())
    assert made.answered == (0, 0)
    made.hear(responded())
    assert made.answered == (1, 1)
    assert not made.every(DefectCounted)
    assert [timer.kind for timer in made.timers.values()] == ["day_ends"] * 3


def test_one_that_is_not_answered_counts_when_its_time_has_passed() -> None:
    made = office(opened())
    made.go_to(DUE - INSTANT)
    assert made.answered == (0, 0)
    made.go_to(DUE)
    [counted] = made.every(DefectCounted)
    assert (counted.kind, counted.contact_id, counted.at) == ("late_answer", "contact-1", DUE)
    assert counted.day.isoformat() == "2026-03-12"
    assert made.answered == (0, 1)


@pytest.mark.parametrize(("at", "numbers"), [(DUE, (1, 1)), (DUE + INSTANT, (0, 1))])
def test_the_last_instant_is_in_time(at: object, numbers: tuple[int, int]) -> None:
    made = office(opened(), responded(at=at))  # type: ignore[arg-type]
    made.go_to(DUE + DAY)
    assert made.answered == numbers


def test_an_answer_in_time_that_is_read_late_mends_it() -> None:
    made = office(opened())
    made.go_to(DUE + DAY)
    made.hear(responded(at=DUE - HOUR))
    [counted], [taken_back] = made.every(DefectCounted), made.every(DefectTakenBack)
    assert counted.defect_id == taken_back.defect_id
    assert made.answered == (1, 1)


def test_a_late_answer_mends_nothing_and_an_earlier_one_read_after_it_does() -> None:
    made = office(opened())
    made.go_to(DUE + DAY)
    made.hear(responded(at=DUE + HOUR))
    assert made.answered == (0, 1)
    made.hear(responded(at=DUE - HOUR))
    assert made.answered == (1, 1)
    made.hear(responded(at=DUE + 2 * HOUR))
    assert made.answered == (1, 1)


@pytest.mark.parametrize(
    "ends", [resolved(at=OPENED + HOUR), resolved(at=DUE), canceled(at=OPENED + HOUR, counts=False)]
)
def test_one_that_is_settled_before_its_time_needs_no_answer(ends: Data) -> None:
    made = office(opened(), ends)
    made.go_to(DUE + DAY)
    assert made.answered == (0, 0)
    assert not made.every(DefectCounted)


def test_one_that_is_settled_after_its_time_was_late_all_the_same() -> None:
    made = office(opened())
    made.go_to(DUE + HOUR)
    made.hear(resolved(at=DUE + HOUR))
    assert made.answered == (0, 1)


def test_each_contact_of_an_order_counts() -> None:
    made = office(opened(), opened("contact-2", at=OPENED + HOUR), responded())
    made.go_to(DUE + DAY)
    assert made.answered == (1, 2)


def test_a_contact_that_is_read_before_its_order_waits_for_it() -> None:
    made = Office(PLACED)
    assert made.hear(opened(), responded()) == []
    made.hear(received())
    assert made.answered == (1, 1)


def test_a_contact_counts_on_its_own_day_and_by_its_own_policy() -> None:
    made = office(opened(at=OPENED, policy_id="classic"), responded())
    [order_day, contact_day] = made.seller().buckets
    assert (order_day.place.policy_id, order_day.place.day.isoformat()) == ("2021-en", "2026-03-10")
    assert (contact_day.place.policy_id, contact_day.place.day.isoformat()) == ("classic", "2026-03-12")


def test_a_timer_that_fired_before_it_was_canceled_changes_nothing() -> None:
    made = office(opened())
    [timer] = [timer for timer in made.timers.values() if timer.kind == "contact_due"]
    made.hear(responded())
    made.timers[timer.timer_id] = timer
    before = made.row()
    assert made.go_to(DUE) == []
    assert made.row().decided == before.decided


def test_one_that_is_read_before_its_order_falls_due_all_the_same() -> None:
    made = Office(PLACED)
    made.hear(opened(), received())
    made.go_to(DUE)
    assert made.answered == (0, 1)
