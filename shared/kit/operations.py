"""What an operator asks of a service: to try again, or to go on without, a dead letter or a parked key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.contracts import topics
from shared.contracts.data import Words
from shared.contracts.envelope import Unreadable
from shared.contracts.lists import OPERATION_REFUSALS
from shared.contracts.operations import Operation, Refused, Retried, Retry, Skip, Skipped
from shared.kit import clock
from shared.kit.db import Connection
from shared.kit.decode import Decode
from shared.kit.heard import Row
from shared.kit.held import record_of, unpark
from shared.kit.outbox import Said
from shared.kit.records import Record
from shared.kit.service import Key, Message, Outgoing, Place, Service
from shared.kit.sql import queries

_SQL = queries("shared.kit", "kit.sql")

CHINESE = {
    "nothing_named": "未指明死信或被搁置的键，或两者都指明了。",
    "not_found": "该服务没有这样的死信或被搁置的键。",
    "already_settled": "此前已重试或跳过。",
    "still_unreadable": "已重新读取，仍然无法读取。",
    "erased": "该内容属于已被清除数据的人员，没有可以重新读取的内容。",
}
"""What is said of OPERATION_REFUSALS in Chinese."""


@dataclass(frozen=True, slots=True)
class _Letter:
    dl_id: str
    record: Record
    key: Key | None
    status: str
    is_erased: bool


@dataclass(slots=True)
class Asked:
    """What the batch's operations come to, before the states are loaded.

    `read_again`: dead letters that can be read now. `cleared`, `skipped`: dead letters and the keys they held.
    `unpark`: parked keys that go on; `left_out`: those of them whose record is not run, and where it stood.
    `own`: operations on what the service itself has parked, by its name.
    """

    read_again: list[Record] = field(default_factory=list)
    cleared: list[tuple[Key, str]] = field(default_factory=list)
    skipped: list[tuple[Key, str]] = field(default_factory=list)
    unpark: set[Key] = field(default_factory=set)
    left_out: set[tuple[Key, Place]] = field(default_factory=set)
    own: dict[str, Message] = field(default_factory=dict)
    settled: dict[str, str] = field(default_factory=dict)
    answers: list[Said] = field(default_factory=list)

    @property
    def keys(self) -> set[Key]:
        """The keys that go on."""
        return {key for key, _ in (*self.cleared, *self.skipped)} | self.unpark

    def apply_to(self, rows: Mapping[Key, Row]) -> None:
        """Take away what held these keys back."""
        for key, dl_id in self.cleared:
            rows[key].heard.holds.pop(dl_id, None)
            rows[key].changed = True
        for key, dl_id in self.skipped:
            rows[key].heard.skip(dl_id)
            rows[key].changed = True
        for key in self.unpark:
            rows[key].heard.parked = False
            rows[key].changed = True


class Operations:
    """Reads operators' commands for one service."""

    def __init__(self, service: Service, decode: Decode) -> None:
        self._service = service
        self._decode = decode

    async def read(self, connection: Connection, messages: Sequence[Message]) -> Asked:
        """Look up what the commands name, lock it, and say what follows."""
        asked = Asked()
        wanted = [
            m for m in messages if isinstance(m.data, Retry | Skip) and m.data.service == self._service.name
        ]
        if not wanted:
            return asked
        letters = await self._letters(connection, [_operation(message).dead_letter_id for message in wanted])
        for message in wanted:
            data = _operation(message)
            if (data.dead_letter_id is None) == (data.parked_key is None):
                self._refuse(asked, message, "nothing_named")
            elif data.dead_letter_id is None:
                await self._parked_key(connection, message, asked)
            elif data.dead_letter_id not in letters:
                self._refuse(asked, message, "not_found")
            elif letters[data.dead_letter_id].status != "open" or data.dead_letter_id in asked.settled:
                self._refuse(asked, message, "already_settled")
            else:
                self._settle(asked, message, letters[data.dead_letter_id])
        return asked

    async def settle(self, connection: Connection, asked: Asked) -> None:
        """Write down what became of the dead letters and the parked keys."""
        if asked.settled:
            await connection.execute(
                _SQL["settle_dead_letters"], list(asked.settled), list(asked.settled.values())
            )
        await unpark(connection, sorted(asked.unpark))
        if asked.own:
            await self._settle_own(connection, asked)

    async def _settle_own(self, connection: Connection, asked: Asked) -> None:
        own = self._service.own_parked
        if own is None:
            raise TypeError(f"{self._service.name} parks nothing of its own")
        skipped = [name for name, message in asked.own.items() if isinstance(message.data, Skip)]
        retried = [name for name in asked.own if name not in skipped]
        were_parked = await own.settle(connection, retried, skipped)
        for name, message in asked.own.items():
            if name in were_parked:
                self._done(asked, message)
            else:
                self._refuse(asked, message, "not_found")

    async def _letters(self, connection: Connection, named: Sequence[str | None]) -> dict[str, _Letter]:
        rows = await connection.fetch(
            _SQL["named_dead_letters"], [each for each in named if each is not None]
        )
        return {
            str(row["dl_id"]): _Letter(
                str(row["dl_id"]),
                record_of(row),
                Key(row["kind"], row["key"]) if row["key"] else None,
                row["status"],
                row["erased_at"] is not None,
            )
            for row in rows
        }

    def _settle(self, asked: Asked, message: Message, letter: _Letter) -> None:
        if isinstance(message.data, Skip):
            asked.skipped += [(letter.key, letter.dl_id)] if letter.key else []
            asked.settled[letter.dl_id] = "skipped"
            self._done(asked, message)
            return
        if letter.is_erased:
            self._refuse(asked, message, "erased")
            return
        decoded = self._decode(letter.record)
        if isinstance(decoded, Unreadable):
            self._refuse(asked, message, "still_unreadable", f"{decoded.rule}: {decoded.message}")
            return
        asked.read_again.append(letter.record)
        asked.cleared += [(letter.key, letter.dl_id)] if letter.key else []
        asked.settled[letter.dl_id] = "retried"
        self._done(asked, message)

    async def _parked_key(self, connection: Connection, message: Message, asked: Asked) -> None:
        kind, _, name = (_operation(message).parked_key or "").partition("/")
        if self._service.own_parked and kind == self._service.own_parked.kind:
            if name in asked.own:
                self._refuse(asked, message, "already_settled")
            else:
                asked.own[name] = message
            return
        key = Key(kind, name)
        parked = await connection.fetchrow(_SQL["parked_with"], kind, name)
        if parked is None or key in asked.unpark:
            self._refuse(asked, message, "already_settled" if parked else "not_found")
            return
        asked.unpark.add(key)
        if isinstance(message.data, Skip):
            asked.left_out.add((key, Place(*parked)))
        self._done(asked, message)

    def _refuse(self, asked: Asked, message: Message, reason: str, detail: str = "") -> None:
        more = f" ({detail})" if detail else ""
        words = Words(en=OPERATION_REFUSALS[reason] + more, zh=CHINESE[reason] + more)
        self._answer(asked, message, Refused(**self._about(message), reason=reason, message=words))

    def _done(self, asked: Asked, message: Message) -> None:
        if isinstance(message.data, Skip):
            self._answer(asked, message, Skipped(**self._about(message), reason=message.data.reason))
        else:
            self._answer(asked, message, Retried(**self._about(message)))

    def _about(self, message: Message) -> dict[str, Any]:
        data = _operation(message)
        return {
            "at": clock.now(),
            "command_id": data.command_id,
            "service": self._service.name,
            "dead_letter_id": data.dead_letter_id,
            "parked_key": data.parked_key,
        }

    def _answer(self, asked: Asked, message: Message, data: Retried | Skipped | Refused) -> None:
        outgoing = Outgoing(topics.OPERATIONS_EVENTS, self._service.name, data, data.at)
        asked.answers.append(Said(outgoing, message, None))


def _operation(message: Message) -> Operation:
    if not isinstance(message.data, Operation):
        raise TypeError(f"{message.attributes.type} is no operator's command")
    return message.data
