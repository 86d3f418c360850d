"""The commands, from the contracts to the domain; and the parts that facts repeat of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeAlias, cast

from services.claims.domain import inputs
from services.claims.domain.inputs import Actor
from services.claims.domain.money import Money, Units
from shared.contracts import claims, facts
from shared.contracts.data import Actor as SaidActor
from shared.contracts.data import OrderCommand
from shared.contracts.money import Money as SaidMoney

ByInvestigator: TypeAlias = claims.RequestInformation | claims.DecideClaim | claims.DecideAppeal


def command_of(data: OrderCommand) -> inputs.Command | None:
    """Read a command; None for one that is not ours."""
    match data:
        case claims.FileClaim():
            return form_of(data, data.command_id, data.at, data.actor)
        case claims.CheckEligibility():
            return inputs.CheckEligibility(
                data.command_id,
                data.at,
                actor_of(data.actor),
                units_of(data.lines),
                data.issue,
                cast("inputs.Reason | None", data.reason),
            )
        case claims.ProvideInformation():
            return inputs.ProvideInformation(
                **_given(data), request_id=data.request_id, text=data.text, evidence=data.evidence
            )
        case claims.RequestInformation() | claims.DecideClaim() | claims.DecideAppeal():
            return _by_investigator(data)
        case _:
            return _on_claim(data)


def _given(data: claims.ClaimCommand | claims.ProvideInformation | ByInvestigator) -> dict[str, Any]:
    return {
        "command_id": data.command_id,
        "at": data.at,
        "actor": actor_of(data.actor),
        "claim_id": data.claim_id,
    }


def _by_investigator(data: ByInvestigator) -> inputs.Command:
    match data:
        case claims.RequestInformation():
            return inputs.RequestInformation(**_given(data), asked=data.from_, questions=data.questions)
        case claims.DecideClaim():
            return inputs.DecideClaim(
                **_given(data), verdict=data.outcome, amount=_amount(data.amount), reasons=data.reasons
            )
        case claims.DecideAppeal():
            return inputs.DecideAppeal(
                **_given(data),
                reverse_money=data.reverse_money,
                reverse_defect=data.reverse_defect,
                amount=_amount(data.amount),
                reasons=data.reasons,
            )


def _on_claim(data: OrderCommand) -> inputs.Command | None:
    match data:
        case claims.WithdrawClaim():
            return inputs.WithdrawClaim(**_given(data))
        case claims.AnswerClaim():
            return inputs.AnswerClaim(**_given(data), text=data.text, evidence=data.evidence)
        case claims.RefundClaim():
            return inputs.RefundClaim(**_given(data), return_first=data.return_first)
        case claims.AddEvidence():
            return inputs.AddEvidence(**_given(data), text=data.text, evidence=data.evidence)
        case claims.AppealClaim():
            return inputs.AppealClaim(**_given(data), explanation=data.explanation, evidence=data.evidence)
        case _:
            return None


def _amount(money: SaidMoney | None) -> Money | None:
    return money_of(money) if money else None


def form_of(form: claims.Form, command_id: str, at: datetime, actor: SaidActor) -> inputs.FileClaim:
    """Read a claim form, from the command or from the fact that repeats it."""
    return inputs.FileClaim(
        command_id=command_id,
        at=at,
        actor=actor_of(actor),
        claim_id=form.claim_id,
        lines=units_of(form.lines),
        issue=form.issue,
        reason=cast("inputs.Reason | None", form.reason),
        description=form.description,
        wanted=form.wanted,
        amount=money_of(form.amount),
        extra_charges=money_of(form.extra_charges) if form.extra_charges else None,
        evidence=form.evidence,
        channel=form.channel,
    )


def actor_of(actor: SaidActor) -> Actor:
    """Read who it was."""
    return Actor(actor.kind, actor.id)


def units_of(lines: Iterable[facts.Line]) -> tuple[Units, ...]:
    """Read lines with their quantities."""
    return tuple(Units(line.order_item_id, line.quantity) for line in lines)


def money_of(money: SaidMoney) -> Money:
    """Read an amount."""
    return Money(money.amount_minor, money.currency)
