"""The batch in memory: which messages run now, which wait, what comes of them. No I/O; nothing here knows a rule.

Facts first, then commands, then deadlines; within that each key's in order of arrival, with what was held before
ahead of what is new. A message that makes `handle` raise parks its key and leaves its neighbours alone.
"""

from __future__ import annotations

import traceback
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, Literal

from shared.contracts.data import Command, Data
from shared.contracts.envelope import Attributes, Unreadable
from shared.contracts.erasure import erased, has_personal_fields, owners
from shared.contracts.topics import TOPICS, Tier
from shared.kit import outbox
from shared.kit.erased_records import rewritten, without
from shared.kit.errors import StatesMissing, UnreadableHereError
from shared.kit.heard import Row
from shared.kit.outbox import Said
from shared.kit.records import Record
from shared.kit.service import NOTHING, Key, Message, Outcome, Outgoing, Place, Service

_ERROR_CHARACTERS_MAX = 4000


class Verdict(StrEnum):
    """What became of a record when it was first read: a column of its partition's offset row each."""

    APPLIED = "applied"
    COPY = "copies"
    PASSED_OVER = "passed_over"
    WAITING = "waiting"
    PARKED = "parked"
    DEAD = "dead"


class OnlyNumbered(Data):
    """The body of a numbered fact that is not for this service: only its number counts.

    `unheard` is what it says, if it can be read: somebody's text in it is not to wait here.
    """

    TYPE: ClassVar[str] = "passed over"
    TOPIC: ClassVar[str] = ""

    key: str
    unheard: Any = None


@cache
def is_command(body: type[Data]) -> bool:
    """Tell whether a type of message is a person's command. Asked of each message: of the model it would be slow."""
    return issubclass(body, Command)


def only_numbered(record: Record, unheard: Data | None = None) -> Message:
    """Read of a record just what its number needs: id, number, key."""
    attributes = Attributes(
        id=(record.header("ce_id") or b"").decode("utf-8", "replace"),
        source=(record.header("ce_source") or b"").decode("utf-8", "replace"),
        type=OnlyNumbered.TYPE,
        sequence=record.sequence,
    )
    return Message(record.place, attributes, OnlyNumbered(key=record.text_key or "", unheard=unheard))


@dataclass(slots=True)
class Item:
    """One message on its way through a batch.

    `held_id` and `held_why` are set for one that was held before. `is_counted`: whether this batch read it from its
    partition. `is_skipped`: an operator leaves it out. `error`: what keeps it from being read again.
    """

    record: Record
    message: Message
    main: Key
    keys: Sequence[Key]
    is_copy: bool = False
    is_counted: bool = True
    held_id: int | None = None
    held_why: str | None = None
    is_overdue: bool = False
    is_skipped: bool = False
    error: Exception | None = None
    verdict: Verdict | None = None

    @property
    def tier(self) -> Tier:
        """When it has its turn: facts, commands, deadlines."""
        return TOPICS[self.message.place.topic].tier

    @property
    def body(self) -> Data:
        """What the record says, also if it is not for this service."""
        data = self.message.data
        return data.unheard if type(data) is OnlyNumbered and data.unheard is not None else data

    @property
    def is_command(self) -> bool:
        """Whether it is a person's command: it waits for its order, and its id is kept with the order."""
        return is_command(type(self.message.data))

    @property
    def sequence(self) -> int | None:
        """Its number among the facts of its key, on a topic that counts them."""
        message = self.message
        sequence = message.attributes.sequence
        return None if sequence is None or not TOPICS[message.place.topic].sequenced else sequence


@dataclass(frozen=True, slots=True)
class Parked:
    """Why a key waits for an operator, the whole error, and the record that it waits with."""

    why: Literal["raised", "refused", "restored"]
    error: str
    place: Place


@dataclass(slots=True)
class Folded:
    """What a batch comes to, ready to be written.

    `still_held`: what waits on, for another reason than before. `texts`: whose texts came into which rows.
    """

    rows: list[outbox.Row] = field(default_factory=list)
    effects: list[Any] = field(default_factory=list)
    hold: list[tuple[Item, str]] = field(default_factory=list)
    still_held: list[tuple[int, str]] = field(default_factory=list)
    release: list[int] = field(default_factory=list)
    texts: set[tuple[str, Key]] = field(default_factory=set)
    parked: dict[Key, Parked] = field(default_factory=dict)
    dead: list[tuple[Record, Unreadable]] = field(default_factory=list)


