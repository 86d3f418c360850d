"""Reading an order costs microseconds: no second parse, no detour through Python objects."""

from __future__ import annotations

import json
import timeit

from shared.contracts.envelope import read
from shared.contracts.examples import event
from tests.contracts.records import binary

TIMES_PLAIN_JSON_MAX = 12
"""How often the time that the standard library takes to parse the body alone. Seen: 3 to 4."""


def test_an_order_in_binary_mode_is_read_in_a_few_times_what_plain_json_takes() -> None:
    headers, value = binary(event("checkout.order_placed.v1"))
    read_seconds = min(timeit.repeat(lambda: read("checkout.events", headers, value), number=500, repeat=7))
    json_seconds = min(timeit.repeat(lambda: json.loads(value), number=500, repeat=7))
    assert read_seconds < TIMES_PLAIN_JSON_MAX * json_seconds
