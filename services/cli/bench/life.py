"""The life of an order that ends in a debit: what its people say and when, and what each service must say to it.

An order is placed and verified, its hold ends, the buyer writes, the seller keeps silent for 48 hours, the buyer
claims, and the claim is granted and debited. Business time is a clock's file, which every process reads and which is
moved from one chapter to the next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.cli.bench.loading import Sent, outside
from services.cli.bench.peers.plain import PREFIX
from services.cli.bench.watching import Came, what_came_twice
from services.cli.story.events import Event, Order, Person, ups_number
from shared.contracts.topics import (
    CLAIMS_EVENTS,
    FINANCE_DEBITS,
    MESSAGING_EVENTS,
    ORDERS_EVENTS,
    TIMER_COMMANDS,
    TIMER_EVENTS,
)

START = datetime(2027, 1, 4, 8, tzinfo=UTC)
"""When every order is placed: a Monday, at midnight in the marketplace."""
SELLERS = 500
_WROTE_AT, _FILED_AT = START + timedelta(days=6), START + timedelta(days=11)
_OF_A_SELLER = "day_ends"
_BUYER = Person("bench-buyer", "Buyer")

Sellers = Callable[[int], int]
"""Which seller an order is of, both by number."""


def evenly(number: int) -> int:
    """Spread orders over all sellers."""
    return number % SELLERS


def nearly_all_of_one(number: int) -> int:
    """Give nine orders in ten to one seller, and spread the rest."""
    return 0 if number % 10 else 1 + (number // 10) % (SELLERS - 1)


@dataclass(frozen=True, slots=True)
class Chapter:
    """What happens next in every life: the clock shows `at`, people say something, and facts follow."""

    name: str
    at: datetime
    say: Callable[[Order], Sequence[Event]]
    heard: Mapping[str, int]
    """How many records each life has on some topics by then."""


CHAPTERS: Sequence[Chapter] = (
    Chapter(
        "placed",
        START + timedelta(minutes=10),
        lambda order: [order.placed(), order.verified(START + timedelta(minutes=5))],
        {ORDERS_EVENTS: 1},
    ),
    Chapter("released", START + timedelta(hours=1), lambda _order: [], {ORDERS_EVENTS: 2}),
    Chapter("message", _WROTE_AT, lambda order: [_wrote(order)], {MESSAGING_EVENTS: 2}),
    Chapter("silence", _FILED_AT, lambda _order: [], {MESSAGING_EVENTS: 4, CLAIMS_EVENTS: 1}),
    Chapter("claim", _FILED_AT, lambda order: [order.filed(_FILED_AT)], {FINANCE_DEBITS: 2}),
)

SAID: Mapping[str, Sequence[str]] = {
    ORDERS_EVENTS: ("orders.order_received.v1", "orders.order_released.v1", "orders.order_canceled.v1"),
    MESSAGING_EVENTS: (
        "messaging.contact_opened.v1",
        "messaging.message_sent.v1",
        "messaging.resolution_overdue.v1",
        "messaging.response_overdue.v1",
    ),
    CLAIMS_EVENTS: ("claims.filing_opened.v1", "claims.claim_filed.v1", "claims.claim_granted.v1"),
    FINANCE_DEBITS: ("finance.seller_debited.v1", "finance.buyer_compensated.v1"),
    TIMER_EVENTS: (
        "timer.deadline_expired.v1 contact_due",
        "timer.deadline_expired.v1 filing_opens",
        "timer.deadline_expired.v1 hold_end",
        "timer.deadline_expired.v1 reminder_due",
        "timer.deadline_expired.v1 resolution_due",
        "timer.deadline_expired.v1 response_due",
    ),
    TIMER_COMMANDS: (
        *("timer.cancel.v1",) * 4,
        "timer.schedule.v1 appeal_end",
        "timer.schedule.v1 contact_due",
        "timer.schedule.v1 filing_opens",
        "timer.schedule.v1 hold_end",
        "timer.schedule.v1 reminder_due",
        "timer.schedule.v1 resolution_due",
        "timer.schedule.v1 response_due",
        "timer.schedule.v1 ship_by_warning",
        "timer.schedule.v1 ship_confirmation_due",
        "timer.schedule.v1 verification_due",
    ),
}
"""What each life must have led to on each topic, deadlines by what they are for.

The ends of a seller's days are left out: all of the seller's orders share them."""


def _wrote(order: Order) -> Event:
    return order.wrote("buyer", "Where is it?", _WROTE_AT)


@dataclass(frozen=True, slots=True)
class Lives:
    """So many orders, each with a life of its own; `prefix` tells those of one round from all others."""

    prefix: str
    count: int
    sellers: Sellers = evenly

    def ids(self) -> list[str]:
        """Name all orders."""
        return [f"{self.prefix}-{number}" for number in range(self.count)]

    def said_in(self, chapter: Chapter) -> Iterator[Sent]:
        """Write down what all people say in a chapter."""
        for number in range(self.count):
            order = self._order(number)
            for event in chapter.say(order):
                yield outside(event, order.order_id, f"{event.data.TYPE}-{order.order_id}")

    def _order(self, number: int) -> Order:
        return Order(
            order_id=f"{self.prefix}-{number}",
            seller=Person(f"{self.prefix}-seller-{self.sellers(number)}", "Seller"),
            buyer=_BUYER,
            placed_at=START,
            title="A lamp",
            sku="never-stocked",
            price_minor=4999,
            tracking_number=ups_number(1),
        )


def what_is_wrong(came: Sequence[Came], order_ids: Sequence[str]) -> str | None:
    """Hold what came against what every life must lead to; None when it is all there, once, and in its order."""
    if twice := what_came_twice(came):
        return twice
    heard: dict[str, defaultdict[str, list[str]]] = {topic: defaultdict(list) for topic in SAID}
    for each in came:
        if each.kind != _OF_A_SELLER:
            heard[each.topic.removeprefix(PREFIX)][each.order_id].append(each.said)
    for topic, lives in heard.items():
        if strange := lives.keys() - set(order_ids):
            return f"{topic} tells of {len(strange)} orders that nobody placed"
        for order_id in order_ids:
            if _in_order(topic, lives[order_id]) != list(SAID[topic]):
                return f"{order_id} came to this on {topic}: {lives[order_id]}"
    return None


def _in_order(topic: str, types: list[str]) -> list[str]:
    """Put what may come in any order into one: what several services ask of the timer, and what is due at once."""
    if topic in {TIMER_COMMANDS, TIMER_EVENTS}:
        return sorted(types)
    return types[:2] + sorted(types[2:]) if topic == MESSAGING_EVENTS else types
