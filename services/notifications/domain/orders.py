"""What follows from facts about the order itself (O5, O7, O8, O11)."""

from __future__ import annotations

from collections.abc import Sequence

from services.notifications.domain import mails
from services.notifications.domain.case import Case, stop_all
from services.notifications.domain.facts import (
    LinesCanceled,
    OrderReleased,
)
from services.notifications.domain.model import (
    Event,
)


def order_released(case: Case, fact: OrderReleased) -> Sequence[Event]:
    """Tell both: the confirmation, and Sold, Ship Now (O7, O8)."""
    order = case.dossier.order
    confirmation = mails.OrderConfirmation(
        items=case.all_items(),
        placed_at=order.placed_at,
        delivery_from=fact.delivery_from,
        delivery_to=fact.delivery_to,
        is_moved=fact.delivery_to != order.delivery_to,
    )
    sold = mails.SoldShipNow(
        items=case.all_items(),
        fulfilment=order.fulfilment,
        ship_method=order.ship_method,
        expected_ship_date=fact.expected_ship_date,
        delivery_to=fact.delivery_to,
    )
    return [case.to_buyer(confirmation), case.to_seller(sold)]


def lines_canceled(case: Case, fact: LinesCanceled) -> Sequence[Event]:
    """Tell the buyer always, the seller only of what was canceled automatically (N1, O5)."""
    items = case.items(fact.lines)
    told: list[Event] = [case.to_buyer(mails.OrderCanceled(items, fact.is_whole, fact.reason, fact.amount))]
    if fact.reason == "ship_confirmation_expired":
        told.append(case.to_seller(mails.AutomaticCancellation(items, fact.is_whole)))
    stopped = stop_all(case, lambda clock: clock.kind == "response") if fact.is_whole else ()
    return [*told, *stopped]
