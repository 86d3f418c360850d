"""Every topic: its key, who writes and reads it, how it is kept. Provisioning and subscribing begin here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, TypeAlias

CHECKOUT_EVENTS = "checkout.events"
CATALOG_EVENTS = "catalog.events"
ACCOUNTS_EVENTS = "accounts.events"
CARRIERS_EVENTS = "carriers.events"
ORDERS_COMMANDS = "orders.commands"
MESSAGING_COMMANDS = "messaging.commands"
CLAIMS_COMMANDS = "claims.commands"
PERFORMANCE_COMMANDS = "performance.commands"
ORDERS_EVENTS = "orders.events"
MESSAGING_EVENTS = "messaging.events"
CLAIMS_EVENTS = "claims.events"
INVENTORY_EVENTS = "inventory.events"
TIMER_COMMANDS = "timer.commands"
TIMER_EVENTS = "timer.events"
NOTIFICATIONS_EVENTS = "notifications.events"
PERFORMANCE_EVENTS = "performance.events"
FINANCE_DEBITS = "finance.debits"
OPERATIONS_COMMANDS = "operations.commands"
OPERATIONS_EVENTS = "operations.events"

SERVICES = ("orders", "messaging", "claims", "timer", "notifications", "performance", "gateway")
"""Ours. Every other name in `writers` and `readers` is somebody outside."""

RECORD_BYTES_MAX = 1024 * 1024
"""The value of one record in, and of one of our facts."""
DEAD_LETTER_BYTES_MAX = 2 * RECORD_BYTES_MAX
_FRAME_BYTES = 64 * 1024
"""Kafka's own limit counts key, headers and the batch's frame as well, and must not be met before ours."""
_DAY_MS = 24 * 60 * 60 * 1000
RETENTION_DAYS = 30
"""At most, so that a person's data leaves Kafka within them."""

KeyKind: TypeAlias = Literal["order", "seller", "party", "tracking", "service", "as found"]
Spread: TypeAlias = Literal["order", "party", "single"]
"""Which number of partitions a topic has: `order` is one and the same for all order-keyed topics."""


class Tier(IntEnum):
    """What is applied first: facts, then commands, then deadlines. Operators' commands wait for nothing."""

    FACTS = 0
    COMMANDS = 1
    DEADLINES = 2
    OPERATIONS = 3


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic.

    `sequenced`: its facts are numbered by key (`ce_sequence`). `outsiders_write`: structured mode is read
    too.
    """

    name: str
    key: KeyKind
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    tier: Tier = Tier.FACTS
    sequenced: bool = False
    outsiders_write: bool = False
    retention_days: int = RETENTION_DAYS
    bytes_max: int = RECORD_BYTES_MAX

    @property
    def order_keyed(self) -> bool:
        """Whether its key is the order id: such topics have equal partition counts."""
        return self.key == "order"

    @property
    def spread(self) -> Spread:
        """Which number of partitions it has."""
        if self.order_keyed:
            return "order"
        return "single" if self.key in {"service", "as found"} else "party"


@dataclass(frozen=True, slots=True)
class Installation:
    """What an installation chooses, once, before its topics are made."""

    order_partitions: int = 4
    party_partitions: int = 4
    replicas: int = 1
    min_insync_replicas: int = 1

    def __post_init__(self) -> None:
        if min(self.order_partitions, self.party_partitions, self.min_insync_replicas) < 1:
            raise ValueError("partitions and min_insync_replicas must be at least 1")
        if self.replicas < self.min_insync_replicas:
            raise ValueError("replicas must be at least min_insync_replicas, or nothing can be written")


@dataclass(frozen=True, slots=True)
class Provision:
    """How one topic is made."""

    name: str
    partitions: int
    replicas: int
    config: Mapping[str, str]


_ORDER_READERS = ("messaging", "claims", "notifications", "performance", "gateway")
_WITH_TIMERS = ("orders", "messaging", "claims", "notifications", "performance")


def _commands(name: str, service: str, *others: str) -> Topic:
    return Topic(
        name,
        key="order",
        writers=("gateway", "front end"),
        readers=(service, *others),
        tier=Tier.COMMANDS,
        outsiders_write=True,
    )


def dead_letters(service: str) -> str:
    """Name the topic of a service's dead letters."""
    return f"{service}.dead-letters"


