"""Every message, by the topic that carries it and by its type."""

from __future__ import annotations

from collections.abc import Mapping

from shared.contracts import (
    accounts,
    carriers,
    catalog,
    checkout,
    claims,
    finance,
    inventory,
    messaging,
    notifications,
    operations,
    orders,
    performance,
    timer,
)
from shared.contracts.data import Data

MESSAGES: tuple[type[Data], ...] = (
    *checkout.MESSAGES,
    *catalog.MESSAGES,
    *accounts.MESSAGES,
    *carriers.MESSAGES,
    *orders.MESSAGES,
    *inventory.MESSAGES,
    *messaging.MESSAGES,
    *claims.MESSAGES,
    *timer.MESSAGES,
    *notifications.MESSAGES,
    *performance.MESSAGES,
    *finance.MESSAGES,
    *operations.MESSAGES,
)

BY_TYPE: Mapping[str, type[Data]] = {message.TYPE: message for message in MESSAGES}


def _by_topic() -> dict[str, dict[str, type[Data]]]:
    found: dict[str, dict[str, type[Data]]] = {}
    for message in MESSAGES:
        found.setdefault(message.TOPIC, {})[message.TYPE] = message
    return found


BY_TOPIC: Mapping[str, Mapping[str, type[Data]]] = _by_topic()
