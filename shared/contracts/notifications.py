"""What became of mails. Neither text nor address is in these."""

from __future__ import annotations

from typing import ClassVar

from shared.contracts.data import Id
from shared.contracts.facts import Fact
from shared.contracts.lists import Template
from shared.contracts.topics import NOTIFICATIONS_EVENTS


class NotificationFact(Fact):
    """A mail to `party_id`, caused by the event `cause_id`."""

    order_id: Id
    notification_id: Id
    template: Template
    party_id: Id
    cause_id: Id


class NotificationSent(NotificationFact):
    """The mail server took it."""

    TYPE: ClassVar[str] = "notifications.notification_sent.v1"
    TOPIC: ClassVar[str] = NOTIFICATIONS_EVENTS


class NotificationFailed(NotificationFact):
    """The mail server refused it for good, or for too long: it is parked for an operator."""

    TYPE: ClassVar[str] = "notifications.notification_failed.v1"
    TOPIC: ClassVar[str] = NOTIFICATIONS_EVENTS


MESSAGES = (NotificationSent, NotificationFailed)
