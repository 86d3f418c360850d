"""Orders with good defaults: placed at noon, of one line of two lamps at 20.00 each, in the United States."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from services.orders.domain.decide import decide
from services.orders.domain.events import (
    Event,
    OrderReceived,
    OrderReleased,
    ShipmentConfirmed,
    StockKept,
    StockReserved,
    VerificationKept,
)
from services.orders.domain.evolve import evolve
from services.orders.domain.inputs import (
    AddressRequested,
    CancelOrder,
    ChangeAddress,
    ClaimGranted,
    ConfirmShipment,
    Input,
    LeaveFeedback,
    Milestone,
    OrderPlaced,
    RefundOrder,
)
from services.orders.domain.model import (
    Actor,
    Carrier,
    ChargebackNews,
    ChargebackNewsKind,
    Line,
    MilestoneKind,
    Money,
    Placed,
    Policy,
    Quantity,
    Shipment,
    World,
)
from tests.support.given_when_then import Specification

NOON = datetime(2021, 3, 1, 12, tzinfo=UTC)
"""When orders are placed."""
HOLD_END = NOON + timedelta(minutes=30)
EXPIRY = NOON + timedelta(days=21)
CUTOFF = NOON + timedelta(days=30)
WARNING = NOON + timedelta(days=23)
SETTLED = CUTOFF + timedelta(minutes=10)
NEXT_DAY = NOON + timedelta(days=1)

UPS = "1Z5R89390357567127"
USPS = "9400111201080805483016"

POLICY = Policy(
    policy_id="2021-en",
    time_zone="America/Los_Angeles",
    hold=timedelta(minutes=30),
    verification=timedelta(days=21),
    ship_confirmation=timedelta(days=30),
    ship_confirmation_from="order_date",
    ship_confirmation_settle=timedelta(minutes=10),
    ship_by_warning=timedelta(days=7),
    ahead_max=timedelta(minutes=1),
    ship_date_after_scan_max=timedelta(days=1),
    carriers={
        "UPS": Carrier(frozenset(), {UPS}.__contains__),
        "USPS": Carrier(frozenset({"letter", "first-class letter"}), {USPS}.__contains__),
    },
)

orders: Specification[Input, World, Event, Policy] = Specification(decide, evolve, World(), POLICY)


def usd(amount_minor: int) -> Money:
    return Money(amount_minor, "USD")


def line(
    order_item_id: str = "lamp",
    quantity: int = 2,
    *,
    sku: str | None = None,
    unit_price: int = 2000,
    shipping: int = 0,
    tax: int = 0,
) -> Line:
    return Line(
        order_item_id=order_item_id,
        sku=sku or f"sku-{order_item_id}",
        title=f"A {order_item_id}",
        quantity=quantity,
        unit_price=usd(unit_price),
        shipping=usd(shipping),
        tax=usd(tax),
    )


def an_order(*lines: Line, order_id: str = "order-1", placed_at: datetime = NOON) -> Placed:
    return Placed(
        order_id=order_id,
        marketplace_id="us",
        policy_id="2021-en",
        buyer_id="buyer-1",
        seller_id="seller-1",
        placed_at=placed_at,
        fulfilment="seller",
        lines=lines or (line(),),
        ship_to_country="US",
        ship_from_country="US",
        ship_method="standard",
        expected_ship_date=date(2021, 3, 3),
        delivery_from=date(2021, 3, 6),
        delivery_to=date(2021, 3, 10),
    )


def placed(*lines: Line, order_id: str = "order-1") -> OrderPlaced:
    return OrderPlaced(an_order(*lines, order_id=order_id))


def received(*lines: Line, order_id: str = "order-1") -> OrderReceived:
    return OrderReceived(an_order(*lines, order_id=order_id), HOLD_END, EXPIRY)


def verified(at: datetime = NOON) -> VerificationKept:
    return VerificationKept(at)


def released(at: datetime = HOLD_END) -> OrderReleased:
    return OrderReleased(
        at=at,
        expected_ship_date=date(2021, 3, 3),
        delivery_from=date(2021, 3, 6),
        delivery_to=date(2021, 3, 10),
        confirm_by=CUTOFF,
        warn_at=WARNING,
        expires_at=SETTLED,
    )


def stocked(sku: str, quantity: int, at: datetime = NOON - timedelta(days=1)) -> StockKept:
    return StockKept("seller-1", sku, quantity, at)


def reserved(sku: str, quantity: int) -> StockReserved:
    return StockReserved("seller-1", sku, quantity, NOON)


def pending(*lines: Line) -> tuple[Event, ...]:
    return (received(*lines),)


def unshipped(*lines: Line) -> tuple[Event, ...]:
    return (received(*lines), verified(), released())


SELLER = Actor("seller", "seller-1")
BUYER = Actor("buyer", "buyer-1")
SUPPORT = Actor("support", "support-1")
STRANGERS = [
    Actor("seller", "seller-2"),
    Actor("buyer", "buyer-2"),
    Actor("buyer", "seller-1"),
    Actor("investigator", "investigator-1"),
    Actor("operator", "operator-1"),
]


def confirmation(
    *lines: Quantity,
    at: datetime = NEXT_DAY,
    shipment_id: str = "shipment-1",
    command_id: str | None = None,
    actor: Actor = SELLER,
    carrier: str = "UPS",
    method: str = "Ground",
    tracking_number: str = UPS,
    shipped_at: datetime | None = None,
) -> ConfirmShipment:
    return ConfirmShipment(
        command_id=command_id or f"confirm-{shipment_id}",
        at=at,
        actor=actor,
        shipment_id=shipment_id,
        carrier=carrier,
        method=method,
        tracking_number=tracking_number,
        shipped_at=shipped_at or at,
        lines=lines,
    )


def confirmed(
    *lines: Quantity,
    at: datetime = NEXT_DAY,
    shipment_id: str = "shipment-1",
    carrier: str = "UPS",
    tracking_number: str = UPS,
    tracking_valid: bool = True,
) -> ShipmentConfirmed:
    return ShipmentConfirmed(
        at=at,
        actor=SELLER,
        shipment=Shipment(
            shipment_id=shipment_id,
            command_id=f"confirm-{shipment_id}",
            carrier=carrier,
            method="Ground",
            tracking_number=tracking_number,
            shipped_at=at,
            label="seller",
            lines=lines or (Quantity("lamp", 2),),
            tracking_valid=tracking_valid,
            trackable=True,
        ),
    )


def scan(
    at: datetime,
    milestone: MilestoneKind = "delivered",
    *,
    promised_date: date | None = None,
    carrier: str = "UPS",
    tracking_number: str = UPS,
) -> Milestone:
    return Milestone(carrier, tracking_number, milestone, at, promised_date)


def granted(
    *lines: Quantity, claim_id: str = "claim-1", at: datetime = NEXT_DAY, compensation: int = 0
) -> ClaimGranted:
    named = lines or (Quantity("lamp", 2),)
    return ClaimGranted(claim_id, named, at, usd(compensation), f"{claim_id}-{at.isoformat()}")


def cancellation(
    *lines: Quantity,
    at: datetime = NEXT_DAY,
    actor: Actor = SELLER,
    note: str = "",
    command_id: str = "cancel-1",
) -> CancelOrder:
    return CancelOrder(command_id, at, actor, note, lines)


def refund(
    amount: int,
    *lines: Quantity,
    at: datetime = NEXT_DAY,
    actor: Actor = SELLER,
    currency: str = "USD",
    command_id: str = "refund-1",
) -> RefundOrder:
    return RefundOrder(command_id, at, actor, Money(amount, currency), "a scratch", lines)


def requested(message_id: str = "message-1", actor: Actor = BUYER) -> AddressRequested:
    return AddressRequested(message_id, actor)


def new_address(
    message_id: str = "message-1",
    *,
    at: datetime = NEXT_DAY,
    actor: Actor = SELLER,
    command_id: str = "change-1",
) -> ChangeAddress:
    return ChangeAddress(command_id, at, actor, message_id, "CA")


def feedback(
    rating: int = 2, *, at: datetime = NEXT_DAY, actor: Actor = BUYER, command_id: str = "rate-1"
) -> LeaveFeedback:
    return LeaveFeedback(command_id, at, actor, rating, "Not as shown.")


def chargeback(
    outcome: ChargebackNewsKind = "opened", amount: int = 4000, at: datetime = NEXT_DAY
) -> ChargebackNews:
    return ChargebackNews(outcome, at, usd(amount))
