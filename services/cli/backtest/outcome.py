"""What became of a claim: read from the facts about it, recorded or played."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias

from shared.contracts import claims
from shared.contracts.data import Data
from shared.contracts.explanation import RuleTrace
from shared.policies.model import GROUNDS

Status: TypeAlias = Literal[
    "open",
    "not accepted",
    "granted",
    "denied",
    "refused",
    "withdrawn",
    "refunded",
    "not returned",
    "chargeback",
]
By: TypeAlias = Literal["rules", "person"]
INVESTIGATOR = "C9"


@dataclass(frozen=True, slots=True)
class Money:
    """What moved because of a claim, in the smallest unit of its currency; what was paid is negative."""

    buyer: int = 0
    seller: int = 0
    marketplace: int = 0

    def __add__(self, other: Money) -> Money:
        return Money(
            self.buyer + other.buyer, self.seller + other.seller, self.marketplace + other.marketplace
        )

    def __sub__(self, other: Money) -> Money:
        return Money(
            self.buyer - other.buyer, self.seller - other.seller, self.marketplace - other.marketplace
        )


NO_MONEY = Money()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a claim came to.

    `rules`: those that decided; `by`: whether rules alone did. `appeal`: whether it was appealed, and what came of
    it. `is_defect`: whether it counts against the seller. `decided_at` is not part of what is compared.
    """

    claim_id: str
    status: Status = "open"
    by: By | None = None
    rules: tuple[str, ...] = ()
    reason: str | None = None
    appeal: Literal["appealed", "reversed", "upheld"] | None = None
    is_defect: bool = False
    currency: str = ""
    money: Money = NO_MONEY
    decided_at: datetime | None = None

    def is_as(self, other: Outcome) -> bool:
        """Say whether it is the same, whichever rules it came by."""
        return self._compared() == other._compared()

    def _compared(self) -> tuple[Any, ...]:
        return (self.status, self.by, self.reason, self.appeal, self.is_defect, self.money)


def outcomes(facts: Iterable[Data]) -> Mapping[str, Outcome]:
    """Fold the facts about claims, in the order in which they were said, into what each claim came to."""
    found: dict[str, Outcome] = {}
    for fact in facts:
        claim_id = getattr(fact, "claim_id", None)
        if claim_id is not None and fact.TYPE in _FOLD:
            found[claim_id] = _FOLD[fact.TYPE](found.get(claim_id, Outcome(claim_id)), fact)
    return found


def _filed(known: Outcome, fact: claims.ClaimFiled) -> Outcome:
    return Outcome(known.claim_id, currency=fact.amount.currency)


def _refused(known: Outcome, fact: claims.ClaimRefused) -> Outcome:
    if fact.actor is not None or known.status != "open" or known.currency:
        by: By = "rules" if fact.automatic else "person"
        refused = replace(known, status="refused", by=by, rules=(fact.rule,), decided_at=fact.at)
        return replace(refused, reason=fact.reason)
    return Outcome(known.claim_id, "not accepted", "rules", (fact.rule,), fact.reason, decided_at=fact.at)


def _granted(known: Outcome, fact: claims.ClaimGranted) -> Outcome:
    paid = fact.compensation.amount_minor
    debited = fact.amount.amount_minor if fact.funding == "seller" else 0
    return replace(
        known,
        status="granted",
        by="rules" if fact.automatic else "person",
        rules=held(fact.explanation) if fact.automatic else (INVESTIGATOR,),
        is_defect=fact.funding == "seller",
        money=known.money + Money(paid, -debited, debited - paid),
        decided_at=fact.at,
    )


def held(explanation: Iterable[RuleTrace]) -> tuple[str, ...]:
    """Name the grounds that held."""
    return tuple(sorted({each.rule for each in explanation if each.holds and each.rule in GROUNDS}))


def _reversed(known: Outcome, fact: claims.AppealReversed) -> Outcome:
    is_defect = known.is_defect and not fact.reverse_defect
    if fact.first_outcome == "granted":
        back = fact.amount.amount_minor if fact.reverse_money else 0
        moved = known.money + Money(seller=back, marketplace=-back)
        return replace(known, appeal="reversed", money=moved, is_defect=is_defect)
    paid = fact.compensation.amount_minor
    debited = fact.amount.amount_minor if fact.funding == "seller" else 0
    moved = known.money + Money(paid, -debited, debited - paid)
    return replace(
        known, appeal="reversed", money=moved, is_defect=fact.funding == "seller" and not fact.reverse_defect
    )


def _voided(known: Outcome, fact: claims.GrantVoided) -> Outcome:
    """Give the money back to the seller; the claim is open again."""
    back = fact.amount.amount_minor
    return Outcome(
        known.claim_id,
        currency=known.currency,
        money=known.money + Money(seller=back, marketplace=-back),
    )


def _denied(known: Outcome, fact: claims.ClaimDenied) -> Outcome:
    return replace(known, status="denied", by="person", rules=(INVESTIGATOR,), decided_at=fact.at)


def _withdrawn(known: Outcome, fact: claims.ClaimWithdrawn) -> Outcome:
    return replace(known, status="withdrawn", by="person", rules=("C7",), decided_at=fact.at)


def _refunded(known: Outcome, fact: claims.ClaimRefundedBySeller) -> Outcome:
    paid = fact.amount.amount_minor
    return replace(
        known,
        status="refunded",
        by="person",
        rules=("C8",),
        is_defect=True,
        money=known.money + Money(buyer=paid, seller=-paid),
        decided_at=fact.at,
    )


def _appealed(known: Outcome, _fact: claims.ClaimAppealed) -> Outcome:
    return replace(known, appeal="appealed")


def _upheld(known: Outcome, _fact: claims.AppealUpheld) -> Outcome:
    return replace(known, appeal="upheld")


_ENDS: Mapping[str, tuple[Status, str]] = {
    "not_returned": ("not returned", "C8"),
    "chargeback": ("chargeback", "C16"),
}


def _closed(known: Outcome, fact: claims.ClaimClosed) -> Outcome:
    end = _ENDS.get(fact.outcome)
    if end is None:
        return known
    status, rule = end
    return replace(known, status=status, by="rules", rules=(rule,), decided_at=fact.at)


_FOLD: Mapping[str, Callable[[Outcome, Any], Outcome]] = {
    claims.ClaimFiled.TYPE: _filed,
    claims.ClaimRefused.TYPE: _refused,
    claims.ClaimGranted.TYPE: _granted,
    claims.GrantVoided.TYPE: _voided,
    claims.ClaimDenied.TYPE: _denied,
    claims.ClaimWithdrawn.TYPE: _withdrawn,
    claims.ClaimRefundedBySeller.TYPE: _refunded,
    claims.ClaimAppealed.TYPE: _appealed,
    claims.AppealReversed.TYPE: _reversed,
    claims.AppealUpheld.TYPE: _upheld,
    claims.ClaimClosed.TYPE: _closed,
}
