"""M4, O15: a carrier's scans and the returns that wait for them, whichever is read first; and what is said of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

import pytest

from services.messaging.domain import conversation
from services.messaging.domain.model import Conversation
from services.messaging.domain.parcels import DELIVERY_SCANS_MAX, Tracking
from services.messaging.handlers import service
from services.messaging.translate.replay import event_of
from shared import policies
from shared.contracts.accounts import BuyerRegistered
from shared.contracts.carriers import Milestone
from shared.contracts.checkout import Item
from shared.contracts.claims import ClaimFiled, ReturnRequired
from shared.contracts.data import Actor, Data
from shared.contracts.examples import example
from shared.contracts.facts import Line
from shared.contracts.messaging import (
    AnswerReturn,
    CommandRefused,
    ContactOpened,
    ContactResolved,
    ContactResponded,
    ReceiveReturn,
    RequestReturn,
    ReturnAnswered,
    ReturnReceived,
    ReturnRequested,
    ReturnShipped,
    ShipReturn,
)
from shared.contracts.money import Money
from shared.contracts.orders import OrderReceived, OrderReleased, RefundRecorded
from shared.kit.errors import StatesMissing
from shared.kit.service import Key
from tests.support.events import ups_number
from tests.support.playing import Played, play
from tests.unit.messaging.builders import ASKED, BUYER, LATER, PLACED, RELEASED, SELLER
from tests.unit.messaging.test_translate import heard

SERVICE = service(policies.load())
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ANSWERED, SENT, BACK = ASKED + HOUR, ASKED + DAY, ASKED + 3 * DAY
NUMBER = ups_number(1)
Kind = TypeVar("Kind", bound=Data)


def say(kind: type[Kind], order_id: str = "order-1", **changes: Any) -> Kind:
    found: Any = example(kind).data
    return cast("Kind", found.model_copy(update={"order_id": order_id} | changes))


def by(kind: type[Kind], at: datetime, order_id: str = "order-1", **changes: Any) -> Kind:
    """Say a command of the buyer, or of the seller where it is theirs to give, about the return."""
    who = Actor(kind="buyer", id=BUYER.id)
    if kind in {AnswerReturn, ReceiveReturn}:
        who = Actor(kind="seller", id=SELLER.id)
    command_id = f"{order_id}-{kind.__name__}-{at}"
    named = {"actor": who, "at": at, "command_id": command_id, "contact_id": "return-1"}
    return say(kind, order_id, **(named | changes))


def item(quantity: int = 1) -> Item:
    found: Any = example(OrderReceived).data
    return cast("Item", found.items[0].model_copy(update={"order_item_id": "item-1", "quantity": quantity}))


def placed(order_id: str = "order-1") -> list[Data]:
    order = say(OrderReceived, order_id, at=PLACED, placed_at=PLACED, items=(item(),), marketplace_id="us")
    return [order, say(OrderReleased, order_id, at=RELEASED)]


def asked(order_id: str = "order-1") -> list[Data]:
    """Give an order whose buyer asked for a return that the seller authorised."""
    return [
        *placed(order_id),
        by(RequestReturn, ASKED, order_id, lines=(Line(order_item_id="item-1", quantity=1),)),
        by(AnswerReturn, ANSWERED, order_id),
    ]


def sent(order_id: str = "order-1", number: str = NUMBER, carrier: str = "UPS") -> ShipReturn:
    return by(ShipReturn, SENT, order_id, carrier=carrier, tracking_number=number)


def scan(at: datetime = BACK, number: str = NUMBER, **changes: Any) -> Milestone:
    found = Milestone(carrier="UPS", tracking_number=number, milestone="delivered", occurred_at=at)
    return found.model_copy(update=changes)


def hear(*what: Data) -> Played:
    return play(SERVICE, *what, now=LATER)


def the(kind: type[Kind], played: Played) -> Kind:
    (found,) = [data for data in played.said if isinstance(data, kind)]
    return found


def number_of(played: Played, number: str = NUMBER) -> Tracking:
    found = played.states[Key("tracking", f"UPS/{number}")]
    assert isinstance(found, Tracking)
    return found


def test_a_return_is_said_from_its_request_to_its_receipt() -> None:
    played = hear(*asked(), sent(), by(ReceiveReturn, BACK))
    facts = [type(data) for data in played.said if data.TYPE.startswith("messaging.")]
    assert facts == [
        ContactOpened,
        ReturnRequested,
        ReturnAnswered,
        ContactResponded,
        ReturnShipped,
        ReturnReceived,
    ]
    opened, answered, back = (the(kind, played) for kind in (ContactOpened, ReturnAnswered, ReturnReceived))
    assert isinstance(opened, ContactOpened)
    assert (opened.channel, opened.issue, opened.message_id) == ("return_requests", "product", None)
    assert isinstance(answered, ReturnAnswered)
    assert (answered.answered_at, answered.lines) == (ANSWERED, (Line(order_item_id="item-1", quantity=1),))
    assert isinstance(back, ReturnReceived)
    assert (back.by, back.received_at, back.tracking_number) == ("seller", BACK, NUMBER)
    assert the(ReturnShipped, played).tracking_valid


def test_what_is_said_of_a_return_replays_to_the_conversation() -> None:
    played = hear(*asked(), sent(), scan())
    replayed = Conversation()
    for fact in played.said:
        if event := event_of(fact):
            replayed = conversation(replayed, event)
    assert replayed == played.states[Key("order", "order-1")].conversation


def test_a_delivery_scan_says_that_the_return_is_back_dated_when_it_was() -> None:
    back = the(ReturnReceived, hear(*asked(), sent(), scan()))
    assert (back.by, back.at, back.received_at, back.command_id) == ("carrier", BACK, BACK, None)


def test_a_scan_that_is_read_before_the_number_is_told_counts_too() -> None:
    early = hear(*asked(), scan(), sent())
    assert the(ReturnReceived, early).received_at == BACK
    assert number_of(early).orders == ()


def test_a_scan_from_before_the_authorisation_does_not_end_the_waiting() -> None:
    played = hear(*asked(), scan(ANSWERED - HOUR), sent())
    assert number_of(played).orders == ("order-1",)
    assert not [data for data in played.said if isinstance(data, ReturnReceived)]
    assert the(ReturnReceived, hear(*asked(), scan(ANSWERED - HOUR), sent(), scan())).received_at == BACK


def test_two_returns_in_one_parcel_are_both_back() -> None:
    played = hear(*asked("order-1"), *asked("order-2"), sent("order-1"), sent("order-2"), scan())
    back = [data.order_id for data in played.said if isinstance(data, ReturnReceived)]
    assert back == ["order-1", "order-2"]
    assert number_of(played).orders == ()


def test_a_number_is_the_same_however_it_is_written() -> None:
    written = f"{NUMBER[:4]} {NUMBER[4:]}".lower()
    the(ReturnReceived, hear(*asked(), sent(number=written, carrier=" ups "), scan()))


def test_nobody_waits_for_a_number_that_has_not_its_carriers_form() -> None:
    played = hear(*asked(), sent(number="12345"), scan(number="12345"))
    assert not the(ReturnShipped, played).tracking_valid
    assert number_of(played, "12345") == Tracking((BACK,))
    assert not [data for data in played.said if isinstance(data, ReturnReceived)]


def test_a_number_that_the_seller_was_quicker_than_is_forgotten_with_its_scan() -> None:
    quick = hear(*asked(), sent(), by(ReceiveReturn, BACK - HOUR), scan())
    assert the(ReturnReceived, quick).by == "seller"
    assert number_of(quick).orders == ()


def test_only_the_newest_scans_of_a_number_are_kept() -> None:
    many = [scan(PLACED + day * DAY) for day in range(DELIVERY_SCANS_MAX + 5)]
    kept = number_of(hear(*many, many[3])).delivered_at
    assert len(kept) == DELIVERY_SCANS_MAX
    assert kept[-1] == PLACED + (DELIVERY_SCANS_MAX + 4) * DAY


@pytest.mark.parametrize(
    "data",
    [
        scan(milestone="returned"),
        scan(milestone="in_transit"),
        scan(tracking_number=" - "),
        example(BuyerRegistered).data,
    ],
)
def test_parcels_under_way_and_accounts_are_passed_over(data: Data) -> None:
    assert not SERVICE.concerns(heard(data))


def test_the_row_of_a_number_is_asked_for_where_the_message_does_not_name_it() -> None:
    assert SERVICE.keys(heard(sent())) == (Key("tracking", f"UPS/{NUMBER}"),)
    assert SERVICE.keys(heard(sent(number="--"))) == ()
    number = Key("tracking", f"UPS/{NUMBER}")
    with pytest.raises(StatesMissing):
        SERVICE.handle(heard(scan()), {number: Tracking(orders=("order-1",))}, LATER)


# ------------------------------------------------------------------------------ refunds, claims, and the no


def refund(amount_minor: int, **changes: Any) -> RefundRecorded:
    money = Money(amount_minor=amount_minor, currency="USD")
    lines = (Line(order_item_id="item-1", quantity=1),)
    return say(RefundRecorded, at=BACK, amount=money, lines=lines, **changes)


def paid() -> int:
    one = item()
    return one.unit_price.amount_minor + one.shipping.amount_minor + one.tax.amount_minor


def test_a_refund_in_full_resolves_the_return() -> None:
    resolved = the(ContactResolved, hear(*asked(), refund(paid())))
    assert (resolved.resolved_at, resolved.cause) == (BACK, "refunded")
    assert not [data for data in hear(*asked(), refund(paid() - 1)).said if isinstance(data, ContactResolved)]


def test_what_orders_pays_for_a_refund_without_return_resolves_it() -> None:
    free = [*placed(), asked()[2], by(AnswerReturn, ANSWERED, answer="refund_without_return")]
    cause = {"cause": "return", "contact_id": "return-1"}
    assert the(ContactResolved, hear(*free, refund(1, **cause))).cause == "refunded"
    partial = hear(*free, refund(1, cause="seller", contact_id="return-1"))
    assert not [data for data in partial.said if isinstance(data, ContactResolved)]


def test_what_a_claim_wants_back_may_be_sent() -> None:
    lines = (Line(order_item_id="item-1", quantity=1),)
    claim = say(ClaimFiled, claim_id="claim-1", lines=lines)
    wanted = say(ReturnRequired, claim_id="claim-1", at=ANSWERED)
    unanswered = asked()[:3]
    the(ReturnShipped, hear(*unanswered, claim, wanted, sent()))
    assert the(CommandRefused, hear(*unanswered, claim, sent())).reason == "not_authorised"


def test_a_refusal_names_the_fields_that_are_to_be_filled() -> None:
    refused = the(CommandRefused, hear(*asked()[:3], by(AnswerReturn, ANSWERED, answer="declined", text="")))
    assert (refused.reason, refused.missing, refused.contact_id) == ("incomplete_form", ("text",), "return-1")
    assert refused.message.zh
