"""H3: a seller contests what a rate counts; it is decided once, and what is accepted stays taken back."""

from __future__ import annotations

import re

import pytest

from services.performance.templates.refusals import REFUSALS
from shared.contracts.data import Actor, Data
from shared.contracts.performance import (
    CommandRefused,
    ContestAccepted,
    ContestDefect,
    ContestRejected,
    ContestSubmitted,
    ContestUnderReview,
    DefectCounted,
    DefectTakenBack,
    HealthChanged,
)
from shared.kit.service import Outgoing
from tests.unit.performance.build import (
    DAY,
    DUE,
    PLACED,
    RELEASED,
    canceled,
    contest,
    decision,
    feedback,
    granted,
    opened,
    received,
    refunded,
    released,
    responded,
    voided,
)
from tests.unit.performance.office import SERVICE, Office, message


def office(*bodies: Data) -> tuple[Office, str]:
    """Give an office with one defect, and its id."""
    made = Office(PLACED)
    made.hear(received(), released(), *(bodies or (granted(),)))
    return made, made.every(DefectCounted)[0].defect_id


def refusal(said: object) -> tuple[str, str]:
    assert isinstance(said, CommandRefused)
    assert said.message.en
    assert said.message.zh
    return said.rule, said.reason


def test_a_contest_is_submitted_then_under_review() -> None:
    made, defect_id = office()
    submitted, review = made.hear(contest(defect_id, explanation="I answered.", evidence=("photo-1",)))
    assert isinstance(submitted, ContestSubmitted)
    assert isinstance(review, ContestUnderReview)
    assert (submitted.explanation, submitted.evidence, submitted.actor.id) == (
        "I answered.",
        ("photo-1",),
        "seller-1",
    )
    assert submitted.contest_id == review.contest_id == "contest-1"
    assert submitted.defect_id == review.defect_id == defect_id
    assert made.defects == (1, 1)


def test_accepted_it_is_taken_back() -> None:
    made, defect_id = office()
    made.hear(contest(defect_id))
    accepted, taken_back, health = made.hear(decision(accepted=True))
    assert isinstance(accepted, ContestAccepted)
    assert isinstance(taken_back, DefectTakenBack)
    assert isinstance(health, HealthChanged)
    assert (taken_back.defect_id, taken_back.contest_id) == (defect_id, "contest-1")
    assert taken_back.cause_id == "command-decide"
    assert made.defects == (0, 1)


def test_rejected_it_stays_counted() -> None:
    made, defect_id = office()
    made.hear(contest(defect_id))
    [rejected] = made.hear(decision(accepted=False))
    assert isinstance(rejected, ContestRejected)
    assert made.defects == (1, 1)


def test_what_was_accepted_stays_taken_back_whatever_comes() -> None:
    made, defect_id = office()
    made.hear(contest(defect_id), decision(accepted=True))
    made.hear(voided(at=RELEASED + 20 * DAY), granted(at=RELEASED + 21 * DAY))
    assert len(made.every(DefectCounted)) == 1
    assert made.defects == (0, 1)


def test_a_void_while_it_is_under_review_leaves_the_contest_to_be_decided() -> None:
    made, defect_id = office()
    made.hear(contest(defect_id), voided(at=RELEASED + 16 * DAY))
    [accepted] = made.hear(decision(accepted=True, at=RELEASED + 17 * DAY))
    assert isinstance(accepted, ContestAccepted)
    made.hear(granted(at=RELEASED + 18 * DAY))
    assert made.defects == (0, 1)


@pytest.mark.parametrize("body", [refunded(), feedback(1), canceled()], ids=lambda body: type(body).__name__)
def test_anything_that_a_rate_counts_can_be_contested(body: Data) -> None:
    made, defect_id = office(body)
    made.hear(contest(defect_id), decision(accepted=True))
    assert (made.defects[0], made.cancellations[0]) == (0, 0)


