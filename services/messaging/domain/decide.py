"""What comes of a fact, a command or a deadline: total, pure, by the rulebook's M1-M6, T1-T5, P1."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from typing import assert_never

from services.messaging.domain.contacts import ask, timer_changes
from services.messaging.domain.events import CommandRefused, Event, OrderNoted
from services.messaging.domain.evolve import evolve
from services.messaging.domain.hearing import (
    hear_cancellation,
    hear_claim,
    hear_money,
    hear_release,
    hear_requirement,
    order_of,
)
from services.messaging.domain.inputs import (
    AnswerReturn,
    ClaimFiled,
    Command,
    DeadlineExpired,
    Fact,
    Input,
    MoneyReturned,
    OrderCanceled,
    OrderReceived,
    OrderReleased,
    ParcelDelivered,
    ReceiveReturn,
    RequestReturn,
    ResolveContact,
    ReturnRequired,
    SendMessage,
    ShipReturn,
)
from services.messaging.domain.model import OrderState, Policy
from services.messaging.domain.returning import answer, receive, request, scan, ship
from services.messaging.domain.story import Story
from services.messaging.domain.writing import resolve, send


def decide(given: Input, state: OrderState | None, /, *, now: datetime, policy: Policy) -> Sequence[Event]:
    """Say what follows; the timers that this needs come last. `policy`: the one in force at the input's date."""
    return told(given, state, now=now, policy=policy)[0]


def told(
    given: Input, state: OrderState | None, /, *, now: datetime, policy: Policy
) -> tuple[Sequence[Event], OrderState | None]:
    """Decide, and return what follows together with the order as it stands after it."""
    if state is None:
        events = _first_heard(given)
        return events, reduce(evolve, events, state)
    story = Story(state, now, policy)
    if isinstance(given, Command):
        _follow(story, given)
    elif isinstance(given, DeadlineExpired):
        ask(story, given)
    else:
        _hear(story, given)
    story.tell(*timer_changes(state, story.state, given))
    return story.events, story.state


def _first_heard(given: Input) -> Sequence[Event]:
    """Only the order itself can be the first: commands wait for it, and it is said before all else of it."""
    if isinstance(given, OrderReceived):
        return [OrderNoted(order_of(given))]
    if isinstance(given, Command):
        return [CommandRefused(given.command_id, "E1", "unknown_order")]
    return ()


def _follow(story: Story, command: Command) -> None:
    match command:
        case SendMessage():
            send(story, command)
        case ResolveContact():
            resolve(story, command)
        case RequestReturn():
            request(story, command)
        case AnswerReturn():
            answer(story, command)
        case ShipReturn():
            ship(story, command)
        case ReceiveReturn():
            receive(story, command)
        case _:
            assert_never(command)


def _hear(story: Story, fact: Fact) -> None:
    match fact:
        case OrderReceived():
            return
        case OrderReleased():
            hear_release(story, fact)
        case OrderCanceled():
            hear_cancellation(story, fact)
        case MoneyReturned():
            hear_money(story, fact)
        case ClaimFiled():
            hear_claim(story, fact)
        case ReturnRequired():
            hear_requirement(story, fact)
        case ParcelDelivered():
            scan(story, fact)
        case _:
            assert_never(fact)
