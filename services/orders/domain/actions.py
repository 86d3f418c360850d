"""What each role may do with an order as it stands: exactly what its commands would then be accepted for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.orders.domain.addressing import open_requests
from services.orders.domain.canceling import not_wishable
from services.orders.domain.model import OrderRow, Released, Unplaced
from services.orders.domain.rating import not_ratable
from services.orders.domain.refunding import is_refundable
from services.orders.domain.refusals import CommandName
from services.orders.domain.refusing import MAY, Role, not_shippable


def actions(row: OrderRow, at: datetime) -> Mapping[Role, Sequence[CommandName]]:
    """Return what each role may do from an instant on. What happened before a release is told after it."""
    if isinstance(row.order, Unplaced):
        return {}
    if isinstance(row.order, Released):
        at = max(at, row.order.released_at)
    is_shippable = not_shippable(row.order, at, is_open=True) is None
    by_wish = not_wishable(row, at) is None
    is_open: Mapping[CommandName, bool] = {
        "confirm_shipment": is_shippable,
        "change_address": is_shippable and bool(open_requests(row)),
        "refund_order": is_refundable(row),
        "leave_feedback": not_ratable(row, at) is None,
    }
    may: dict[Role, list[CommandName]] = {}
    for name, roles in MAY.items():
        for role in roles:
            cancels = is_shippable if role == "seller" else by_wish
            if cancels if name == "cancel_order" else is_open[name]:
                may.setdefault(role, []).append(name)
    return may
