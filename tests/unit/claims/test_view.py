"""What every fact says that people may do, and which clocks run."""

from __future__ import annotations

from datetime import date, datetime

from services.claims.domain.state import OrderState
from services.claims.domain.view import Deadline, claim_actions, deadlines, order_actions
from tests.unit.claims.builders import (
    APPEAL,
    DAY,
    DELIVER_BY,
    ELIGIBLE,
    FILED,
    HOUR,
    INSTANT,
    POLICIES,
    UNTIL,
    WINDOW,
    WROTE,
    Story,
    after,
    answered,
    ask,
    contacted,
    deadline,
    file_claim,
    promised,
    received,
    released,
    rule,
    shipped,
    under_investigation,
    wrote,
)


def state(story: Story) -> OrderState:
    assert story.state is not None
    return story.state


def clocks(story: Story, now: datetime, claim_id: str | None = "claim-1") -> list[Deadline]:
    return list(deadlines(state(story), POLICIES, now, claim_id))


def test_an_investigator_may_ask_and_decide_while_a_claim_is_open() -> None:
    actions = claim_actions(state(under_investigation()), "claim-1")
    assert actions == {"investigator": ("request_information", "decide_claim")}


def test_the_side_that_was_asked_may_answer() -> None:
    seller = claim_actions(state(under_investigation(ask())), "claim-1")
    assert seller["seller"] == ("provide_information",)
    buyer = claim_actions(state(under_investigation(ask("buyer"))), "claim-1")
    assert buyer["buyer"] == buyer["support"] == ("provide_information",)
    assert "seller" not in buyer


def test_nobody_may_do_anything_about_a_decided_or_unknown_claim() -> None:
    assert claim_actions(state(contacted(file_claim())), "claim-1") == {}
    assert claim_actions(state(contacted()), "claim-9") == {}


def test_the_buyer_may_file_from_the_day_on_and_until_the_last() -> None:
    story = contacted()
    for now, may in ((ELIGIBLE - INSTANT, False), (ELIGIBLE, True), (UNTIL - INSTANT, True), (UNTIL, False)):
        assert order_actions(state(story), POLICIES, now) == (
            {"buyer": ("file_claim",), "support": ("file_claim",)} if may else {}
        )
    assert order_actions(state(contacted(file_claim())), POLICIES, FILED) == {}
    assert order_actions(state(after(received())), POLICIES, FILED) == {}


def test_before_a_claim_the_clock_is_the_day_to_file() -> None:
    assert clocks(contacted(), WROTE, None) == [Deadline("filing_opens", ELIGIBLE, "claims.filing_opened.v1")]


def test_the_sellers_clock_ends_in_a_grant_and_the_buyers_in_going_on() -> None:
    seller = clocks(under_investigation(ask(at=FILED)), FILED)
    assert seller == [Deadline("information_due", FILED + WINDOW, "claims.claim_granted.v1")]
    buyer = clocks(under_investigation(ask("buyer", at=FILED)), FILED)
    assert buyer == [Deadline("information_due", FILED + WINDOW, "claims.claim_resumed.v1")]


def test_a_decision_ends_in_the_closing() -> None:
    assert clocks(under_investigation(rule("denied")), FILED + DAY) == [
        Deadline("appeal_end", FILED + DAY + APPEAL, "claims.claim_closed.v1")
    ]


def test_a_closed_claim_has_no_clock() -> None:
    story = contacted(file_claim()).when(
        deadline("appeal_end", "claim-1", FILED + APPEAL), now=FILED + APPEAL
    )
    assert clocks(story, FILED + APPEAL) == []


def test_an_open_claim_shows_when_it_would_be_granted() -> None:
    """Filed by the promise of tracking, and answered; when the EDD is over it is granted if nothing came."""
    wrote_at = WROTE - 3 * DAY
    story = after(
        received(),
        released(),
        shipped(),
        promised(date(2021, 3, 5)),
        wrote(at=wrote_at),
        answered(at=wrote_at + HOUR),
        file_claim(at=WROTE),
    )
    assert clocks(story, WROTE) == [Deadline("judge_again", DELIVER_BY, "claims.claim_granted.v1")]
