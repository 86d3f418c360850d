"""An order and what people write about it, with good defaults."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from services.messaging.domain import decide, evolve
from services.messaging.domain.events import Event
from services.messaging.domain.inputs import (
    AnswerReturn,
    ClaimFiled,
    DeadlineExpired,
    Input,
    MoneyReturned,
    OrderCanceled,
    OrderReceived,
    OrderReleased,
    ParcelDelivered,
    ReceiveReturn,
    RequestReturn,
    ResolveContact,
    ReturnRequired,
    SendMessage,
    ShipReturn,
)
from services.messaging.domain.model import (
    Actor,
    ActorKind,
    Answer,
    Issue,
    Line,
    MoneyBack,
    OrderState,
    Policy,
    TimerKind,
    Units,
)
from tests.support.given_when_then import Given, Specification

PLACED = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
RELEASED = PLACED + timedelta(minutes=30)
ASKED = PLACED + timedelta(days=2)
DUE = ASKED + timedelta(hours=48)
INSTANT = timedelta(microseconds=1)
LATER = PLACED + timedelta(days=90)
"""A clock that is ahead of everything the examples do, so that only the dates in the inputs count."""

POLICY = Policy(
    policy_id="2021-en",
    ahead=timedelta(minutes=1),
    response_window=timedelta(hours=48),
    resolution_window=timedelta(hours=48),
    forms={"UPS": lambda number: number.startswith("1Z")},
)

LAMP = Line("lamp", 1, unit_price_minor=2000, shipping_minor=400, tax_minor=99)
"""The whole order, where nothing else is said: 24.99."""
CUPS = Line("cups", 3, unit_price_minor=500, shipping_minor=100, tax_minor=0)
"""A line of three units, for what is divided: 16.00."""

BUYER = Actor("buyer", "buyer-1")
SELLER = Actor("seller", "seller-1")
SUPPORT = Actor("support", "support-1")

SPEC: Specification[Input, OrderState | None, Event, Policy] = Specification(decide, evolve, None, POLICY)
_command_ids = count(1)


def received(*lines: Line, ship_to_country: str = "US") -> OrderReceived:
    return OrderReceived(
        order_id="order-1",
        marketplace_id="us",
        buyer_id=BUYER.id,
        seller_id=SELLER.id,
        placed_at=PLACED,
        ship_to_country=ship_to_country,
        lines=lines or (LAMP,),
    )


def released(at: datetime = RELEASED) -> OrderReleased:
    return OrderReleased(at)


def canceled(at: datetime) -> OrderCanceled:
    return OrderCanceled(at)


def money_returned(
    amount_minor: int,
    *,
    at: datetime,
    money_id: str = "refund-1",
    lines: tuple[Units, ...] = (Units("lamp", 1),),
    is_canceled: bool = False,
    contact_id: str | None = None,
) -> MoneyReturned:
    return MoneyReturned(MoneyBack(money_id, at, lines, amount_minor, is_canceled, contact_id))


def message(
    actor: Actor = BUYER,
    *,
    at: datetime = ASKED,
    message_id: str = "message-1",
    contact_id: str = "contact-1",
    issue: Issue = "delivery",
    text: str = "Where is my parcel?",
    attachments: tuple[str, ...] = (),
    automatic: bool = False,
    response_required: bool = True,
) -> SendMessage:
    return SendMessage(
        command_id=f"command-{next(_command_ids)}",
        at=at,
        actor=actor,
        message_id=message_id,
        contact_id=contact_id,
        issue=issue,
        text=text,
        attachments=attachments,
        automatic=automatic,
        response_required=response_required,
    )


def answer(
    *,
    at: datetime,
    message_id: str = "answer-1",
    contact_id: str = "contact-1",
    issue: Issue = "delivery",
    automatic: bool = False,
) -> SendMessage:
    return message(
        SELLER,
        at=at,
        message_id=message_id,
        contact_id=contact_id,
        issue=issue,
        text="It is on its way.",
        automatic=automatic,
    )


def resolve(*, at: datetime, kind: ActorKind = "buyer", contact_id: str = "contact-1") -> ResolveContact:
    actor = {"buyer": BUYER, "seller": SELLER, "support": SUPPORT}.get(kind, Actor(kind, f"{kind}-1"))
    return ResolveContact(f"command-{next(_command_ids)}", at, actor, contact_id)


def request(
    actor: Actor = BUYER,
    *,
    at: datetime = ASKED,
    contact_id: str = "return-1",
    lines: tuple[Units, ...] = (Units("lamp", 1),),
    reason: str = "It is broken.",
    text: str = "",
) -> RequestReturn:
    return RequestReturn(f"command-{next(_command_ids)}", at, actor, contact_id, lines, reason, text)


def reply(
    answer: Answer = "authorised",
    *,
    at: datetime = ASKED + timedelta(hours=6),
    actor: Actor = SELLER,
    contact_id: str = "return-1",
    country: str | None = "US",
    prepaid_label: bool = False,
    text: str = "As you wish.",
) -> AnswerReturn:
    command_id = f"command-{next(_command_ids)}"
    return AnswerReturn(command_id, at, actor, contact_id, answer, country, prepaid_label, text)


def ship(
    *,
    at: datetime = ASKED + timedelta(days=1),
    actor: Actor = BUYER,
    contact_id: str = "return-1",
    carrier: str = "UPS",
    number: str = "1Z1",
) -> ShipReturn:
    return ShipReturn(f"command-{next(_command_ids)}", at, actor, contact_id, carrier, number)


def receive(
    *, at: datetime = ASKED + timedelta(days=4), actor: Actor = SELLER, contact_id: str = "return-1"
) -> ReceiveReturn:
    return ReceiveReturn(f"command-{next(_command_ids)}", at, actor, contact_id)


def delivered(*at: datetime, carrier: str = "UPS", number: str = "1Z1") -> ParcelDelivered:
    return ParcelDelivered(carrier, number, at)


def claimed(*items: str) -> ClaimFiled:
    return ClaimFiled("claim-1", items)


def wanted_back(at: datetime) -> ReturnRequired:
    return ReturnRequired("claim-1", at)


def deadline(kind: TimerKind, due_at: datetime = DUE, contact_id: str = "contact-1") -> DeadlineExpired:
    return DeadlineExpired(kind, contact_id, due_at)


def after(*inputs: Input) -> Given[Input, OrderState | None, Event, Policy]:
    """Give the state after these inputs, each decided on by the domain itself."""
    state = SPEC.given()
    for each in inputs:
        state = state.when(each, now=LATER)
    return state


def order() -> Given[Input, OrderState | None, Event, Policy]:
    """Give an order that was released and of which nobody has written yet."""
    return after(received(), released())


def asked(*then: Input) -> Given[Input, OrderState | None, Event, Policy]:
    """Give an order whose buyer wrote at `ASKED`, and what came after that."""
    return after(received(), released(), message(), *then)


def return_asked(
    *then: Input, lines: tuple[Line, ...] = ()
) -> Given[Input, OrderState | None, Event, Policy]:
    """Give an order whose buyer asked at `ASKED` to return the lamp, and what came after that."""
    return after(received(*lines), released(), request(), *then)
