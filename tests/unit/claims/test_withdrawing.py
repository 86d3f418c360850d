"""The buyer takes a claim back until it is decided, and may file again (C7, C1)."""

from __future__ import annotations

from datetime import datetime

import pytest

from services.claims.domain.events import (
    ClaimClosed,
    ClaimFiled,
    ClaimGranted,
    ClaimWithdrawn,
    CommandRefused,
    TimerCanceled,
)
from services.claims.domain.inputs import Actor
from services.claims.domain.state import Closed, Withdrawn
from tests.unit.claims.builders import (
    BUYER,
    DAY,
    FILED,
    HOUR,
    INSTANT,
    INVESTIGATOR,
    SELLER,
    SUPPORT,
    WINDOW,
    Story,
    appeal,
    ask,
    broken,
    contacted,
    damaged,
    deadline,
    file_claim,
    not_found,
    refund,
    rule,
    under_investigation,
    withdraw,
)

DUE = FILED + WINDOW


def reason(story: Story, *, at: datetime = FILED + DAY, actor: Actor = BUYER) -> str:
    command = withdraw(at=at, actor=actor)
    told = story.when(command, now=command.at).then_no_change()
    return told.the(CommandRefused).refusal.reason


@pytest.mark.parametrize("actor", [BUYER, SUPPORT])
def test_the_buyer_or_support_withdraws_and_the_claim_is_closed(actor: Actor) -> None:
    told = under_investigation().when(withdraw(actor=actor), now=FILED + DAY)
    told.then_kinds(ClaimWithdrawn, ClaimClosed)
    assert told.state is not None
    claim = told.state.decided.claims[0]
    assert isinstance(claim, Closed)
    assert isinstance(claim.was, Withdrawn)
    assert claim.end == "withdrawn"


def test_after_a_withdrawal_the_buyer_may_file_again() -> None:
    story = under_investigation(withdraw())
    again = not_found(at=FILED + 2 * DAY, claim_id="claim-2")
    assert story.when(again, now=again.at).every(ClaimFiled)


def test_a_claim_that_waits_can_be_withdrawn_and_its_clocks_are_called_off() -> None:
    told = under_investigation(ask(at=FILED)).when(withdraw(at=FILED + HOUR), now=FILED + HOUR)
    assert told.every(TimerCanceled) == [TimerCanceled("information_due", "ask-1", DUE)]
    story = broken(damaged(), refund(return_first=True))
    story.when(withdraw(at=FILED + 2 * DAY), now=FILED + 2 * DAY).the(ClaimWithdrawn)


def test_what_is_decided_cannot_be_withdrawn() -> None:
    for story in (
        contacted(file_claim()),
        under_investigation(rule("denied")),
        under_investigation(rule("refused")),
        under_investigation(withdraw()),
        contacted(file_claim(), appeal()),
    ):
        assert reason(story, at=FILED + 3 * DAY) == "claim_decided"


@pytest.mark.parametrize("actor", [SELLER, INVESTIGATOR, Actor("buyer", "buyer-2")])
def test_nobody_else_withdraws_a_claim(actor: Actor) -> None:
    assert reason(under_investigation(), actor=actor) == "not_permitted"


def test_a_withdrawal_after_the_sellers_deadline_finds_the_claim_granted() -> None:
    """The deadline was there first, though it is read later."""
    told = under_investigation(ask(at=FILED)).when(withdraw(at=DUE), now=DUE)
    assert told.the(ClaimGranted).automatic
    assert told.the(CommandRefused).refusal.reason == "claim_decided"


def test_a_withdrawal_before_the_deadline_counts_also_when_it_is_read_after_it() -> None:
    told = under_investigation(ask(at=FILED)).when(withdraw(at=DUE - INSTANT), now=DUE + HOUR)
    told.then_kinds(ClaimWithdrawn, ClaimClosed)
    told.when(deadline("information_due", "ask-1", DUE), now=DUE + HOUR).then_nothing()


def test_a_withdrawal_again_changes_nothing() -> None:
    command = withdraw()
    story = under_investigation(command)
    story.when(command, now=command.at).then_no_change()
