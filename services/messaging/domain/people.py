"""Who may say what, and when: what every command is asked first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from services.messaging.domain.events import CommandRefused, Reason
from services.messaging.domain.inputs import Command
from services.messaging.domain.model import (
    Actor,
    CanceledOrder,
    Dossier,
    Order,
    OrderState,
    PendingOrder,
    ReleasedOrder,
    Side,
)
from services.messaging.domain.story import Story
from shared.values import dataclass

MESSAGES_MAX = 1000
TEXT_CHARACTERS_MAX = 1_000_000
"""Of each side of one order: beyond that it is no conversation any more, and its row would grow for ever."""

MESSAGE_BYTES_MAX = 1_000_000
"""Of one message as JSON: the fact that repeats it, with its envelope, must fit into a record of 1 MiB."""
_CHARACTERS_ALWAYS_FIT = MESSAGE_BYTES_MAX // 6


@dataclass(frozen=True, slots=True)
class No:
    """Why a command can't be: the rule, the reason, and which fields are to be filled."""

    rule: str
    reason: Reason
    missing: tuple[str, ...] = ()


def refuse(story: Story, command: Command, no: No) -> None:
    """Answer a command with no."""
    story.tell(CommandRefused(command.command_id, no.rule, no.reason, no.missing))


def side(actor: Actor, order: Order) -> Side | None:
    """Say for which side somebody acts; None for whoever has no part in the order."""
    match actor:
        case Actor("support", _):
            return "buyer"
        case Actor("buyer", order.buyer_id):
            return "buyer"
        case Actor("seller", order.seller_id):
            return "seller"
        case _:
            return None


def not_in_order(story: Story, command: Command) -> No | None:
    """Say no to what is dated ahead of the clock (T5), or comes from someone else than the order's people."""
    if command.at - story.now > story.policy.ahead:
        return No("T5", "in_the_future")
    if side(command.actor, story.state.order) is None:
        return No("M1", "not_a_party")
    return None


def not_for(story: Story, command: Command, who: Side, rule: str) -> No | None:
    """Say no to what is dated ahead of the clock, or is only the other side's to say."""
    if no := not_in_order(story, command):
        return no
    if side(command.actor, story.state.order) != who:
        return No(rule, "not_the_buyer" if who == "buyer" else "not_the_seller")
    return None


def is_pending(dossier: Dossier, at: datetime) -> bool:
    """Judge by when it was written (T5), not by when it is read."""
    match dossier:
        case PendingOrder():
            return True
        case ReleasedOrder(released_at=released_at):
            return at < released_at
        case CanceledOrder(canceled_at=canceled_at, released_at=released_at):
            return at < (released_at or canceled_at)
        case _:
            assert_never(dossier)


def is_canceled(dossier: Dossier, at: datetime) -> bool:
    """Say whether the order was canceled when it was written."""
    return isinstance(dossier, CanceledOrder) and at >= dossier.canceled_at


def too_much(story: Story, author: Actor, writing: Sequence[str]) -> No | None:
    """Say no to what would not fit: into a record, or into what one side may write about one order.

    Each side has its own share: nobody can fill the other's, and so keep an answer out.
    """
    if _is_too_large(writing):
        return No("E1", "too_large")
    sizes = _written(story.state, side(author, story.state.order))
    if len(sizes) >= MESSAGES_MAX or sum(sizes, _size(writing)) > TEXT_CHARACTERS_MAX:
        return No("M1", "too_many_messages")
    return None


def _written(state: OrderState, who: Side | None) -> Sequence[int]:
    """Return the size of everything that a side wrote."""
    talk, order = state.conversation, state.order
    written = [
        *((message.author, (message.text, *message.attachments)) for message in talk.messages),
        *((asked.author, (asked.reason, asked.text)) for back in talk.returns for asked in back.requests),
        *((answer.author, (answer.text,)) for back in talk.returns for answer in back.answers),
    ]
    return [_size(texts) for author, texts in written if side(author, order) == who]


def _size(texts: Sequence[str]) -> int:
    return sum(map(len, texts))


def _is_too_large(texts: Sequence[str]) -> bool:
    if _size(texts) <= _CHARACTERS_ALWAYS_FIT:
        return False
    return len(json.dumps(texts, ensure_ascii=False).encode()) > MESSAGE_BYTES_MAX
