"""An order's row of before refunds is read as one that its history replays to."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from services.orders.domain.inputs import DeadlineExpired, Input
from services.orders.domain.model import CancellationRequested, OrderRow, Quantity
from services.orders.store import KINDS
from shared.kit.states import body_from_json
from tests.unit.orders.build import (
    NEXT_DAY,
    NOON,
    SETTLED,
    confirmed,
    granted,
    line,
    orders,
    pending,
    received,
    unshipped,
)

LINES = (line("lamp", 3, unit_price=1000, shipping=100, tax=50), line("shade", 1))
PARTLY = (*unshipped(*LINES), confirmed(Quantity("lamp", 1)))
EXPIRED = DeadlineExpired("ship_confirmation_due", SETTLED)


def as_it_was(row: OrderRow) -> str:
    """Write a row as the release before would have."""
    body: dict[str, Any] = TypeAdapter(OrderRow).dump_python(row, mode="json")
    body["claims_applied"] = body.pop("heard")["claims_applied"]
    del body["account"]
    for name in ("wished", *(("canceled",) if body["order"]["shape"] == "pending" else ())):
        body["order"].pop(name, None)
    return json.dumps(body)


@pytest.mark.parametrize(
    ("events", "command"),
    [
        ((), None),
        (pending(*LINES), None),
        ((received(*LINES),), CancellationRequested(NOON)),
        (unshipped(*LINES), CancellationRequested(NEXT_DAY)),
        (unshipped(*LINES), EXPIRED),
        (PARTLY, EXPIRED),
        (unshipped(*LINES), granted(Quantity("lamp", 1))),
    ],
)
def test_a_row_of_before_refunds_is_read_as_todays(events: tuple[Any, ...], command: Input | None) -> None:
    row = orders.given(*events).state.row
    if command is not None:
        row = orders.given(*events).when(command, now=SETTLED + timedelta(hours=1)).state.row
    read: OrderRow = body_from_json(KINDS[0], 1, as_it_was(row))
    assert read.order == row.order
    assert {item: minor for item, minor in read.account.given.items() if minor} == {
        item: minor for item, minor in row.account.given.items() if minor
    }
    assert read.heard == row.heard
