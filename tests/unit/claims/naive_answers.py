"""What is answered to a command, as naively as can be: the reason why not, or None."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.claims.domain import events as said
from services.claims.domain import inputs as given
from tests.unit.claims.naive import Naive

ENDING = (given.WithdrawClaim, given.RefundClaim, given.RequestInformation, given.DecideClaim)


def why_not(known: Naive, command: given.ClaimCommand, now: datetime) -> str | None:
    """Say why a command is not followed; every one is well formed, and by somebody who may."""
    claim_id = command.claim_id
    no = _why_not(known, command)
    is_running = known.status(claim_id) == "open" and not known.stands_still(claim_id)
    if no is None and isinstance(command, ENDING) and is_running:
        if known.is_granted_by_now(claim_id, min(command.at, now)):
            return None if _is_an_answer_all_the_same(known, command, now) else "claim_decided"
        return _impossible(known, command)
    return no


def _why_not(known: Naive, command: given.ClaimCommand) -> str | None:
    status = known.status(command.claim_id)
    match command:
        case given.RefundClaim():
            return _no_refund(known, command, status)
        case given.ProvideInformation():
            return _no_information(known, command, status)
        case given.AppealClaim():
            return _no_appeal(known, command, status)
        case given.DecideAppeal():
            return _no_second_look(known, command, status)
        case _:
            return None if _is_open_to(known, command, status) else _closed_to(known, command, status)


def _is_open_to(known: Naive, command: given.ClaimCommand, status: str) -> bool:
    if isinstance(command, given.RequestInformation | given.DecideClaim):
        return status == "open" and not known.stands_still(command.claim_id)
    if isinstance(command, given.AddEvidence):
        return status in {"open", "appealed"}
    is_answer = isinstance(command, given.AnswerClaim)
    return status == "open" or (is_answer and _counts(known, command.claim_id, command.at))


def _closed_to(known: Naive, command: given.ClaimCommand, status: str) -> str:
    return "chargeback_open" if status == "open" and known.stands_still(command.claim_id) else "claim_decided"


def _counts(known: Naive, claim_id: str, at: datetime) -> bool:
    """Say whether an answer of this date may take back what silence has granted."""
    window = known.numbers.answer
    if (
        window is None
        or known.status(claim_id) not in {"granted", "appealed"}
        or not known.is_by_rule(claim_id)
    ):
        return False
    filed = known.form(claim_id).at
    ran = [known.ran(claim_id, filed, when) for when in known.answers(claim_id)]
    return known.ran(claim_id, filed, at) <= window and all(each > window for each in ran)


def _no_refund(known: Naive, command: given.RefundClaim, status: str) -> str | None:
    claim = known.form(command.claim_id)
    if status == "open" and known.stands_still(command.claim_id):
        return "chargeback_open"
    if status != "open":
        return None if _is_a_late_answer(known, command) else "claim_decided"
    if known.rest(claim) <= known.compensated(command.claim_id):
        return "amount_exceeds_left"
    return None


def _is_a_late_answer(known: Naive, command: given.RefundClaim) -> bool:
    if not command.return_first or not _counts(known, command.claim_id, command.at):
        return False
    claim, granted = known.form(command.claim_id), known.decision(command.claim_id)
    window = known.numbers.answer or timedelta(0)
    had_run = known.ran(command.claim_id, claim.at, granted.at)
    return bool(had_run >= window and command.at < granted.at)


def _is_an_answer_all_the_same(known: Naive, command: given.ClaimCommand, now: datetime) -> bool:
    """Say whether a demand that comes too late for one deadline is in time for that to answer the claim."""
    window = known.numbers.answer
    if window is None or not isinstance(command, given.RefundClaim) or not command.return_first:
        return False
    filed, claim_id = known.form(command.claim_id).at, command.claim_id
    ran = [known.ran(claim_id, filed, when) for when in known.answers(claim_id)]
    is_in_time = known.ran(claim_id, filed, command.at) <= window and all(each > window for each in ran)
    return is_in_time and known.ran(claim_id, filed, now) >= window and command.at < now


def _impossible(known: Naive, command: given.ClaimCommand) -> str | None:
    """Say what else may stand against what is not barred."""
    if isinstance(command, given.RefundClaim) and command.return_first:
        return _nothing_to_send(known, command)
    if isinstance(command, given.DecideClaim) and command.verdict == "granted":
        claim = known.form(command.claim_id)
        amount = command.amount.amount_minor if command.amount else known.rest(claim)
        return _no_amount(amount, known.left(claim))
    return None


def _no_amount(amount: int, most: int) -> str | None:
    if amount > most or not most:
        return "amount_exceeds_left"
    return None if amount > 0 else "invalid_amount"


def _nothing_to_send(known: Naive, command: given.RefundClaim) -> str | None:
    claim = known.form(command.claim_id)
    if claim.issue == "not_received":
        return "nothing_to_return"
    if known.demanded(command.claim_id):
        return "return_already_required"
    return "already_received" if known.back(claim) else None


def _no_information(known: Naive, command: given.ProvideInformation, status: str) -> str | None:
    asked = [
        e.request
        for e in known.every(said.InformationRequested)
        if e.request.command_id == command.request_id
    ]
    window, claim_id = known.numbers.information, command.claim_id
    if not asked:
        return "unknown_request"
    before = [known.ran(claim_id, asked[0].at, when) for when in known.provided(command.request_id)]
    is_late = known.ran(claim_id, asked[0].at, command.at) > window
    if any(each <= window for each in before) or (before and is_late):
        return "already_answered"
    if status == "open":
        return None
    may_void = status in {"granted", "appealed"} and known.is_by_rule(claim_id) and not is_late
    return None if may_void else "claim_decided"


def _no_appeal(known: Naive, command: given.AppealClaim, status: str) -> str | None:
    kinds = {type(each) for each in known.of(command.claim_id)}
    if status == "appealed" or kinds & {said.AppealUpheld, said.AppealReversed}:
        return "already_appealed"
    ended = kinds & {said.ClaimWithdrawn, said.ClaimRefundedBySeller}
    if status == "open" or ended or _is_closed_undecided(known, command.claim_id):
        return "not_appealable"
    decided = known.decision(command.claim_id)
    is_granted = isinstance(decided, said.ClaimGranted)
    loser = "buyer" if not is_granted else ("seller" if decided.funding == "seller" else None)
    if command.actor.kind != loser:
        return "not_appealable"
    if command.at > decided.closes_at or (status == "closed" and command.at == decided.closes_at):
        return "too_late"
    item = known.form(command.claim_id).lines[0].order_item_id
    others = [
        each.form.claim_id
        for each in known.every(said.ClaimFiled)
        if each.form.claim_id != command.claim_id and each.form.lines[0].order_item_id == item
    ]
    is_filed_again = any(known.status(each) in {"open", "appealed"} for each in others)
    return "already_claimed" if is_filed_again and not is_granted else None


def _is_closed_undecided(known: Naive, claim_id: str) -> bool:
    """Say whether a claim closed while it was open: not sent back, or won at the bank."""
    last = [e for e in known.of(claim_id) if isinstance(e, _TURNS)]
    return isinstance(last[-1], said.ClaimClosed) and not isinstance(last[-2], _DECISIONS)


_DECISIONS = (said.ClaimGranted, said.ClaimDenied, said.RefusedByJudgement)
_TURNS = (*_DECISIONS, said.ClaimFiled, said.GrantVoided, said.ClaimAppealed, said.ClaimClosed)


def _no_second_look(known: Naive, command: given.DecideAppeal, status: str) -> str | None:
    if status != "appealed":
        return "no_appeal"
    if known.stands_still(command.claim_id):
        return "chargeback_open"
    decided = known.decision(command.claim_id)
    if decided.actor and decided.actor.id == command.actor.id:
        return "same_investigator"
    falls = command.reverse_money or command.reverse_defect
    is_granted = isinstance(decided, said.ClaimGranted)
    if command.amount and (is_granted or not falls):
        return "invalid_amount"
    if is_granted or not falls:
        return None
    claim = known.form(command.claim_id)
    amount = command.amount.amount_minor if command.amount else known.rest(claim)
    return _no_amount(amount, known.left(claim))