def _dead_letters(service: str) -> Topic:
    return Topic(
        dead_letters(service),
        key="as found",
        writers=(service,),
        readers=("gateway", "operators"),
        bytes_max=DEAD_LETTER_BYTES_MAX,
    )


_ALL = (
    Topic(
        CHECKOUT_EVENTS,
        key="order",
        writers=("checkout", "payment"),
        readers=("orders", "gateway"),
        outsiders_write=True,
    ),
    Topic(CATALOG_EVENTS, key="seller", writers=("catalogue",), readers=("orders",), outsiders_write=True),
    Topic(
        ACCOUNTS_EVENTS,
        key="party",
        writers=("accounts",),
        readers=("orders", "messaging", "claims", "notifications", "performance", "gateway"),
        outsiders_write=True,
    ),
    Topic(
        CARRIERS_EVENTS,
        key="tracking",
        writers=("carriers",),
        readers=("orders", "messaging"),
        outsiders_write=True,
    ),
    _commands(ORDERS_COMMANDS, "orders", "gateway"),
    _commands(MESSAGING_COMMANDS, "messaging"),
    _commands(CLAIMS_COMMANDS, "claims"),
    _commands(PERFORMANCE_COMMANDS, "performance"),
    Topic(ORDERS_EVENTS, key="order", writers=("orders",), readers=_ORDER_READERS, sequenced=True),
    Topic(
        MESSAGING_EVENTS,
        key="order",
        writers=("messaging",),
        readers=("orders", "claims", "notifications", "performance", "gateway"),
        sequenced=True,
    ),
    Topic(
        CLAIMS_EVENTS,
        key="order",
        writers=("claims",),
        readers=("orders", "messaging", "notifications", "performance", "gateway"),
        sequenced=True,
    ),
    Topic(INVENTORY_EVENTS, key="seller", writers=("orders",), readers=("gateway", "catalogue")),
    Topic(TIMER_COMMANDS, key="order", writers=_WITH_TIMERS, readers=("timer",), tier=Tier.COMMANDS),
    Topic(TIMER_EVENTS, key="order", writers=("timer",), readers=_WITH_TIMERS, tier=Tier.DEADLINES),
    Topic(NOTIFICATIONS_EVENTS, key="order", writers=("notifications",), readers=("gateway",)),
    Topic(PERFORMANCE_EVENTS, key="seller", writers=("performance",), readers=("gateway",)),
    Topic(FINANCE_DEBITS, key="seller", writers=("claims",), readers=("finance", "gateway")),
    Topic(
        OPERATIONS_COMMANDS,
        key="service",
        writers=("gateway", "command line"),
        readers=SERVICES,
        tier=Tier.OPERATIONS,
        outsiders_write=True,
    ),
    Topic(OPERATIONS_EVENTS, key="service", writers=SERVICES, readers=("gateway",)),
    *(_dead_letters(service) for service in SERVICES),
)

TOPICS: Mapping[str, Topic] = {topic.name: topic for topic in _ALL}


def read_by(service: str) -> tuple[Topic, ...]:
    """Name the topics that a service subscribes to."""
    return tuple(topic for topic in _ALL if service in topic.readers)


def written_by(service: str) -> tuple[Topic, ...]:
    """Name the topics that a service writes."""
    return tuple(topic for topic in _ALL if service in topic.writers)


def provisions(installation: Installation) -> tuple[Provision, ...]:
    """Say how every topic is made, also those whose writer is not built yet."""
    partitions: Mapping[Spread, int] = {
        "order": installation.order_partitions,
        "party": installation.party_partitions,
        "single": 1,
    }
    return tuple(
        Provision(topic.name, partitions[topic.spread], installation.replicas, _config(topic, installation))
        for topic in _ALL
    )


def _config(topic: Topic, installation: Installation) -> Mapping[str, str]:
    return {
        "cleanup.policy": "delete",
        "max.message.bytes": str(topic.bytes_max + _FRAME_BYTES),
        "min.insync.replicas": str(installation.min_insync_replicas),
        "retention.ms": str(topic.retention_days * _DAY_MS),
    }
