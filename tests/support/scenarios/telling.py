"""What came of a scenario, in the words in which its file expects it; the same for both runners."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from shared.contracts import claims, finance, orders, performance, topics
from shared.contracts.data import Data
from shared.contracts.facts import Line
from tests.support.scenarios.cast import Purchase, written
from tests.support.scenarios.playing import Play

SECTION_TOPICS: Mapping[str, str] = {
    "orders": topics.ORDERS_EVENTS,
    "messaging": topics.MESSAGING_EVENTS,
    "claims": topics.CLAIMS_EVENTS,
    "performance": topics.PERFORMANCE_EVENTS,
    "inventory": topics.INVENTORY_EVENTS,
}
ORDINARY = frozenset({"order received", "message sent", "health changed"})
"""Facts that only repeat what was done: looked at only where a scenario lists one of that kind."""
_RATES: Mapping[str, str] = {
    "order defect rate": "order_defect_rate",
    "cancellation rate": "pre_fulfilment_cancel_rate",
    "answered in time": "answered_in_time_rate",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: what, when, and about which order."""

    words: str
    at: datetime | None
    data: Data
    order: Purchase

    def shown(self, name: str) -> str:
        """Return a field as scenarios write it; `because` are the grounds that hold, `rules` all that hold."""
        if name == "because":
            return ", ".join(rule for rule in self._held() if rule.startswith("C6."))
        if name == "rules":
            return ", ".join(self._held())
        if name == "missing":
            return ", ".join(getattr(self.data, "missing", None) or ()) or "nothing"
        if name == "order":
            return self.order.name
        if name == "by role":
            actor = getattr(self.data, "actor", None)
            return actor.kind if actor else "nobody"
        return _shown(_field(self.data, name), self.order)

    def _held(self) -> Sequence[str]:
        explanation = getattr(self.data, "explanation", ())
        return list(dict.fromkeys(trace.rule for trace in explanation if trace.holds))


def _field(data: Data, name: str) -> Any:
    wanted = name.replace(" ", "_")
    attribute = {"from": "from_"}.get(wanted, wanted)
    if attribute not in type(data).model_fields:
        raise KeyError(f"{type(data).__name__} has no field {wanted}")
    return getattr(data, attribute)


def _shown(value: Any, order: Purchase) -> str:  # noqa: PLR0911  one arm a shape
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return order.calendar.shown(value)
    if isinstance(value, date):
        return order.calendar.shown_day(value)
    if isinstance(value, Line):
        return f"{value.quantity} {value.order_item_id.rpartition('/')[2]}"
    if isinstance(value, BaseModel) and hasattr(value, "amount_minor"):
        return written(value.amount_minor, value.currency)  # type: ignore[attr-defined]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_shown(each, order) for each in value)
    return _short(str(value), order)


def _short(value: str, order: Purchase) -> str:
    """Leave out of an id what all of a scenario's ids begin with."""
    for prefix in (f"{order.order_id}/", f"{order.prefix}."):
        if value.startswith(prefix):
            return value.removeprefix(prefix).rpartition("/")[2]
    return value


@dataclass(frozen=True, slots=True)
class Told:
    """All that a scenario may expect."""

    sections: Mapping[str, Sequence[Fact]]
    money: Sequence[str]
    mails: Mapping[str, Sequence[str]]
    ends: Mapping[str, str]
    rates: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sources:
    """What a run left behind: all bodies in their order by topic, mails as (template, party), and how things ended."""

    said: Sequence[tuple[str, Data]]
    mails: Sequence[tuple[str, str]]
    ends: Mapping[str, str]


def tell(play: Play, sources: Sources) -> Told:
    """Tell what came of a scenario."""
    facts = [
        (topic, data, order) for topic, data in sources.said if (order := _order_of(data, play)) is not None
    ]
    return Told(
        sections={
            section: [_fact(data, order) for found, data, order in facts if found == topic]
            for section, topic in SECTION_TOPICS.items()
        },
        money=[line for _, data, order in facts if (line := _money(data, order))],
        mails=_mails(sources.mails, play),
        ends=sources.ends,
        rates=_rates(data for _, data, _ in facts),
    )


def _order_of(data: Data, play: Play) -> Purchase | None:
    """Find which of the orders it is about; a seller's fact is about the first."""
    orders = {order.order_id: order for order in play.orders.values()}
    found = orders.get(getattr(data, "order_id", None) or "")
    if found is None and getattr(data, "seller_id", None) in {each.seller_id for each in orders.values()}:
        return next(iter(orders.values()))
    return found


def _fact(data: Data, order: Purchase) -> Fact:
    _, _, name = data.TYPE.partition(".")
    return Fact(name.rpartition(".")[0].replace("_", " "), getattr(data, "at", None), data, order)


def _money(data: Data, order: Purchase) -> str | None:
    match data:
        case finance.SellerDebited():
            return f"seller debited {_shown(data.amount, order)}"
        case finance.SellerReimbursed():
            return f"seller reimbursed {_shown(data.amount, order)}"
        case finance.BuyerCompensated():
            return f"buyer compensated {_shown(data.amount, order)} by the {data.funding}"
        case orders.RefundRecorded():
            return f"buyer refunded {_shown(data.amount, order)} ({data.cause})"
        case orders.OrderCanceled() | orders.LinesCanceled() if data.amount.amount_minor:
            return f"not charged {_shown(data.amount, order)}"
        case _:
            return None


def _mails(mails: Iterable[tuple[str, str]], play: Play) -> Mapping[str, Sequence[str]]:
    order = next(iter(play.orders.values()))
    sent: dict[str, list[str]] = {}
    for template, party in mails:
        who = party.removeprefix(f"{order.prefix}.").replace("-", " ")
        sent.setdefault(who, []).append(_mail(template))
    return sent


def _mail(template: str) -> str:
    return template.removesuffix("_to_buyer").removesuffix("_to_seller").replace("_", " ")


def _rates(facts: Iterable[Data]) -> Mapping[str, str]:
    changes = [data for data in facts if isinstance(data, performance.HealthChanged)]
    if not changes:
        return {}
    last = changes[-1].rates
    rates = {name: getattr(last, attribute) for name, attribute in _RATES.items()}
    return {name: f"{rate.numerator} of {rate.denominator}" for name, rate in rates.items()}


DECISIONS = (
    claims.ClaimGranted,
    claims.ClaimDenied,
    claims.GrantVoided,
    claims.ClaimRefused,
    claims.AppealReversed,
    claims.AppealUpheld,
)
