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
    may: dict[Role, list[CommandName]] = {}
    for name, roles in MAY.items():
        for role in roles:
            if _is_open(name, role, row, at):
                may.setdefault(role, []).append(name)
    return may


def _is_open(name: CommandName, role: Role, row: OrderRow, at: datetime) -> bool:
    is_shippable = not_shippable(row.order, at, is_open=True) is None
    match name:
        case "confirm_shipment":
            return is_shippable
        case "cancel_order":
            return is_shippable if role == "seller" else not_wishable(row, at) is None
        case "change_address":
            return is_shippable and bool(open_requests(row))
        case "refund_order":
            return is_refundable(row)
        case "leave_feedback":
            return not_ratable(row, at) is None
