"""From what is heard to the domain's inputs."""

from __future__ import annotations

from typing import cast, get_args

from services.orders.domain.carriers import number_key
from services.orders.domain.inputs import (
    AddressRequested,
    ClaimFiled,
    ClaimGranted,
    ClaimRefunded,
    DeadlineExpired,
    Input,
    ListingStocked,
    Milestone,
    OrderPlaced,
    ReturnReceived,
    ReturnWaived,
    SellerRegistered,
)
from services.orders.domain.model import (
    CancellationRequested,
    ChargebackNews,
    Line,
    PaymentNews,
    Placed,
    TimerKind,
    Verdict,
)
from services.orders.translate.commands import COMMANDS, actor_of, command_of, money_of, quantities_of
from services.orders.translate.policies import Policies
from shared.contracts import accounts, carriers, catalog, checkout, claims, messaging, orders, timer
from shared.contracts.data import Data

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
    checkout.ChargebackOpened,
    checkout.ChargebackClosed,
    *_VERDICTS,
    catalog.ListingStocked,
    accounts.SellerRegistered,
    claims.ClaimGranted,
    claims.AppealReversed,
    claims.ClaimRefundedBySeller,
    messaging.ReturnReceived,
    *COMMANDS,
)
_CANCELING: tuple[type[Data], ...] = (
    checkout.CancellationRequested,
    checkout.PaymentRefused,
    checkout.FraudDetected,
    claims.ClaimGranted,
    claims.AppealReversed,
    orders.CancelOrder,
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
        case checkout.ChargebackOpened() | checkout.ChargebackClosed():
            outcome = data.outcome if isinstance(data, checkout.ChargebackClosed) else "opened"
            return ChargebackNews(outcome, data.at, money_of(data.amount))
        case timer.DeadlineExpired() if data.owner == OWNER and data.kind in _OUR_TIMERS:
            return DeadlineExpired(cast("TimerKind", data.kind), data.due_at)
        case _:
            return _from_elsewhere(data) or _from_claims(data) or _from_messaging(data) or command_of(data)


def _from_elsewhere(data: Data) -> Input | None:
    match data:
        case catalog.ListingStocked():
            return ListingStocked(data.seller_id, data.sku, data.quantity, data.at)
        case carriers.Milestone():
            scanned = data.milestone, data.occurred_at, data.promised_date
            return Milestone(data.carrier, data.tracking_number, *scanned)
        case accounts.SellerRegistered():
            return SellerRegistered(data.plan)
        case _:
            return None


def _from_claims(data: Data) -> Input | None:
    match data:
        case claims.ClaimFiled() if data.extra_charges is not None:
            return ClaimFiled(data.claim_id, money_of(data.extra_charges))
        case claims.ClaimGranted():
            return _grant(data, is_grant=True)
        case claims.AppealReversed():
            return _grant(data, is_grant=data.first_outcome != "granted")
        case claims.ClaimRefundedBySeller():
            lines, amount = quantities_of(data.lines), money_of(data.amount)
            return ClaimRefunded(data.claim_id, lines, amount, data.at)
        case _:
            return None


def _grant(data: claims.ClaimGranted | claims.AppealReversed, *, is_grant: bool) -> ClaimGranted:
    return ClaimGranted(
        claim_id=data.claim_id,
        lines=quantities_of(data.lines),
        at=data.at,
        compensation=money_of(data.compensation),
        compensation_id=data.compensation_id or f"{data.claim_id}/{data.at.isoformat()}",
        is_grant=is_grant,
    )


def _from_messaging(data: Data) -> Input | None:
    match data:
        case messaging.MessageSent() if data.issue == "address_change":
            return AddressRequested(data.message_id, actor_of(data.actor))
        case messaging.ReturnAnswered() if data.answer == "refund_without_return":
            return ReturnWaived(data.contact_id, data.command_id, quantities_of(data.lines), data.answered_at)
        case messaging.ReturnReceived():
            return ReturnReceived(data.contact_id, quantities_of(data.lines))
        case _:
            return None


def is_heard(data: Data) -> bool:
    """Say whether the domain hears anything in a message."""
    if isinstance(data, timer.DeadlineExpired):
        return data.owner == OWNER and data.kind in _OUR_TIMERS
    if isinstance(data, carriers.Milestone):
        return number_key(data.carrier, data.tracking_number) != ""
    return isinstance(data, _HEARD) or _from_claims(data) is not None or _from_messaging(data) is not None


def may_cancel(data: Data) -> bool:
    """Say whether a message may cancel what an order has taken from the stock."""
    if isinstance(data, timer.DeadlineExpired):
        return data.owner == OWNER and data.kind in _CANCELING_TIMERS
    return isinstance(data, _CANCELING)


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
        unit_price=money_of(item.unit_price),
        shipping=money_of(item.shipping),
        tax=money_of(item.tax),
    )
