"""What a service tells the kit about itself, and what the kit hands to it.

A service is data and a few plain functions: which states a message touches (`keys`), what comes of a message
(`handle`), and how the rows of its own tables are written (`apply`). The kit does the rest: it decodes, drops
copies, locks, loads, folds, saves, appends to the outbox and moves the offsets, in one transaction a batch.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from shared.contracts.data import Data
    from shared.contracts.envelope import Attributes, Unreadable
    from shared.contracts.erasure import Sides


class Key(NamedTuple):
    """Names one state row: its kind (such as `order`) and its id within the kind."""

    kind: str
    id: str


class Place(NamedTuple):
    """Where a record stands in Kafka."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}[{self.partition}]@{self.offset}"


class Message(NamedTuple):
    """One record that could be read: its envelope, its body and where it stood."""

    place: Place
    attributes: Attributes
    data: Data

    @property
    def topic(self) -> str:
        """The name of the topic that the record was read from."""
        return self.place.topic


class Outgoing(NamedTuple):
    """One message to be sent. The kit adds id, source, sequence, correlation and causation.

    `at` is business time (it becomes `ce_time`). `sequenced=False` is for the few facts of a sequenced topic
    that carry no number. `id` is given where a retry must collide (UUIDv5 of a natural key).
    """

    topic: str
    key: str
    data: Data
    at: datetime
    sequenced: bool = True
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one message: states that changed, messages to send, rows for the service's own tables."""

    states: Mapping[Key, Any] = field(default_factory=dict)
    out: Sequence[Outgoing] = ()
    effects: Sequence[Any] = ()


NOTHING = Outcome()

States = Mapping[Key, Any]
"""The states that the batch has locked, as they stand now: None for one that does not exist yet."""


def _holds_no_text(state: Any, _party_id: str) -> Any:
    return state


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of state row. `state` is a frozen dataclass or a union of them; it is stored as JSON.

    `upcasts` turn the JSON of schema version n (its index + 1) into that of n + 1. `erase`: pure; a state without
    what this person wrote or is called, as it would be had their messages come erased.
    """

    name: str
    state: Any
    upcasts: Sequence[Callable[[dict[str, Any]], dict[str, Any]]] = ()
    erase: Callable[[Any, str], Any] = _holds_no_text

    @property
    def holds_texts(self) -> bool:
        """Whether a state of this kind may hold what a person wrote or is called."""
        return self.erase is not _holds_no_text


async def _erases_nothing(_connection: Any, _party_id: str, _keys: Sequence[Key]) -> int:
    return 0


async def _no_names(_connection: Any, _party_id: str) -> Sequence[str]:
    return ()


async def _no_effects(_connection: Any, _effects: Sequence[Any]) -> None:
    """Do nothing: most services have no tables of their own."""


async def _nothing_related(_connection: Any, messages: Sequence[Message]) -> Sequence[Sequence[Key]]:
    return [()] * len(messages)


@dataclass(frozen=True, slots=True)
class OwnParked:
    """What waits for an operator in a service's own tables; an operator names it `kind/NAME`, as a parked key.

    `settle` is given the names to be tried again and those to be left out, in the batch's transaction and after its
    state rows, and returns those of them that were parked.
    """

    kind: str
    settle: Callable[[Any, Sequence[str], Sequence[str]], Awaitable[AbstractSet[str]]]


@dataclass(frozen=True, slots=True)
class Service:
    """One service, as the kit sees it.

    `kinds`: in the order in which their rows are locked; the first is the main kind.
    `main`: the row by which a message is ordered, held back and parked.
    `concerns`: whether a known message is for this service at all (a deadline of another's is not).
    `check`: what only this service can say of a body that parses (an unknown marketplace): unreadable, or None.
    `keys`: every further row that the message touches, as far as the message alone tells.
    `related`: rows that only the database can name (which orders use this tracking number), asked once a batch.
    `handle`: pure; what comes of the message at time `now`. Raising means a bug: the message's key is parked. For a
    record that makes no sense beside what is known of its key it raises UnreadableHereError: a dead letter.
    `is_known`: whether a command on this main state can run; one that can't waits for its order.
    `refuse_unknown`: the answer to a command whose order did not come in time.
    `apply`: writes the effects of a whole batch, set-based, in the batch's transaction.
    `changed`: called after a commit with effects.
    `own_parked`: what else can wait for an operator.
    `others`: called when another process may have written effects: partitions were assigned anew, or were moved.
    `sides`: the two sides that a main state knows of, to say whose a message is that does not.
    `erase`: takes a person's data out of the service's own tables, as far as it is about these keys, and at last, with
    no key, whatever is left; how many rows.
    `known_as`: what the service knows a person to be called, to find them in what nobody can read.
    """

    name: str
    kinds: Sequence[Kind]
    main: Callable[[Message], Key]
    handle: Callable[[Message, States, datetime], Outcome]
    concerns: Callable[[Message], bool] = lambda _message: True
    check: Callable[[Data], Unreadable | None] = lambda _data: None
    keys: Callable[[Message], Sequence[Key]] = lambda _message: ()
    related: Callable[[Any, Sequence[Message]], Awaitable[Sequence[Sequence[Key]]]] = _nothing_related
    is_known: Callable[[Any], bool] = lambda _state: True
    refuse_unknown: Callable[[Message, datetime], Outgoing] | None = None
    apply: Callable[[Any, Sequence[Any]], Awaitable[None]] = _no_effects
    changed: Callable[[], None] = lambda: None
    own_parked: OwnParked | None = None
    others: Callable[[], None] = lambda: None
    sides: Callable[[Any], Sides | None] = lambda _state: None
    erase: Callable[[Any, str, Sequence[Key]], Awaitable[int]] = _erases_nothing
    known_as: Callable[[Any, str], Awaitable[Sequence[str]]] = _no_names

    def sides_of(self, key: Key, state: Any) -> Sides | None:
        """Return the two sides of a row, if it is a main one and knows them."""
        return self.sides(state) if state is not None and key.kind == self.kinds[0].name else None