def test_a_late_answer_that_is_accepted_leaves_both_numbers() -> None:
    made = Office(PLACED)
    made.hear(received(), released(), opened())
    made.go_to(DUE)
    [counted] = made.every(DefectCounted)
    made.hear(contest(counted.defect_id), decision(accepted=True))
    assert made.answered == (0, 0)
    made.hear(responded())
    assert made.answered == (1, 1)


@pytest.mark.parametrize(
    "actor",
    [
        Actor(kind="seller", id="seller-2"),
        Actor(kind="buyer", id="seller-1"),
        Actor(kind="investigator", id="seller-1"),
    ],
)
def test_only_the_seller_of_the_order_contests(actor: Actor) -> None:
    made, defect_id = office()
    before = made.row()
    [said] = made.hear(contest(defect_id, actor=actor))
    assert refusal(said) == ("H3", "not_the_seller")
    assert made.row() == before


@pytest.mark.parametrize("kind", ["buyer", "seller", "support", "operator"])
def test_only_an_investigator_decides(kind: str) -> None:
    made, defect_id = office()
    made.hear(contest(defect_id))
    [said] = made.hear(decision(accepted=True, actor=Actor(kind=kind, id="seller-1")))  # type: ignore[arg-type]
    assert refusal(said) == ("H3", "not_the_investigator")


def test_what_does_not_count_cannot_be_contested() -> None:
    made, defect_id = office()
    assert refusal(made.hear(contest("another"))[0]) == ("H3", "unknown_defect")
    made.hear(voided())
    assert refusal(made.hear(contest(defect_id))[0]) == ("H3", "taken_back")


def test_a_defect_is_contested_once_and_a_contest_decided_once() -> None:
    made, defect_id = office(granted(), feedback(1))
    made.hear(contest(defect_id))
    assert refusal(made.hear(contest(defect_id, "contest-2"))[0]) == ("H3", "already_contested")
    other = made.every(DefectCounted)[1].defect_id
    assert refusal(made.hear(contest(other, "contest-1"))[0]) == ("H3", "contest_id_reused")
    assert refusal(made.hear(decision("contest-9", accepted=True))[0]) == ("H3", "unknown_contest")
    made.hear(decision(accepted=False))
    assert refusal(made.hear(decision(accepted=True))[0]) == ("H3", "contest_decided")
    assert refusal(made.hear(contest(defect_id, "contest-3"))[0]) == ("H3", "already_contested")


def test_nothing_is_dated_ahead_of_the_clock() -> None:
    made, defect_id = office()
    ahead = made.now + DAY
    [said] = made.apply(message(contest(defect_id, at=ahead)))
    assert refusal(said) == ("T5", "in_the_future")
    [said] = made.apply(message(decision(accepted=True, at=ahead)))
    assert refusal(said) == ("T5", "in_the_future")


def test_a_contest_that_does_not_fit_into_a_record_is_refused() -> None:
    made, defect_id = office()
    many = tuple(f"{number:03d}" + "\x01" * 197 for number in range(1000))
    [said] = made.hear(contest(defect_id, evidence=many))
    assert refusal(said) == ("E1", "too_large")
    assert made.row().decided.contests == ()


def test_a_command_on_an_order_that_never_came_is_refused() -> None:
    assert SERVICE.refuse_unknown is not None
    said: Outgoing = SERVICE.refuse_unknown(message(contest("defect")), PLACED)
    assert refusal(said.data) == ("E1", "unknown_order")
    assert said.key == "seller-1"
    assert not SERVICE.is_known(None)


def test_what_the_seller_explains_is_said_and_not_kept() -> None:
    made, defect_id = office()
    made.hear(contest(defect_id, explanation="a secret"))
    assert "a secret" not in repr(made.states)


def test_every_refusal_is_said_in_both_languages() -> None:
    for words in REFUSALS.values():
        assert words.en.endswith(".")
        assert re.search(r"[\u4e00-\u9fff]", words.zh)


def test_each_fact_stands_under_its_seller() -> None:
    made, defect_id = office()
    made.hear(contest(defect_id), decision(accepted=True))
    assert {each.key for each in made.said if each.topic == "performance.events"} == {"seller-1"}
    assert ContestDefect.TOPIC == "performance.commands"
