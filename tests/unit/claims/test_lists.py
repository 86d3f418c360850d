"""In which list a claim is, for each who looks (C17); and that none can be forgotten."""

from __future__ import annotations

import pytest

from services.claims.domain.lists import List, Viewer, list_of
from services.claims.domain.state import is_open
from services.claims.domain.timers import wanted
from tests.unit.claims.builders import (
    CLASSIC,
    DAY,
    FILED,
    HOUR,
    WINDOW,
    Story,
    after,
    answer,
    appeal,
    ask,
    bank_decided,
    broken,
    came_back,
    charged_back,
    contacted,
    damaged,
    deadline,
    desk,
    file_claim,
    provide,
    received,
    refund,
    released,
    review,
    rule,
    sent_back,
    shipped,
    under_investigation,
    withdraw,
    wrote,
)

NOW = FILED + 3 * DAY
TO_DO: List = "action_required"
REVIEW: List = "under_review"
APPEALABLE: List = "option_to_appeal"
DONE: List = "closed"

RETURNING = broken(damaged(), refund(return_first=True))
STORIES: dict[str, tuple[Story, tuple[List, List, List]]] = {
    "under investigation": (under_investigation(), (REVIEW, REVIEW, TO_DO)),
    "to be answered": (under_investigation(policy=CLASSIC), (REVIEW, TO_DO, REVIEW)),
    "answered": (under_investigation(answer(), policy=CLASSIC), (REVIEW, REVIEW, TO_DO)),
    "the seller is asked": (under_investigation(ask()), (REVIEW, TO_DO, REVIEW)),
    "the buyer is asked": (under_investigation(ask("buyer")), (TO_DO, REVIEW, REVIEW)),
    "both are asked": (under_investigation(ask(), ask("buyer", request_id="ask-2")), (TO_DO, TO_DO, REVIEW)),
    "informed": (under_investigation(ask(), provide(at=FILED + 2 * DAY)), (REVIEW, REVIEW, TO_DO)),
    "to be sent back": (RETURNING, (TO_DO, REVIEW, REVIEW)),
    "on its way back": (RETURNING.when(sent_back(at=NOW), now=NOW), (REVIEW, REVIEW, TO_DO)),
    "back": (RETURNING.when(came_back(at=NOW), now=NOW), (REVIEW, TO_DO, REVIEW)),
    "suspended": (under_investigation(ask(), charged_back()), (REVIEW, REVIEW, REVIEW)),
    "granted": (contacted(file_claim()), (DONE, APPEALABLE, DONE)),
    "granted by the marketplace": (
        after(received(fulfilment="marketplace"), released(), shipped(), wrote(), file_claim()),
        (DONE, DONE, DONE),
    ),
    "denied": (under_investigation(rule("denied")), (APPEALABLE, DONE, DONE)),
    "refused": (under_investigation(rule("refused")), (APPEALABLE, DONE, DONE)),
    "appealed": (contacted(file_claim(), appeal()), (REVIEW, REVIEW, TO_DO)),
    "upheld": (contacted(file_claim(), appeal(), review()), (DONE, DONE, DONE)),
    "reversed": (contacted(file_claim(), appeal(), review(money=True)), (DONE, DONE, DONE)),
    "withdrawn": (under_investigation(withdraw()), (DONE, DONE, DONE)),
    "refunded": (under_investigation(refund()), (DONE, DONE, DONE)),
    "not returned": (
        RETURNING.when(deadline("return_due", "claim-1", FILED + 15 * DAY), now=FILED + 15 * DAY),
        (DONE, DONE, DONE),
    ),
    "lost to the bank": (
        under_investigation(charged_back(), bank_decided("buyer_won")),
        (DONE, DONE, DONE),
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_a_claim_is_in_one_list_of_each_who_looks(name: str) -> None:
    story, expected = STORIES[name]
    assert story.state is not None
    viewers: tuple[Viewer, ...] = ("buyer", "seller", "investigator")
    claim = story.state.decided.claims[0]
    assert tuple(list_of(claim, viewer, desk(story, NOW)) for viewer in viewers) == expected


@pytest.mark.parametrize("name", STORIES)
def test_whatever_is_open_has_a_clock_or_somebodys_queue(name: str) -> None:
    """A claim that stands still has the chargeback's: the bank decides it, and then it goes on or closes."""
    story, (_, _, investigator) = STORIES[name]
    assert story.state is not None
    claim = story.state.decided.claims[0]
    if is_open(claim):
        clocks = [timer for timer in wanted(story.state, story.spec.policy) if timer.claim_id == "claim-1"]
        stands_still = story.state.dossier.chargeback is not None
        assert clocks or stands_still or investigator == TO_DO
    elif claim.shape != "closed":
        assert [timer.kind for timer in wanted(story.state, story.spec.policy)] == ["appeal_end"]


def test_a_question_whose_time_is_over_is_the_investigators_again() -> None:
    story = under_investigation(ask("buyer", at=FILED))
    told = story.when(deadline("information_due", "ask-1", FILED + WINDOW), now=FILED + WINDOW + HOUR)
    assert told.state is not None
    assert list_of(told.state.decided.claims[0], "investigator", desk(told, NOW)) == TO_DO
