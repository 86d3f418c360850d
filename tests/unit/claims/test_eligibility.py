"""Asking whether a claim could be filed changes nothing, and is answered as a filing would be (C2, C3)."""

from __future__ import annotations

from datetime import datetime

import pytest

from services.claims.domain.eligibility import CLAIM, may_file
from services.claims.domain.events import ClaimFiled, CommandRefused, EligibilityChecked
from services.claims.domain.inputs import Actor
from services.claims.domain.money import Units
from tests.unit.claims.builders import (
    DAY,
    ELIGIBLE,
    FILED,
    HOUR,
    INSTANT,
    INVESTIGATOR,
    SELLER,
    SUPPORT,
    UNTIL,
    Story,
    after,
    broken,
    charged_back,
    check,
    contacted,
    damaged,
    delivered,
    desk,
    file_claim,
    missing_parcel,
    not_found,
    received,
    released,
    rule,
    shipped,
    wrote,
)


def asked(story: Story, **changes: object) -> EligibilityChecked:
    question = check(**changes)  # type: ignore[arg-type]
    told = story.when(question, now=question.at).then_kinds(EligibilityChecked).then_no_change()
    return told.the(EligibilityChecked)


def test_who_could_file_now_is_told_since_and_until_when() -> None:
    told = asked(contacted())
    assert (told.eligible, told.eligible_from, told.until, told.missing) == (True, ELIGIBLE, UNTIL, ())


def test_who_comes_too_early_is_told_from_when() -> None:
    told = asked(contacted(), at=ELIGIBLE - INSTANT)
    assert (told.eligible, told.eligible_from, told.missing) == (False, ELIGIBLE, ("too_early",))


def test_who_comes_too_late_is_told_until_when_it_was() -> None:
    told = asked(contacted(), at=UNTIL)
    assert (told.until, told.missing) == (UNTIL, ("too_late",))


def test_who_has_not_written_cannot_be_told_from_when() -> None:
    told = asked(after(received(), released(), shipped()))
    assert (told.eligible_from, told.missing) == (None, ("not_contacted",))


def test_all_that_stands_against_it_is_named_in_the_order_of_the_refusals() -> None:
    story = after(received(), released(), shipped(), delivered(), charged_back(at=FILED - DAY))
    told = asked(story, at=UNTIL + DAY)
    assert told.missing == ("chargeback_open", "delivered", "not_contacted", "too_late")
    assert list(told.missing) == sorted(told.missing, key=CLAIM.index)


def test_a_form_that_does_not_fit_is_named_alone() -> None:
    assert asked(contacted(), issue="not_as_expected").missing == ("incomplete_form",)
    question = check(Units("item-9", 1))
    told = contacted().when(question, now=FILED).the(EligibilityChecked)
    assert told.missing == ("unknown_line",)


def test_of_a_product_issue_the_return_request_counts() -> None:
    assert asked(broken(), issue="not_as_expected", reason="damaged").eligible
    assert asked(contacted(), issue="not_as_expected", reason="damaged").missing == ("not_contacted",)
    assert asked(broken(), issue="not_as_expected", reason="extra_charges").eligible


def test_what_has_an_open_claim_or_nothing_left_cannot_be_claimed() -> None:
    assert asked(missing_parcel(not_found()), reason="delivered_not_found").missing == ("already_claimed",)
    assert asked(contacted(file_claim())).missing == ("amount_exceeds_paid",)


@pytest.mark.parametrize(
    ("actor", "reason"),
    [(SELLER, "not_the_buyer"), (INVESTIGATOR, "not_the_buyer"), (Actor("buyer", "buyer-2"), "not_a_party")],
)
def test_it_is_the_buyers_to_ask(actor: Actor, reason: str) -> None:
    question = check(actor=actor)
    told = contacted().when(question, now=FILED).then_kinds(CommandRefused)
    assert told.the(CommandRefused).refusal.reason == reason
    assert asked(contacted(), actor=SUPPORT).eligible


def test_a_question_of_tomorrow_is_not_answered_today() -> None:
    told = contacted().when(check(at=FILED + HOUR), now=FILED)
    assert told.the(CommandRefused).refusal.reason == "in_the_future"


@pytest.mark.parametrize(
    "story",
    [
        contacted(),
        broken(),
        contacted(delivered()),
        missing_parcel(not_found()),
        missing_parcel(not_found(), rule("denied")),
        contacted(charged_back(at=FILED - DAY)),
        after(received(), released(), shipped(), wrote(about="product")),
    ],
)
@pytest.mark.parametrize("at", [ELIGIBLE - INSTANT, ELIGIBLE, FILED + 2 * DAY, UNTIL - INSTANT, UNTIL])
def test_filing_is_offered_exactly_if_some_filing_would_be_accepted(story: Story, at: datetime) -> None:
    forms = [
        file_claim(at=at, claim_id="any", amount=1),
        not_found(at=at, claim_id="any", amount=1),
        damaged(at=at, claim_id="any", amount=1),
        damaged(at=at, claim_id="any", amount=1, reason="returned_not_refunded"),
    ]
    is_accepted = any(story.when(form, now=form.at).every(ClaimFiled) for form in forms)
    assert may_file(desk(story, forms[0].at)) == is_accepted
