"""Sellers' rates: what was said last is what all facts come to (H1, H2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from services.cli.checks.merging import merged
from services.cli.checks.model import Look, Snapshot
from services.performance.domain.health import health_of
from services.performance.domain.model import OF_ORDERS, Bucket, Health, Place, SellerRow, Tally
from services.performance.domain.policy import Policies
from services.performance.store import KINDS
from services.performance.translate.policies import policies_of
from shared.kit.states import body_from_json

_Days = dict[Place, Tally]


async def rates_recounted(snapshot: Snapshot) -> Look:
    """Count every seller's orders and contacts anew, from all services' facts, and compare."""
    policies = policies_of(snapshot.catalogue)
    counted = await _recount(snapshot, policies)
    look = Look()
    async for row in snapshot.rows("sellers"):
        seller: SellerRow = body_from_json(KINDS[1], row["schema_version"], row["body"])
        look.note(row["key"], _difference(seller, counted.pop(row["key"], {}), policies))
    for seller_id in counted:
        look.note(seller_id, "has orders or contacts that count, and no row")
    return look


async def _recount(snapshot: Snapshot, policies: Policies) -> dict[str, _Days]:
    sellers: defaultdict[str, _Days] = defaultdict(dict)
    streams = [
        snapshot.rows(name) for name in ("orders_of_sellers", "contacts_of_orders", "defects_standing")
    ]
    async for _, (orders, contacts, defects) in merged(*streams):
        for order in orders:
            days = sellers[order["seller_id"]]
            for place, tally in _of_order(order, contacts, defects, policies):
                days[place] = days.get(place, Tally()) + tally
    return {seller_id: days for seller_id, days in sellers.items() if days}


def _of_order(
    order: Any, contacts: Sequence[Any], defects: Sequence[Any], policies: Policies
) -> Iterator[tuple[Place, Tally]]:
    where = order["marketplace_id"]
    kinds = {row["kind"] for row in defects}
    if order["is_released"]:
        placed = Place(where, order["policy_id"], policies.day(where, order["placed_at"]))
        yield placed, Tally(1, int(bool(kinds & OF_ORDERS)))
        if canceled := [row["day"] for row in defects if row["kind"] == "cancellation"]:
            yield Place(where, order["policy_id"], min(canceled)), Tally(canceled=1)
    late = {row["contact_id"] for row in defects if row["kind"] == "late_answer"}
    for contact in contacts:
        in_time = _in_time(contact, policies)
        if in_time or contact["contact_id"] in late:
            place = Place(where, contact["policy_id"], policies.day(where, contact["opened_at"]))
            yield place, Tally(contacts=1, answered=int(in_time))


def _in_time(contact: Any, policies: Policies) -> bool:
    if contact["responded_at"] is None:
        return False
    taken = contact["responded_at"] - contact["opened_at"]
    return bool(taken <= policies.of(contact["policy_id"]).answered_within)


def _difference(seller: SellerRow, days: _Days, policies: Policies) -> str | None:
    if seller.as_of is None or seller.said is None:
        return None if not days else "nothing was said of its rates"
    marketplaces = tuple(sorted({place.marketplace_id for place in days} | {*seller.marketplaces}))
    recounted = SellerRow(marketplaces=marketplaces, buckets=tuple(map(Bucket, days, days.values())))
    health = health_of(recounted, seller.as_of, policies)
    said, comes_to = _numbers(seller.said), _numbers(health) if health else None
    return None if said == comes_to else f"its rates were said to be {said}, and come to {comes_to}"


def _numbers(health: Health) -> list[tuple[int, int]]:
    return [(numerator, denominator) for numerator, denominator, _ in health.numbers]
