"""Erasing a person's data from a service's tables (M6): asked by `accounts.person_erased`, worked off in pieces.

Every batch that names somebody erased has their texts erased as they come. What was there before is worked off beside
the batches, in pieces of bounded size, each with its transaction and its place in the table `erasures`: killed at any
moment, it goes on from there, in whichever process. Lock order: the erasure, dead letters, states, what was said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Protocol

from shared.contracts.accounts import PersonErased
from shared.kit import clock, db, logs
from shared.kit.db import Connection, Pool
from shared.kit.erased_letters import DeadLetters, Held
from shared.kit.erased_rows import Rows
from shared.kit.limits import Limits
from shared.kit.service import Key, Message, Service
from shared.kit.sql import queries
from shared.kit.transactions import transaction

_SQL = queries("shared.kit", "erasure.sql")
_FENCE_SECONDS = 0.02
_COUNTS = ("dead_letters", "held", "rows", "messages", "own")
_log = logs.logger()


async def ask(connection: Connection, messages: Sequence[Message]) -> None:
    """Write down whose data is to go, in the transaction of the batch that was told of it."""
    asked = [(message.data, message.attributes.id) for message in messages]
    people = [
        (data.party_id, event_id, data.at) for data, event_id in asked if isinstance(data, PersonErased)
    ]
    if people:
        await connection.execute(
            _SQL["ask_erasures"], *(list(column) for column in zip(*people, strict=True)), clock.real_now()
        )


async def erased_among(connection: Connection, ids: Collection[str]) -> frozenset[str]:
    """Return those of these ids that are erased people's."""
    if not ids:
        return frozenset()
    return frozenset(row["party_id"] for row in await connection.fetch(_SQL["erased_among"], sorted(ids)))


async def note_texts(connection: Connection, texts: Iterable[tuple[str, Key]]) -> None:
    """Note whose texts are in which rows."""
    rows = [(party_id, *key) for party_id, key in texts]
    if rows:
        await connection.execute(_SQL["note_texts"], *(list(column) for column in zip(*rows, strict=True)))


class _Stage(Protocol):
    async def find(
        self, connection: Connection, party_id: str, after: Sequence[str], limit: int
    ) -> list[tuple[list[str], Any]]: ...

    async def erase(self, connection: Connection, party_id: str, items: Sequence[Any]) -> dict[str, int]: ...


class Erasing:
    """Works off one service's erasures. Several processes share the work, a piece at a time."""

    def __init__(
        self, pool: Pool, service: Service, limits: Limits, committed: Callable[[], None] = lambda: None
    ) -> None:
        """`committed` is called after each piece."""
        self._pool = pool
        self._service = service
        self._limits = limits
        self._committed = committed
        self._wake = asyncio.Event()
        self._stages: dict[str, tuple[_Stage, int]] = {
            "dead_letters": (DeadLetters(service), limits.erasure_records_max),
            "held": (Held(service), limits.erasure_records_max),
            "rows": (Rows(service), limits.erasure_rows_max),
        }
        self._fenced: set[str] = set()
        self._careful = 0
        self._at: tuple[Any, ...] = ()

    def wake(self) -> None:
        """Look now: a batch has just asked for something."""
        self._wake.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until the process stops."""
        while not stopping.is_set():
            self._wake.clear()
            while not stopping.is_set() and await self.work():
                pass
            waiting = [asyncio.ensure_future(event.wait()) for event in (stopping, self._wake)]
            await asyncio.wait(
                waiting, timeout=self._limits.erasure_seconds, return_when=asyncio.FIRST_COMPLETED
            )
            for each in waiting:
                each.cancel()

    async def work(self) -> bool:
        """Do one piece; False when there is nothing to do, or another process is at it."""
        pending = {row["event_id"] for row in await self._pool.fetch(_SQL["pending_erasures"])}
        self._fenced &= pending
        if pending - self._fenced:
            await self._fence()
            self._fenced |= pending
        if not pending:
            return False
        try:
            return await self._piece()
        except Exception as error:
            if db.is_away(error):
                raise
            if self._careful:
                await self._pass_over(error)
            self._careful = self._limits.erasure_rows_max
            return True

    async def _fence(self) -> None:
        """Wait until every batch has ended that did not see these erasures: from now on nothing new comes in."""
        fence = await self._pool.fetchval(_SQL["fence"])
        while True:
            if await self._pool.fetchval(_SQL["oldest_transaction"]) > fence:
                return
            await asyncio.sleep(_FENCE_SECONDS)

    async def _piece(self) -> bool:
        async with transaction(self._pool) as connection:
            asked = await connection.fetchrow(_SQL["take_erasure"], list(self._fenced))
            if asked is None:
                return False
            self._at = tuple(asked)
            stage, limit = self._stages[asked["stage"]]
            found = await stage.find(
                connection, asked["party_id"], asked["after"], 1 if self._careful else limit
            )
            done = {}
            if found:
                done = await stage.erase(connection, asked["party_id"], [item for _, item in found])
            elif asked["stage"] == "rows":
                done = {"own": await self._service.erase(connection, asked["party_id"], ())}
            name, after = (asked["stage"], found[-1][0]) if found else (self._next(asked["stage"]), [])
            await self._move(connection, asked["party_id"], name, after, done)
        if name == "done":
            await self._tell(asked["party_id"])
        self._careful = max(0, self._careful - 1)
        self._committed()
        return True

    def _next(self, stage: str) -> str:
        names = [*self._stages, "done"]
        return names[names.index(stage) + 1]

    async def _move(
        self,
        connection: Connection,
        party_id: str,
        stage: str,
        after: Sequence[str],
        done: dict[str, int],
        failed: Sequence[str] = (),
    ) -> None:
        counts = [done.get(name, 0) for name in _COUNTS]
        await connection.execute(
            _SQL["move_erasure"], party_id, stage, list(after), *counts, list(failed), clock.real_now()
        )

    async def _pass_over(self, error: Exception) -> None:
        """Name what can't be erased, and go on behind it: one broken row must not keep all others.

        A piece that raised is done again one by one, for a while: then it is known which row it is.
        """
        async with transaction(self._pool) as connection:
            asked = await connection.fetchrow(_SQL["take_erasure"], list(self._fenced))
            if asked is None or tuple(asked) != self._at:
                return  # another process was first
            stage, _ = self._stages[asked["stage"]]
            found = await stage.find(connection, asked["party_id"], asked["after"], 1)
            if not found:
                raise error
            after = found[0][0]
            what = f"{asked['stage']}: {'/'.join(after)}: {type(error).__name__}"
            await self._move(connection, asked["party_id"], asked["stage"], after, {}, [what])
        _log.error(logs.Event.ERASURE_FAILED, party=asked["party_id"], what=what)

    async def _tell(self, party_id: str) -> None:
        row = await self._pool.fetchrow(_SQL["erasure"], party_id)
        if row is not None:
            counts = {name: row[name] for name in _COUNTS}
            _log.info(logs.Event.ERASED, party=party_id, failed=len(row["failed"]), **counts)
