"""N1: who is told what, O5: who is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Literal, get_args

import pytest

from services.notifications.domain import without_words_of
from services.notifications.domain.facts import (
    ClaimAnswered,
    ClaimClosed,
    ClaimGoesOn,
    ClaimSuspended,
    ClaimWithdrawn,
    ContactSettled,
    ShipByWarned,
)
from services.notifications.domain.mails import (
    AppealDecisionToSeller,
    AppealOutcome,
    BuyerMessage,
    ClaimRefused,
    DecisionToBuyer,
    DecisionToSeller,
    FilingOpened,
    GrantVoidedToSeller,
    Item,
    OrderCanceled,
    OrderConfirmation,
    Outcome,
    Quoted,
    ReplyReceived,
    ReturnAnswer,
    ReturnRequiredToBuyer,
    SoldShipNow,
)
from services.notifications.domain.model import (
    FactKept,
    Heard,
    MailWanted,
    OrderNoted,
)
from shared.contracts import lists
from tests.unit.notifications.builders import (
    ASKED,
    BUYER,
    DUE,
    LATER,
    ORDER,
    SELLER,
    SPEC,
    after,
    appeal_decided,
    asked,
    canceled,
    claim_refused,
    claimed,
    denied,
    filing,
    granted,
    heard,
    judged_refused,
    mails,
    message,
    opened,
    order,
    received,
    refunded,
    released,
    return_answered,
    return_asked,
    return_opened,
    return_received,
    return_required,
    templates,
    usd,
    voided,
)


def test_at_the_release_the_buyer_gets_the_confirmation_and_the_seller_sold_ship_now() -> None:
    decided = order().when(released(), now=LATER)
    assert templates(decided) == [(BUYER, "order_confirmation"), (SELLER, "sold_ship_now")]
    (confirmation,) = mails(decided, BUYER)
    assert isinstance(confirmation, OrderConfirmation)
    assert (confirmation.delivery_from, confirmation.delivery_to) == (date(2026, 3, 14), date(2026, 3, 16))
    assert confirmation.items == (Item("A blue mug", 2), Item("A tea pot", 1))
    assert not confirmation.is_moved


def test_a_late_release_is_confirmed_with_the_dates_that_moved() -> None:
    (confirmation,) = mails(order().when(released(date(2026, 3, 19)), now=LATER), BUYER)
    assert isinstance(confirmation, OrderConfirmation)
    assert confirmation.is_moved
    assert confirmation.delivery_to == date(2026, 3, 19)


def test_what_the_marketplace_fulfils_is_not_the_sellers_to_ship() -> None:
    fulfilled = after(received(replace(ORDER, fulfilment="marketplace")))
    (sold,) = mails(fulfilled.when(released(), now=LATER), SELLER)
    assert isinstance(sold, SoldShipNow)
    assert sold.fulfilment == "marketplace"


@pytest.mark.parametrize("reason", sorted(set(lists.CANCELLATION_REASONS) - {"ship_confirmation_expired"}))
def test_of_a_cancellation_only_the_buyer_is_told(reason: str) -> None:
    decided = order().when(canceled(reason), now=LATER)
    assert templates(decided) == [(BUYER, "order_canceled")]


def test_an_automatic_cancellation_is_told_to_both() -> None:
    decided = order().when(canceled("ship_confirmation_expired"), now=LATER)
    assert templates(decided) == [(BUYER, "order_canceled"), (SELLER, "automatic_cancellation")]


def test_of_canceled_lines_only_those_are_named() -> None:
    (mail,) = mails(order().when(canceled("seller", is_whole=False), now=LATER), BUYER)
    assert mail == OrderCanceled((Item("A tea pot", 1),), False, "seller", usd(2499))  # noqa: FBT003


def test_the_seller_is_warned_of_the_cutoff() -> None:
    decided = order().when(heard(ShipByWarned(DUE)), now=LATER)
    assert templates(decided) == [(SELLER, "ship_by_warning")]


def test_the_sellers_mail_about_a_message_names_the_deadline() -> None:
    (mail,) = mails(order(opened()).when(message(), now=ASKED), SELLER)
    assert mail == BuyerMessage("delivery", Quoted("Where is my parcel?"), 0, False, DUE)  # noqa: FBT003


def test_once_answered_a_further_message_names_no_deadline() -> None:
    answered = order(opened(), message(), heard(ContactSettled("contact-1")))
    (mail,) = mails(answered.when(message(), now=LATER), SELLER)
    assert isinstance(mail, BuyerMessage)
    assert mail.respond_by is None


def test_what_support_writes_for_the_buyer_goes_to_the_seller() -> None:
    (mail,) = mails(order(opened()).when(message("support"), now=ASKED), SELLER)
    assert isinstance(mail, BuyerMessage)
    assert mail.is_from_support


@pytest.mark.parametrize("is_automatic", [False, True])
def test_what_the_seller_writes_goes_to_the_buyer(*, is_automatic: bool) -> None:
    decided = order(opened()).when(message("seller", is_automatic=is_automatic), now=LATER)
    (mail,) = mails(decided, BUYER)
    assert isinstance(mail, ReplyReceived)
    assert mail.is_automatic == is_automatic


@pytest.mark.parametrize("author", ["buyer", "seller", "support"])
def test_what_is_written_about_an_address_is_in_no_mail(
    author: Literal["buyer", "seller", "support"],
) -> None:
    said = message(author, issue="address_change", text="Please send it to 12 Canary Street")
    (wanted,) = order(opened()).when(said, now=ASKED).every(MailWanted)
    assert "Canary" not in repr(wanted)


def test_the_buyer_is_told_when_a_claim_can_be_filed() -> None:
    assert templates(order().when(filing(), now=LATER)) == [(BUYER, "filing_opened")]


def test_both_are_told_that_a_claim_is_filed() -> None:
    decided = order().when(claimed(), now=LATER)
    assert templates(decided) == [(BUYER, "claim_received"), (SELLER, "claim_filed")]


def test_of_a_refused_filing_only_the_buyer_is_told_with_what_would_help() -> None:
    decided = order().when(claim_refused(), now=ASKED)
    assert templates(decided) == [(BUYER, "claim_refused")]
    (mail,) = mails(decided, BUYER)
    assert isinstance(mail, ClaimRefused)
    assert mail.eligible_from == LATER


def test_only_who_is_asked_is_told_of_the_question() -> None:
    assert templates(order().when(asked("buyer"), now=ASKED)) == [(BUYER, "information_wanted_from_buyer")]
    assert templates(order().when(asked("seller"), now=ASKED)) == [(SELLER, "information_wanted_from_seller")]


def test_a_grant_is_told_to_both_with_the_debit_and_the_last_day_to_appeal() -> None:
    decided = order().when(granted(), now=LATER)
    (to_buyer,), (to_seller,) = mails(decided, BUYER), mails(decided, SELLER)
    assert isinstance(to_buyer, DecisionToBuyer)
    assert isinstance(to_seller, DecisionToSeller)
    assert (to_buyer.outcome, to_buyer.paid_now, to_buyer.appeal_until) == ("granted", usd(1999), None)
    assert (to_seller.debited, to_seller.appeal_until) == (usd(1999), LATER + timedelta(days=30))
    assert to_seller.rules == ("C6.2",)


def test_a_grant_that_the_marketplace_pays_debits_nothing() -> None:
    (mail,) = mails(order().when(granted(debited=None), now=LATER), SELLER)
    assert isinstance(mail, DecisionToSeller)
    assert mail.debited is None


def test_a_denial_is_told_to_both_and_can_be_appealed_by_the_buyer() -> None:
    decided = order().when(denied(), now=LATER)
    (to_buyer,), (to_seller,) = mails(decided, BUYER), mails(decided, SELLER)
    assert isinstance(to_buyer, DecisionToBuyer)
    assert isinstance(to_seller, DecisionToSeller)
    assert (to_buyer.outcome, to_buyer.appeal_until) == ("denied", LATER)
    assert (to_seller.outcome, to_seller.debited, to_seller.appeal_until) == ("denied", None, None)


def test_a_void_is_told_to_both_the_seller_is_reimbursed() -> None:
    decided = order(granted()).when(voided(), now=LATER)
    assert templates(decided) == [(BUYER, "grant_voided_to_buyer"), (SELLER, "grant_voided_to_seller")]
    (mail,) = mails(decided, SELLER)
    assert isinstance(mail, GrantVoidedToSeller)
    assert mail.reimbursed == usd(1999)


def test_a_return_request_goes_to_the_seller_with_its_lines_its_reason_and_the_deadline() -> None:
    decided = order(return_opened()).when(return_asked(), now=ASKED)
    assert templates(decided) == [(SELLER, "buyer_message")]
    (mail,) = mails(decided, SELLER)
    assert isinstance(mail, BuyerMessage)
    assert (mail.channel, mail.items, mail.respond_by) == ("return_requests", (Item("A blue mug", 1),), DUE)
    assert (mail.reason, mail.message) == (Quoted("It is broken."), Quoted("The handle came off."))


@pytest.mark.parametrize("answer", get_args(ReturnAnswer))
def test_the_answer_to_a_return_request_goes_to_the_buyer(answer: ReturnAnswer) -> None:
    decided = order(return_opened(), return_asked()).when(return_answered(answer), now=LATER)
    assert templates(decided) == [(BUYER, "reply_received")]
    (mail,) = mails(decided, BUYER)
    assert isinstance(mail, ReplyReceived)
    assert (mail.answer, mail.has_label, mail.items) == (answer, True, (Item("A blue mug", 1),))


def test_after_a_return_request_a_claim_for_an_item_not_as_expected_can_be_filed() -> None:
    contacts = order(opened(), return_opened())
    for contact_id, issue in (("contact-1", "not_received"), ("contact-2", "not_as_expected")):
        (mail,) = mails(contacts.when(filing(contact_id), now=LATER), BUYER)
        assert isinstance(mail, FilingOpened)
        assert mail.issue == issue


def test_of_a_refusal_by_judgement_both_are_told_the_buyer_with_the_last_day_to_appeal() -> None:
    decided = order(claimed()).when(judged_refused(), now=LATER)
    assert templates(decided) == [(BUYER, "claim_refused"), (SELLER, "decision_to_seller")]
    (to_buyer,), (to_seller,) = mails(decided, BUYER), mails(decided, SELLER)
    assert isinstance(to_buyer, ClaimRefused)
    assert isinstance(to_seller, DecisionToSeller)
    assert to_buyer.appeal_until == LATER + timedelta(days=30)
    assert (to_seller.outcome, to_seller.debited, to_seller.appeal_until) == ("refused", None, None)


def test_the_buyer_is_told_to_send_the_item_back_and_until_when() -> None:
    decided = order(claimed()).when(return_required(), now=ASKED)
    assert templates(decided) == [(BUYER, "return_required_to_buyer")]
    assert mails(decided, BUYER) == [ReturnRequiredToBuyer("claim-1", LATER)]


def test_the_buyer_is_told_of_a_refund_in_full() -> None:
    decided = order(claimed()).when(refunded(), now=LATER)
    assert templates(decided) == [(BUYER, "claim_refunded_to_buyer")]


@pytest.mark.parametrize("first_outcome", ["granted", "denied", "refused"])
@pytest.mark.parametrize("outcome", ["reversed", "upheld"])
def test_an_appeals_decision_is_told_to_both(first_outcome: Outcome, outcome: AppealOutcome) -> None:
    decided = order(claimed()).when(appeal_decided(first_outcome, outcome), now=LATER)
    assert templates(decided) == [(BUYER, "appeal_decision_to_buyer"), (SELLER, "appeal_decision_to_seller")]


def test_a_sellers_appeal_that_reverses_the_money_reimburses_what_was_debited() -> None:
    decided = order(claimed()).when(appeal_decided(reimbursed=usd(1999)), now=LATER)
    (mail,) = mails(decided, SELLER)
    assert isinstance(mail, AppealDecisionToSeller)
    assert (mail.reimbursed, mail.debited) == (usd(1999), None)


@pytest.mark.parametrize(
    "fact",
    [
        heard(ClaimSuspended("claim-1")),
        heard(ClaimGoesOn("claim-1", ())),
        heard(ClaimWithdrawn("claim-1")),
        heard(ClaimClosed("claim-1")),
        heard(ClaimAnswered("claim-1")),
        return_received(),
    ],
)
def test_of_a_chargeback_a_withdrawal_an_answer_a_parcel_and_a_close_nobody_is_told(fact: Heard) -> None:
    assert templates(order(claimed()).when(fact, now=LATER)) == []


@pytest.mark.parametrize(
    ("fact", "quotes"),
    [
        (return_asked(), BUYER),
        (return_asked("support"), BUYER),
        (return_answered(), SELLER),
        (message(), BUYER),
        (message("seller"), SELLER),
        (filing(), None),
    ],
)
def test_a_mail_says_whose_words_are_in_it(fact: Heard, quotes: str | None) -> None:
    assert order().when(fact, now=LATER).the(MailWanted).quotes == quotes


def test_words_that_wait_for_their_order_go_when_their_author_is_erased() -> None:
    waiting = after(return_asked(), return_answered(), opened()).state
    erased = without_words_of(waiting, BUYER)
    assert "handle" not in repr(erased)
    assert "broken" not in repr(erased)
    assert "our shop" in repr(erased)
    assert without_words_of(erased, BUYER) == erased


def test_every_mail_knows_its_cause_its_order_its_time_zone_and_the_date_of_its_cause() -> None:
    fact = claimed()
    for wanted in order().when(fact, now=LATER).every(MailWanted):
        assert (wanted.cause_id, wanted.at) == (fact.cause_id, fact.at)
        assert (wanted.order_id, wanted.time_zone) == ("order-1", "America/Los_Angeles")


@pytest.mark.parametrize("fact", [opened(), message(), filing(), claimed(), granted(), canceled("seller")])
def test_what_comes_before_its_order_waits_for_it(fact: Heard) -> None:
    early = SPEC.given().when(fact, now=LATER).then(FactKept(fact))
    early.when(fact, now=LATER).then_nothing()
    caught_up = early.when(received(), now=ASKED)
    in_order = order().when(fact, now=ASKED)
    assert caught_up.events[1:] == in_order.events
    assert caught_up.state == in_order.state


def test_what_waited_for_the_order_follows_in_its_order() -> None:
    caught_up = after(opened(), message()).when(received(), now=ASKED)
    (mail,) = mails(caught_up, SELLER)
    assert isinstance(mail, BuyerMessage)
    assert mail.respond_by == DUE


def test_the_order_itself_again_changes_nothing() -> None:
    order(opened()).when(received(), now=LATER).then_nothing()
    SPEC.given().when(received(), now=LATER).then(OrderNoted(ORDER))


@pytest.mark.parametrize("fact", [released(), message(), claimed(), granted(), voided(), canceled("buyer")])
def test_the_same_fact_again_wants_the_same_mails_of_the_same_cause(fact: Heard) -> None:
    once = order().when(fact, now=ASKED)
    again = once.when(fact, now=LATER)
    assert again.every(MailWanted) == once.every(MailWanted)
    again.then_no_change()
