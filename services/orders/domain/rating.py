"""Feedback: the buyer rates an order once, when it was released, or canceled by its seller (O9, H1)."""

from __future__ import annotations

from datetime import datetime

from services.orders.domain.events import FeedbackLeft
from services.orders.domain.inputs import LeaveFeedback
from services.orders.domain.model import Asked, Canceled, OrderRow, Released, Unplaced
from services.orders.domain.refusing import No, not_allowed, refuse
from services.orders.domain.releasing import release_if_due
from services.orders.domain.story import Story


def leave_feedback(story: Story, command: LeaveFeedback) -> None:
    """The buyer rates the order, or hears why not."""
    order = story.world.order
    if isinstance(order, Unplaced):
        return
    no = not_allowed(story, order.placed, command)
    if no is None:
        release_if_due(story, command.at)
        no = not_ratable(story.world.row, command.at)
    if no is not None:
        refuse(story, command, no)
        return
    asked = Asked(command.command_id, command.actor)
    story.tell(FeedbackLeft(command.at, asked, command.rating, command.text))


def not_ratable(row: OrderRow, at: datetime) -> No | None:
    """Say why an order cannot be rated at an instant."""
    order = row.order
    if isinstance(order, Canceled) and order.reason != "seller":
        return No("order_canceled")
    if not isinstance(order, Released | Canceled) or (isinstance(order, Released) and at < order.released_at):
        return No("order_pending")
    return None if row.account.rated_at is None else No("already_rated")
