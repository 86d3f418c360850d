"""From the domain's events to what claims says: facts, debits, timers, refusals."""

from __future__ import annotations

from typing import Any, TypeAlias, assert_never

from services.claims.domain.events import (
    BuyerCompensated,
    ClaimRefused,
    CommandRefused,
    EligibilityChecked,
    Event,
    LateAnswerSeen,
    Noted,
    RefusedByJudgement,
    SellerDebited,
    SellerReimbursed,
    TimerCanceled,
    TimerSet,
)
from services.claims.domain.state import OrderState
from services.claims.translate.answers import answer
from services.claims.translate.context import Context, said_money
from services.claims.translate.decision_facts import Conclusion, decision_fact
from services.claims.translate.inward import NAME
from services.claims.translate.progress_facts import Progress, progress_fact
from shared.contracts import facts, finance, timer
from shared.contracts.topics import CLAIMS_EVENTS, FINANCE_DEBITS, TIMER_COMMANDS
from shared.kit import ids
from shared.kit.service import Outgoing
from shared.values import dataclass

_Paid: TypeAlias = SellerDebited | BuyerCompensated | SellerReimbursed


@dataclass(frozen=True, slots=True)
class Speaker(Context):
    """Says the events of one order, as things stand after each of them."""

    def say(self, event: Event, state: OrderState) -> Outgoing | None:
        """Return the message that tells of an event; None for what stays inside."""
        match event:
            case Noted() | LateAnswerSeen():
                return None
            case TimerSet() | TimerCanceled():
                return self._timer(event)
            case SellerDebited() | BuyerCompensated() | SellerReimbursed():
                return self._paid(event)
            case ClaimRefused() | CommandRefused() | RefusedByJudgement():
                return answer(event, state, self)
            case _:
                return self._fact(event, state)

    def _fact(self, event: Progress | Conclusion, state: OrderState) -> Outgoing:
        """A question about what can be filed changes nothing, so its answer has no number."""
        data = self._data(event, state)
        is_change = not isinstance(event, EligibilityChecked)
        return Outgoing(CLAIMS_EVENTS, self.order.order_id, data, at=data.at, sequenced=is_change)

    def _data(self, event: Progress | Conclusion, state: OrderState) -> facts.StateFact:
        if isinstance(event, Progress):
            return progress_fact(event, state, self)
        return decision_fact(event, state, self)

    # ------------------------------------------------------------------------------------------ money

    def _paid(self, event: _Paid) -> Outgoing:
        about = {
            "order_id": self.order.order_id,
            "claim_id": event.claim_id,
            "seller_id": self.order.seller_id,
            "amount": said_money(event.amount),
            "at": event.at,
        }
        data, id_ = self._settled(event, about)
        return Outgoing(FINANCE_DEBITS, self.order.seller_id, data, at=event.at, id=id_)

    def _settled(self, event: _Paid, about: dict[str, Any]) -> tuple[facts.Fact, str]:
        debit_id = self.id_of("debit", event)
        match event:
            case SellerDebited():
                debited = finance.SellerDebited(
                    **about,
                    debit_id=debit_id,
                    buyer_id=self.order.buyer_id,
                    rules=event.rules,
                    policy_id=event.policy_id,
                )
                return debited, debit_id
            case SellerReimbursed():
                id_ = self.id_of("reimbursement", event)
                return finance.SellerReimbursed(**about, reimbursement_id=id_, debit_id=debit_id), id_
            case BuyerCompensated():
                id_ = self.id_of("compensation", event)
                compensated = finance.BuyerCompensated(
                    **about,
                    compensation_id=id_,
                    buyer_id=self.order.buyer_id,
                    funding=event.funding,
                    debit_id=debit_id if event.funding == "seller" else None,
                )
                return compensated, id_
            case _:
                assert_never(event)

    # ----------------------------------------------------------------------------------- timers and noes

    def _timer(self, event: TimerSet | TimerCanceled) -> Outgoing:
        order_id = self.order.order_id
        timer_id = ids.derived(
            "timer", NAME, order_id, event.subject_id, event.kind, event.due_at.isoformat()
        )
        data: timer.Cancel | timer.Schedule
        if isinstance(event, TimerCanceled):
            data = timer.Cancel(timer_id=timer_id, order_id=order_id)
        else:
            data = timer.Schedule(
                timer_id=timer_id,
                kind=event.kind,
                owner=NAME,
                order_id=order_id,
                subject_id=event.subject_id,
                due_at=event.due_at,
            )
        return Outgoing(TIMER_COMMANDS, order_id, data, at=self.now)
