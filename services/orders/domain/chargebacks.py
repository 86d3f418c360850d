"""Chargebacks: passed on at once, and what they hold or take of the order's money (C15, C16)."""

from __future__ import annotations

from services.orders.domain.events import ChargebackClosed, ChargebackOpened, EarlyNewsKept
from services.orders.domain.holding import settle
from services.orders.domain.model import Chargeback, ChargebackNews, Unplaced
from services.orders.domain.releasing import release_if_due
from services.orders.domain.story import Story


def hear_chargeback(story: Story, news: ChargebackNews) -> None:
    """The bank opens a chargeback, or has decided on it. The same news twice changes nothing."""
    release_if_due(story, news.at)
    order = story.world.order
    if isinstance(order, Unplaced):
        if news not in order.early:
            story.tell(EarlyNewsKept(news))
        return
    known = story.world.row.account.chargebacks
    if news.outcome == "opened":
        if not any(_is_known_opening(one, news) for one in known):
            story.tell(ChargebackOpened(news.at, news.amount))
    elif all(one.closed_at != news.at for one in known):
        story.tell(ChargebackClosed(news.at, news.outcome, news.amount))
        settle(story, order.placed, news.at)


def _is_known_opening(known: Chargeback, news: ChargebackNews) -> bool:
    """Say whether news opens what is known; of one whose end was read first, only the end is told."""
    if known.opened_at is None:
        return known.closed_at is not None and news.at <= known.closed_at
    return known.opened_at == news.at
