"""An operator's command to a service, and its answer."""

from __future__ import annotations

import asyncio
import getpass
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.cli.addresses import System
from services.cli.errors import not_reachable
from services.cli.letters import Letter
from services.cli.publishing import producer
from services.cli.quiet import partitions_of
from services.cli.reader import kafka_away
from shared.contracts.data import Actor
from shared.contracts.envelope import Attributes, Known, read, write_headers
from shared.contracts.operations import Operation, Refused, Retry, Skip
from shared.contracts.topics import OPERATIONS_COMMANDS, OPERATIONS_EVENTS
from shared.kit import ids

ANSWER_SECONDS_MAX = 30.0
SOURCE = "/recourse/cli"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service said: `reason` and `message` when it refused."""

    type: str
    data: dict[str, Any]
    is_done: bool


async def settle(
    system: System, letter: Letter, action: type[Retry | Skip], reason: str, at: datetime
) -> Answer:
    """Ask the service to read it again, or to go on without it. Raises CommandError when no answer comes."""
    from aiokafka import AIOKafkaConsumer, TopicPartition
    from aiokafka.errors import KafkaError

    command = _command(letter, action, reason, at)
    places = [TopicPartition(*place) for place in await partitions_of(system, [OPERATIONS_EVENTS])]
    consumer = AIOKafkaConsumer(
        bootstrap_servers=system.kafka, group_id=None, isolation_level="read_committed"
    )
    try:
        await consumer.start()
        consumer.assign(places)
        await consumer.seek_to_end(*places)
        # Stands where the answers begin before the question is put.
        for place in places:
            await consumer.position(place)
        async with producer(system) as sending:
            await sending.send_and_wait(
                OPERATIONS_COMMANDS,
                value=command.to_json(),
                key=letter.service.encode(),
                headers=write_headers(Attributes(command.command_id, SOURCE, command.TYPE, time=command.at)),
            )
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            return await _answer(consumer, command.command_id)
    except TimeoutError:
        raise not_reachable(
            f"{letter.service} has not answered within {ANSWER_SECONDS_MAX:.0f} s.",
            "the command was sent, and will be done when the service reads it.",
            "see that it runs, then look with `recourse deadletters list`.",
        ) from None
    except KafkaError as error:
        raise kafka_away(system, error) from error
    finally:
        await consumer.stop()


def _command(letter: Letter, action: type[Retry | Skip], reason: str, at: datetime) -> Operation:
    return action(
        command_id=ids.fresh(),
        at=at,
        actor=Actor(kind="operator", id=_operator()),
        service=letter.service,
        dead_letter_id=None if letter.is_key else letter.id,
        parked_key=letter.id if letter.is_key else None,
        reason=reason,
    )


async def _answer(consumer: Any, command_id: str) -> Answer:
    async for record in consumer:
        decoded = read(record.topic, record.headers, record.value)
        if isinstance(decoded, Known) and getattr(decoded.data, "command_id", None) == command_id:
            data = decoded.data
            return Answer(data.TYPE, json.loads(data.to_json()), is_done=not isinstance(data, Refused))
    raise TimeoutError


def _operator() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "operator"
