"""Our own facts read back, so that a recorded history can be replayed."""

from __future__ import annotations

from typing import cast

from services.performance.domain import events
from services.performance.domain.model import Defect, DefectKind, Health, Rate
from shared.contracts import performance
from shared.contracts.data import Data


def event_of(fact: Data) -> events.OrderEvent | None:  # noqa: PLR0911  one arm a fact
    """Read a fact about an order; None for an answer of no, and for what is about its seller."""
    match fact:
        case performance.DefectCounted():
            kind = cast("DefectKind", fact.kind)
            defect = Defect(fact.defect_id, kind, fact.day, fact.cause_id, fact.claim_id, fact.contact_id)
            return events.DefectCounted(defect, fact.at)
        case performance.DefectTakenBack():
            kind = cast("DefectKind", fact.kind)
            return events.DefectTakenBack(fact.defect_id, kind, fact.cause_id, fact.contest_id, fact.at)
        case performance.ContestSubmitted():
            return events.ContestSubmitted(fact.contest_id, fact.defect_id, fact.at)
        case performance.ContestUnderReview():
            return events.ContestUnderReview(fact.contest_id, fact.defect_id, fact.at)
        case performance.ContestAccepted():
            return events.ContestAccepted(fact.contest_id, fact.defect_id, fact.at)
        case performance.ContestRejected():
            return events.ContestRejected(fact.contest_id, fact.defect_id, fact.at)
        case _:
            return None


def health_of(fact: performance.HealthChanged) -> Health:
    """Read what was said of a seller's rates."""
    rates = fact.rates
    return Health(
        _rate(rates.order_defect_rate),
        _rate(rates.pre_fulfilment_cancel_rate),
        _rate(rates.answered_in_time_rate),
    )


def _rate(rate: performance.Rate) -> Rate:
    return Rate(rate.numerator, rate.denominator, rate.target, rate.from_, rate.to)
