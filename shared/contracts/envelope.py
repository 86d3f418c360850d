"""CloudEvents 1.0 on Kafka: reading a record in either content mode, and writing the headers of binary mode.

Pure, and total: whatever the bytes are, `read` answers with a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Generic,
    Literal,
    NamedTuple,
    TypeAlias,
    TypeGuard,
    TypeVar,
    cast,
)

from pydantic import StringConstraints, ValidationError

from shared.contracts.data import (
    COUNTRY_PATTERN,
    DAY_PATTERN,
    ID_CHARACTERS_MAX,
    INTEGER_MAX,
    NO_NUL_PATTERN,
    WHEN_PATTERN,
    Command,
    Data,
    Part,
    field_of,
)
from shared.contracts.messages import BY_TOPIC
from shared.contracts.topics import RECORD_BYTES_MAX, TOPICS
from shared.values import dataclass

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

__all__ = [
    "RULES",
    "Attributes",
    "Data",
    "Headers",
    "Known",
    "PassedOver",
    "Rule",
    "Unreadable",
    "read",
    "rfc_3339",
    "source",
    "write_headers",
]

Headers: TypeAlias = Sequence[tuple[str, bytes | None]]
"""As Kafka gives them: names may repeat, a value may be absent or not be text."""

Rule: TypeAlias = Literal[
    "too_large",
    "no_type",
    "bad_envelope",
    "bad_json",
    "bad_body",
    "wrong_command_id",
    "unknown_marketplace",
    "wrong_currency",
]
RULES: Mapping[Rule, str] = {
    "too_large": "The value is larger than a record may be.",
    "no_type": "The event's type is absent or cannot be read.",
    "bad_envelope": "Another attribute is missing or wrong, or a header contradicts itself.",
    "bad_json": "The value is not JSON in UTF-8.",
    "bad_body": "The body lacks a field, or one is of the wrong type or out of bounds.",
    "wrong_command_id": "A command's id is not the event's id.",
    "unknown_marketplace": "The order is of a marketplace that the policies do not know.",
    "wrong_currency": "An amount is in another currency than the order's.",
}
"""Why a record cannot be read: the header `dl_rule` of its dead letter."""


class Attributes(NamedTuple):
    """An event's attributes. `time` is business time, UTC; `sequence` numbers the facts of one key from 1."""

    id: str
    source: str
    type: str
    subject: str | None = None
    time: datetime | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    sequence: int | None = None


