"""Playing a story on a running system: the clock is moved on, people act, and what the system says is told."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from services.cli import screen, times
from services.cli.advance import advance
from services.cli.publishing import Publisher
from services.cli.routing import Bad, route
from services.cli.story.events import Event
from services.cli.story.hearing import Ear, Fact
from services.cli.story.script import Chapter, Step
from services.cli.telling import tell
from shared.contracts.notifications import NotificationSent
from shared.contracts.topics import (
    CLAIMS_EVENTS,
    FINANCE_DEBITS,
    MESSAGING_EVENTS,
    NOTIFICATIONS_EVENTS,
    ORDERS_EVENTS,
)

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from services.cli.quiet import Quiet
    from shared.kit.clock import ClockFile

ZONE = "America/Los_Angeles"
HEARD = (MESSAGING_EVENTS, CLAIMS_EVENTS, FINANCE_DEBITS, ORDERS_EVENTS, NOTIFICATIONS_EVENTS)
"""In the order in which the facts of one instant are best understood."""
_STYLES = {
    "GRANTED": "bold green",
    "VOID": "bold yellow",
    "DENIED": "bold red",
    "REVERSED": "bold yellow",
    "the seller is debited": "bold",
}


class Stage:
    """Tells the story on stdout, and shows on stderr how far it is."""

    def __init__(
        self,
        clock: ClockFile,
        quiet: Quiet,
        ear: Ear,
        publisher: Publisher,
        progress: Progress,
        task: TaskID,
        *,
        as_json: bool,
    ) -> None:
        self._as_json = as_json
        self._clock = clock
        self._quiet = quiet
        self._ear = ear
        self._publisher = publisher
        self._progress = progress
        self._task = task
        self.facts: list[Fact] = []

    @property
    def now(self) -> datetime:
        """What the clock shows."""
        return self._clock.now()

    def advance_bar(self) -> None:
        """One step more is done."""
        self._progress.advance(self._task)

    # -------------------------------------------------------------------------------------------- telling

    def title(self, title: str, intro: str) -> None:
        """Begin a chapter."""
        if self._as_json:
            screen.write_json({"chapter": title})
            return
        self._print("")
        self._print(title, "bold underline")
        self._print(f"  {intro}", "italic")

    def line(self, who: str, text: str, at: datetime | None = None, style: str = "") -> None:
        """Tell one thing, at business time."""
        if self._as_json:
            screen.write_json({"at": times.written(at or self.now), "who": who, "text": text})
            return
        when = (at or self.now).astimezone(ZoneInfo(ZONE))
        self._print(f"  {when:%a %d %b %H:%M}  {who:<13} {text}", style)

    def _print(self, text: str, style: str = "") -> None:
        # Where data and progress share a terminal, the bar makes room for the line.
        console = self._progress.console if screen.two_terminals() else screen.out()
        console.print(text, style=style, markup=False, soft_wrap=True)
        sys.stdout.flush()

    # -------------------------------------------------------------------------------------------- playing

    async def play(self, chapter: Chapter) -> None:
        """Play a chapter from its first step to its last."""
        self.title(chapter.title, chapter.intro)
        for step in chapter.steps:
            await self.take(step, chapter.order.order_id)

    async def take(self, step: Step, order_id: str) -> None:
        """Let time pass until the step, take it, and tell what the system says."""
        self._progress.update(self._task, description=f"{step.at:%d %b} {step.text}"[:60])
        await self.until(step.at, order_id)
        if step.events:
            self.line(step.who, step.text, style="cyan")
            await self.send(step.events)
            await self._quiet.wait()
            await self.tell_news(order_id)
        self.advance_bar()

    async def until(self, at: datetime, order_id: str = "", *, quietly: bool = False) -> None:
        """Move the clock on, from deadline to deadline, and tell what happens on the way."""
        if at > self.now:
            await advance(self._quiet, self._clock, at)
        if quietly:
            await self.hear_silently()
        else:
            await self.tell_news(order_id)

    async def send(self, events: Iterable[Event]) -> None:
        """Publish events as `recourse publish` would."""
        for event in events:
            routed = route(event.line())
            if isinstance(routed, Bad):
                raise TypeError(f"{event.data.TYPE} can't be published: {routed.message}")
            await self._publisher.send(routed)
        await self._publisher.flush()

    async def tell_news(self, order_id: str) -> None:
        """Tell what was said since the last time; of other orders, that it is meanwhile."""
        news = await self._ear.news()
        self.facts += news
        for (at, is_mail), facts in groupby(
            news, key=lambda fact: (fact.at, fact.type == NotificationSent.TYPE)
        ):
            if is_mail:
                self._tell_mails(at, list(facts), order_id)
            else:
                self._tell_facts(facts, order_id)

    def _tell_facts(self, facts: Iterable[Fact], order_id: str) -> None:
        for fact in facts:
            if fact.type in _TOLD:
                about = "" if fact.order_id == order_id else f"(meanwhile, {fact.order_id}) "
                text = tell(fact.type, fact.data, ZONE, "en")
                self.line(_speaker(fact), f"{about}{text}", fact.at, _style(text))

    def _tell_mails(self, at: datetime, mails: Sequence[Fact], order_id: str) -> None:
        told = [
            f"“{mail.data['template']}” to {mail.data['party_id']}"
            for mail in mails
            if mail.order_id == order_id
        ]
        if told:
            self.line("mail", ", ".join(told), at, style="dim")

    async def hear_silently(self) -> Sequence[Fact]:
        """Take what was said since the last time, without telling it."""
        news = await self._ear.news()
        self.facts += news
        return news


_TOLD = frozenset(
    {
        "orders.order_received.v1",
        "orders.verification_delayed.v1",
        "orders.order_released.v1",
        "orders.order_canceled.v1",
        "orders.lines_canceled.v1",
        "orders.shipment_confirmed.v1",
        "orders.order_delivered.v1",
        "orders.ship_by_warned.v1",
        "orders.command_refused.v1",
        "messaging.contact_opened.v1",
        "messaging.contact_responded.v1",
        "messaging.response_overdue.v1",
        "messaging.contact_resolved.v1",
        "messaging.command_refused.v1",
        "claims.filing_opened.v1",
        "claims.claim_filed.v1",
        "claims.claim_refused.v1",
        "claims.information_requested.v1",
        "claims.claim_granted.v1",
        "claims.grant_voided.v1",
        "claims.claim_denied.v1",
        "claims.claim_appealed.v1",
        "claims.appeal_reversed.v1",
        "claims.claim_closed.v1",
        "claims.command_refused.v1",
        "finance.seller_debited.v1",
        "finance.seller_reimbursed.v1",
        "finance.buyer_compensated.v1",
    }
)
"""What a newcomer needs to hear of; the rest is there, and `recourse trace` shows it."""


def _speaker(fact: Fact) -> str:
    return "→ " + fact.type.partition(".")[0]


def _style(text: str) -> str:
    return next((style for beginning, style in _STYLES.items() if text.startswith(beginning)), "")
