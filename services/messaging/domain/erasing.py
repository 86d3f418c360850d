"""A conversation without what one person wrote (M6): that they wrote, when, and what came of it, stays."""

from __future__ import annotations

from services.messaging.domain.model import Actor, OrderState, ReturnAnswer, ReturnRequest, SentMessage
from shared.values import replace

ERASED = "[erased]"
"""What stands where a text was; the facts that are erased have the same."""


def erase(state: OrderState, party_id: str) -> OrderState:
    """Return the row as it would be had this person's messages come erased. Support writes for the buyer."""

    def is_theirs(author: Actor) -> bool:
        for_buyer = author.kind == "support" and state.order.buyer_id == party_id
        return author.id == party_id or for_buyer

    def message(each: SentMessage) -> SentMessage:
        return replace(each, text=_gone(each.text)) if is_theirs(each.author) else each

    def request(each: ReturnRequest) -> ReturnRequest:
        if not is_theirs(each.author):
            return each
        return replace(each, reason=_gone(each.reason), text=_gone(each.text))

    def answer(each: ReturnAnswer) -> ReturnAnswer:
        return replace(each, text=_gone(each.text)) if is_theirs(each.author) else each

    talk = state.conversation
    returns = tuple(
        replace(back, requests=tuple(map(request, back.requests)), answers=tuple(map(answer, back.answers)))
        for back in talk.returns
    )
    return replace(
        state, conversation=replace(talk, messages=tuple(map(message, talk.messages)), returns=returns)
    )


def _gone(text: str) -> str:
    return ERASED if text else text