class Known(NamedTuple):
    """One of the topic's messages."""

    attributes: Attributes
    data: Data


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A type that is not one of this topic's: counted, and no failure."""

    type: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A dead letter: by which rule, and what is wrong where. The message holds nothing of what was found."""

    rule: Rule
    message: str


Read: TypeAlias = Known | PassedOver | Unreadable
Check: TypeAlias = Callable[[Data], Unreadable | None]
"""What only the service knows to be unreadable, such as a marketplace that is not among its policies."""


def read(topic: str, headers: Headers, value: bytes | None, check: Check | None = None) -> Read:
    """Read one record: its type first, then the rest of its envelope and its body. Never raises."""
    if value is not None and len(value) > RECORD_BYTES_MAX:
        return Unreadable(
            "too_large", f"value has {len(value)} bytes, at most {RECORD_BYTES_MAX} can be read"
        )
    named = _named(headers)
    if isinstance(named, Unreadable):
        return named
    content_type = _media_type(named.get("content-type"))
    if content_type == "application/cloudevents+json":
        found = _read_structured(topic, value)
    else:
        found = _read_binary(topic, named, content_type, value)
    if check is not None and isinstance(found, Known):
        return check(found.data) or found
    return found


def source(service: str) -> str:
    """Name a service of ours as the source of its events."""
    return f"/recourse/{service}"


# -------------------------------------------------------------------------------------------- binary mode

_HEADERS = {
    f"ce_{name}": name
    for name in ("id", "source", "type", "subject", "time", "correlationid", "causationid", "sequence")
}
_NAMES = frozenset({"content-type", "ce_specversion", *_HEADERS})


def _named(headers: Headers) -> dict[str, bytes] | Unreadable:
    """Keep the headers that are read. Names are compared without case; saying the same twice is no harm."""
    named: dict[str, bytes] = {}
    for given, value in headers:
        name = given if given in _NAMES else given.lower()
        if value is None or name not in _NAMES:
            continue
        if named.setdefault(name, value) != value:
            return Unreadable("bad_envelope", f"header {name} is given twice, with different values")
    return named


def _media_type(header: bytes | None) -> str | None:
    if header is None:
        return None
    if header == b"application/json":
        return "application/json"
    return header.partition(b";")[0].strip().lower().decode("utf-8", "replace")


def _read_binary(
    topic: str, named: Mapping[str, bytes], content_type: str | None, value: bytes | None
) -> Read:
    texts = {_HEADERS[header]: _text(value) for header, value in named.items() if header in _HEADERS}
    model = _model(topic, texts.get("type"), "header ce_type")
    if not isinstance(model, type):
        return model
    if content_type not in {"application/json", None}:
        return _bad("content-type", "must be application/json or application/cloudevents+json")
    if named.get("ce_specversion") != b"1.0":
        return _bad("specversion", "must be 1.0")
    if value is None:
        return Unreadable("bad_body", "the record has no value")
    try:
        data = model.__pydantic_validator__.validate_json(value)
    except ValidationError as error:
        return _unreadable(error)
    return _known(topic, texts, data)


_NOT_TEXT = object()


def _text(header: bytes) -> object:
    try:
        return header.decode()
    except UnicodeDecodeError:
        return _NOT_TEXT


# ---------------------------------------------------------------------------------------- structured mode

_Body = TypeVar("_Body", bound=Data)


_JSON_PATTERN = r"^(?i:application/json)\s*(;.*)?$"


class _Head(Part):
    type: object = None


class _Event(Part, Generic[_Body]):
    specversion: Literal["1.0"]
    id: object = None
    source: object = None
    type: str
    subject: object = None
    time: object = None
    causationid: object = None
    datacontenttype: Annotated[str, StringConstraints(pattern=_JSON_PATTERN)] | None = None
    data: _Body


@cache
def _event(model: type[Data]) -> type[_Event[Any]]:
    return _Event[model]  # type: ignore[valid-type]


def _read_structured(topic: str, value: bytes | None) -> Read:
    if topic not in TOPICS or not TOPICS[topic].outsiders_write:
        return _bad("content-type", f"must be application/json: only our own services write {topic}")
    if value is None:
        return Unreadable("no_type", "the record has no value")
    try:
        type_ = _Head.model_validate_json(value).type
    except ValidationError as error:
        return _unreadable(error, otherwise="no_type")
    model = _model(topic, type_, "type")
    if not isinstance(model, type):
        return model
    try:
        event = _event(model).model_validate_json(value)
    except ValidationError as error:
        return _unreadable(error, otherwise="bad_body" if _in_data(error) else "bad_envelope")
    return _known(topic, {name: getattr(event, name, None) for name in _HEADERS.values()}, event.data)


def _in_data(error: ValidationError) -> bool:
    return all(problem["loc"][:1] == ("data",) for problem in error.errors(include_input=False))


# ----------------------------------------------------------------------------------- what both modes share


def _is_id(found: object) -> TypeGuard[str]:
    return isinstance(found, str) and 0 < len(found) <= ID_CHARACTERS_MAX and "\x00" not in found


def _model(topic: str, type_: object, where: str) -> type[Data] | PassedOver | Unreadable:
    if not _is_id(type_):
        return Unreadable(
            "no_type", f"{where} is absent, or not a text of 1 to {ID_CHARACTERS_MAX} characters"
        )
    return BY_TOPIC.get(topic, {}).get(type_) or PassedOver(type_)


def _known(topic: str, texts: Mapping[str, object], data: Data) -> Known | Unreadable:
    """Check the attributes other than the type, of which `data` is the body."""
    get = texts.get
    event_id, source_ = get("id"), get("source")
    if not _is_id(event_id) or not _is_id(source_):
        return _bad(
            "source" if _is_id(event_id) else "id", f"must be a text of 1 to {ID_CHARACTERS_MAX} characters"
        )
    correlation = field_of(data, "order_id") or get("correlationid")
    subject, causation = get("subject"), get("causationid")
    for name, given in (("subject", subject), ("correlationid", correlation), ("causationid", causation)):
        if given is not None and given != "" and not _is_id(given):
            return _bad(name, f"must be a text of at most {ID_CHARACTERS_MAX} characters")
    written = get("time")
    time = _instant(written) if written is not None else None
    if time is None and written is not None:
        return _bad("time", "must be an instant by RFC 3339, such as 2021-03-10T14:05:00Z")
    counted = get("sequence") if TOPICS[topic].sequenced else None
    sequence = _positive(counted) if counted is not None else None
    if sequence is None and counted is not None:
        return _bad("sequence", "must be a whole number from 1")
    if _is_command(type(data)) and cast("Command", data).command_id != event_id:
        return Unreadable("wrong_command_id", "command_id is not the id of the event")
    others = cast("list[str | None]", [subject or None, correlation or None, causation or None])
    attributes = Attributes(event_id, source_, data.TYPE, others[0], time, others[1], others[2], sequence)
    return Known(attributes, data)


@cache
def _is_command(model: type[Data]) -> bool:
    return issubclass(model, Command)


def _bad(name: str, why: str) -> Unreadable:
    return Unreadable("bad_envelope", f"{name} {why}")


_RFC_3339 = re.compile(
    r"(?:19[7-9][0-9]|2[0-9]{3})-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


def _instant(found: object) -> datetime | None:
    if not isinstance(found, str) or _RFC_3339.fullmatch(found) is None:
        return None
    try:
        return datetime.fromisoformat(found).astimezone(UTC)
    except ValueError:
        return None


def _positive(found: object) -> int | None:
    if (
        not isinstance(found, str)
        or not found.isascii()
        or not found.isdigit()
        or len(found) > len(str(INTEGER_MAX))
    ):
        return None
    number = int(found)
    return number if 1 <= number <= INTEGER_MAX else None


_PROBLEMS_TOLD_MAX = 3
_PATTERNS: Mapping[str, str] = {
    NO_NUL_PATTERN: "must not contain NUL",
    COUNTRY_PATTERN: "must be an ISO 3166 code of two capital letters",
    WHEN_PATTERN: "must be an instant in UTC by RFC 3339, such as 2021-03-10T14:05:00Z",
    DAY_PATTERN: "must be an ISO date, such as 2021-03-10",
    _JSON_PATTERN: "must be application/json",
}


def _unreadable(error: ValidationError, *, otherwise: Rule = "bad_body") -> Unreadable:
    """Say what is wrong, and where, without a word of what was found: it may be an address."""
    problems = error.errors(include_url=False, include_input=False)
    if problems[0]["type"] == "json_invalid":
        return Unreadable("bad_json", problems[0]["msg"])
    # A list with a bad item is also reported as shorter than it is.
    if len(problems) > 1:
        problems = [problem for problem in problems if problem["type"] != "too_short"] or problems
    told = [f"{_place(problem['loc'])}: {_why(problem)}" for problem in problems[:_PROBLEMS_TOLD_MAX]]
    more = len(problems) - len(told)
    return Unreadable(otherwise, "; ".join(told) + (f"; and {more} more" if more > 0 else ""))


def _place(loc: tuple[int | str, ...]) -> str:
    parts = (
        f"[{part}]" if isinstance(part, int) else f".{part if part.isidentifier() else '?'}" for part in loc
    )
    return "".join(parts).removeprefix(".") or "the whole"


def _why(problem: ErrorDetails) -> str:
    context = problem.get("ctx", {})
    if problem["type"] == "literal_error":
        return "is not one of the listed values"
    if problem["type"] == "string_pattern_mismatch":
        return _PATTERNS.get(context["pattern"], problem["msg"])
    return problem["msg"].removeprefix("Value error, ")


# ------------------------------------------------------------------------------------------------- writing


def write_headers(attributes: Attributes) -> list[tuple[str, bytes]]:
    """Write the headers of binary mode."""
    texts = {
        "ce_specversion": "1.0",
        "ce_id": attributes.id,
        "ce_source": attributes.source,
        "ce_type": attributes.type,
        "ce_subject": attributes.subject,
        "ce_time": rfc_3339(attributes.time) if attributes.time else None,
        "ce_correlationid": attributes.correlation_id,
        "ce_causationid": attributes.causation_id,
        "ce_sequence": str(attributes.sequence) if attributes.sequence else None,
        "content-type": "application/json",
    }
    return [(name, text.encode()) for name, text in texts.items() if text is not None]


@lru_cache(maxsize=1024)
def rfc_3339(instant: datetime) -> str:
    """Write an instant as our headers have it. Most messages of a batch are of the same few."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
