"""From the domain's events to what claims says: facts, debits, timers, refusals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias, assert_never

from services.claims.domain.dossier import Order
from services.claims.domain.events import (
    BuyerCompensated,
    ClaimClosed,
    ClaimDenied,
    ClaimFiled,
    ClaimGranted,
    ClaimRefused,
    ClaimResumed,
    CommandRefused,
    Event,
    FilingOpened,
    GrantVoided,
    InformationProvided,
    InformationRequested,
    LateAnswerSeen,
    Noted,
    SellerDebited,
    SellerReimbursed,
    TimerCanceled,
    TimerSet,
)
from services.claims.domain.inputs import Actor
from services.claims.domain.money import Money, Units
from services.claims.domain.policy import Policies
from services.claims.domain.refusal import Refusal
from services.claims.domain.state import Closed, Granted, OrderState, claim_of
from services.claims.domain.view import Actions, claim_actions, deadlines, order_actions
from services.claims.templates.refusals import words
from services.claims.translate.explained import said_of
from services.claims.translate.inward import NAME
from shared.contracts import claims, facts, finance, timer
from shared.contracts.data import Actor as SaidActor
from shared.contracts.data import OrderCommand
from shared.contracts.money import Money as SaidMoney
from shared.contracts.topics import CLAIMS_EVENTS, FINANCE_DEBITS, TIMER_COMMANDS
from shared.kit import ids
from shared.kit.service import Outgoing

_Fact: TypeAlias = (
    FilingOpened
    | ClaimFiled
    | InformationRequested
    | InformationProvided
    | ClaimResumed
    | ClaimGranted
    | GrantVoided
    | ClaimDenied
    | ClaimClosed
)
_Paid: TypeAlias = SellerDebited | BuyerCompensated | SellerReimbursed


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says the events of one order, as things stand after each of them."""

    order: Order
    policies: Policies
    now: datetime

    def say(self, event: Event, state: OrderState) -> Outgoing | None:
        """Return the message that tells of an event; None for what stays inside."""
        match event:
            case Noted() | LateAnswerSeen():
                return None
            case TimerSet() | TimerCanceled():
                return self._timer(event)
            case SellerDebited() | BuyerCompensated() | SellerReimbursed():
                return self._paid(event)
            case ClaimRefused() | CommandRefused():
                return self._refused(event, state)
            case _:
                data = self._fact(event, state)
                return Outgoing(CLAIMS_EVENTS, self.order.order_id, data, at=data.at)

    # ------------------------------------------------------------------------------------------ facts

    def _about(self, state: OrderState, claim_id: str | None, at: datetime) -> dict[str, Any]:
        """Return what every claim fact has: whom it is about, and what may be done and will come after it."""
        return {
            "order_id": self.order.order_id,
            "at": at,
            **self._parties(),
            **self._open_to(state, claim_id),
        }

    def _parties(self) -> dict[str, str]:
        return {"seller_id": self.order.seller_id, "buyer_id": self.order.buyer_id}

    def _open_to(self, state: OrderState, claim_id: str | None) -> dict[str, Any]:
        return {
            "actions": dict(self._actions(state, claim_id)),
            "deadlines": tuple(
                facts.Deadline(kind=each.kind, due_at=each.due_at, then=each.then)
                for each in deadlines(state, self.policies, self.now, claim_id)
            ),
        }

    def _actions(self, state: OrderState, claim_id: str | None) -> Actions:
        return claim_actions(state, claim_id) if claim_id else order_actions(state, self.policies, self.now)

    def _fact(self, event: _Fact, state: OrderState) -> facts.StateFact:
        match event:
            case FilingOpened():
                return claims.FilingOpened(
                    **self._about(state, None, event.eligible_from),
                    contact_id=event.contact_id,
                    eligible_from=event.eligible_from,
                    until=event.until,
                )
            case ClaimFiled():
                return self._filed(event, state)
            case InformationRequested() | InformationProvided() | ClaimResumed():
                return self._informed(event, state)
            case ClaimGranted() | GrantVoided() | ClaimDenied() | ClaimClosed():
                return self._concluded(event, state)
            case _:
                assert_never(event)

    def _filed(self, event: ClaimFiled, state: OrderState) -> claims.ClaimFiled:
        form = event.form
        return claims.ClaimFiled(
            **self._about(state, form.claim_id, form.at),
            claim_id=form.claim_id,
            lines=_lines(form.lines),
            issue=form.issue,
            reason=form.reason,
            description=form.description,
            wanted=form.wanted,
            amount=_money(form.amount),
            extra_charges=_money(form.extra_charges) if form.extra_charges else None,
            evidence=form.evidence,
            channel=form.channel,
            command_id=form.command_id,
            actor=_actor(form.actor),
            policy_id=event.policy_id,
        )

    def _informed(
        self, event: InformationRequested | InformationProvided | ClaimResumed, state: OrderState
    ) -> facts.StateFact:
        match event:
            case InformationRequested(request=asked):
                return claims.InformationRequested(
                    **self._about(state, asked.claim_id, asked.at),
                    claim_id=asked.claim_id,
                    request_id=asked.command_id,
                    actor=_actor(asked.actor),
                    from_=asked.asked,
                    questions=asked.questions,
                    respond_by=event.respond_by,
                    on_silence=event.on_silence,
                )
            case InformationProvided(answer=answer):
                return claims.InformationProvided(
                    **self._about(state, answer.claim_id, event.at),
                    claim_id=answer.claim_id,
                    request_id=answer.request_id,
                    command_id=answer.command_id,
                    actor=_actor(answer.actor),
                    text=answer.text,
                    evidence=answer.evidence,
                    provided_at=answer.at,
                )
            case ClaimResumed():
                return claims.ClaimResumed(
                    **self._about(state, event.claim_id, event.at),
                    claim_id=event.claim_id,
                    request_id=event.request_id,
                )
            case _:
                assert_never(event)

    def _concluded(
        self, event: ClaimGranted | GrantVoided | ClaimDenied | ClaimClosed, state: OrderState
    ) -> facts.StateFact:
        about = self._about(state, event.claim_id, event.at)
        match event:
            case ClaimGranted():
                return self._granted(event, about)
            case GrantVoided():
                return self._voided(event, about)
            case ClaimDenied():
                return claims.ClaimDenied(
                    **about,
                    claim_id=event.claim_id,
                    amount=self._none(),
                    automatic=False,
                    policy_id=event.policy_id,
                    appeal_until=event.closes_at,
                    explanation=said_of(event.explanation),
                    actor=_actor(event.actor),
                    reasons=event.reasons,
                )
            case ClaimClosed():
                return claims.ClaimClosed(
                    **about, claim_id=event.claim_id, outcome=_end(state, event.claim_id)
                )
            case _:
                assert_never(event)

    def _granted(self, event: ClaimGranted, about: dict[str, Any]) -> claims.ClaimGranted:
        is_sellers = event.funding == "seller"
        return claims.ClaimGranted(
            **about,
            claim_id=event.claim_id,
            amount=_money(event.amount),
            automatic=event.automatic,
            policy_id=event.policy_id,
            appeal_until=event.closes_at
            if is_sellers
            else None,  # nobody may appeal what the marketplace pays
            explanation=said_of(event.explanation),
            actor=_actor(event.actor) if event.actor else None,
            reasons=event.reasons,
            funding=event.funding,
            lines=_lines(event.lines),
            compensation=_money(event.compensation),
            compensation_id=self._id("compensation", event) if event.compensation.amount_minor else None,
            debit_id=self._id("debit", event) if is_sellers else None,
        )

    def _voided(self, event: GrantVoided, about: dict[str, Any]) -> claims.GrantVoided:
        is_reimbursed = event.amount.amount_minor > 0
        return claims.GrantVoided(
            **about,
            claim_id=event.claim_id,
            amount=_money(event.amount),
            automatic=True,
            policy_id=event.policy_id,
            explanation=said_of(event.explanation),
            funding=event.funding,
            answered_at=event.answered_at,
            debit_id=self._id("debit", event) if is_reimbursed else None,
            reimbursement_id=self._id("reimbursement", event) if is_reimbursed else None,
        )

    def _none(self) -> SaidMoney:
        return SaidMoney(amount_minor=0, currency=self.order.currency)

    # ------------------------------------------------------------------------------------------ money

    def _id(self, what: str, event: ClaimGranted | GrantVoided | _Paid) -> str:
        """Derive the id from the claim and the number of its grant, so that a retry collides."""
        return ids.derived(what, NAME, self.order.order_id, event.claim_id, str(event.ordinal))

    def _paid(self, event: _Paid) -> Outgoing:
        about = {
            "order_id": self.order.order_id,
            "claim_id": event.claim_id,
            "seller_id": self.order.seller_id,
            "amount": _money(event.amount),
            "at": event.at,
        }
        data, id_ = self._settled(event, about)
        return Outgoing(FINANCE_DEBITS, self.order.seller_id, data, at=event.at, id=id_)

    def _settled(self, event: _Paid, about: dict[str, Any]) -> tuple[facts.Fact, str]:
        debit_id = self._id("debit", event)
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
                id_ = self._id("reimbursement", event)
                return finance.SellerReimbursed(**about, reimbursement_id=id_, debit_id=debit_id), id_
            case BuyerCompensated():
                id_ = self._id("compensation", event)
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

    def _refused(self, event: ClaimRefused | CommandRefused, state: OrderState) -> Outgoing:
        is_filed = claim_of(state, event.claim_id) is not None
        about = {
            "order_id": self.order.order_id,
            "at": event.at,
            **_refusal(event.refusal, self.policies.zones[self.order.marketplace_id]),
            **self._parties(),
            **self._open_to(state, event.claim_id if is_filed else None),
        }
        data: facts.Refused
        if isinstance(event, ClaimRefused):
            data = claims.ClaimRefused(
                **about,
                command_id=event.command_id,
                claim_id=event.claim_id,
                policy_id=event.policy_id,
                explanation=said_of(event.explanation),
            )
        else:
            data = claims.CommandRefused(
                **about, command_id=event.command_id, claim_id=event.claim_id, request_id=event.request_id
            )
        return Outgoing(CLAIMS_EVENTS, self.order.order_id, data, at=event.at)


