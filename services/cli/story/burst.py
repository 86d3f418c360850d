"""The last chapter: many orders at once, and while their claims are decided a service and Kafka are killed."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from services.cli.errors import CommandError, Exit
from services.cli.story.events import Event, Order, ups_number
from services.cli.story.hearing import Fact
from services.cli.story.script import BUYERS, SELLERS, START, morning_after
from shared.contracts.claims import ClaimGranted
from shared.contracts.finance import SellerDebited

if TYPE_CHECKING:
    from services.cli.embedded.server import Server
    from services.cli.quiet import Quiet
    from services.cli.story.stage import Stage

ORDERS = 60
STEPS = 5
"""How often it moves the progress bar."""
_BACK_SECONDS_MAX = 180.0
_LOOK_SECONDS = 0.02
_BETWEEN_FILINGS_SECONDS = 0.04
_PREFIX = "burst-"


@dataclass(frozen=True, slots=True)
class Counted:
    """What came of the burst: orders, orders debited, and those debited more than once."""

    orders: int
    debited: int
    twice: int

    @property
    def is_right(self) -> bool:
        """Whether each order was debited exactly once."""
        return self.debited == self.orders and self.twice == 0


def orders(placed_at: datetime) -> Sequence[Order]:
    """Make the orders of the burst: none is ever shipped."""
    return [
        Order(
            order_id=f"{_PREFIX}{number}",
            seller=SELLERS[number % len(SELLERS)],
            buyer=BUYERS[number % len(BUYERS)],
            placed_at=placed_at,
            title="Something that never comes",
            sku=f"{SELLERS[number % len(SELLERS)].id}-goods",
            price_minor=1000 + number,
            tracking_number=ups_number(1000 + number),
        )
        for number in range(1, ORDERS + 1)
    ]


class Burst:
    """Plays the chapter on a system whose processes it may kill."""

    def __init__(self, stage: Stage, quiet: Quiet, claims: Server, kafka: Server) -> None:
        self._stage = stage
        self._quiet = quiet
        self._claims = claims
        self._kafka = kafka

    async def play(self) -> Counted:
        """Place, write, wait, file; kill in the middle; wait until all is quiet again; count."""
        self._stage.title(
            "kill -9 in the middle of it",
            f"{ORDERS} more orders, {ORDERS} buyers who hear nothing and file at the same time. While their claims are "
            "decided, the claims service and then Kafka are killed.",
        )
        start = morning_after(self._stage.now, START)
        burst = orders(start)
        await self._all_at(start, "checkout", f"{ORDERS} orders are placed and paid", self._placed(burst))
        wrote_at, filed_at = start + timedelta(days=6), start + timedelta(days=10)
        questions = [order.wrote("buyer", "Where is it?", wrote_at) for order in burst]
        await self._all_at(
            wrote_at, "buyers", f"{ORDERS} buyers write “Where is it?”, and nobody answers", questions
        )
        await self._stage.until(filed_at, quietly=True)
        await self._file_under_fire([order.filed(filed_at) for order in burst])
        return self._count(burst)

    async def _all_at(self, at: datetime, who: str, text: str, events: Sequence[Event]) -> None:
        await self._stage.until(at, quietly=True)
        self._stage.line(who, text, style="cyan")
        await self._stage.send(events)
        await self._quiet.wait()
        await self._stage.hear_silently()
        self._stage.advance_bar()

    def _placed(self, burst: Sequence[Order]) -> Sequence[Event]:
        return [event for order in burst for event in (order.placed(), order.verified(order.placed_at))]

    async def _file_under_fire(self, filings: Sequence[Event]) -> None:
        half = len(filings) // 2
        self._stage.line("buyers", f"{half} claims are filed, one after the other", style="cyan")
        await self._while_filing(filings[:half], half // 3, "the claims service", self._claims)
        await self._until_granted(half)
        self._stage.line("buyers", f"{len(filings) - half} more are filed", style="cyan")
        await self._while_filing(filings[half:], half + half // 3, "Kafka", self._kafka)
        await self._until_quiet()
        await self._stage.hear_silently()
        self._stage.line("", f"everything is back, all is quiet: {self._granted()} of {ORDERS} are granted")
        self._stage.advance_bar()

    async def _while_filing(self, filings: Sequence[Event], granted: int, name: str, server: Server) -> None:
        """File claims, and kill a server once so many are granted in all."""
        filing = asyncio.ensure_future(self._file(filings))
        try:
            await self._until_granted(granted)
            await self._kill(name, server)
            done, _ = await asyncio.wait({filing}, timeout=_BACK_SECONDS_MAX)
            if not done:
                raise _not_back(name)
            filing.result()
        finally:
            filing.cancel()

    async def _file(self, filings: Sequence[Event]) -> None:
        for event in filings:
            await self._stage.send([event])
            await asyncio.sleep(_BETWEEN_FILINGS_SECONDS)

    async def _kill(self, name: str, server: Server) -> None:
        await asyncio.to_thread(server.kill)
        granted = self._granted()
        self._stage.line("kill -9", f"{name}, after {granted} of {ORDERS} are granted", style="bold red")
        self._stage.advance_bar()

    async def _until_granted(self, count: int) -> None:
        give_up = time.monotonic() + _BACK_SECONDS_MAX
        while self._granted() < count:
            if time.monotonic() > give_up:
                raise _not_back("The claims service")
            await self._stage.hear_silently()
            await asyncio.sleep(_LOOK_SECONDS)

    async def _until_quiet(self) -> None:
        """Wait for Kafka and for everybody who was talking to it."""
        from aiokafka.errors import KafkaError

        give_up = time.monotonic() + _BACK_SECONDS_MAX
        while time.monotonic() < give_up:
            with suppress(KafkaError):
                await self._quiet.wait()
                return
            await asyncio.sleep(_LOOK_SECONDS)
        raise _not_back("Kafka")

    def _granted(self) -> int:
        return sum(1 for fact in self._stage.facts if fact.type == ClaimGranted.TYPE and _is_ours(fact))

    def _count(self, burst: Sequence[Order]) -> Counted:
        debits = Counter(
            fact.order_id for fact in self._stage.facts if fact.type == SellerDebited.TYPE and _is_ours(fact)
        )
        return Counted(len(burst), len(debits), sum(1 for count in debits.values() if count > 1))


def _not_back(name: str) -> CommandError:
    return CommandError(
        Exit.CHECK_FAILED,
        what=f"{name} has not come back.",
        why=f"it was killed on purpose {_BACK_SECONDS_MAX:.0f} s ago, and the supervisor starts it again.",
        remedy="see whether this machine is very busy; keep a system open with `recourse up` and look at its logs.",
    )


def _is_ours(fact: Fact) -> bool:
    return fact.order_id.startswith(_PREFIX)
