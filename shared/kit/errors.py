"""The few errors of the kit. Each says what happened, where, and what the operator should do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.contracts.envelope import Unreadable
    from shared.kit.service import Key, Place


class StatesMissing(Exception):  # noqa: N818  names what is missing; it asks for another round, nothing failed
    """A locked row named further rows that the message touches: the batch is done again with them."""

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__(f"needs {', '.join('/'.join(key) for key in keys)} as well")
        self.keys = tuple(keys)


class UnreadableAgainError(Exception):
    """A record that could be read when it was put aside no longer can: its key is parked."""

    def __init__(self, place: Place, why: str) -> None:
        super().__init__(f"the record at {place} could be read before ({why}): run a release that reads it")


class UnwritableStateError(Exception):
    """A state can't be written as JSON: a bug of the service that made it, so its key is parked."""

    def __init__(self, key: Key, why: str) -> None:
        super().__init__(f"the state of {'/'.join(key)} can't be written as JSON: {why}")


class UnreadableHereError(Exception):
    """Beside what is known of its key the record makes no sense: it is a dead letter, and its neighbours go on."""

    def __init__(self, unreadable: Unreadable) -> None:
        super().__init__(unreadable.message)
        self.unreadable = unreadable


class StaleStateError(Exception):
    """Another process saved one of these rows first: the batch is rolled back and done again."""


class PositionMovedError(Exception):
    """Another process moved this partition while we waited for its lock: its position is verified again."""


class LogIsAnotherError(Exception):
    """The partition's log is not the one that our position belongs to: applying it would lose records silently."""

    def __init__(self, topic: str, partition: int, found: str) -> None:
        super().__init__(
            f"{topic}[{partition}] is stopped: {found}. The topic was re-made, or Kafka was set back. Nothing of it is "
            f"read until its log is the one that was applied: check that KAFKA_BOOTSTRAP_SERVERS names the right "
            f"cluster, or bring that log back. (`recourse kafka adopt`, which takes up another log, is not in this "
            f"release.)"
        )
        self.topic = topic
        self.partition = partition
        self.found = found


class MigrationError(Exception):
    """A migration that ran before is not the one in this release, or the database is ahead of it."""


class TooLargeError(Exception):
    """A message is larger than its topic takes: a bug of the service that made it, so its key is parked."""

    def __init__(self, topic: str, key: str, size_bytes: int, size_bytes_max: int) -> None:
        super().__init__(
            f"a message for {topic} about {key} has {size_bytes} bytes, its topic takes {size_bytes_max}"
        )
