"""What always holds, whatever a scenario tells: each function gives what does not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from services.claims.domain.outcome import Outcome, redecide
from services.claims.domain.rules import GROUNDS
from services.claims.templates.explanations import explain
from services.claims.translate.explained import explanation_of
from services.claims.translate.policies import policies_of
from services.notifications.templates import Reader, render
from shared.contracts import claims, finance, orders
from shared.contracts.data import Data
from shared.contracts.facts import Refused
from shared.kit.states import body_from_json, body_to_json
from tests.support.scenarios.cast import CANARY
from tests.support.scenarios.in_memory import the_catalogue
from tests.support.scenarios.playing import Played
from tests.support.scenarios.telling import DECISIONS

_RELATIVE = ("in 48 hours", "within 48 hours", "in 72 hours", "within 72 hours", "48小时内", "48 小时内")


def _decisions(done: Played) -> Iterator[Any]:
    for said in done.said:
        if isinstance(said.data, DECISIONS) and getattr(said.data, "explanation", None):
            yield said.data


# ----------------------------------------------------------------------------------------------- explanations


def decisions_that_come_out_otherwise(done: Played) -> Iterator[str]:
    """Decide each again, from its explanation and the policy alone (C14)."""
    known = policies_of(the_catalogue())
    for fact in _decisions(done):
        explanation = explanation_of(fact.explanation)
        again = redecide(explanation, known.of(explanation[0].policy_id))
        if (told := _told(fact)) != again:
            yield f"{fact.TYPE} says {told}, its explanation says {again}"


def _told(fact: Data) -> Outcome:
    """Write down as an outcome what a decision says of itself."""
    match fact:
        case claims.ClaimRefused():
            return Outcome("refused", fact.reason, automatic=fact.automatic is not False)
        case claims.ClaimGranted():
            return Outcome("granted", None, fact.amount.amount_minor, fact.funding, fact.automatic)
        case claims.ClaimDenied():
            return Outcome("denied", automatic=False)
        case claims.GrantVoided():
            return Outcome("voided")
        case claims.AppealReversed():
            return Outcome("reversed", None, fact.amount.amount_minor, fact.funding, automatic=False)
        case claims.AppealUpheld():
            return Outcome("upheld", None, fact.amount.amount_minor, automatic=False)
        case _:
            raise TypeError(f"{fact.TYPE} is no decision")


def decisions_that_are_not_explained(done: Played) -> Iterator[str]:
    """Look for a rule without a sentence, and for a grant that does not list all five grounds (C6, C14)."""
    for fact in _decisions(done):
        explanation = explanation_of(fact.explanation)
        zone = str(next(iter(done.play.orders.values())).calendar.zone)
        for language in ("en", "zh"):
            sentences = explain(explanation, zone, language)
            if len(sentences) != len(explanation) or not all(sentences):
                yield f"{fact.TYPE} has no sentence for each rule in {language}"
        listed = {trace.rule for trace in fact.explanation}
        if isinstance(fact, claims.ClaimGranted) and not listed >= set(GROUNDS):
            yield f"{fact.TYPE} lists {sorted(listed)}"


# ------------------------------------------------------------------------------------------------------ money


def money_that_does_not_add_up(done: Played) -> Iterator[str]:
    """Per claim: one standing debit, none reimbursed twice or in part; per order: never more than was paid (C15)."""
    yield from _debits(done)
    for order in done.play.orders.values():
        about = [said.data for said in done.said if getattr(said.data, "order_id", None) == order.order_id]
        back = sum(_back(data) for data in about)
        most = order.paid(order.lines(None)).amount_minor + _documented(about)
        if back > most:
            yield f"{order.order_id} gives back {back} of {most}"


def _debits(done: Played) -> Iterator[str]:
    standing: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for said in done.said:
        match said.data:
            case finance.SellerDebited() as debit:
                standing[debit.claim_id][debit.debit_id] = debit.amount.amount_minor
                if len(standing[debit.claim_id]) > 1:
                    yield f"{debit.claim_id} has two debits standing"
            case finance.SellerReimbursed() as back:
                if standing[back.claim_id].pop(back.debit_id, None) != back.amount.amount_minor:
                    yield f"{back.claim_id} is reimbursed otherwise than it was debited"
            case _:
                pass


def _back(data: Data) -> int:
    match data:
        case orders.RefundRecorded() | orders.OrderCanceled() | orders.LinesCanceled():
            return data.amount.amount_minor
        case finance.BuyerCompensated():
            return data.amount.amount_minor
        case orders.ChargebackClosed(outcome="buyer_won"):
            return data.amount.amount_minor
        case _:
            return 0


def _documented(about: list[Data]) -> int:
    filed = [data for data in about if isinstance(data, claims.ClaimFiled)]
    return sum(fact.extra_charges.amount_minor for fact in filed if fact.extra_charges and fact.evidence)


# ------------------------------------------------------------------------------------ what people get to see


def addresses_found(done: Played) -> Iterator[str]:
    """Look for an address in all that is said, kept and mailed (O7, O14)."""
    for said in done.said:
        if CANARY.encode() in (said.record.value or b""):
            yield f"{said.data.TYPE} has an address"
    for name, seat in done.world.seats.items():
        kinds = {kind.name: kind for kind in seat.service.kinds}
        for key, row in seat.rows.items():
            if CANARY in (body_to_json(kinds[key.kind], row.state) or ""):
                yield f"{name} keeps an address with {key}"
    for mail in done.world.mails:
        if CANARY in str(mail.wanted):
            yield f"{mail.wanted.mail.template} has an address"


def mails_that_cannot_be_read(done: Played) -> Iterator[str]:
    """Write every mail in both languages (N2); a deadline is an instant, never so many hours."""
    for mail in done.world.mails:
        template = mail.wanted.mail.template
        for language in ("en", "zh"):
            reader = Reader(mail.account.name, language, mail.wanted.time_zone, mail.wanted.order_id)
            written = render(mail.wanted.mail, reader)
            if not (written.subject.strip() and written.text.strip() and written.html.strip()):
                yield f"{template} is empty in {language}"
            yield from (f"{template} says {said}" for said in _RELATIVE if said in written.text)


def refusals_without_words(done: Played) -> Iterator[str]:
    """Look for a refusal that does not say why in each language (C4)."""
    for said in done.said:
        if isinstance(said.data, Refused):
            message = said.data.message
            if not message.en.strip() or not message.zh.strip() or message.en == message.zh:
                yield f"{said.data.TYPE} {said.data.reason} says {message}"


# ------------------------------------------------------------------------------------------------------ states


def states_that_cannot_be_stored(done: Played) -> Iterator[str]:
    """Write every state as the store does, and read it again."""
    for name, seat in done.world.seats.items():
        kinds = {kind.name: kind for kind in seat.service.kinds}
        for key, row in seat.rows.items():
            kind = kinds[key.kind]
            written = body_to_json(kind, row.state)
            if body_from_json(kind, len(kind.upcasts) + 1, written) != row.state:
                yield f"{name}: {key} is read otherwise than it was written"
