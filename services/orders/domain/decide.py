"""What comes of an input: facts heard, commands and expired deadlines alike. Pure, and total."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from services.orders.domain.canceling import cancel, hear_cancellation, hear_grant
from services.orders.domain.events import Event, ShipByWarned
from services.orders.domain.inputs import (
    ClaimGranted,
    ConfirmShipment,
    DeadlineExpired,
    Input,
    ListingStocked,
    Milestone,
    OrderPlaced,
)
from services.orders.domain.model import CancellationRequested, PaymentNews, Pending, Policy, Released, World
from services.orders.domain.placing import hear_payment, place
from services.orders.domain.releasing import release_if_due
from services.orders.domain.shipping import confirm, scan
from services.orders.domain.stock import stock
from services.orders.domain.story import Story
from services.orders.domain.timeline import timer_changes, timers


def decide(command: Input, world: World, /, *, now: datetime, policy: Policy) -> Sequence[Event]:
    """Return what follows; the timers that this needs come last."""
    story = Story(world, now, policy)
    _dispatch(story, command)
    story.tell(*timer_changes(world.row, story.world.row, now))
    return story.events


def _dispatch(story: Story, command: Input) -> None:
    match command:
        case OrderPlaced():
            for news in place(story, command):
                _dispatch(story, news)
        case PaymentNews():
            hear_payment(story, command)
        case CancellationRequested():
            hear_cancellation(story, command)
        case ListingStocked():
            stock(story, command)
        case Milestone():
            scan(story, command)
        case ClaimGranted():
            hear_grant(story, command)
        case ConfirmShipment():
            confirm(story, command)
        case DeadlineExpired():
            _ask(story, command)
        case _:
            assert_never(command)


def _ask(story: Story, deadline: DeadlineExpired) -> None:
    """Ask the order, as it now is, whether the deadline still means something (T2)."""
    if timers(story.world.row).get(deadline.kind) != deadline.due_at:
        return
    order = story.world.order
    match deadline.kind:
        case "hold_end":
            release_if_due(story, deadline.due_at)
        case "verification_due":
            if isinstance(order, Pending):
                cancel(story, deadline.due_at, "verification_expired")
        case "ship_by_warning":
            if isinstance(order, Released):
                story.tell(ShipByWarned(deadline.due_at, order.confirm_by))
        case "ship_confirmation_due":
            if isinstance(order, Released):
                cancel(story, order.confirm_by, "ship_confirmation_expired")
        case _:
            assert_never(deadline.kind)
