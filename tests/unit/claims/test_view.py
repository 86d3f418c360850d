"""What every fact says that people may do, and which clocks run."""

from __future__ import annotations

from datetime import date, datetime

from services.claims.domain.commands.follow import BARRED, OF_ROLE
from services.claims.domain.inputs import Actor
from services.claims.domain.view import Deadline, actions, deadlines
from tests.unit.claims.builders import (
    APPEAL,
    DAY,
    DELIVER_BY,
    ELIGIBLE,
    FILED,
    HOUR,
    INSTANT,
    UNTIL,
    WINDOW,
    WROTE,
    Story,
    after,
    answered,
    appeal,
    ask,
    charged_back,
    contacted,
    deadline,
    desk,
    file_claim,
    line,
    promised,
    received,
    released,
    rule,
    shipped,
    under_investigation,
    withdraw,
    wrote,
)


def offered(story: Story, role: str, now: datetime = FILED + DAY) -> set[str]:
    """Give what a role may do about the claim, beside asking about and filing another."""
    found = actions(desk(story, now), "claim-1").get(role, ())
    return set(found) - {"check_eligibility", "file_claim"}


def clocks(story: Story, now: datetime, claim_id: str | None = "claim-1") -> list[Deadline]:
    return list(deadlines(desk(story, now), claim_id))


SIDES = {"add_evidence"}
BUYERS = {"withdraw_claim", *SIDES}
SELLERS = {"answer_claim", "refund_claim", *SIDES}
INVESTIGATORS = {"request_information", "decide_claim"}


def test_each_has_something_to_do_about_a_claim_that_is_open() -> None:
    story = under_investigation()
    assert offered(story, "buyer") == offered(story, "support") == BUYERS
    assert offered(story, "seller") == SELLERS
    assert offered(story, "investigator") == INVESTIGATORS
    assert offered(story, "operator") == set()


def test_what_no_state_opens_to_a_role_is_barred_whatever_the_claim_is() -> None:
    denied = under_investigation(rule("denied"))
    for story in (under_investigation(), under_investigation(ask()), contacted(file_claim()), denied):
        at = desk(story, FILED + DAY)
        claim = at.state.decided.claims[0]
        ids = {"buyer": at.order.buyer_id, "seller": at.order.seller_id}
        for role, open_to_it in OF_ROLE.items():
            someone = Actor(role, ids.get(role, "somebody"))
            for action in BARRED.keys() - set(open_to_it):
                assert BARRED[action](someone, claim, at, at.now) is not None, (role, action)


def test_the_side_that_was_asked_may_answer() -> None:
    assert offered(under_investigation(ask()), "seller") == {*SELLERS, "provide_information"}
    assert offered(under_investigation(ask()), "buyer") == BUYERS
    asked = under_investigation(ask("buyer"))
    assert offered(asked, "buyer") == offered(asked, "support") == {*BUYERS, "provide_information"}


def test_whom_a_decision_went_against_may_appeal_it() -> None:
    granted = contacted(file_claim())
    assert offered(granted, "seller") == {"appeal_claim"}
    assert offered(granted, "buyer") == offered(granted, "investigator") == set()
    denied = under_investigation(rule("denied"))
    assert offered(denied, "buyer") == offered(denied, "support") == {"appeal_claim"}
    assert offered(denied, "seller") == set()


def test_an_appeal_is_for_another_investigator() -> None:
    story = contacted(file_claim(), appeal())
    assert offered(story, "investigator") == {"decide_appeal"}
    assert offered(story, "buyer") == offered(story, "seller") == SIDES


def test_while_a_chargeback_runs_the_sides_may_still_speak() -> None:
    story = under_investigation(ask(), charged_back())
    assert offered(story, "buyer") == BUYERS
    assert offered(story, "seller") == {"answer_claim", "provide_information", *SIDES}
    assert offered(story, "investigator") == set()


def test_the_buyer_may_always_ask_and_file_from_the_day_on_until_the_last() -> None:
    for now, may in ((ELIGIBLE - INSTANT, False), (ELIGIBLE, True), (UNTIL - INSTANT, True), (UNTIL, False)):
        offered = ("check_eligibility", "file_claim") if may else ("check_eligibility",)
        assert actions(desk(contacted(), now), None) == {"buyer": offered, "support": offered}
    for story in (contacted(file_claim()), after(received())):
        assert actions(desk(story, FILED), None)["buyer"] == ("check_eligibility",)


def test_what_is_left_of_the_order_can_be_filed_beside_a_claim() -> None:
    order = received(line("item-1"), line("item-2"))
    story = after(order, released(), wrote(), file_claim())
    assert "file_claim" in actions(desk(story, FILED), "claim-1")["buyer"]
    story = under_investigation()
    assert actions(desk(story, FILED), "claim-1")["buyer"][0] == "check_eligibility"
    assert "file_claim" not in actions(desk(story, FILED), "claim-1")["buyer"]
    withdrawn = story.when(withdraw(), now=FILED + DAY)
    assert actions(desk(withdrawn, FILED + DAY), "claim-1")["buyer"] == ("check_eligibility", "file_claim")


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
