"""Records that nobody can read, of each kind, and none that anybody can."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from shared.contracts import topics
from tests.support.events import Header, Order


@dataclass(frozen=True, slots=True)
class Poison:
    """One bad record: where it goes, and what is wrong with it."""

    what: str
    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[Header]


def every_kind(order: Order) -> list[Poison]:
    """Return one of each kind, about this order, on the topics that outsiders write."""
    good = order.placed()
    body = json.loads(good.value)
    key = order.order_id.encode()
    message = order.wrote("buyer", order.placed_at)

    def broken(change: Callable[[dict[str, object]], object]) -> bytes:
        copy = json.loads(good.value)
        change(copy)
        return json.dumps(copy).encode()

    def placed(what: str, value: bytes | None, headers: Sequence[Header] = good.headers) -> Poison:
        return Poison(what, topics.CHECKOUT_EVENTS, key, value, headers)

    without_type = [(name, value) for name, value in good.headers if name != "ce_type"]
    item = body["items"][0]
    return [
        placed("undecodable bytes", b"\xff\xfe\x00\x80"),
        placed("no value", None),
        placed("cut off in the middle", good.value[: len(good.value) // 2]),
        placed("no type", good.value, without_type),
        placed("an undecodable header", good.value, [*without_type, ("ce_type", b"\xff\xff")]),
        placed("a missing field", broken(lambda b: b.pop("buyer_id"))),
        placed("a number for a text", broken(lambda b: b.update(seller_id=7))),
        placed("true as an amount", broken(lambda b: b.update(items=[_priced(item, amount_minor=True)]))),
        placed("an absurd amount", broken(lambda b: b.update(items=[_priced(item, amount_minor=10**20)]))),
        placed("a negative amount", broken(lambda b: b.update(items=[_priced(item, amount_minor=-1)]))),
        placed("two currencies", broken(lambda b: b.update(items=[item, _priced(item, currency="EUR")]))),
        placed("a NUL in a text", broken(lambda b: b.update(ship_method="a\x00b"))),
        placed("an unknown marketplace", broken(lambda b: b.update(marketplace_id="atlantis"))),
        placed("an id of 300 characters", broken(lambda b: b.update(seller_id="x" * 300))),
        placed("a structured event cut off", b'{"specversion":"1.0","id":', [_STRUCTURED]),
        placed("the largest record, of nothing", b"x" * (topics.RECORD_BYTES_MAX - 2048)),
        Poison(
            "a command without its id", topics.MESSAGING_COMMANDS, key, b'{"order_id":"x"}', message.headers
        ),
        Poison(
            "a command that is no object",
            topics.CLAIMS_COMMANDS,
            key,
            b"[]",
            order.filed(order.placed_at).headers,
        ),
        Poison("a scan of nothing", topics.CARRIERS_EVENTS, None, b"{}", _typed("carriers.milestone.v1")),
        Poison("an account without an address", topics.ACCOUNTS_EVENTS, None, b"{}", _typed(_SELLER)),
    ]


_SELLER = "accounts.seller_registered.v1"
_STRUCTURED: Header = ("content-type", b"application/cloudevents+json")


def _typed(name: str) -> list[Header]:
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", b"poison"),
        ("ce_source", b"/poison"),
        ("ce_type", name.encode()),
        ("content-type", b"application/json"),
    ]


def _priced(item: dict[str, object], **change: object) -> dict[str, object]:
    price = item["unit_price"]
    assert isinstance(price, dict)
    return item | {"order_item_id": "other", "unit_price": price | change}


MARK: Header = ("poison", b"1")
"""On every bad record: nobody makes copies of it, so that each one sent is known by its place."""


def choose(seed: int, order: Order, count: int) -> list[Poison]:
    """Return every kind at least once, and more of them up to `count`, in a seeded order."""
    rng = random.Random(seed)
    kinds = every_kind(order)
    small = [each for each in kinds if len(each.value or b"") < topics.RECORD_BYTES_MAX // 2]
    chosen = kinds + rng.choices(small, k=max(0, count - len(kinds)))
    rng.shuffle(chosen)
    return [replace(each, headers=[*each.headers, MARK]) for each in chosen]
