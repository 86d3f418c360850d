"""What other services say of the order: kept, and told to the contacts that it concerns."""

from __future__ import annotations

from services.messaging.domain.contacts import close_if_refunded, fall_due
from services.messaging.domain.events import (
    CancellationNoted,
    ClaimNoted,
    MoneyReturnNoted,
    ReleaseNoted,
    ReturnRequirementNoted,
)
from services.messaging.domain.inputs import (
    ClaimFiled,
    MoneyReturned,
    OrderCanceled,
    OrderReceived,
    OrderReleased,
    ReturnRequired,
)
from services.messaging.domain.model import CanceledOrder, Order, PendingOrder
from services.messaging.domain.story import Story


def order_of(fact: OrderReceived) -> Order:
    """Return the order as messaging keeps it."""
    return Order(
        order_id=fact.order_id,
        marketplace_id=fact.marketplace_id,
        buyer_id=fact.buyer_id,
        seller_id=fact.seller_id,
        placed_at=fact.placed_at,
        ship_to_country=fact.ship_to_country,
        lines=fact.lines,
    )


def hear_release(story: Story, fact: OrderReleased) -> None:
    """From here on the seller can be written to."""
    if isinstance(story.state.dossier, PendingOrder):
        story.tell(ReleaseNoted(fact.at))


def hear_cancellation(story: Story, fact: OrderCanceled) -> None:
    """No clock runs any more (M5); what fell due before still did."""
    if isinstance(story.state.dossier, CanceledOrder):
        return
    for contact in story.talk.contacts:
        fall_due(story, contact.contact_id, fact.at)
    story.tell(CancellationNoted(fact.at))


def hear_money(story: Story, fact: MoneyReturned) -> None:
    """A contact is resolved once the buyer has back what it is about."""
    if any(known.money_id == fact.money.money_id for known in story.state.order.money_back):
        return
    story.tell(MoneyReturnNoted(fact.money))
    for contact in story.talk.contacts:
        close_if_refunded(story, contact.contact_id)


def hear_claim(story: Story, fact: ClaimFiled) -> None:
    """Keep which order items a claim is about."""
    if all(known.claim_id != fact.claim_id for known in story.state.order.claims):
        story.tell(ClaimNoted(fact.claim_id, fact.items))


def hear_requirement(story: Story, fact: ReturnRequired) -> None:
    """Keep since when the seller wants back what is claimed."""
    if any(
        known.claim_id == fact.claim_id and not known.wanted_back_at for known in story.state.order.claims
    ):
        story.tell(ReturnRequirementNoted(fact.claim_id, fact.at))