class _Loaded(Mapping[Key, Any]):
    """The states of all rows that the batch has loaded and locked, as they stand now."""

    def __init__(self, rows: Mapping[Key, Row]) -> None:
        self._rows = rows

    def __getitem__(self, key: Key) -> Any:
        return self._rows[key].state

    def __iter__(self) -> Iterator[Key]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


class Fold:
    """Folds one batch over its rows.

    `refused` are keys whose values PostgreSQL would not take, with its words. `gone` are people who are erased: their
    texts are erased before anything is done with them.
    """

    def __init__(
        self,
        service: Service,
        rows: Mapping[Key, Row],
        now: datetime,
        refused: Mapping[Key, str] | None = None,
        gone: frozenset[str] = frozenset(),
    ) -> None:
        self._service = service
        self._rows = rows
        self._now = now
        self._refused = refused or {}
        self._gone = gone
        self._gapped: set[Key] = set()
        self._missing: set[Key] = set()
        self._keeping_texts = {kind.name for kind in service.kinds if kind.holds_texts}
        self.folded = Folded()

    def run(self, items: Iterable[Item]) -> Folded:
        """Give every item its verdict and collect what comes of them.

        Raises StatesMissing with all rows that were found missing: one at a time, a batch of many orders would be done
        over and over.
        """
        tiers: list[dict[Key, list[Item]]] = [{} for _ in Tier]
        for item in items:
            tiers[item.tier].setdefault(item.main, []).append(item)
        for keys in tiers:
            for key, waiting in keys.items():
                in_turn = sorted(waiting, key=_held_first) if len(waiting) > 1 else waiting
                self._run_key(self._rows[key], in_turn)
        if self._missing:
            raise StatesMissing(sorted(self._missing))
        return self.folded

    def _run_key(self, row: Row, waiting: Sequence[Item]) -> None:
        """Take this key's items, again and again while one of them makes way for another (a gap that closes)."""
        before = None
        for item in waiting if self._gone else ():
            self._erase(row, item)
        while waiting and len(waiting) != before:
            before = len(waiting)
            waiting = [item for item in waiting if not self._take(row, item)]
        for item in waiting:
            why = self._why_it_waits(row, item) or "gap"
            if why == "gap":
                self._gapped.add(row.key)
            self._hold(row, item, why)

    def _erase(self, row: Row, item: Item) -> None:
        """Take out what is an erased person's, late as it comes: from the message, and from what may be held."""
        message = item.message
        data = erased(item.body, self._gone, self._service.sides_of(row.key, row.state))
        if data is item.body:
            return
        if type(message.data) is OnlyNumbered:
            item.record = without(item.record, self._gone, None) or item.record
        else:
            item.message = Message(message.place, message.attributes, data)
            item.record = rewritten(item.record, message.attributes, data)

    def _take(self, row: Row, item: Item) -> bool:
        if item.is_skipped:
            self._skip(row, item)
            return True
        if self._is_copy(row, item):
            self._settle(row, item, Verdict.COPY)
            return True
        if self._why_it_waits(row, item):
            return False
        if row.key in self._refused:
            self._park(row, item, "refused", self._refused[row.key])
            return False
        return self._apply(row, item)

    def _is_copy(self, row: Row, item: Item) -> bool:
        if item.is_copy:
            return True
        if item.is_command:
            return item.message.attributes.id in row.heard.commands
        return item.sequence is not None and self._arrival(row, item) == "copy"

    def _arrival(self, row: Row, item: Item) -> str:
        return row.heard.arrival(item.message.topic, item.sequence or 0, item.message.attributes.id)

    def _why_it_waits(self, row: Row, item: Item) -> str | None:
        if row.heard.parked:
            return "parked"
        if item.sequence is not None:
            return "gap" if self._arrival(row, item) == "early" else None
        if item.tier is Tier.FACTS:
            return None
        if row.key in self._gapped or not row.heard.is_in_order:
            return "gap"
        is_unknown = item.is_command and not self._service.is_known(row.state)
        return "order" if is_unknown and not item.is_overdue else None

    def _apply(self, row: Row, item: Item) -> bool:
        if item.sequence is not None and self._arrival(row, item) == "restored":
            last = row.heard.topics[item.message.topic]
            error = (
                f"{item.message.topic} says number {item.sequence} twice, as {last[1]} and as "
                f"{item.message.attributes.id}: its writer was set back to a backup. "
                f"Restore all services to one point."
            )
            self._park(row, item, "restored", error)
            return False
        try:
            outcome = self._outcome(row, item)
            said = self._number(outcome.out, item.message)
            rows = [outbox.row_of(self._service.name, each) for each in said]
            states = [(self._rows[key], state) for key, state in outcome.states.items()]
        except StatesMissing as missing:
            self._missing.update(missing.keys)
            return True
        except UnreadableHereError as error:
            self.folded.dead.append((item.record, error.unreadable))
            self._settle(row, item, Verdict.DEAD)
            return True
        except Exception as error:  # noqa: BLE001  a bug in a rule is one key's trouble, whatever it raises
            text = "".join(traceback.format_exception(error))[-_ERROR_CHARACTERS_MAX:]
            self._park(row, item, "raised", text)
            return False
        self._keep(states, said)
        self._note_texts(row, item.message.data, outcome)
        self.folded.effects.extend(outcome.effects)
        self.folded.rows.extend(rows)
        self._note(row, item)
        is_ours = type(item.message.data) is not OnlyNumbered
        self._settle(row, item, Verdict.APPLIED if is_ours else Verdict.PASSED_OVER)
        return True

    def _outcome(self, row: Row, item: Item) -> Outcome:
        if item.error is not None:
            raise item.error
        if type(item.message.data) is OnlyNumbered:
            return NOTHING
        unknown = item.is_command and not self._service.is_known(row.state)
        if unknown and self._service.refuse_unknown is not None:
            return Outcome(out=(self._service.refuse_unknown(item.message, self._now),))
        return self._service.handle(item.message, _Loaded(self._rows), self._now)

    def _number(self, out: Sequence[Outgoing], cause: Message) -> list[Said]:
        """Number what is said on topics that count, without yet moving the count: a later one may still raise."""
        counts: dict[Key, int] = {}
        said = []
        for outgoing in out:
            sequence = None
            if outgoing.sequenced and TOPICS[outgoing.topic].sequenced:
                key = Key(self._service.kinds[0].name, outgoing.key)
                sequence = counts[key] = counts.get(key, self._rows[key].sequence) + 1
            said.append(Said(outgoing, cause, sequence))
        return said

    def _keep(self, states: Sequence[tuple[Row, Any]], said: Sequence[Said]) -> None:
        for row, state in states:
            row.changed = row.changed or (state is not row.state and state != row.state)
            row.state = state
        for each in said:
            if each.sequence is not None:
                row = self._rows[Key(self._service.kinds[0].name, each.outgoing.key)]
                row.sequence, row.changed = each.sequence, True

    def _note_texts(self, row: Row, data: Data, outcome: Outcome) -> None:
        """Note whose texts came into rows that may keep them, and under which keys they were said again."""
        if outcome is NOTHING or not has_personal_fields(type(data)):
            return
        keys = {key for key in (row.key, *outcome.states) if key.kind in self._keeping_texts}
        for out in outcome.out:
            if has_personal_fields(type(out.data)):
                keys.add(row.key if out.key == row.key.id else Key("", out.key))
        if outcome.effects:
            keys.add(row.key)
        self._note_owners(row, data, keys)

    def _note_owners(self, row: Row, data: Data, keys: Collection[Key]) -> None:
        whose = owners(data, self._service.sides_of(row.key, row.state)) if keys else ()
        self.folded.texts.update((party_id, key) for party_id in whose for key in keys)

    def _note(self, row: Row, item: Item) -> None:
        attributes = item.message.attributes
        if item.sequence is not None:
            row.heard.hear(item.message.topic, item.sequence, attributes.id)
            row.changed = True
        elif item.is_command:
            row.heard.commands.append(attributes.id)
            row.changed = True

    def _skip(self, row: Row, item: Item) -> None:
        """Leave out what an operator does not want, as if it had been heard."""
        if item.sequence is None or self._arrival(row, item) == "next":
            self._note(row, item)
        self._settle(row, item, Verdict.PASSED_OVER)

    def _settle(self, row: Row, item: Item, verdict: Verdict) -> None:
        item.verdict = verdict
        if item.held_id is not None:
            self.folded.release.append(item.held_id)
            row.heard.held -= 1
            row.changed = True

    def _hold(self, row: Row, item: Item, why: str) -> None:
        item.verdict = Verdict.PARKED if why == "parked" else Verdict.WAITING
        if item.held_id is None:
            self.folded.hold.append((item, why))
            row.heard.held += 1
            row.changed = True
        elif why != item.held_why:
            self.folded.still_held.append((item.held_id, why))

    def _park(self, row: Row, item: Item, why: Literal["raised", "refused", "restored"], error: str) -> None:
        row.heard.parked = row.changed = True
        self.folded.parked[row.key] = Parked(why, error, item.record.place)
        self._note_owners(row, item.body, {row.key})  # the error may repeat what they wrote


def _held_first(item: Item) -> tuple[bool, int]:
    return (item.held_id is None, item.held_id or 0)
