"""What carriers say of a parcel."""

from __future__ import annotations

from typing import ClassVar

from shared.contracts.data import Data, Day, Id, Text, When
from shared.contracts.lists import MilestoneKind
from shared.contracts.topics import CARRIERS_EVENTS


class Milestone(Data):
    """A scan. `promised_date` is the delivery date that the carrier now promises."""

    TYPE: ClassVar[str] = "carriers.milestone.v1"
    TOPIC: ClassVar[str] = CARRIERS_EVENTS

    carrier: Id
    tracking_number: Id
    milestone: MilestoneKind
    occurred_at: When
    promised_date: Day | None = None
    location: Text | None = None


MESSAGES = (Milestone,)
