"""The unit of work: one batch, one transaction, a number of statements that does not grow with the batch.

lock the offsets → drop copies → load every state → fold in memory → save → append to the outbox → move the
offsets → commit. Locks are always taken in this order: offset rows (by topic and partition), seen ids (sorted),
dead letters (by id), state rows (main kind first, hot kinds last, by key within a kind).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg

from shared.contracts.accounts import PersonErased
from shared.contracts.data import Data
from shared.contracts.envelope import Known, PassedOver, Unreadable
from shared.contracts.topics import TOPICS, Tier
from shared.kit import clock, db, erasure, logs, outbox, writing
from shared.kit.db import Connection, Pool
from shared.kit.dead_letters import DeadLetter, bury
from shared.kit.decode import Decode
from shared.kit.errors import (
    PositionMovedError,
    StaleStateError,
    StatesMissing,
    UnreadableAgainError,
    UnwritableStateError,
)
from shared.kit.fold import Fold, Folded, Item, OnlyNumbered, Parked, Verdict, is_command, only_numbered
from shared.kit.heard import Row
from shared.kit.held import hold, keep_holding, load_held, park, release
from shared.kit.late_texts import people_gone
from shared.kit.operations import Asked, Operations
from shared.kit.records import Record
from shared.kit.service import Key, Message, Place, Service
from shared.kit.sql import queries
from shared.kit.states import StateRows
from shared.kit.tally import Partition, PartitionTally
from shared.kit.transactions import transaction

_SQL = queries("shared.kit", "kit.sql")
_log = logs.logger()
_ATTEMPTS_MAX = 20
_RECORDS_AT_ONCE = 100


@dataclass(slots=True)
class Applied:
    """What one unit did: the next offset of each partition, how many records met each fate, which keys it parked."""

    next_offsets: Mapping[Partition, int]
    verdicts: Counter[Verdict]
    parked: Mapping[Key, Parked]
    dead: Sequence[DeadLetter]
    has_said: bool
    has_effects: bool
    asks_erasure: bool


@dataclass(slots=True)
class Batch:
    """A batch before it is applied: what could be read, what could not, and where its partitions should stand.

    `due`: keys whose waiting records are looked at again, and since when a command may have waited.
    `mains`: the rows by which its messages are ordered, also of those that waited. `extra`: rows that an earlier
    attempt found missing. `refused`: keys whose values PostgreSQL would not take, with its words.
    """

    tallies: dict[Partition, PartitionTally] = field(default_factory=dict)
    known: list[tuple[Record, Message]] = field(default_factory=list)
    operations: list[tuple[Record, Message]] = field(default_factory=list)
    erasures: list[Message] = field(default_factory=list)
    dead: list[DeadLetter] = field(default_factory=list)
    verdicts: list[tuple[Record, Verdict]] = field(default_factory=list)
    due: frozenset[Key] = frozenset()
    overdue_since: datetime | None = None
    mains: set[Key] = field(default_factory=set)
    extra: set[Key] = field(default_factory=set)
    refused: dict[Key, str] = field(default_factory=dict)


class Unit:
    """Applies batches for one service. The only code that commits."""

    def __init__(
        self,
        pool: Pool,
        service: Service,
        decode: Decode,
        on_commit: Callable[[], None] = lambda: None,
        on_erasure: Callable[[], None] = lambda: None,
        leads_here: Callable[[], bool] = lambda: False,
    ) -> None:
        """`on_commit` is called after each commit that says something, `on_erasure` after one that asks for an erasure.

        `leads_here`: whether the relay that sends runs in this process, and is woken by `on_commit`.
        """
        self._pool = pool
        self._service = service
        self._decode = decode
        self._rows = StateRows(service.kinds)
        self._operations = Operations(service, decode)
        self._on_commit = on_commit
        self._on_erasure = on_erasure
        self._leads_here = leads_here

    async def apply(self, records: Iterable[Record], expected: Mapping[Partition, int]) -> Applied:
        """Apply a batch whose partitions stand at `expected`; records before that were applied and are dropped.

        Raises PositionMovedError when a partition stands elsewhere, and what PostgreSQL raises when it is away.
        """
        batch = Batch({place: PartitionTally(offset) for place, offset in expected.items()})
        for number, record in enumerate(records):
            if number % _RECORDS_AT_ONCE == 0:
                await asyncio.sleep(0)  # the relay's lease and Kafka's heartbeat live in the same loop
            topic, partition, offset = record.place
            tally = batch.tallies[topic, partition]
            if offset >= tally.next_offset:
                tally.add(record)
                self._sort(batch, record)
        return await self._until_done(batch)

    async def refuse_overdue(self, keys: Iterable[Key], since: datetime) -> Applied:
        """Refuse the commands on these keys that have waited for their order since before `since` (real time)."""
        return await self._until_done(Batch(due=frozenset(keys), overdue_since=since))

    def _sort(self, batch: Batch, record: Record) -> None:
        decoded = self._decode(record)
        match decoded:
            case Known():
                message = Message(record.place, decoded.attributes, decoded.data)
                if TOPICS[record.place.topic].tier is Tier.OPERATIONS:
                    batch.operations.append((record, message))
                    batch.verdicts.append((record, Verdict.APPLIED))
                elif type(message.data) is PersonErased:
                    batch.erasures.append(message)
                    batch.verdicts.append((record, Verdict.APPLIED))
                elif self._service.concerns(message):
                    batch.known.append((record, message))
                else:
                    self._pass_over(batch, record, decoded.data)
            case PassedOver():
                self._pass_over(batch, record)
            case Unreadable():
                batch.dead.append(DeadLetter.of(record, decoded, self._service.kinds[0].name))
                batch.verdicts.append((record, Verdict.DEAD))

    def _pass_over(self, batch: Batch, record: Record, unheard: Data | None = None) -> None:
        """Count what is not for us. A numbered fact is heard all the same, or the next number would be a gap."""
        is_numbered = TOPICS[record.place.topic].sequenced and record.sequence is not None
        if is_numbered and record.text_key is not None:
            batch.known.append((record, only_numbered(record, unheard)))
        else:
            batch.verdicts.append((record, Verdict.PASSED_OVER))

    def _main(self, message: Message) -> Key:
        if type(message.data) is OnlyNumbered:
            return Key(self._service.kinds[0].name, message.data.key)
        return self._service.main(message)

    async def _until_done(self, batch: Batch) -> Applied:
        """Do it again while another process is first; park the keys whose values PostgreSQL refuses.

        Rows that are found missing are no other process's doing: to load more of them is to get on.
        """
        attempts = 0
        while attempts < _ATTEMPTS_MAX:
            attempts += 1
            try:
                applied = await self._attempt(batch)
            except StatesMissing as missing:
                if not batch.extra.issuperset(missing.keys):
                    attempts -= 1
                batch.extra.update(missing.keys)
            except (StaleStateError, asyncpg.DeadlockDetectedError):
                continue
            except Exception as error:
                if not _is_of_one_key(error):
                    raise
                refused = await self._whose_fault(batch)
                if not refused:
                    raise
                batch.refused.update(refused)
            else:
                self._committed(applied)
                return applied
        raise StaleStateError(
            f"a batch was overtaken {_ATTEMPTS_MAX} times; it will be tried again after a pause"
        )

    def _committed(self, applied: Applied) -> None:
        if applied.has_said:
            self._on_commit()
        if applied.has_effects:
            self._service.changed()
        if applied.asks_erasure:
            self._on_erasure()
        _tell(applied)

    async def _whose_fault(self, batch: Batch) -> dict[Key, str]:
        """Name the keys whose values PostgreSQL refuses; none when it refuses what belongs to no key."""
        if await self._refusal(batch, ()) is not None:
            return {}
        return await self._refused(batch, sorted(batch.mains - set(batch.refused)))

    async def _refused(self, batch: Batch, keys: Sequence[Key]) -> dict[Key, str]:
        """Find by halving which of these keys are refused: each half is tried and rolled back."""
        refusal = await self._refusal(batch, keys)
        if refusal is None:
            return {}
        if len(keys) == 1:
            return {keys[0]: f"{type(refusal).__name__}: {refusal}"}
        middle = len(keys) // 2
        return await self._refused(batch, keys[:middle]) | await self._refused(batch, keys[middle:])

    async def _refusal(self, batch: Batch, keys: Sequence[Key]) -> Exception | None:
        try:
            await self._attempt(batch, trial=frozenset(keys))
        except Exception as error:
            if not _is_of_one_key(error):
                raise
            return error
        return None

    async def _attempt(self, batch: Batch, trial: AbstractSet[Key] | None = None) -> Applied:
        """Write the batch and commit; a trial, of some keys alone, is always rolled back."""
        async with transaction(self._pool, is_trial=trial is not None) as connection:
            return await self._write(connection, batch, trial)

    async def _write(self, connection: Connection, batch: Batch, trial: AbstractSet[Key] | None) -> Applied:
        seen = await self._lock(connection, batch.tallies, self._known_by_id(batch, trial))
        await erasure.ask(connection, batch.erasures)
        asked = await self._ask(connection, batch)
        items = await self._items(connection, batch, asked, seen, trial)
        rows, items = await self._load(connection, batch, asked, items)
        batch.mains.update(item.main for item in items)
        if trial is not None:
            items = [item for item in items if item.main in trial]
        gone = await people_gone(connection, self._service, items, rows, batch.dead)
        folded = Fold(self._service, rows, clock.now(), batch.refused, gone).run(items)
        await self._operations.settle(connection, asked)
        await self._keep_back(connection, folded)
        kind = self._service.kinds[0].name
        dead = [*batch.dead, *(DeadLetter.of(record, why, kind) for record, why in folded.dead)]
        await bury(connection, dead)
        await erasure.note_texts(connection, folded.texts)
        said = self._outbox_rows(dead, asked, folded)
        verdicts = _count(batch, items)
        await writing.write(connection, self._rows, rows, said, batch.tallies)
        if folded.effects:
            await self._service.apply(connection, folded.effects)
        if said:
            await outbox.wake(connection, self._service.name, leads_here=self._leads_here())
        next_offsets = {place: tally.next_offset for place, tally in batch.tallies.items()}
        return Applied(
            next_offsets,
            verdicts,
            folded.parked,
            dead,
            has_said=bool(said),
            has_effects=bool(folded.effects or asked.own),
            asks_erasure=bool(batch.erasures),
        )

    async def _lock(
        self,
        connection: Connection,
        tallies: Mapping[Partition, PartitionTally],
        messages: Sequence[Message] = (),
    ) -> set[tuple[str, str]]:
        """Take the offset rows; they fence a process that lost its partition without knowing.

        Returns which of the messages' ids were seen before.
        """
        if not tallies and not messages:
            return set()
        places = [place[0] for place in tallies], [place[1] for place in tallies]
        found = await self._begin(connection, places, messages)
        fenced = {(row["topic"], row["partition"]): row["next_offset"] for row in found if row["topic"]}
        if len(fenced) < len(tallies):
            starts = [tally.expected for tally in tallies.values()]
            await connection.execute(_SQL["make_offsets"], *places, starts)
            made = await self._begin(connection, places, ())
            fenced = {(row["topic"], row["partition"]): row["next_offset"] for row in made}
        for (topic, partition), next_offset in fenced.items():
            expected = tallies[topic, partition].expected
            if next_offset != expected:
                raise PositionMovedError(f"{topic}[{partition}] stands at {next_offset}, not at {expected}")
        return {(row["source"], row["id"]) for row in found if not row["topic"]}

    async def _begin(
        self, connection: Connection, places: tuple[list[str], list[int]], messages: Sequence[Message]
    ) -> list[asyncpg.Record]:
        return await connection.fetch(
            _SQL["begin_batch"], *places, *_id_columns(messages), clock.real_now().date()
        )

    async def _ask(self, connection: Connection, batch: Batch) -> Asked:
        seen = await self._lock(connection, {}, [message for _, message in batch.operations])
        return await self._operations.read(
            connection, [message for _, message in batch.operations if not _is_seen(seen, message)]
        )

    def _known_by_id(self, batch: Batch, trial: AbstractSet[Key] | None) -> Sequence[Message]:
        """Return the messages whose copies are known by their id alone."""
        return [
            message
            for _, message in batch.known
            if not _is_known_by_its_key(message) and (trial is None or self._main(message) in trial)
        ]

    async def _items(
        self,
        connection: Connection,
        batch: Batch,
        asked: Asked,
        seen: set[tuple[str, str]],
        trial: AbstractSet[Key] | None,
    ) -> list[Item]:
        """Make an item of each message, marking those that an earlier record already brought.

        `seen` are the ids of the batch's own messages that came before it.
        """
        again = [(record, self._message_again(record)) for record in asked.read_again]
        found = [*((pair, False) for pair in again), *((pair, True) for pair in batch.known)]
        items = [
            Item(record, message, self._main(message), (), is_counted=is_counted)
            for (record, message), is_counted in found
        ]
        batch.mains.update(item.main for item in items)
        if trial is not None:
            items = [item for item in items if item.main in trial]
        by_id = [item for item in items if not _is_known_by_its_key(item.message)]
        read_again = [item.message for item in by_id if not item.is_counted]
        seen |= await self._lock(connection, {}, read_again)
        for item in by_id:
            item.is_copy = _is_seen(seen, item.message)
        return await self._with_keys(connection, batch, items)

    async def _with_keys(self, connection: Connection, batch: Batch, items: list[Item]) -> list[Item]:
        ours = []
        for item in items:
            item.keys = (item.main,)
            if type(item.message.data) is not OnlyNumbered:
                ours.append(item)
        related = await self._service.related(connection, [item.message for item in ours]) if ours else ()
        for item, more in zip(ours, related, strict=True):
            keys = (item.main, *self._service.keys(item.message), *more, *batch.extra)
            item.keys = tuple(dict.fromkeys(keys))
        return items

    async def _load(
        self, connection: Connection, batch: Batch, asked: Asked, items: list[Item]
    ) -> tuple[dict[Key, Row], list[Item]]:
        """Load every row that the batch touches and what was held for it."""
        keys = {key for item in items for key in item.keys} | batch.extra | batch.due | asked.keys
        keys |= {letter.key for letter in batch.dead if letter.key}
        rows = await self._rows.load(connection, keys)
        asked.apply_to(rows)
        for letter in batch.dead:
            if letter.key:
                row = rows[letter.key]
                row.heard.holds[letter.dl_id] = (letter.record.place.topic, letter.sequence)
                row.changed = True
        held = await self._held_items(connection, batch, asked, rows)
        missing = {key for item in held for key in item.keys} - set(rows)
        if missing:
            raise StatesMissing(sorted(missing))
        return rows, [*held, *items]

    async def _held_items(
        self, connection: Connection, batch: Batch, asked: Asked, rows: Mapping[Key, Row]
    ) -> list[Item]:
        """Return what waits for these keys, but for those that wait for an operator."""
        waiting = [row.key for row in rows.values() if row.heard.held and not row.heard.parked]
        if not waiting:
            return []
        items = []
        for held in await load_held(connection, waiting):
            item = Item(held.record, only_numbered(held.record), held.key, (), is_counted=False)
            try:
                item.message = self._message_again(held.record)
            except UnreadableAgainError as error:
                item.error = error
            item.held_id, item.held_why = held.held_id, held.why
            item.is_overdue = batch.overdue_since is not None and held.held_at <= batch.overdue_since
            item.is_skipped = (held.key, held.record.place) in asked.left_out
            items.append(item)
        return await self._with_keys(connection, batch, items)

    def _message_again(self, record: Record) -> Message:
        decoded = self._decode(record)
        if isinstance(decoded, Unreadable):
            raise UnreadableAgainError(record.place, decoded.message)
        if isinstance(decoded, Known):
            message = Message(record.place, decoded.attributes, decoded.data)
            if self._service.concerns(message):
                return message
        return only_numbered(record)

    async def _keep_back(self, connection: Connection, folded: Folded) -> None:
        await hold(connection, [(item.main, why, item.record) for item, why in folded.hold])
        await keep_holding(connection, folded.still_held)
        await release(connection, folded.release)
        await park(connection, folded.parked)

    def _outbox_rows(self, dead: Sequence[DeadLetter], asked: Asked, folded: Folded) -> list[outbox.Row]:
        name = self._service.name
        letters = [
            outbox.dead_letter_row(name, letter.record, letter.dl_id, letter.rule, letter.message)
            for letter in dead
        ]
        return [*letters, *(outbox.row_of(name, said) for said in asked.answers), *folded.rows]


def _count(batch: Batch, items: Sequence[Item]) -> Counter[Verdict]:
    """Count what became of the batch's records, in all and in each partition's tally."""
    verdicts = [
        *batch.verdicts,
        *((item.record, item.verdict) for item in items if item.is_counted and item.verdict),
    ]
    for tally in batch.tallies.values():
        tally.verdicts.clear()
    for record, verdict in verdicts:
        tally = batch.tallies[record.place.topic, record.place.partition]
        tally.verdicts[verdict] = tally.verdicts.get(verdict, 0) + 1
    return Counter(verdict for _, verdict in verdicts)


def _is_of_one_key(error: Exception) -> bool:
    """Tell whether one key's values are at fault, whatever batch they came in."""
    return db.is_refused(error) or isinstance(error, UnwritableStateError)


