"""What every body is made of: strict types with limits, and the base of every message.

Readers ignore fields that they do not know, and are strict on those that they do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.types import StringConstraints
from pydantic_core import CoreSchema, core_schema

INTEGER_MAX = 10**15
"""Larger numbers are lost in other languages' doubles and in PostgreSQL's bigint sums."""
ID_CHARACTERS_MAX = 200
KEY_CHARACTERS_MAX = 500
TEXT_CHARACTERS_MAX = 20_000
LIST_ITEMS_MAX = 1_000

NO_NUL_PATTERN = r"^[^\x00]*$"
COUNTRY_PATTERN = r"^[A-Z]{2}$"
_YEAR = r"(?:19[7-9][0-9]|2[0-9]{3})"
_DAY = _YEAR + r"-[0-9]{2}-[0-9]{2}"
DAY_PATTERN = f"^{_DAY}$"
WHEN_PATTERN = rf"^{_DAY}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(?:\.[0-9]{{1,9}})?Z$"


@dataclass(frozen=True, slots=True, eq=False)
class OneOf:
    """A closed list of words, checked where it is read and written; to the type checker it is a `str`."""

    words: Iterable[str]

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.literal_schema(list(self.words))


@dataclass(frozen=True, slots=True, eq=False)
class _Written:
    """A time or a date: in JSON only in the one form of `pattern`, in Python only the object itself."""

    pattern: str
    form: str
    python_schema: CoreSchema
    text_schema: CoreSchema

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(strict=True, pattern=self.pattern)
        return core_schema.json_or_python_schema(
            json_schema=core_schema.chain_schema([text, self.text_schema]), python_schema=self.python_schema
        )

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"type": "string", "format": self.form, "pattern": self.pattern}


def _in_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


Id = Annotated[str, StringConstraints(min_length=1, max_length=ID_CHARACTERS_MAX, pattern=NO_NUL_PATTERN)]
"""An opaque name of something."""
Key = Annotated[str, StringConstraints(min_length=1, max_length=KEY_CHARACTERS_MAX, pattern=NO_NUL_PATTERN)]
"""A name put together of several, such as the key of a parked row."""
Text = Annotated[str, StringConstraints(max_length=TEXT_CHARACTERS_MAX, pattern=NO_NUL_PATTERN)]
"""What a person wrote, or may have left empty."""


Whose = Literal["author", "buyer"]


@dataclass(frozen=True, slots=True)
class Personal:
    """Marks what a person wrote, or is called: it goes when that person is erased (M6).

    `whose`: the author's (whoever gave the command, or registered), or the order's buyer's, whoever brought it.
    """

    whose: Whose = "author"

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Show the mark in the schema, for whoever reads a topic and keeps something of it."""
        return handler(schema) | {"x-personal": self.whose}


PersonsText = Annotated[Text, Personal()]
"""What a person wrote, or is called. It goes when who gave the command is erased."""
BuyersText = Annotated[Text, Personal("buyer")]
"""What is the buyer's, whoever gave the command: a name, a line of an address."""
Country = Annotated[str, StringConstraints(pattern=COUNTRY_PATTERN)]
"""ISO 3166-1 alpha-2."""
Whole = Annotated[int, Field(ge=-INTEGER_MAX, le=INTEGER_MAX)]
"""Any whole number that may cross Kafka. `true` and `1.0` are none."""
Count = Annotated[int, Field(ge=0, le=INTEGER_MAX)]
Quantity = Annotated[int, Field(ge=1, le=INTEGER_MAX)]
When = Annotated[
    datetime,
    _Written(
        WHEN_PATTERN,
        "date-time",
        core_schema.union_schema(
            [
                core_schema.datetime_schema(strict=True, tz_constraint=0),
                core_schema.no_info_after_validator_function(
                    _in_utc, core_schema.datetime_schema(strict=True, tz_constraint="aware")
                ),
            ],
            mode="left_to_right",
        ),
        core_schema.datetime_schema(strict=False, tz_constraint=0),
    ),
]
"""An instant: RFC 3339, UTC, with `Z`, in the years 1970 to 2999; digits after the sixth are dropped.

In Python any aware datetime will do, and leaves as UTC: one that has that offset is taken as it is, others are moved.
"""
Day = Annotated[
    date,
    _Written(
        DAY_PATTERN, "date", core_schema.date_schema(strict=True), core_schema.date_schema(strict=False)
    ),
]
"""An ISO date, in the years 1970 to 2999."""

_Item = TypeVar("_Item")
Listed = Annotated[tuple[_Item, ...], Field(max_length=LIST_ITEMS_MAX)]
"""A list of at most 1 000."""

Role = Literal["buyer", "seller", "support", "investigator", "operator"]
"""The people, as in the rulebook."""


class Part(BaseModel):
    """What a body is made of. Absent and null are the same, and are not written."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="ignore",
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )


class Data(Part):
    """The body of one message. `TYPE` is its `ce_type`, `TOPIC` the only topic that carries it."""

    TYPE: ClassVar[str]
    TOPIC: ClassVar[str]

    def to_json(self) -> bytes:
        """Write the body as it stands on Kafka: UTF-8, without what is null."""
        return self.__pydantic_serializer__.to_json(self, by_alias=True, exclude_none=True)


def field_of(data: Data, name: str) -> Any:
    """Return a field's value, None where a message has no such field."""
    # Where pydantic keeps the fields: a model that lacks an attribute is slow to say so, and each message is asked.
    return data.__dict__.get(name)


class Words(Part):
    """The same for people, in every language that is spoken to them."""

    en: Text
    zh: Text


class Actor(Part):
    """Who gave a command. Support acts for a buyer."""

    kind: Role
    id: Id


class Command(Data):
    """Something is wanted. `command_id` is the event's id; `at` is stamped by the front end on receipt."""

    command_id: Id
    at: When
    actor: Actor


class OrderCommand(Command):
    """A command on an order."""

    order_id: Id
