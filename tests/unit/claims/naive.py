"""The rulebook once more, as naively as can be: a list of what happened, and nothing kept between two questions.

Every item of the order is of one unit, and in at most one parcel; how parts of lines are counted and paid has tests of
its own. A clock is a window and how much time has run; while a chargeback runs none does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from services.claims.domain import events as said
from services.claims.domain import inputs as given
from tests.unit.claims.builders import DAY, DELIVER_BY, SHIP_BY, UNTIL

Kind = TypeVar("Kind")
_ZONE = ZoneInfo("America/Los_Angeles")
_EDD = date(2021, 3, 10)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers in which the policies of P2 differ."""

    information: timedelta = timedelta(hours=48)
    response: timedelta = timedelta(hours=48)
    silence_grants: bool = True
    answer: timedelta | None = None
    unanswered_message_grants: bool = True


@dataclass(slots=True)
class Naive:
    """What was read, and what was said to it."""

    numbers: Numbers
    prices: Mapping[str, int]
    happened: list[Any] = field(default_factory=list)

    def note(self, what: object) -> None:
        """Add a fact once, however often it is read, and everything that was said."""
        if type(what).__module__ == said.__name__ or what not in self.happened:
            self.happened.append(what)

    def every(self, kind: type[Kind]) -> list[Kind]:
        return [each for each in self.happened if isinstance(each, kind)]

    # ------------------------------------------------------------------------------------------ a claim

    def of(self, claim_id: str) -> Iterator[Any]:
        """Go through what was said of a claim, in order."""
        for each in self.happened:
            inner = next(
                (
                    getattr(each, name)
                    for name in ("form", "answer", "evidence", "demand", "command", "appeal", "request")
                    if getattr(each, name, None) is not None
                ),
                each,
            )
            if type(each).__module__ == said.__name__ and getattr(inner, "claim_id", None) == claim_id:
                yield each

    def status(self, claim_id: str) -> str:
        """Say where a claim is, from what was said last of it."""
        names = {
            said.ClaimFiled: "open",
            said.GrantVoided: "open",
            said.ClaimGranted: "granted",
            said.ClaimDenied: "denied",
            said.RefusedByJudgement: "refused",
            said.ClaimAppealed: "appealed",
            said.ClaimClosed: "closed",
        }
        found = [names[type(each)] for each in self.of(claim_id) if type(each) in names]
        return found[-1] if found else "unknown"

    def stands_still(self, claim_id: str) -> bool:
        pauses = self.pauses(claim_id)
        return self.status(claim_id) in {"open", "appealed"} and bool(pauses) and pauses[-1][1] is None

    def pauses(self, claim_id: str) -> list[tuple[datetime, datetime | None]]:
        found: list[tuple[datetime, datetime | None]] = []
        for each in self.of(claim_id):
            if isinstance(each, said.ClaimSuspended):
                found.append((each.at, None))
            if isinstance(each, said.ClaimResumed) and each.request_id is None:
                found[-1] = (found[-1][0], each.at)
        return found

    def ran(self, claim_id: str, since: datetime, at: datetime) -> timedelta:
        """Say how long a clock of a claim has run at an instant."""
        stood = timedelta(0)
        for start, end in self.pauses(claim_id):
            stood += max(timedelta(0), min(end or at, at) - max(start, since))
        return at - since - stood

    def is_charged_back(self) -> bool:
        return len(self.every(given.ChargebackOpened)) > len(self.every(given.ChargebackClosed))

    def form(self, claim_id: str) -> given.FileClaim:
        return next(each.form for each in self.every(said.ClaimFiled) if each.form.claim_id == claim_id)

    def decision(self, claim_id: str) -> Any:
        """Return the first decision that stands."""
        kinds = (said.ClaimGranted, said.ClaimDenied, said.RefusedByJudgement)
        return [each for each in self.of(claim_id) if isinstance(each, kinds)][-1]

    def is_by_rule(self, claim_id: str) -> bool:
        decided = self.decision(claim_id)
        return isinstance(decided, said.ClaimGranted) and decided.automatic

    # ------------------------------------------------------------------------------------------ grounds

    def grounds(self, claim: given.FileClaim, at: datetime) -> list[str]:
        """Say which grounds hold for a claim on one item at an instant."""
        item = claim.lines[0].order_item_id
        parcels = [
            each for each in self.every(given.ShipmentConfirmed) if each.lines[0].order_item_id == item
        ]
        delivered = [each.shipment_id for each in self.every(given.ShipmentDelivered)]
        coming = [each for each in parcels if each.shipment_id not in delivered]
        is_missing = claim.issue == "not_received"
        is_plain = is_missing and claim.reason is None
        held = {
            "C6.1": is_missing and any(not each.trackable and not each.tracking_valid for each in coming),
            "C6.2": self.numbers.unanswered_message_grants
            and any(self._is_unanswered(each, at) for each in self.contacts(claim.issue)),
            "C6.3": is_plain and at >= SHIP_BY and not any(each.shipped_at < SHIP_BY for each in parcels),
            "C6.4": is_plain and at >= DELIVER_BY and len(coming) == len(parcels),
            "C6.5": self._is_silent(claim, at),
        }
        return [rule for rule, holds in held.items() if holds]

    def contacts(self, issue: str) -> list[given.ContactOpened]:
        wanted = "return_requests" if issue == "not_as_expected" else "buyer_seller_messages"
        return [
            each
            for each in self.every(given.ContactOpened)
            if each.channel == wanted and (issue == "not_as_expected" or each.about == "delivery")
        ]

    def _is_unanswered(self, contact: given.ContactOpened, at: datetime) -> bool:
        due_at = contact.opened_at + self.numbers.response
        stopped = [
            each.responded_at
            for each in self.every(given.ContactResponded)
            if each.contact_id == contact.contact_id
        ] + [
            each.resolved_at
            for each in self.every(given.ContactResolved)
            if each.contact_id == contact.contact_id
        ]
        return at >= due_at and all(when > due_at for when in stopped)

    def _is_silent(self, claim: given.FileClaim, at: datetime) -> bool:
        clocks = [*self._asked(claim.claim_id), *self._to_answer(claim), *self._to_refund(claim)]
        return any(
            self.ran(claim.claim_id, since, at) >= window
            and all(self.ran(claim.claim_id, since, when) > window for when in stopped)
            for since, window, stopped in clocks
        )

    def _asked(self, claim_id: str) -> Iterator[tuple[datetime, timedelta, list[datetime]]]:
        for each in self.every(said.InformationRequested):
            is_his = each.request.claim_id == claim_id and each.request.asked == "seller"
            if is_his and self.numbers.silence_grants:
                yield each.request.at, self.numbers.information, self.provided(each.request.command_id)

    def provided(self, request_id: str) -> list[datetime]:
        return [
            each.answer.at
            for each in self.every(said.InformationProvided)
            if each.answer.request_id == request_id
        ]

    def _to_answer(self, claim: given.FileClaim) -> Iterator[tuple[datetime, timedelta, list[datetime]]]:
        if self.numbers.answer:
            yield claim.at, self.numbers.answer, self.answers(claim.claim_id)

    def answers(self, claim_id: str) -> list[datetime]:
        """List when the seller answered; to ask for the item is an answer."""
        spoken = [each.answer.at for each in self.of(claim_id) if isinstance(each, said.ClaimAnswered)]
        return spoken + [
            each.demand.at for each in self.of(claim_id) if isinstance(each, said.ReturnRequired)
        ]

    def _to_refund(self, claim: given.FileClaim) -> Iterator[tuple[datetime, timedelta, list[datetime]]]:
        back, asked = self.back(claim), self.demanded(claim.claim_id)
        if back and asked:
            yield max(back, asked), timedelta(hours=48), self._refunded_in_full(claim)

    def back(self, claim: given.FileClaim) -> datetime | None:
        item = claim.lines[0].order_item_id
        came = [
            each.received_at
            for each in self.every(given.ReturnReceived)
            if each.lines[0].order_item_id == item
        ]
        return min(came, default=None)

    def demanded(self, claim_id: str) -> datetime | None:
        return next((e.demand.at for e in self.of(claim_id) if isinstance(e, said.ReturnRequired)), None)

    def is_kept(self, claim: given.FileClaim, at: datetime) -> bool:
        """Say whether the buyer was asked for the item, and let 14 days pass without sending it (C8)."""
        asked, item = self.demanded(claim.claim_id), claim.lines[0].order_item_id
        shipped = [e.shipped_at for e in self.every(given.ReturnShipped) if e.lines[0].order_item_id == item]
        came = [e.received_at for e in self.every(given.ReturnReceived) if e.lines[0].order_item_id == item]
        window = timedelta(days=14)
        return (
            asked is not None
            and self.ran(claim.claim_id, asked, at) >= window
            and all(self.ran(claim.claim_id, asked, when) > window for when in (*shipped, *came))
        )

    def _refunded_in_full(self, claim: given.FileClaim) -> list[datetime]:
        since = self.refunds_since(claim)
        missing = self.asked(claim)
        for refund in sorted(since, key=lambda each: each.source.at):
            missing -= refund.amount_minor
            if missing <= 0:
                return [refund.source.at]
        return [since[-1].source.at] if since and not self.rest(claim) else []

    # ------------------------------------------------------------------------------------------ money

    def refunds(self, item: str) -> list[given.RefundRecorded]:
        """List the refunds of an item; that by which a claim ended stands in what the claim paid."""
        of_item = [each for each in self.every(given.RefundRecorded) if each.lines[0].order_item_id == item]
        return [each for each in of_item if each.claim_id is None]

    def refunds_since(self, claim: given.FileClaim) -> list[given.RefundRecorded]:
        return [each for each in self.refunds(claim.lines[0].order_item_id) if each.source.at > claim.at]

    def paid_by(self, claim_id: str) -> int:
        grants = [
            e.compensation
            for e in self.of(claim_id)
            if isinstance(e, said.ClaimGranted | said.AppealReversed)
        ]
        refunds = [e.amount for e in self.of(claim_id) if isinstance(e, said.ClaimRefundedBySeller)]
        return sum(each.amount_minor for each in (*grants, *refunds))

    def compensated(self, claim_id: str) -> int:
        grants = [
            e.compensation
            for e in self.of(claim_id)
            if isinstance(e, said.ClaimGranted | said.AppealReversed)
        ]
        return sum(each.amount_minor for each in grants)

    def left(self, claim: given.FileClaim) -> int:
        """Say what is left for the item: of its price, and of the order."""
        item = claim.lines[0].order_item_id
        gone = dict.fromkeys(self.prices, 0)
        for name, price in self.prices.items():
            gone[name] += sum(min(each.amount_minor, price) for each in self.refunds(name))
        for each in self.every(said.ClaimFiled):
            if each.form.claim_id != claim.claim_id:
                name = each.form.lines[0].order_item_id
                gone[name] += min(self.paid_by(each.form.claim_id), self.prices[name])
        kept = sum(e.amount_minor for e in self.every(given.ChargebackClosed) if e.outcome == "buyer_won")
        of_order = sum(self.prices.values()) - kept - sum(gone.values())
        return max(0, min(self.prices[item] - gone[item], of_order))

    def asked(self, claim: given.FileClaim) -> int:
        refunded = sum(each.amount_minor for each in self.refunds_since(claim))
        return claim.amount.amount_minor or self.left(claim) + refunded

    def rest(self, claim: given.FileClaim) -> int:
        """Say what the claim still asks for, as far as it is left."""
        refunded = sum(each.amount_minor for each in self.refunds_since(claim))
        return max(0, min(self.asked(claim) - refunded, self.left(claim)))

    def payable(self, claim: given.FileClaim, at: datetime) -> int:
        """Say what a rule would pay: a replacement only to whom the seller owes the money."""
        owes = any(
            self.ran(claim.claim_id, since, at) >= window
            and all(self.ran(claim.claim_id, since, when) > window for when in stopped)
            for since, window, stopped in self._to_refund(claim)
        )
        return self.rest(claim) if claim.wanted == "refund" or owes else 0

    def is_granted_by_now(self, claim_id: str, at: datetime) -> bool:
        claim = self.form(claim_id)
        return bool(self.grounds(claim, at)) and self.payable(claim, at) > 0

    # ------------------------------------------------------------------------------------------ filing

    def no_filing(self, form: given.FileClaim) -> str | None:
        """Say why a claim cannot be filed, in the order of C4."""
        item = form.lines[0].order_item_id
        if not any(each.source.at <= form.at for each in self.every(given.OrderReleased)):
            return "order_not_claimable"
        if self._charged_back(form.at):
            return "chargeback_open"
        others = [
            each.form for each in self.every(said.ClaimFiled) if each.form.lines[0].order_item_id == item
        ]
        if any(self.status(each.claim_id) in {"open", "appealed"} for each in others):
            return "already_claimed"
        if not self.left(form) or form.amount.amount_minor > self.left(form):
            return "amount_exceeds_paid"
        is_plain = form.issue == "not_received" and form.reason is None
        if is_plain and self._came(item):
            return "delivered"
        return self._too_soon_or_late(form)

    def _charged_back(self, at: datetime) -> bool:
        opened = sorted(each.source.at for each in self.every(given.ChargebackOpened))
        closed = sorted(each.source.at for each in self.every(given.ChargebackClosed))
        return any(
            start <= at and (place >= len(closed) or at < closed[place]) for place, start in enumerate(opened)
        )

    def _came(self, item: str) -> bool:
        return any(each.shipment_id == f"parcel-{item}" for each in self.every(given.ShipmentDelivered))

    def _too_soon_or_late(self, form: given.FileClaim) -> str | None:
        ready = [
            each.opened_at + timedelta(hours=48)
            for each in self.contacts(form.issue)
            if not any(
                done.contact_id == each.contact_id
                and done.resolved_at <= each.opened_at + timedelta(hours=48)
                for done in self.every(given.ContactResolved)
            )
        ]
        if not ready:
            return "not_contacted"
        waits = min(ready) if form.issue == "not_as_expected" else max(min(ready), self._waited(form))
        if form.at < waits:
            return "too_early"
        return "too_late" if form.at >= UNTIL else self._not_sent_back(form)

    def _waited(self, form: given.FileClaim) -> datetime:
        """Say when three days are over after the EDD, or after what valid tracking promised last."""
        item = form.lines[0].order_item_id
        tracked = any(
            each.shipment_id == f"parcel-{item}" and each.tracking_valid
            for each in self.every(given.ShipmentConfirmed)
        )
        promised = [
            each.promised_date
            for each in self.every(given.PromiseChanged)
            if each.shipment_id == f"parcel-{item}" and tracked
        ]
        counts = promised and (not self._came(item) or form.reason == "delivered_not_found")
        days = (promised[-1] - _EDD).days if counts else 0
        return DELIVER_BY + 3 * DAY + min(0, days) * DAY

    def _not_sent_back(self, form: given.FileClaim) -> str | None:
        item = form.lines[0].order_item_id
        if form.reason not in {"damaged", "defective", "materially_different"} or not self._came(item):
            return None
        allowed = [e for e in self.every(given.ReturnAnswered) if e.lines[0].order_item_id == item]
        moved: list[given.ReturnShipped | given.ReturnReceived] = []
        moved += self.every(given.ReturnShipped)
        moved += self.every(given.ReturnReceived)
        if not allowed or any(each.lines[0].order_item_id == item for each in moved):
            return None
        (scan,) = (e for e in self.every(given.ShipmentDelivered) if e.shipment_id == f"parcel-{item}")
        local = scan.delivered_at.astimezone(_ZONE)
        last = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=31)
        is_over = form.at >= last and allowed[0].answered_at <= last
        return "return_policy_not_followed" if is_over else None
