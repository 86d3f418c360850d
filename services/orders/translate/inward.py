"""From what is heard to the domain's inputs."""

from __future__ import annotations

from typing import cast, get_args

from services.orders.domain.carriers import number_key
from services.orders.domain.inputs import (
    ClaimGranted,
    ConfirmShipment,
    DeadlineExpired,
    Input,
    ListingStocked,
    Milestone,
    OrderPlaced,
)
from services.orders.domain.model import (
    Actor,
    CancellationRequested,
    FileRow,
    Line,
    Money,
    PaymentNews,
    Placed,
    Quantity,
    TimerKind,
    Verdict,
)
from services.orders.translate.policies import Policies
from shared.contracts import carriers, catalog, checkout, claims, orders, timer
from shared.contracts.data import Data
from shared.contracts.facts import Line as SaidLine
from shared.contracts.money import Money as SaidMoney

OWNER = "orders"
"""The name under which this service asks for its timers."""

_OUR_TIMERS: frozenset[str] = frozenset(get_args(TimerKind))
_CANCELING_TIMERS = frozenset({"verification_due", "ship_confirmation_due"})
_VERDICTS: dict[type[Data], Verdict] = {
    checkout.PaymentVerified: "verified",
    checkout.PaymentDelayed: "delayed",
    checkout.PaymentFailed: "failed",
    checkout.PaymentRefused: "refused",
    checkout.FraudDetected: "fraud",
}
_HEARD: tuple[type[Data], ...] = (
    checkout.OrderPlaced,
    checkout.CancellationRequested,
    *_VERDICTS,
    catalog.ListingStocked,
    orders.ConfirmShipment,
    claims.ClaimGranted,
)
TITLES_CHARACTERS_MAX = 80_000
TITLE_CUT_CHARACTERS = 60
"""An order's facts must fit into a record as its placement did: where titles fill it, they are cut in ours."""


def input_of(data: Data, policies: Policies) -> Input | None:
    """Return what the domain hears in a message; None if it is not for us."""
    match data:
        case checkout.OrderPlaced():
            return OrderPlaced(_placed(data, policies))
        case checkout.CancellationRequested():
            return CancellationRequested(data.requested_at)
        case (
            checkout.PaymentVerified()
            | checkout.PaymentDelayed()
            | checkout.PaymentFailed()
            | checkout.PaymentRefused()
            | checkout.FraudDetected()
        ):
            return PaymentNews(_VERDICTS[type(data)], data.at)
        case orders.ConfirmShipment():
            return _confirmation(data)
        case timer.DeadlineExpired() if data.owner == OWNER and data.kind in _OUR_TIMERS:
            return DeadlineExpired(cast("TimerKind", data.kind), data.due_at)
        case _:
            return _from_elsewhere(data)


def _from_elsewhere(data: Data) -> Input | None:
    match data:
        case catalog.ListingStocked():
            return ListingStocked(data.seller_id, data.sku, data.quantity, data.at)
        case carriers.Milestone():
            scanned = data.milestone, data.occurred_at, data.promised_date
            return Milestone(data.carrier, data.tracking_number, *scanned)
        case claims.ClaimGranted():
            return ClaimGranted(data.claim_id, quantities_of(data.lines), data.at)
        case _:
            return None


def is_heard(data: Data) -> bool:
    """Say whether the domain hears anything in a message."""
    if isinstance(data, timer.DeadlineExpired):
        return data.owner == OWNER and data.kind in _OUR_TIMERS
    if isinstance(data, carriers.Milestone):
        return number_key(data.carrier, data.tracking_number) != ""
    return isinstance(data, _HEARD)


def may_cancel(data: Data) -> bool:
    """Say whether a message may cancel what an order has taken from the stock."""
    if isinstance(data, timer.DeadlineExpired):
        return data.owner == OWNER and data.kind in _CANCELING_TIMERS
    return isinstance(
        data,
        checkout.CancellationRequested
        | checkout.PaymentRefused
        | checkout.FraudDetected
        | claims.ClaimGranted,
    )


def _placed(data: checkout.OrderPlaced, policies: Policies) -> Placed:
    return Placed(
        order_id=data.order_id,
        marketplace_id=data.marketplace_id,
        policy_id=policies.id_in_force(data.marketplace_id, data.placed_at),
        buyer_id=data.buyer_id,
        seller_id=data.seller_id,
        placed_at=data.placed_at,
        fulfilment=data.fulfilment,
        lines=_lines(data.items),
        ship_to_country=data.ship_to.country,
        ship_from_country=data.ship_from_country,
        ship_method=data.ship_method,
        expected_ship_date=data.expected_ship_date,
        delivery_from=data.delivery_from,
        delivery_to=data.delivery_to,
    )


def _lines(items: tuple[checkout.Item, ...]) -> tuple[Line, ...]:
    cut = None
    if sum(len(item.title) for item in items) > TITLES_CHARACTERS_MAX:
        cut = TITLE_CUT_CHARACTERS
    return tuple(line_of(item, cut) for item in items)


def line_of(item: checkout.Item, cut: int | None = None) -> Line:
    """Return an order item, its title cut to so many characters."""
    return Line(
        order_item_id=item.order_item_id,
        sku=item.sku,
        title=item.title[:cut],
        quantity=item.quantity,
        unit_price=_money(item.unit_price),
        shipping=_money(item.shipping),
        tax=_money(item.tax),
    )


def _money(money: SaidMoney) -> Money:
    return Money(money.amount_minor, money.currency)


def quantities_of(lines: tuple[SaidLine, ...]) -> tuple[Quantity, ...]:
    """Return lines as the domain counts them."""
    return tuple(Quantity(line.order_item_id, line.quantity) for line in lines)


def _confirmation(data: orders.ConfirmShipment) -> ConfirmShipment:
    return ConfirmShipment(
        command_id=data.command_id,
        at=data.at,
        actor=Actor(data.actor.kind, data.actor.id),
        shipment_id=data.shipment_id,
        carrier=data.carrier or "",
        method=data.method or "",
        tracking_number=data.tracking_number or "",
        shipped_at=data.shipped_at,
        label=data.label,
        lines=quantities_of(data.lines),
        source=FileRow(data.source.file_id, data.source.row) if data.source else None,
    )