def unknown_order(command: OrderCommand, now: datetime) -> Outgoing:
    """Answer a command whose order did not come in time: not among the order's facts, so without a number."""
    about = {
        "order_id": command.order_id,
        "command_id": command.command_id,
        "at": now,
        **_refusal(Refusal("E1", "unknown_order"), "UTC"),
    }
    data: facts.Refused
    if isinstance(command, claims.FileClaim):
        data = claims.ClaimRefused(**about, claim_id=command.claim_id)
    else:
        named = {
            name: getattr(command, name) for name in ("claim_id", "request_id") if hasattr(command, name)
        }
        data = claims.CommandRefused(**about, **named)
    return Outgoing(CLAIMS_EVENTS, command.order_id, data, at=now, sequenced=False)


def _refusal(refusal: Refusal, zone: str) -> dict[str, Any]:
    return {
        "rule": refusal.rule,
        "reason": refusal.reason,
        "message": words(refusal, zone),
        "eligible_from": refusal.eligible_from,
        "until": refusal.until,
        "max_amount": _money(refusal.max_amount) if refusal.max_amount else None,
        "missing": refusal.missing or None,
    }


def _end(state: OrderState, claim_id: str) -> Literal["granted", "denied"]:
    claim = claim_of(state, claim_id)
    is_granted = isinstance(claim, Closed) and isinstance(claim.was, Granted)
    return "granted" if is_granted else "denied"


def _actor(actor: Actor) -> SaidActor:
    return SaidActor(kind=actor.kind, id=actor.id)


def _money(money: Money) -> SaidMoney:
    return SaidMoney(amount_minor=money.amount_minor, currency=money.currency)


def _lines(units: tuple[Units, ...]) -> tuple[facts.Line, ...]:
    return tuple(facts.Line(order_item_id=each.order_item_id, quantity=each.quantity) for each in units)
