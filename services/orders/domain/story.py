"""What is decided so far about one input, and the world as it stands after that."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime

from services.orders.domain.events import Event
from services.orders.domain.evolve import evolve
from services.orders.domain.model import Policy, World
from shared.values import dataclass


@dataclass(slots=True)
class Story:
    """One decision in the making: later steps see what earlier ones decided."""

    world: World
    now: datetime
    policy: Policy
    events: list[Event] = field(default_factory=list)

    def tell(self, *events: Event) -> None:
        """Decide these events."""
        for event in events:
            self.world = evolve(self.world, event)
            self.events.append(event)
