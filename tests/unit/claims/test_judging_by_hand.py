"""The two refusals that are an investigator's, and the one of them that is plain at the filing (C4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.claims.domain.events import (
    ClaimClosed,
    ClaimFiled,
    ClaimRefused,
    CommandRefused,
    RefusedByJudgement,
    TimerSet,
)
from services.claims.domain.inputs import Reason
from services.claims.domain.rules import GROUNDS
from services.claims.domain.state import Closed, Refused
from tests.unit.claims.builders import (
    APPEAL,
    DAY,
    FILED,
    HOUR,
    INSTANT,
    Story,
    after,
    answered,
    asked_to_return,
    broken,
    came_back,
    damaged,
    deadline,
    delivered,
    not_found,
    received,
    released,
    return_answered,
    rule,
    sent_back,
    shipped,
    under_investigation,
)

RETURN_BY = datetime(2021, 4, 9, 7, 0, tzinfo=UTC)
"""The end of the thirtieth day after 9 March in Los Angeles, in summer time by then."""
DECIDED = FILED + DAY


@pytest.mark.parametrize(
    ("reasons", "judgement"),
    [
        (("return_policy_not_followed",), "return_policy_not_followed"),
        (("As I see it:", " return_policy_not_followed "), "return_policy_not_followed"),
        (("The photo is of another item.",), "no_clear_justification"),
        (("no_clear_justification",), "no_clear_justification"),
    ],
)
def test_an_investigator_refuses_by_one_of_the_two_judgements(
    reasons: tuple[str, ...], judgement: str
) -> None:
    told = under_investigation().when(rule("refused", reasons=reasons), now=DECIDED)
    told.then_kinds(RefusedByJudgement, TimerSet)
    refused = told.the(RefusedByJudgement)
    assert (refused.judgement, refused.closes_at) == (judgement, DECIDED + APPEAL)
    assert [finding.rule for finding in refused.explanation] == [*GROUNDS, "C9", "C4"]
    assert told.state is not None
    assert isinstance(told.state.decided.claims[0], Refused)


def test_a_refusal_says_why_and_has_no_amount() -> None:
    story = under_investigation()
    for command, reason in (
        (rule("refused", reasons=()), "incomplete_form"),
        (rule("refused", 1), "invalid_amount"),
    ):
        told = story.when(command, now=DECIDED).then_no_change()
        assert told.the(CommandRefused).refusal.reason == reason


def test_a_refusal_that_nobody_appeals_closes_and_one_may_file_again() -> None:
    story = under_investigation(rule("refused"))
    again = not_found(at=FILED + 2 * DAY, claim_id="claim-2")
    assert story.when(again, now=again.at).every(ClaimFiled)
    closes_at = DECIDED + APPEAL
    told = story.when(deadline("appeal_end", "claim-1", closes_at), now=closes_at)
    told.then(ClaimClosed("claim-1", closes_at))
    assert told.state is not None
    claim = told.state.decided.claims[0]
    assert isinstance(claim, Closed)
    assert claim.end == "refused"


# ------------------------------------------------------------------------------------------- at the filing


def reason(story: Story, *, at: datetime, why: Reason = "damaged") -> str | None:
    told = story.when(damaged(at=at, reason=why), now=at)
    refused = told.every(ClaimRefused)
    return refused[0].refusal.reason if refused else None


@pytest.mark.parametrize(
    ("beside", "refused"), [(-INSTANT, False), (timedelta(0), True), (INSTANT, True), (40 * DAY, True)]
)
def test_an_authorised_return_that_was_not_sent_in_thirty_days_bars_the_claim(
    beside: timedelta, *, refused: bool
) -> None:
    found = reason(broken(), at=RETURN_BY + beside)
    assert found == ("return_policy_not_followed" if refused else None)


@pytest.mark.parametrize(
    ("zone", "came_at", "return_by"),
    [
        pytest.param(
            "cn",
            datetime(2024, 1, 30, 15, 59, tzinfo=UTC),
            datetime(2024, 2, 29, 16, tzinfo=UTC),
            id="leap day",
        ),
        pytest.param(
            "cn",
            datetime(2024, 1, 30, 16, 0, tzinfo=UTC),
            datetime(2024, 3, 1, 16, tzinfo=UTC),
            id="next day",
        ),
        pytest.param(
            "us",
            datetime(2021, 10, 9, 20, tzinfo=UTC),
            datetime(2021, 11, 9, 8, tzinfo=UTC),
            id="winter begins",
        ),
    ],
)
def test_the_thirty_days_are_days_of_the_marketplace(
    zone: str, came_at: datetime, return_by: datetime
) -> None:
    edd = came_at.date()
    opened = came_at + HOUR
    story = after(
        received(marketplace_id=zone, ship_date=edd, edd=edd),
        released(at=came_at - DAY, ship_date=edd, edd=edd),
        shipped(at=came_at - DAY),
        delivered(at=came_at),
        asked_to_return(at=opened),
        answered(at=opened, contact_id="return-1"),
        return_answered(at=opened),
    )
    assert reason(story, at=return_by - INSTANT) is None
    assert reason(story, at=return_by) == "return_policy_not_followed"


def test_the_refusal_says_until_when_it_was_to_be_sent() -> None:
    told = broken().when(damaged(at=RETURN_BY), now=RETURN_BY)
    said = told.the(ClaimRefused).refusal
    assert (said.rule, said.until) == ("C4", RETURN_BY)


def test_what_was_sent_back_also_late_is_for_an_investigator() -> None:
    for what in (sent_back(at=RETURN_BY + DAY), came_back(at=RETURN_BY + DAY)):
        assert reason(broken(what), at=RETURN_BY + 2 * DAY) is None


@pytest.mark.parametrize(
    "why", ["returned_not_refunded", "refunded_wrong_amount", "international_return", "extra_charges"]
)
def test_who_contests_it_by_the_reason_of_the_claim_is_heard(why: Reason) -> None:
    at = RETURN_BY + DAY
    command = damaged(at=at, reason=why, extra=None)
    told = broken().when(command, now=at)
    refused = [each.refusal.reason for each in told.every(ClaimRefused)]
    assert refused in ([], ["incomplete_form"])


def test_where_no_return_was_due_none_is_missed() -> None:
    at = RETURN_BY + DAY
    came = (
        received(),
        released(),
        shipped(),
        delivered(),
        asked_to_return(),
        answered(contact_id="return-1"),
    )
    assert reason(after(*came), at=at) is None
    assert reason(after(*came, return_answered("declined")), at=at) is None
    assert reason(after(*came, return_answered(at=RETURN_BY + HOUR)), at=at) is None


def test_an_item_without_a_delivery_scan_has_no_such_date() -> None:
    story = after(
        received(),
        released(),
        shipped(),
        asked_to_return(),
        answered(contact_id="return-1"),
        return_answered(),
    )
    assert reason(story, at=RETURN_BY + DAY) is None
