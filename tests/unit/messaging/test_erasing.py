"""What a person wrote goes; that they wrote, when, and what came of it, stays (M6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.messaging.domain.erasing import ERASED
from services.messaging.domain.model import OrderState
from shared.contracts import erasure
from shared.contracts.data import Actor, Data
from shared.contracts.erasure import Sides
from shared.contracts.messaging import AnswerReturn, RequestReturn, SendMessage
from tests.support.playing import check_erasing, play
from tests.unit.messaging.builders import ASKED, BUYER, LATER, SELLER
from tests.unit.messaging.test_translate import SERVICE, received, released, say

PEOPLE = {
    "buyer": Actor(kind="buyer", id=BUYER.id),
    "seller": Actor(kind="seller", id=SELLER.id),
    "support": Actor(kind="support", id="support-7"),
}


def by(kind: str, message: type[Data], hours: int, **changes: Any) -> Data:
    at, name = ASKED + timedelta(hours=hours), f"{kind}-{hours}"
    return say(message, actor=PEOPLE[kind], at=at, command_id=f"command-{name}", **changes)


def talk() -> list[Data]:
    """Return an order about which everybody writes, in both channels."""
    writing = [
        by(kind, SendMessage, hours, message_id=f"m{hours}", text=f"{kind} wrote this", issue="delivery")
        for hours, kind in enumerate(("buyer", "seller", "support", "seller"), 1)
    ]
    lines = received().items
    returning: list[Data] = [
        by("buyer", RequestReturn, 10, contact_id="r1", text="", reason="broken"),
        by("support", RequestReturn, 11, contact_id="r1", text="as told by phone", reason="broken"),
        by("seller", AnswerReturn, 12, contact_id="r1", text="do send it", prepaid_label=True),
    ]
    assert lines
    return [received(), released(), *writing, *returning]


def test_an_erased_row_is_the_one_that_erased_messages_make() -> None:
    check_erasing(SERVICE, talk(), Sides(BUYER.id, SELLER.id), now=LATER)


def test_what_was_written_goes_and_what_was_not_stays_empty() -> None:
    (state,) = play(SERVICE, *talk(), now=LATER).states.values()
    assert isinstance(state, OrderState)
    gone: OrderState = SERVICE.kinds[0].erase(state, BUYER.id)
    texts = [message.text for message in gone.conversation.messages]
    assert texts == [ERASED, "seller wrote this", ERASED, "seller wrote this"]
    (back,) = gone.conversation.returns
    assert [(asked.reason, asked.text) for asked in back.requests] == [(ERASED, ""), (ERASED, ERASED)]
    assert [answer.text for answer in back.answers] == ["do send it"]


def test_the_word_is_that_of_the_facts() -> None:
    assert ERASED == erasure.ERASED
