"""What claims keeps: a row an order, with its dossier and its claims, and the answers that came too late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from datetime import datetime

from services.claims.domain.state import OrderState
from shared.contracts.erasure import Sides
from shared.kit.db import Connection
from shared.kit.service import Kind
from shared.kit.sql import queries
from shared.values import dataclass

ORDER = "order"
KINDS = (Kind(ORDER, OrderState),)

QUERIES = queries("services.claims", "store.sql")


def sides(state: OrderState) -> Sides | None:
    """Say whose order it is, once it is known. The row itself holds no text of anybody's."""
    order = state.dossier.order
    return Sides(order.buyer_id, order.seller_id) if order else None


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """An answer dated in time that was read after its claim had closed."""

    order_id: str
    claim_id: str
    source_id: str
    answered_at: datetime
    read_at: datetime


async def apply(connection: Connection, effects: Sequence[LateAnswer]) -> None:
    """Write what a batch saw too late, in its transaction."""
    columns = zip(*(astuple(effect) for effect in effects), strict=True)
    await connection.execute(QUERIES["add_late_answers"], *(list(column) for column in columns))


async def late_answers(connection: Connection, limit: int) -> Sequence[LateAnswer]:
    """Return the latest of them, for an operator."""
    return [LateAnswer(**dict(row)) for row in await connection.fetch(QUERIES["list_late_answers"], limit)]
