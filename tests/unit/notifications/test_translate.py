"""Between the contracts and the domain: what notifications reads, keeps and says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypeVar, cast, get_args

import pytest

from services.notifications import store
from services.notifications.domain import mails
from services.notifications.domain.facts import (
    Fact,
)
from services.notifications.domain.model import (
    Account,
    Dossier,
)
from services.notifications.handlers import service
from services.notifications.store import AddressKnown, WantedMail, mail_of
from services.notifications.translate import heard
from services.notifications.translate.inward import TEXT_CHARACTERS_MAX
from shared import policies
from shared.contracts import claims, messaging, orders, timer
from shared.contracts.accounts import BuyerRegistered, SellerRegistered
from shared.contracts.data import Actor, Data
from shared.contracts.examples import example
from shared.contracts.messages import BY_TOPIC
from shared.contracts.topics import CLAIMS_EVENTS, MESSAGING_EVENTS, ORDERS_EVENTS, read_by
from shared.kit.service import Key, Message, Outcome, Place
from shared.kit.states import body_from_json, body_to_json
from tests.unit.notifications.samples import SAMPLES

CATALOGUE = policies.load()
SERVICE = service(CATALOGUE)
Kind = TypeVar("Kind", bound=Data)

# Facts that nobody is told of by mail, each with the reason.
SILENT = {
    orders.VerificationDelayed: "the buyer is told how it ends",
    orders.CancellationRefused: "the seller sees the wish in Manage Orders",
    orders.ShipmentConfirmed: "on the order's page",
    orders.OrderShipped: "on the order's page",
    orders.PromiseChanged: "on the order's page",
    orders.ShipmentDelivered: "on the order's page",
    orders.OrderDelivered: "on the order's page",
    orders.CommandRefused: "answered to who gave the command",
    orders.AddressChanged: "the seller changed it, and the address is in no mail",
    orders.RefundRecorded: "the payment tells of it; of a claim's refund, claim_refunded_by_seller does",
    orders.FeedbackLeft: "on the order's page",
    orders.ChargebackOpened: "the bank tells the buyer, and the seller can do nothing about it",
    orders.ChargebackClosed: "the bank tells the buyer",
    messaging.ResolutionOverdue: "filing_opened follows",
    messaging.ReturnShipped: "on the order's page",
    claims.EvidenceAdded: "on the claim's page",
    claims.ClaimAppealed: "its decision follows",
    claims.EligibilityChecked: "answered to who asked",
    messaging.CommandRefused: "answered to who gave the command",
    claims.CommandRefused: "answered to who gave the command",
}


def say(message: type[Kind], **changes: Any) -> Kind:
    """Say the golden example of a message, with changes."""
    found: Any = example(message).data
    return cast("Kind", found.model_copy(update=changes))


def message_of(data: Data) -> Message:
    attributes = example(type(data)).attributes
    return Message(Place(data.TOPIC, 0, 0), attributes, data)


def handle(*what: Data) -> tuple[Outcome, Any]:
    """Handle these in turn; the outcome of the last, and the state after it, as it would be read back."""
    states: dict[Key, Any] = {}
    outcome = Outcome()
    for data in what:
        message = message_of(data)
        key = SERVICE.main(message)
        outcome = SERVICE.handle(message, {key: states.get(key)}, data.at if hasattr(data, "at") else _NOW)
        kind = next(kind for kind in SERVICE.kinds if kind.name == key.kind)
        body = body_to_json(kind, outcome.states.get(key, states.get(key)))
        states[key] = body_from_json(kind, len(kind.upcasts) + 1, body)
    return outcome, states[SERVICE.main(message_of(what[-1]))]


RECEIVED = say(orders.OrderReceived)
_NOW = RECEIVED.at


def wanted(outcome: Outcome) -> list[tuple[str, str]]:
    return [(each.party_id, each.mail.template) for each in outcome.effects if isinstance(each, WantedMail)]


@pytest.mark.parametrize(
    "kind",
    [each for topic in (ORDERS_EVENTS, MESSAGING_EVENTS, CLAIMS_EVENTS) for each in BY_TOPIC[topic].values()],
    ids=lambda kind: kind.TYPE,
)
def test_every_fact_is_told_or_known_to_be_silent(kind: type[Data]) -> None:
    fact = heard(CATALOGUE, message_of(say(kind)))
    assert (fact is None) == (kind in SILENT)


def test_every_fact_of_the_domain_comes_from_some_message() -> None:
    kinds = [each for topic in read_by("notifications") for each in BY_TOPIC.get(topic.name, {}).values()]
    reminder = say(timer.DeadlineExpired, kind="reminder_due", owner="notifications")
    found = {type(fact.what) for kind in kinds if (fact := heard(CATALOGUE, message_of(say(kind))))}
    others = [
        heard(CATALOGUE, message_of(each)) for each in (reminder, say(claims.ClaimResumed, request_id=None))
    ]
    assert found | {type(other.what) for other in others if other} == set(get_args(Fact))


def test_a_cause_is_the_events_id_and_its_date_the_facts() -> None:
    released = say(orders.OrderReleased)
    fact = heard(CATALOGUE, message_of(released))
    assert fact is not None
    assert (fact.cause_id, fact.at) == ("order-released-1", released.at)


def test_mails_are_kept_in_the_time_zone_of_the_marketplace() -> None:
    outcome, state = handle(RECEIVED, say(orders.OrderReleased))
    assert isinstance(state, Dossier)
    assert wanted(outcome) == [("buyer-1", "order_confirmation"), ("seller-1", "sold_ship_now")]
    assert {each.time_zone for each in outcome.effects} == {"America/Los_Angeles"}


def test_the_same_fact_gives_mails_of_the_same_ids_and_another_gives_others() -> None:
    released = say(orders.OrderReleased)
    first, again = (handle(RECEIVED, released)[0] for _ in range(2))
    other = handle(RECEIVED, say(orders.OrderCanceled))[0]
    ids = [{each.notification_id for each in outcome.effects} for outcome in (first, again, other)]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 2
    assert not ids[0] & ids[2]


def test_a_deadline_is_reminded_of_by_the_policys_notice() -> None:
    opened = say(messaging.ContactOpened)
    outcome, _ = handle(RECEIVED, opened)
    (schedule,) = [each.data for each in outcome.out]
    assert isinstance(schedule, timer.Schedule)
    assert (schedule.kind, schedule.owner) == ("reminder_due", "notifications")
    assert schedule.due_at == opened.respond_by - timedelta(hours=12)


def test_a_reminder_is_canceled_by_the_id_that_it_was_set_by() -> None:
    opened = say(messaging.ContactOpened)
    (schedule,) = [each.data for each in handle(RECEIVED, opened)[0].out]
    (cancel,) = [each.data for each in handle(RECEIVED, opened, say(messaging.ContactResponded))[0].out]
    assert isinstance(schedule, timer.Schedule)
    assert isinstance(cancel, timer.Cancel)
    assert cancel.timer_id == schedule.timer_id


def test_information_that_was_not_given_is_not_reminded_of_any_more() -> None:
    requested = say(claims.InformationRequested)
    outcome, state = handle(RECEIVED, requested, say(claims.ClaimResumed))
    assert [type(each.data) for each in outcome.out] == [timer.Cancel]
    assert isinstance(state, Dossier)
    assert state.clocks == ()


def test_deadlines_of_other_services_are_passed_over() -> None:
    assert not SERVICE.concerns(message_of(say(timer.DeadlineExpired, owner="orders")))
    assert SERVICE.concerns(message_of(say(timer.DeadlineExpired, owner="notifications")))


def test_an_account_is_a_row_of_its_own_and_releases_what_waits_for_it() -> None:
    buyer = say(BuyerRegistered)
    outcome, state = handle(buyer)
    assert isinstance(state, Account)
    assert state.email == buyer.email
    assert outcome.effects == [AddressKnown(buyer.buyer_id)]
    seller = message_of(say(SellerRegistered))
    assert SERVICE.main(seller) == Key(store.ACCOUNT, "seller-1")


def test_the_last_word_on_an_account_counts() -> None:
    moved = say(BuyerRegistered, email="new@buyer.example", language="zh")
    _, state = handle(say(BuyerRegistered), moved)
    assert isinstance(state, Account)
    assert (state.email, state.language) == ("new@buyer.example", "zh")


def test_a_grant_without_a_debit_says_none() -> None:
    outcome, _ = handle(RECEIVED, say(claims.ClaimGranted, debit_id=None, funding="marketplace"))
    (to_seller,) = [each.mail for each in outcome.effects if each.party_id == "seller-1"]
    assert isinstance(to_seller, mails.DecisionToSeller)
    assert to_seller.debited is None


def test_only_rules_that_hold_explain_a_decision() -> None:
    granted = say(claims.ClaimGranted)
    trace = granted.explanation[0]
    others = tuple(trace.model_copy(update={"rule": rule, "holds": False}) for rule in ("C6.1", "C6.3"))
    outcome, _ = handle(RECEIVED, granted.model_copy(update={"explanation": (trace, *others, trace)}))
    assert outcome.effects[0].mail.rules == ("C6.2",)


def test_a_filing_on_an_order_that_nobody_knows_is_not_kept() -> None:
    assert heard(CATALOGUE, message_of(say(claims.ClaimRefused, reason="unknown_order"))) is None


def test_an_order_of_an_unknown_marketplace_cannot_be_read() -> None:
    unreadable = SERVICE.check(say(orders.OrderReceived, marketplace_id="atlantis"))
    assert unreadable is not None
    assert unreadable.rule == "unknown_marketplace"
    assert SERVICE.check(RECEIVED) is None


def sent(text: str) -> mails.Quoted:
    outcome, _ = handle(RECEIVED, say(messaging.MessageSent, text=text))
    mail = outcome.effects[0].mail
    assert isinstance(mail, mails.BuyerMessage)
    return mail.message


def test_a_long_text_is_cut_and_said_to_be() -> None:
    assert sent("x" * TEXT_CHARACTERS_MAX) == mails.Quoted("x" * TEXT_CHARACTERS_MAX, is_cut=False)
    assert sent("x" * 20_000) == mails.Quoted("x" * TEXT_CHARACTERS_MAX, is_cut=True)


def test_what_is_no_text_is_left_out_and_what_is_stays() -> None:
    assert sent(" a\x07b\x1b[31mc\u202etxt.exe\x85 ").text == "ab[31mctxt.exe"
    assert sent("two\nlines\tand 👩‍🚀, 中文").text == "two\nlines\tand 👩‍🚀, 中文"


def test_an_investigator_writes_no_mail() -> None:
    command = say(messaging.MessageSent, actor=Actor(kind="investigator", id="investigator-1"))
    assert heard(CATALOGUE, message_of(command)) is None


@pytest.mark.parametrize("mail", SAMPLES, ids=lambda mail: mail.template)
def test_what_a_mail_tells_can_be_written_and_read_back(mail: mails.Mail) -> None:
    assert mail_of(store._mails().dump_json(mail).decode()) == mail


def test_no_personal_field_of_an_order_can_reach_a_mail() -> None:
    """O7, O14: the fact that we read has no address, and nothing that we keep has a place for one."""
    assert "ship_to" not in orders.OrderReceived.model_fields
    assert "ship_to" not in repr(handle(RECEIVED)[1])
