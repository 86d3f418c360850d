"""What each role may do with an order as it stands: exactly what its commands would then be accepted for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from services.orders.domain.addressing import open_requests
from services.orders.domain.canceling import not_wishable
from services.orders.domain.model import OrderRow, Released, Unplaced
from services.orders.domain.rating import not_ratable
from services.orders.domain.refunding import is_refundable
from services.orders.domain.refusals import CommandName
from services.orders.domain.refusing import MAY, Role, not_shippable


def actions(row: OrderRow, at: datetime) -> Mapping[Role, tuple[CommandName, ...]]:
    """Return what each role may do from an instant on. What happened before a release is told after it."""
    order = row.order
    if isinstance(order, Unplaced):
        return {}
    if isinstance(order, Released):
        at = max(at, order.released_at)
    is_shippable = not_shippable(order, at, is_open=True) is None
    return _by_role(
        is_shippable=is_shippable,
        is_wishable=not_wishable(row, at) is None,
        is_redirectable=is_shippable and bool(open_requests(row)),
        is_refundable=is_refundable(row),
        is_ratable=not_ratable(row, at) is None,
    )


@cache
def _by_role(
    *, is_shippable: bool, is_wishable: bool, is_redirectable: bool, is_refundable: bool, is_ratable: bool
) -> Mapping[Role, tuple[CommandName, ...]]:
    """Return which commands are open to whom. Few answers are possible: each is found once, and kept."""
    is_open: Mapping[CommandName, bool] = {
        "confirm_shipment": is_shippable,
        "change_address": is_redirectable,
        "refund_order": is_refundable,
        "leave_feedback": is_ratable,
    }
    may: dict[Role, tuple[CommandName, ...]] = {}
    for name, roles in MAY.items():
        for role in roles:
            cancels = is_shippable if role == "seller" else is_wishable
            if cancels if name == "cancel_order" else is_open[name]:
                may[role] = (*may.get(role, ()), name)
    return may
