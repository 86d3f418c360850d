"""What is decided so far about one input, and the order as it stands after that."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime

from services.messaging.domain.events import Event
from services.messaging.domain.evolve import changed
from services.messaging.domain.model import Contact, Conversation, OrderState, Policy, Return
from shared.values import dataclass


@dataclass(slots=True)
class Story:
    """One decision in the making: later steps see what earlier ones decided."""

    state: OrderState
    now: datetime
    policy: Policy
    events: list[Event] = field(default_factory=list)

    def tell(self, *events: Event) -> None:
        """Decide these events."""
        for event in events:
            self.state = changed(self.state, event)
            self.events.append(event)

    @property
    def talk(self) -> Conversation:
        """The conversation as it stands."""
        return self.state.conversation

    def contact(self, contact_id: str) -> Contact:
        """Return the contact that has this as its own id, as it stands."""
        return contact_in(self.talk, contact_id)

    def back(self, contact_id: str) -> Return:
        """Return what is sent back in a contact of the channel of return requests, as it stands."""
        return next(back for back in self.talk.returns if back.contact_id == contact_id)


def contact_in(talk: Conversation, contact_id: str) -> Contact:
    """Return the contact of a conversation that has this as its own id."""
    return next(contact for contact in talk.contacts if contact.contact_id == contact_id)
