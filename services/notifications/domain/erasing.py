"""What goes when a person is erased (M6): their words. That something was said, and when, stays."""

from __future__ import annotations

from services.notifications.domain.facts import Fact, MessageSent, ReturnAnswered, ReturnAsked
from services.notifications.domain.mails import Quoted
from services.notifications.domain.model import Dossier, Erased, OrderState, Party
from shared.values import replace


def without_words_of(state: OrderState, party_id: str) -> OrderState:
    """Leave out what a person wrote from the facts that wait for their order; nothing else of one is anybody's."""
    if isinstance(state, Dossier):
        return state
    return replace(
        state, waiting=tuple(replace(heard, what=_fact(heard.what, party_id)) for heard in state.waiting)
    )


def gone(_party: Party, party_id: str) -> Party:
    """Keep of an account only that it was erased."""
    return Erased(party_id)


def _fact(fact: Fact, party_id: str) -> Fact:
    match fact:
        case MessageSent(quotes=quotes) | ReturnAnswered(quotes=quotes) if quotes == party_id:
            return replace(fact, message=_without(fact.message))
        case ReturnAsked(quotes=quotes) if quotes == party_id:
            return replace(fact, message=_without(fact.message), reason=_without(fact.reason))
        case _:
            return fact


def _without(quoted: Quoted) -> Quoted:
    return Quoted(None) if quoted.text else quoted