def _tell(applied: Applied) -> None:
    """Log what an operator has to see. Not the errors' own words: they may hold what a person wrote."""
    for key, parked in applied.parked.items():
        _log.error(logs.Event.KEY_PARKED, key="/".join(key), why=parked.why, place=str(parked.place))
    dead: dict[tuple[str, str], list[Place]] = {}
    for letter in applied.dead:
        dead.setdefault((letter.record.place.topic, letter.rule), []).append(letter.record.place)
    for (topic, rule), places in dead.items():
        _log.warning(logs.Event.DEAD_LETTER, topic=topic, rule=rule, count=len(places), first=str(places[0]))


def _is_known_by_its_key(message: Message) -> bool:
    """Tell whether copies are known by the state row: facts with a number, commands by their id."""
    is_numbered = message.attributes.sequence is not None and TOPICS[message.topic].sequenced
    return is_numbered or is_command(type(message.data))


def _id_columns(messages: Sequence[Message]) -> tuple[list[str], list[str]]:
    ids = sorted({(message.attributes.source, message.attributes.id) for message in messages})
    return [source for source, _ in ids], [event_id for _, event_id in ids]


def _is_seen(seen: set[tuple[str, str]], message: Message) -> bool:
    """Tell whether an id was seen, and note it: the second record of one batch with the same id is a copy."""
    event = (message.attributes.source, message.attributes.id)
    if event in seen:
        return True
    seen.add(event)
    return False
