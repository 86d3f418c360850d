"""A state is read by its shape as it would be by trying every shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import SchemaValidator

from services.claims.store import KINDS as CLAIMS
from services.messaging.store import KINDS as MESSAGING
from services.notifications.store import KINDS as NOTIFICATIONS
from services.orders.store import KINDS as ORDERS
from services.performance.store import KINDS as PERFORMANCE
from shared.kit.service import Kind
from shared.kit.shapes import reader
from tests.unit.claims.builders import contacted, file_claim

KINDS = [*ORDERS, *MESSAGING, *CLAIMS, *PERFORMANCE, *NOTIFICATIONS]


@dataclass(frozen=True)
class Waiting:
    since: int
    shape: Literal["waiting"] = "waiting"


@dataclass(frozen=True)
class Done:
    was: Waiting | None
    shape: Literal["done"] = "done"


@dataclass(frozen=True)
class Line:
    words: tuple[int | str, ...] = ()


@dataclass(frozen=True)
class Row:
    state: Waiting | Done | None = None
    last: Line | int = 0


@pytest.mark.parametrize(
    "row",
    [
        Row(),
        Row(Waiting(3), 4),
        Row(Done(Waiting(3)), Line((1, "one"))),
    ],
)
def test_a_row_is_read_as_it_was_written(row: Row) -> None:
    assert reader(Row).validate_json(TypeAdapter(Row).dump_json(row)) == row


@pytest.mark.parametrize("state", [{"shape": "lost", "since": 3}, {"since": 3}])
def test_a_shape_that_is_not_known_is_refused(state: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="union_tag"):
        reader(Row).validate_python({"state": state})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_there_is_a_reader_for_every_state_of_every_service(kind: Kind) -> None:
    assert isinstance(reader(kind.state), SchemaValidator)


def test_an_unknown_shape_of_a_claim_is_told_as_that_and_not_as_what_every_shape_lacks() -> None:
    (kind,) = CLAIMS
    body = TypeAdapter(kind.state).dump_python(contacted(file_claim()).state, mode="json")
    assert reader(kind.state).validate_python(body).decided.claims[0].shape == "granted"
    body["decided"]["claims"][0]["shape"] = "lost"
    with pytest.raises(ValidationError) as found:
        reader(kind.state).validate_python(body)
    assert [each["type"] for each in found.value.errors()] == ["union_tag_invalid"]
