"""One thing that was heard of a known order; the mails that it wants, and the seller's deadlines that it moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from services.notifications.domain import mails
from services.notifications.domain.facts import (
    Line,
    ReminderDue,
)
from services.notifications.domain.mails import ClockKind, Item, Mail
from services.notifications.domain.model import (
    ClaimNoted,
    Clock,
    ClockStarted,
    ClockStopped,
    Dossier,
    Event,
    Heard,
    MailWanted,
    OpenClaim,
    Parcel,
    Policy,
    TimerCanceled,
    TimerSet,
)
from shared.values import dataclass, replace


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that was heard of a known order."""

    heard: Heard
    dossier: Dossier
    now: datetime
    policy: Policy

    def to_buyer(self, mail: Mail, quotes: str | None = None) -> MailWanted:
        """Want a mail to the buyer; `quotes` is whose words are in it."""
        return self._to(self.dossier.order.buyer_id, mail, quotes)

    def to_seller(self, mail: Mail, quotes: str | None = None) -> MailWanted:
        """Want a mail to the seller; `quotes` is whose words are in it."""
        return self._to(self.dossier.order.seller_id, mail, quotes)

    def _to(self, party_id: str, mail: Mail, quotes: str | None) -> MailWanted:
        order = self.dossier.order
        return MailWanted(
            cause_id=self.heard.cause_id,
            party_id=party_id,
            order_id=order.order_id,
            time_zone=order.time_zone,
            at=self.heard.at,
            mail=mail,
            quotes=quotes,
        )

    def claim(self, claim_id: str) -> OpenClaim | None:
        """Return a claim that is not closed."""
        return next((claim for claim in self.dossier.claims if claim.claim_id == claim_id), None)

    def due_at(self, kind: ClockKind, subject_id: str | None) -> datetime | None:
        """Return when a clock of the seller that is open runs out."""
        due = (
            clock.due_at
            for clock in self.dossier.clocks
            if (clock.kind, clock.subject_id) == (kind, subject_id)
        )
        return next(due, None)

    def items(self, lines: Sequence[Line]) -> tuple[Item, ...]:
        """Name lines as people know them."""
        titles = {item.order_item_id: item.title for item in self.dossier.order.items}
        return tuple(
            Item(titles.get(line.order_item_id, line.order_item_id), line.quantity) for line in lines
        )

    def all_items(self) -> tuple[Item, ...]:
        """Name all that was ordered."""
        return tuple(Item(item.title, item.quantity) for item in self.dossier.order.items)


def _remind_at(case: Case, due_at: datetime, since: datetime) -> datetime | None:
    """Say when to remind. Where the whole window is no longer than the notice, the first mail is enough."""
    remind_at = due_at - case.policy.remind_before
    return remind_at if remind_at > since else None


def start(case: Case, clock: Clock, since: datetime) -> Sequence[Event]:
    """Start a clock of the seller that does not run yet, with its reminder."""
    return () if case.due_at(clock.kind, clock.subject_id) else started(case, clock, since)


def started(case: Case, clock: Clock, since: datetime) -> Sequence[Event]:
    """Let a clock run, whether it did before or not."""
    remind_at = _remind_at(case, clock.due_at, since)
    timers = [TimerSet(clock.subject_id, remind_at)] if remind_at else []
    return [ClockStarted(replace(clock, remind_at=remind_at)), *timers]


def stop(case: Case, kind: ClockKind, subject_id: str) -> Sequence[Event]:
    """Stop one clock, if it runs."""
    return stop_all(case, lambda clock: (clock.kind, clock.subject_id) == (kind, subject_id))


def stop_claim(case: Case, claim_id: str) -> Sequence[Event]:
    """Stop all clocks of a claim that is decided or over; no return is awaited for it any more."""
    claim = case.claim(claim_id)
    over = [ClaimNoted(replace(claim, asked_back_at=None))] if claim and claim.asked_back_at else []
    return [*stop_all(case, lambda clock: clock.claim_id == claim_id), *over]


def stop_all(case: Case, which: Callable[[Clock], bool]) -> Sequence[Event]:
    """Stop these clocks."""
    stopped = filter(which, case.dossier.clocks)
    return [
        event for clock in stopped for event in (ClockStopped(clock.kind, clock.subject_id), *cancel(clock))
    ]


def cancel(clock: Clock) -> Sequence[Event]:
    """Cancel the reminder of a clock, if it has one."""
    return [TimerCanceled(clock.subject_id, clock.remind_at)] if clock.remind_at else ()


def clocks_of(case: Case, claim_id: str) -> Sequence[Clock]:
    """List the clocks of a claim."""
    return [clock for clock in case.dossier.clocks if clock.claim_id == claim_id]


def begin_refund(case: Case, claim: OpenClaim, back: Sequence[Parcel]) -> Sequence[Event]:
    """Begin the seller's time to refund, once all that is claimed is back and was asked for (C8)."""
    back_at = _back_at(back, claim)
    if claim.asked_back_at is None or claim.is_suspended or back_at is None:
        return ()
    since = max(back_at, claim.asked_back_at)
    clock = Clock("return_refund", claim.claim_id, since + claim.refund_within, None, claim.claim_id)
    return start(case, clock, since=since)


def _back_at(parcels: Sequence[Parcel], claim: OpenClaim) -> datetime | None:
    """Say when the last of what is claimed came back; None while some of it did not."""
    missing = Counter({line.order_item_id: 0 for line in claim.lines})
    for line in claim.lines:
        missing[line.order_item_id] += line.quantity
    for parcel in sorted(parcels, key=lambda parcel: parcel.received_at):
        for line in parcel.lines:
            missing[line.order_item_id] -= line.quantity
        if all(quantity <= 0 for quantity in missing.values()):
            return parcel.received_at
    return None


def reminder_due(case: Case, fired: ReminderDue) -> Sequence[Event]:
    """Remind of what is still open, and not over already: a reminder that comes too late helps nobody."""
    return [
        case.to_seller(mails.DeadlineReminder(clock.kind, clock.due_at, clock.claim_id, clock.on_silence))
        for clock in case.dossier.clocks
        if (clock.subject_id, clock.remind_at) == (fired.subject_id, fired.due_at) and case.now < clock.due_at
    ]
