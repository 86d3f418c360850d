"""The five grounds on which a claim is granted by itself (C6), each just before, at and just after its instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from services.claims.domain.events import ClaimFiled, ClaimGranted, ClaimResumed
from services.claims.domain.inputs import Input
from services.claims.domain.money import Units
from services.claims.domain.rules import GROUNDS
from tests.unit.claims.builders import (
    ANSWER_BY,
    DAY,
    DELIVER_BY,
    FILED,
    HOUR,
    INSTANT,
    SHIP_BY,
    WINDOW,
    WROTE,
    Story,
    Told,
    after,
    answered,
    ask,
    contacted,
    deadline,
    delivered,
    file_claim,
    line,
    missing_parcel,
    not_found,
    policies,
    promised,
    provide,
    received,
    released,
    resolved,
    shipped,
    under_investigation,
    wrote,
)

AROUND = [-INSTANT, timedelta(0), INSTANT]
EARLY = date(2021, 3, 5)
"""A promise that lets the buyer file while the EDD is still to come: from 9 March in Los Angeles."""
FILED_EARLY = DELIVER_BY - DAY


def grounds(told: Told) -> dict[str, bool]:
    """Give each ground that was looked at for the grant, and whether it holds."""
    found = told.the(ClaimGranted).explanation
    return {finding.rule: finding.holds for finding in found if finding.rule in GROUNDS}


def held(told: Told) -> list[str]:
    return [rule for rule, holds in grounds(told).items() if holds]


def is_granted(told: Told) -> bool:
    return bool(told.every(ClaimGranted))


def early(*inputs: Input) -> Story:
    """Give an order that was promised early, and whose buyer wrote on the 6th; then what came after that."""
    wrote_at = WROTE - 3 * DAY
    return after(received(), released(), shipped(), promised(EARLY), wrote(at=wrote_at), *inputs)


def test_all_five_are_looked_at_and_listed() -> None:
    told = contacted().when(file_claim(), now=FILED)
    assert list(grounds(told)) == ["C6.1", "C6.2", "C6.3", "C6.4", "C6.5"]


def test_without_any_ground_the_claim_is_investigated() -> None:
    missing_parcel().when(not_found(), now=FILED).then_kinds(ClaimFiled)


# --------------------------------------------------------------------------------------- C6.1: no tracking


@pytest.mark.parametrize(
    ("trackable", "tracking_valid", "holds"),
    [(False, False, "C6.1"), (True, False, None), (False, True, None), (True, True, None)],
)
def test_c6_1_needs_neither_a_trackable_method_nor_a_valid_number(
    *, trackable: bool, tracking_valid: bool, holds: str | None
) -> None:
    parcel = shipped(trackable=trackable, tracking_valid=tracking_valid)
    story = after(received(), released(), parcel, wrote(), answered())
    told = story.when(not_found(), now=FILED)
    assert (held(told) if holds else is_granted(told)) == ([holds] if holds else False)


def test_c6_1_holds_the_moment_an_untracked_confirmation_is_heard_while_the_claim_is_open() -> None:
    story = after(received(), released(), wrote(), answered()).when(not_found(), now=FILED)
    told = story.when(shipped(at=FILED, trackable=False, tracking_valid=False), now=FILED + HOUR)
    assert held(told) == ["C6.1"]


def test_c6_1_does_not_hold_for_an_item_that_was_not_confirmed_at_all() -> None:
    story = after(received(), released(), wrote(), answered())
    assert not is_granted(story.when(not_found(), now=FILED))


def test_a_ground_holds_only_if_it_holds_for_all_that_is_claimed() -> None:
    """One of two parcels cannot be tracked: what of both is claimed is for an investigator."""
    order = received(line(quantity=2, paid_minor=1000))
    tracked = shipped(Units("item-1", 1))
    untracked = shipped(Units("item-1", 1), shipment_id="shipment-2", trackable=False, tracking_valid=False)
    story = after(order, released(), tracked, untracked, wrote(), answered())
    both = file_claim(Units("item-1", 2), reason="delivered_not_found", amount=1000)
    assert not is_granted(story.when(both, now=FILED))
    assert held(story.when(not_found(amount=500), now=FILED)) == ["C6.1"]


# ------------------------------------------------------------------------------------------ C6.2: silence


@pytest.mark.parametrize("offset", AROUND)
def test_c6_2_is_judged_by_when_the_seller_answered(offset: timedelta) -> None:
    """To the very instant of the deadline an answer is in time."""
    story = after(received(), released(), shipped(), delivered(), wrote(), answered(at=ANSWER_BY + offset))
    told = story.when(not_found(), now=FILED)
    assert is_granted(told) == (offset > timedelta(0))


@pytest.mark.parametrize("offset", AROUND)
def test_c6_2_holds_from_the_very_instant_at_which_the_window_is_over(offset: timedelta) -> None:
    story = missing_parcel(wrote(at=FILED - WINDOW, contact_id="contact-2"))
    at = FILED + offset
    assert is_granted(story.when(not_found(at=at), now=at)) == (offset >= timedelta(0))


@pytest.mark.parametrize("offset", AROUND)
def test_c6_2_turns_true_for_an_open_claim_when_the_window_ends(offset: timedelta) -> None:
    wrote_again = FILED - DAY
    story = missing_parcel(not_found(), wrote(at=wrote_again, contact_id="contact-2"))
    told = story.when(deadline("judge_again", "claim-1", wrote_again + WINDOW), now=wrote_again + WINDOW)
    assert held(told) == ["C6.2"]
    answer = answered(at=wrote_again + WINDOW + offset, contact_id="contact-2")
    saved = story.when(answer, now=FILED + HOUR)
    fired = saved.when(deadline("judge_again", "claim-1", wrote_again + WINDOW), now=wrote_again + WINDOW)
    assert is_granted(fired) == (offset > timedelta(0))


def test_c6_2_holds_if_any_contact_of_the_right_kind_went_unanswered() -> None:
    story = missing_parcel(wrote(at=WROTE + DAY, contact_id="contact-2"))
    assert held(story.when(not_found(), now=FILED)) == ["C6.2"]


def test_c6_2_takes_no_contact_about_something_else() -> None:
    story = missing_parcel(
        wrote(contact_id="contact-2", about="product"),
        wrote(contact_id="contact-3", channel="return_requests", about="delivery"),
    )
    assert not is_granted(story.when(not_found(), now=FILED))


def test_c6_2_does_not_hold_for_a_contact_that_the_buyer_settled_in_its_window() -> None:
    story = missing_parcel(
        wrote(at=WROTE + HOUR, contact_id="contact-2"),
        resolved(at=WROTE + 2 * HOUR, contact_id="contact-2"),
    )
    assert not is_granted(story.when(not_found(), now=FILED))


def test_c6_2_is_not_looked_for_where_the_policy_has_switched_it_off() -> None:
    classic = policies(without=frozenset({"C6.2"}))
    story = after(received(), released(), shipped(), delivered(), wrote(), policy=classic)
    story.when(not_found(), now=FILED).then_kinds(ClaimFiled)


# ------------------------------------------------------------------------------- C6.3: not shipped in time


@pytest.mark.parametrize("offset", AROUND)
def test_c6_3_holds_unless_it_was_shipped_before_the_expected_ship_date_was_over(offset: timedelta) -> None:
    story = after(received(), released(), shipped(at=SHIP_BY + offset), wrote(), answered())
    assert ("C6.3" in held(story.when(file_claim(), now=FILED))) == (offset >= timedelta(0))


def test_c6_3_holds_for_what_was_never_shipped() -> None:
    story = after(received(), released(), wrote(), answered())
    assert held(story.when(file_claim(), now=FILED)) == ["C6.3", "C6.4"]


def test_c6_3_turns_true_for_an_open_claim_when_the_ship_date_is_over() -> None:
    """A pre-order that was promised, by tracking of a parcel that never came, before it was to be shipped."""
    story = claimed_before_its_ship_date()
    due_at = datetime(2021, 3, 13, 8, 0, tzinfo=UTC)
    told = story.when(deadline("judge_again", "claim-1", due_at), now=due_at)
    assert held(told) == ["C6.3"]


def claimed_before_its_ship_date() -> Story:
    ship_date, edd = date(2021, 3, 12), date(2021, 3, 20)
    return after(
        received(line(quantity=2, paid_minor=1000), ship_date=ship_date, edd=edd),
        released(ship_date=ship_date, edd=edd),
        shipped(Units("item-1", 1)),
        promised(EARLY),
        wrote(at=WROTE - 3 * DAY),
        answered(at=WROTE - 2 * DAY),
        file_claim(at=FILED_EARLY, amount=500),
    )


# ----------------------------------------------------------------------------- C6.4: not delivered in time


def test_c6_4_turns_true_for_an_open_claim_when_the_edd_is_over() -> None:
    story = early(answered(at=WROTE - 2 * DAY), file_claim(at=WROTE))
    told = story.when(deadline("judge_again", "claim-1", DELIVER_BY), now=DELIVER_BY)
    assert held(told) == ["C6.4"]


@pytest.mark.parametrize("offset", AROUND)
def test_c6_4_holds_from_the_very_midnight(offset: timedelta) -> None:
    at = DELIVER_BY + offset
    story = early(answered(at=WROTE - 2 * DAY))
    assert is_granted(story.when(file_claim(at=at), now=at)) == (offset >= timedelta(0))


def test_c6_4_is_judged_with_the_scans_that_are_known_then() -> None:
    story = early(answered(at=WROTE - 2 * DAY), file_claim(at=WROTE), delivered(at=DELIVER_BY - HOUR))
    story.when(deadline("judge_again", "claim-1", DELIVER_BY), now=DELIVER_BY).then_nothing()


def test_c6_4_grants_a_claim_on_what_was_not_delivered_though_the_seller_answered() -> None:
    assert held(contacted(answered()).when(file_claim(), now=FILED)) == ["C6.4"]


def test_c6_3_and_c6_4_do_not_grant_what_was_delivered_and_not_found() -> None:
    late = after(received(), released(), shipped(at=SHIP_BY + DAY), wrote(), answered())
    assert held(late.when(file_claim(), now=FILED)) == ["C6.3", "C6.4"]
    late.when(not_found(), now=FILED).then_kinds(ClaimFiled)


# ----------------------------------------------------------------------------- C6.5: silence when asked


@pytest.mark.parametrize("offset", AROUND)
def test_c6_5_holds_unless_the_seller_answered_by_the_deadline(offset: timedelta) -> None:
    """Also when the late answer is read before the deadline has fired: it does not stop the clock."""
    story = under_investigation(ask(at=FILED), provide(at=FILED + WINDOW + offset))
    told = story.when(deadline("information_due", "ask-1", FILED + WINDOW), now=FILED + WINDOW)
    assert is_granted(told) == (offset > timedelta(0))


def test_c6_5_grants_when_the_request_runs_out() -> None:
    told = under_investigation(ask(at=FILED)).when(
        deadline("information_due", "ask-1", FILED + WINDOW), now=FILED + WINDOW
    )
    assert held(told) == ["C6.5"]
    assert told.the(ClaimGranted).at == FILED + WINDOW


def test_c6_5_does_not_hold_where_silence_only_ends_the_waiting() -> None:
    story = under_investigation(ask(at=FILED), policy=policies(on_silence="investigate"))
    told = story.when(deadline("information_due", "ask-1", FILED + WINDOW), now=FILED + WINDOW + HOUR)
    told.then(ClaimResumed("claim-1", "ask-1", FILED + WINDOW))
