"""What an operator asks of a service, and the answers."""

from __future__ import annotations

from typing import ClassVar

from shared.contracts.data import Command, Id, Key, Text, Words
from shared.contracts.facts import Fact
from shared.contracts.lists import OperationRefusal
from shared.contracts.topics import OPERATIONS_COMMANDS, OPERATIONS_EVENTS


class Operation(Command):
    """On one dead letter, or on one parked key, of the service; which of them, the service checks."""

    service: Id
    dead_letter_id: Id | None = None
    parked_key: Key | None = None
    reason: Text


class Retry(Operation):
    """Read it again."""

    TYPE: ClassVar[str] = "operations.retry.v1"
    TOPIC: ClassVar[str] = OPERATIONS_COMMANDS


class Skip(Operation):
    """Leave it out for good, and go on behind it."""

    TYPE: ClassVar[str] = "operations.skip.v1"
    TOPIC: ClassVar[str] = OPERATIONS_COMMANDS


class OperationFact(Fact):
    """The answer to an operator's command."""

    command_id: Id
    service: Id
    dead_letter_id: Id | None = None
    parked_key: Key | None = None


class Retried(OperationFact):
    """It was read again."""

    TYPE: ClassVar[str] = "operations.retried.v1"
    TOPIC: ClassVar[str] = OPERATIONS_EVENTS


class Skipped(OperationFact):
    """It is left out for good."""

    TYPE: ClassVar[str] = "operations.skipped.v1"
    TOPIC: ClassVar[str] = OPERATIONS_EVENTS

    reason: Text


class Refused(OperationFact):
    """It was not done."""

    TYPE: ClassVar[str] = "operations.refused.v1"
    TOPIC: ClassVar[str] = OPERATIONS_EVENTS

    reason: OperationRefusal
    message: Words


MESSAGES = (Retry, Skip, Retried, Skipped, Refused)
