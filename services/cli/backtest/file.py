"""Histories from a file of CloudEvents, one JSON object a line.

Either what our services said is in it (then that is the record), or what outsiders said is: checkout's events, scans,
people's commands, as `recourse publish` takes them. Those are lived through first, under the policies in force, and
what comes of that is the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import Field, ValidationError

from services.claims.handlers import service as claims_service
from services.cli.backtest.recorded import SPEAKERS, History, Line, histories
from services.cli.backtest.world import Given, World
from services.messaging.handlers import service as messaging_service
from services.orders.handlers import service as orders_service
from services.orders.translate.policies import Policies as OrdersPolicies
from shared.contracts.data import Command, Data, Part
from shared.contracts.messages import BY_TYPE
from shared.contracts.topics import TOPICS
from shared.policies import Catalogue

_OWN_TIMES = ("placed_at", "requested_at", "occurred_at", "at")
_OURS = "/recourse/"


class _Event(Part):
    """As much of an event's envelope as a history needs."""

    id: str = Field(min_length=1)
    source: str = ""
    type: str
    time: datetime | None = None
    causationid: str | None = None
    data: dict[str, object]


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that can't be read, and why."""

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a file holds. `until`: the last moment that is recorded; None if nothing is recorded, only told."""

    histories: Sequence[History]
    bad: Sequence[BadLine]
    until: datetime | None


def read(lines: Iterable[bytes], known: Catalogue) -> Found:
    """Read a file. `known` are the policies under which what outsiders said is lived through."""
    read_: list[Line] = []
    bad: list[BadLine] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            found = _line(line)
            if isinstance(found, str):
                bad.append(BadLine(number, found))
            elif found is not None:
                read_.append(found)
    commands = _commands(read_)
    if any(line.topic in SPEAKERS for line in read_):
        until = max(line.at for line in read_)
        return Found(histories(read_, commands), bad, until)
    return Found(histories(_lived(read_, known), commands), bad, None)


def _line(text: bytes) -> Line | str | None:
    """Read a line; text says what is wrong with it, None is for a type that no claim depends on."""
    try:
        event = _Event.model_validate_json(text, strict=False)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        return f"{'.'.join(map(str, problem['loc'])) or 'the line'}: {problem['msg']}"
    model = BY_TYPE.get(event.type)
    if model is None:
        return None
    try:
        data = _data(model, text)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        return f"data.{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
    at = _happened(event, data)
    return Line(_service(event, data), data.TOPIC, event.id, at, event.causationid, data)


def _data(model: type[Data], text: bytes) -> Data:
    """Read the body from the text itself: what is strict about times in JSON is not so in Python."""
    from pydantic_core import from_json, to_json

    found: Data = model.__pydantic_validator__.validate_json(to_json(from_json(text)["data"]))
    return found


def _service(event: _Event, data: Data) -> str:
    if event.source.startswith(_OURS):
        return event.source.removeprefix(_OURS)
    return SPEAKERS.get(data.TOPIC) or TOPICS[data.TOPIC].writers[0]


_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def _happened(event: _Event, data: Data) -> datetime:
    """Return when it happened: by the envelope of what is ours, by the body of what is not."""
    if event.source.startswith(_OURS) and event.time is not None:
        return event.time.astimezone(UTC)
    for name in _OWN_TIMES:
        with suppress(AttributeError):
            return getattr(data, name)  # type: ignore[no-any-return]  # these are instants
    return event.time.astimezone(UTC) if event.time else _BEGINNING


def _commands(lines: Sequence[Line]) -> Mapping[str, Mapping[str, Command]]:
    found: dict[str, dict[str, Command]] = {}
    for line in lines:
        if isinstance(line.data, Command) and line.topic in {"messaging.commands", "claims.commands"}:
            of_order = found.setdefault(str(getattr(line.data, "order_id", "")), {})
            of_order.setdefault(line.data.command_id, line.data)
    return found


def _lived(lines: Sequence[Line], known: Catalogue) -> Sequence[Line]:
    """Let all of it happen under the policies in force, until nothing more follows."""
    services = (orders_service(OrdersPolicies(known)), messaging_service(known), claims_service(known))
    given = [Given(line.id, line.at, line.at, line.data) for line in lines]
    said = World(services).play(given)
    return [Line(each.service, each.topic, each.id, each.at, each.cause, each.data) for each in said]
