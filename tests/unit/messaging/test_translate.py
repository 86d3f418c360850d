"""Between the contracts and the domain: what messaging reads, says and answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeVar, cast, get_args

import pytest

from services.messaging.domain.events import Reason
from services.messaging.domain.model import OrderState
from services.messaging.handlers import service
from services.messaging.templates import REFUSALS
from services.messaging.translate.replay import event_of
from shared import policies
from shared.contracts import lists
from shared.contracts.data import Actor, Data
from shared.contracts.envelope import Attributes
from shared.contracts.examples import example
from shared.contracts.messages import BY_TOPIC
from shared.contracts.messaging import (
    CommandRefused,
    ContactOpened,
    ContactResponded,
    MessageSent,
    ResolveContact,
    SendMessage,
)
from shared.contracts.money import Money
from shared.contracts.orders import LinesCanceled, OrderCanceled, OrderReceived, OrderReleased, ShipByWarned
from shared.contracts.timer import Cancel, DeadlineExpired, Schedule
from shared.kit.service import Key, Message, Outcome, Place, States
from shared.kit.states import body_from_json, body_to_json
from tests.unit.messaging.builders import ASKED, BUYER, DUE, LATER, PLACED, RELEASED, SELLER

SERVICE = service(policies.load())
PAID = 2 * 1999 + 499 + 320
Kind = TypeVar("Kind", bound=Data)


def say(message: type[Kind], **changes: Any) -> Kind:
    """Say the golden example of a message, of the order that the builders speak of, with changes."""
    found: Any = example(message).data
    return cast("Kind", found.model_copy(update={"order_id": "order-1"} | changes))


def received(marketplace_id: str = "us") -> OrderReceived:
    return say(OrderReceived, at=PLACED, placed_at=PLACED, marketplace_id=marketplace_id)


def released() -> OrderReleased:
    return say(OrderReleased, at=RELEASED)


def canceled(kind: type[OrderCanceled | LinesCanceled], amount_minor: int) -> Data:
    return say(kind, at=ASKED, amount=Money(amount_minor=amount_minor, currency="USD"))


def send(kind: str = "buyer", at: datetime = ASKED, **changes: Any) -> SendMessage:
    ids = {"buyer": BUYER.id, "seller": SELLER.id}
    fields = {
        "command_id": f"command-{kind}",
        "message_id": f"message-{kind}",
        "contact_id": "contact-1",
        "issue": "delivery",
        "text": "Where is it?",
        "actor": Actor.model_validate({"kind": kind, "id": ids.get(kind, f"{kind}-1")}),
    }
    return SendMessage.model_validate({"order_id": "order-1", "at": at} | fields | changes)


def heard(data: Data) -> Message:
    attributes = Attributes(id=getattr(data, "command_id", None) or "event-1", source="/test", type=data.TYPE)
    return Message(Place(data.TOPIC, 0, 0), attributes, data)


def handle(*what: Data, now: datetime = LATER) -> tuple[Outcome, OrderState | None]:
    """Handle these in turn; the outcome of the last, and the state after it, as it would be read back."""
    state: OrderState | None = None
    outcome = Outcome()
    for data in what:
        message = heard(data)
        states: States = {SERVICE.main(message): state}
        outcome = SERVICE.handle(message, states, now)
        state = outcome.states.get(SERVICE.main(message), state)
        kind = SERVICE.kinds[0]
        state = body_from_json(kind, len(kind.upcasts) + 1, body_to_json(kind, state))
    return outcome, state


def said(outcome: Outcome) -> list[Data]:
    return [each.data for each in outcome.out]


def test_everything_is_ordered_by_the_order_it_is_about() -> None:
    assert {SERVICE.main(heard(data)) for data in (received(), send(), deadline("response_due"))} == {
        Key("order", "order-1")
    }


def test_a_question_becomes_facts_and_timers_with_their_dates() -> None:
    outcome, _ = handle(received(), released(), send())
    opened, sent, *timers = said(outcome)
    assert isinstance(opened, ContactOpened)
    assert isinstance(sent, MessageSent)
    assert (opened.at, opened.respond_by, opened.policy_id) == (ASKED, DUE, "2021-en")
    assert (sent.command_id, sent.belongs_to, sent.channel) == (
        "command-buyer",
        "contact-1",
        "buyer_seller_messages",
    )
    assert [(each.kind, each.due_at, each.owner) for each in timers if isinstance(each, Schedule)] == [
        ("response_due", DUE, "messaging"),
        ("resolution_due", DUE, "messaging"),
    ]
    assert [each.at for each in outcome.out[:2]] == [ASKED, ASKED]


def test_a_timer_is_canceled_by_the_id_that_it_was_set_by() -> None:
    question = handle(received(), released(), send())[0]
    answered = handle(received(), released(), send(), send("seller", ASKED + timedelta(hours=1)))[0]
    set_ids = {each.timer_id for each in said(question) if isinstance(each, Schedule)}
    canceled_ids = {each.timer_id for each in said(answered) if isinstance(each, Cancel)}
    assert len(set_ids) == 2
    assert len(canceled_ids) == 1
    assert canceled_ids < set_ids


def test_an_answer_says_what_claims_needs() -> None:
    outcome, _ = handle(received(), released(), send(), send("seller", ASKED + timedelta(hours=1)))
    (responded,) = [each for each in said(outcome) if isinstance(each, ContactResponded)]
    assert (responded.contact_id, responded.responded_at, responded.respond_by) == (
        "contact-1",
        ASKED + timedelta(hours=1),
        DUE,
    )


def deadline(kind: str, owner: str = "messaging") -> DeadlineExpired:
    return say(DeadlineExpired, kind=kind, owner=owner, subject_id="contact-1", due_at=DUE)


@pytest.mark.parametrize(
    ("kind", "type_"),
    [
        ("response_due", "messaging.response_overdue.v1"),
        ("resolution_due", "messaging.resolution_overdue.v1"),
    ],
)
def test_an_overdue_notice_is_dated_when_it_fell_due(kind: str, type_: str) -> None:
    outcome, _ = handle(received(), released(), send(), deadline(kind))
    (fact,) = outcome.out
    assert (fact.data.TYPE, fact.at) == (type_, DUE)


def test_deadlines_of_other_services_are_passed_over() -> None:
    assert SERVICE.concerns(heard(deadline("response_due")))
    assert not SERVICE.concerns(heard(deadline("hold_end", owner="orders")))


def test_canceled_lines_count_as_not_to_be_paid_back() -> None:
    _, state = handle(received(), released(), canceled(LinesCanceled, 1500))
    assert state is not None
    assert sum(money.amount_minor for money in state.order.money_back) == 1500


def test_a_canceled_order_stops_the_clocks() -> None:
    outcome, _ = handle(received(), released(), send(), canceled(OrderCanceled, PAID))
    assert [type(each) for each in said(outcome)] == [Cancel, Cancel]


def test_a_resolution_is_said() -> None:
    actor = Actor(kind="buyer", id=BUYER.id)
    resolve = ResolveContact(
        command_id="command-2", at=DUE, actor=actor, order_id="order-1", contact_id="contact-1"
    )
    outcome, _ = handle(received(), released(), send(), resolve)
    assert said(outcome)[0].TYPE == "messaging.contact_resolved.v1"


def test_what_only_others_act_on_is_read_and_changes_nothing() -> None:
    warned = say(ShipByWarned, confirm_by=DUE)
    assert handle(received(), warned)[0] == Outcome()


def test_a_refusal_names_rule_reason_and_what_to_do_in_both_languages() -> None:
    outcome, _ = handle(received(), send())
    (refused,) = said(outcome)
    assert isinstance(refused, CommandRefused)
    assert (refused.rule, refused.reason, refused.command_id) == ("M5", "order_pending", "command-buyer")
    assert "Customer service" in refused.message.en
    assert "客服" in refused.message.zh
    assert outcome.out[0].sequenced


def test_a_command_whose_order_never_came_is_refused_without_a_number() -> None:
    assert SERVICE.refuse_unknown is not None
    outgoing = SERVICE.refuse_unknown(heard(send()), LATER)
    assert isinstance(outgoing.data, CommandRefused)
    assert outgoing.data.reason == "unknown_order"
    assert not outgoing.sequenced
    assert not SERVICE.is_known(None)


def test_every_reason_is_a_word_of_the_contracts_and_said_in_both_languages() -> None:
    assert set(REFUSALS) == set(get_args(Reason))
    assert set(REFUSALS) <= set(lists.REFUSALS)
    assert all(words.en and words.zh for words in REFUSALS.values())


def test_an_order_of_an_unknown_marketplace_cannot_be_read() -> None:
    assert SERVICE.check(received()) is None
    assert SERVICE.check(send()) is None
    unreadable = SERVICE.check(received("atlantis"))
    assert unreadable is not None
    assert unreadable.rule == "unknown_marketplace"


def test_a_contact_is_under_the_policy_in_force_where_the_order_was_placed() -> None:
    outcome, _ = handle(received("jp"), released(), send())
    assert isinstance(said(outcome)[0], ContactOpened)


def test_every_state_can_be_written_and_read_back() -> None:
    answered = send("seller", ASKED + timedelta(hours=1))
    _, state = handle(received(), released(), send(), answered, canceled(OrderCanceled, PAID))
    assert state is not None
    assert state.dossier.shape == "canceled"
    assert state.conversation.contacts[0].response.shape == "responded"


@pytest.mark.parametrize("kind", BY_TOPIC["messaging.events"].values(), ids=lambda kind: kind.TYPE)
def test_what_was_said_before_can_be_read_back(kind: type[Data]) -> None:
    assert (event_of(say(kind)) is None) == (kind is CommandRefused)
