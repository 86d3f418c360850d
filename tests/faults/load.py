"""Two thousand claims and more, seeded: what is sent when, and what must come of each, said before anything runs."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from tests.support.events import Event, Order, buyer, delivered, seller, ups_number

START = datetime(2027, 1, 4, 8, 0, tzinfo=UTC)
_SELLERS = 40
_BUYERS = 60
_REGISTERED_SELLERS, _REGISTERED_BUYERS = 4, 6
"""The mail of all others waits for their address: orders and claims don't, and mail is not what this is about."""


class Story(StrEnum):
    """How one order goes, and so what is owed at the end."""

    SILENCE = "the seller is silent for 48 hours: granted at its filing"
    INFORMATION_PASSED = "the seller lets an information request pass: granted by its deadline"
    ANSWERED = "the seller answered in time and the parcel came: denied by an investigator"
    VOID = "an answer dated in time is read after the grant: voided, reimbursed, then denied"
    SETTLED = "settled by message: no claim"


_SHARES = {
    Story.SILENCE: 45,
    Story.INFORMATION_PASSED: 20,
    Story.ANSWERED: 10,
    Story.VOID: 15,
    Story.SETTLED: 10,
}


@dataclass(frozen=True, slots=True)
class Case:
    """One order and its story."""

    order: Order
    story: Story
    tracking_number: str

    @property
    def debits(self) -> int:
        """How often its seller is debited."""
        return 1 if self.story in {Story.SILENCE, Story.INFORMATION_PASSED, Story.VOID} else 0

    @property
    def reimbursements(self) -> int:
        """How often its seller gets a debit back."""
        return 1 if self.story is Story.VOID else 0

    @property
    def decision_mails(self) -> int:
        """How many mails of decisions its seller gets."""
        if int(self.order.seller_id.removeprefix("seller-")) >= _REGISTERED_SELLERS:
            return 0
        return {Story.SETTLED: 0, Story.VOID: 2}.get(self.story, 1)


@dataclass(frozen=True, slots=True)
class Phase:
    """What is sent at one moment of the business clock."""

    name: str
    at: datetime
    events: Sequence[Event]


def cases(seed: int, claims: int) -> list[Case]:
    """Make orders until that many of them have a claim."""
    rng = random.Random(seed)
    found: list[Case] = []
    claimed = 0
    while claimed < claims:
        number = len(found)
        story = rng.choices(list(_SHARES), weights=list(_SHARES.values()))[0]
        order = Order(
            order_id=f"order-{seed}-{number}",
            seller_id=f"seller-{rng.randrange(_SELLERS)}",
            buyer_id=f"buyer-{rng.randrange(_BUYERS)}",
            placed_at=START + timedelta(seconds=number % 600),
            amount_minor=rng.randrange(100, 100_000),
        )
        found.append(Case(order, story, ups_number(number)))
        claimed += story is not Story.SETTLED
    return found


def phases(all_cases: Sequence[Case]) -> Iterator[Phase]:
    """Lay the stories out on the business clock, in phases between which deadlines come."""
    yield Phase("accounts", START, _accounts())
    orders = [case.order for case in all_cases]
    placed = [each for order in orders for each in (order.placed(), order.verified())]
    yield Phase("orders", START + timedelta(minutes=11), placed)
    shipped_at = START + timedelta(days=1)
    came = [case for case in all_cases if case.story is not Story.SILENCE]
    yield Phase(
        "shipments", shipped_at, [case.order.shipped(shipped_at, case.tracking_number) for case in came]
    )
    scanned_at = START + timedelta(days=3)
    yield Phase("deliveries", scanned_at, [delivered(case.tracking_number, scanned_at) for case in came])
    wrote_at = START + timedelta(days=4)
    yield Phase("questions", wrote_at, [order.wrote("buyer", wrote_at) for order in orders])
    answered_at = wrote_at + timedelta(hours=40)
    answered = [c for c in all_cases if c.story in {Story.ANSWERED, Story.INFORMATION_PASSED, Story.SETTLED}]
    settled = [case.order.resolved(answered_at) for case in all_cases if case.story is Story.SETTLED]
    answers = [case.order.wrote("seller", answered_at, "It is on its way.") for case in answered]
    yield Phase("answers", answered_at, [*answers, *settled])
    yield from _claims(all_cases, answered_at)


def _claims(all_cases: Sequence[Case], answered_at: datetime) -> Iterator[Phase]:
    filed_at = START + timedelta(days=10)
    claimed = [case for case in all_cases if case.story is not Story.SETTLED]
    filings = [
        case.order.filed(filed_at, None if case.story is Story.SILENCE else "delivered_not_found")
        for case in claimed
    ]
    yield Phase("filings", filed_at, filings)
    asked_at = filed_at + timedelta(hours=1)
    asked = [case.order.asked(asked_at) for case in all_cases if case.story is Story.INFORMATION_PASSED]
    late = [
        case.order.wrote("seller", answered_at, "It was delivered.")
        for case in all_cases
        if case.story is Story.VOID
    ]
    yield Phase("late answers", asked_at, [*asked, *late])
    denied_at = filed_at + timedelta(days=3)
    denied = [
        case.order.denied(denied_at) for case in all_cases if case.story in {Story.ANSWERED, Story.VOID}
    ]
    yield Phase("decisions", denied_at, denied)
    yield Phase("the end", filed_at + timedelta(days=45), [])


def _accounts() -> list[Event]:
    sellers = [
        seller(f"seller-{number}", START, "zh" if number % 3 == 0 else "en")
        for number in range(_REGISTERED_SELLERS)
    ]
    return [*sellers, *(buyer(f"buyer-{number}", START) for number in range(_REGISTERED_BUYERS))]
