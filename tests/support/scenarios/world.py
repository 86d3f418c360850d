"""The whole system in memory: the services themselves, real records between them, and a clock that is moved by hand.

Nothing of a service is replaced but what stands around it. A record is written and read by the contract, goes to
every reader that its topic names, and is folded by the kit; what is asked of the timer fires at its instant. There is
no Kafka, no PostgreSQL and no waiting: facts are read before commands, and these before deadlines.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Any

from services.claims.handlers import service as claims_service
from services.messaging.handlers import service as messaging_service
from services.notifications.domain.model import (
    Account,
)
from services.notifications.handlers import service as notifications_service
from services.notifications.store import ACCOUNT, AddressKnown, WantedMail
from services.orders.handlers import service as orders_service
from services.orders.translate.policies import Policies as OrdersPolicies
from services.performance.handlers import service as performance_service
from services.timer import domain as deadlines
from services.timer import translate as timer_translate
from services.timer.handlers import Firing
from services.timer.handlers import service as timer_service
from shared.contracts.accounts import PersonErased
from shared.contracts.data import Data
from shared.contracts.envelope import Attributes, Known, Unreadable, write_headers
from shared.contracts.topics import TOPICS, read_by
from shared.kit import outbox
from shared.kit.decode import Decode, decoder
from shared.kit.fold import Fold, Folded, Item, OnlyNumbered, only_numbered
from shared.kit.heard import Row
from shared.kit.records import Record, headers_from_json
from shared.kit.service import Key, Message, Place, Service
from shared.policies import Catalogue

TIMER = "timer"
NOTIFICATIONS = "notifications"
_SHUFFLED_OVER = 40
"""So many records are on their way at once, at most, when their order is drawn."""


class Rows(dict[Key, Row]):
    """A service's rows; one that is not there yet is made when it is asked for, or copied from a parent's."""

    def __init__(self, parent: Rows | None = None) -> None:
        super().__init__()
        self._parent = parent

    def __missing__(self, key: Key) -> Row:
        found = self._parent.known(key) if self._parent is not None else None
        row = Row(key) if found is None else replace(found, heard=deepcopy(found.heard))
        self[key] = row
        return row

    def known(self, key: Key) -> Row | None:
        """Return a row without making one."""
        if key in self:
            return self[key]
        return self._parent.known(key) if self._parent is not None else None

    def state(self, key: Key) -> Any:
        """Return the state that a row holds; None without one."""
        row = self.known(key)
        return row.state if row is not None else None


@dataclass(frozen=True, slots=True)
class Said:
    """One record that somebody said: where, its envelope, its body."""

    topic: str
    attributes: Attributes
    data: Data
    record: Record


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that left: what it tells, to whom, and when."""

    wanted: WantedMail
    account: Account
    sent_at: datetime


@dataclass(slots=True)
class Seat:
    """One service, its rows, and the ids that it has seen."""

    service: Service
    decode: Decode
    rows: Rows = field(default_factory=Rows)
    seen: set[tuple[str, str]] = field(default_factory=set)
    gone: frozenset[str] = frozenset()
    """People who are erased."""

    def fork(self) -> Seat:
        """Return a copy that changes nothing here."""
        return Seat(self.service, self.decode, Rows(self.rows), set(self.seen), self.gone)

    def hear(self, record: Record, now: datetime) -> Folded | None:
        """Fold one record, as the kit does; None for what is not for this service."""
        message = self._message(record)
        if message is None:
            return None
        if isinstance(message.data, PersonErased):
            self._erase(message.data.party_id)
            return None
        item = self._item(record, message)
        if item.sequence is None and not item.is_command:
            known_as = (message.attributes.source, message.attributes.id)
            item.is_copy = known_as in self.seen
            self.seen.add(known_as)
        folded = Fold(self.service, self.rows, now, gone=self.gone).run([item])
        if folded.parked:
            error = next(iter(folded.parked.values())).error
            raise AssertionError(f"{self.service.name} raised on {message.attributes.type}:\n{error}")
        if folded.hold:
            raise AssertionError(f"{self.service.name} waits with {message.attributes.type}: {folded.hold}")
        return folded

    def _item(self, record: Record, message: Message) -> Item:
        if isinstance(message.data, OnlyNumbered):
            main = Key(self.service.kinds[0].name, message.data.key)
            return Item(record, message, main, (main,))
        main = self.service.main(message)
        return Item(record, message, main, (main, *self.service.keys(message)))

    def _erase(self, party_id: str) -> None:
        """Take a person's texts out of every row, and out of whatever comes later (M6)."""
        self.gone |= {party_id}
        erases = {kind.name: kind.erase for kind in self.service.kinds}
        for key, row in self.rows.items():
            if row.state is not None:
                row.state = erases[key.kind](row.state, party_id)

    def _message(self, record: Record) -> Message | None:
        decoded = self.decode(record)
        if isinstance(decoded, Known):
            message = Message(record.place, decoded.attributes, decoded.data)
            if isinstance(decoded.data, PersonErased) or self.service.concerns(message):
                return message
        assert not isinstance(decoded, Unreadable), f"{record.place} can't be read: {decoded}"
        is_numbered = TOPICS[record.place.topic].sequenced and record.sequence is not None
        return only_numbered(record) if is_numbered else None


def built_services(catalogue: Catalogue) -> Sequence[Service]:
    """Every service that is built, as it describes itself to the kit."""
    return (
        orders_service(OrdersPolicies(catalogue)),
        messaging_service(catalogue),
        claims_service(catalogue),
        timer_service(Firing()),
        notifications_service(catalogue),
        performance_service(catalogue),
    )


@dataclass(slots=True)
class World:
    """All services, what waits to be read, the deadlines that wait, and all that was said and mailed."""

    seats: dict[str, Seat]
    now: datetime
    inbox: list[tuple[int, float, int, str, Record]] = field(default_factory=list)
    timers: dict[str, deadlines.Timer] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    waiting: dict[str, WantedMail] = field(default_factory=dict)
    mailed: set[str] = field(default_factory=set)
    offset: int = 0
    shuffled: Random | None = None
    """Draws which of several unread records is read first; those of one topic and key stay in their order."""
    lanes: dict[tuple[str, str, bytes | None], float] = field(default_factory=dict)
    after: Callable[[World, str, Sequence[Said]], None] | None = None
    """Called when a service has said something: its name and what it said, with the world as it then stands."""
    quiet: Callable[[World], None] | None = None
    """Called whenever all is quiet."""

    @classmethod
    def of(cls, catalogue: Catalogue, now: datetime, only: Sequence[str] | None = None) -> World:
        """Start a system, or some of its services, in which nothing has happened yet."""
        services = [service for service in built_services(catalogue) if only is None or service.name in only]
        return cls({service.name: Seat(service, decoder(service.check)) for service in services}, now)

    def fork(self) -> World:
        """Return a copy in which something can be tried. Nobody listens to it."""
        return World(
            seats={name: seat.fork() for name, seat in self.seats.items()},
            now=self.now,
            inbox=list(self.inbox),
            timers=dict(self.timers),
            said=[],
            waiting=dict(self.waiting),
            mailed=set(self.mailed),
            offset=self.offset,
        )

    # ------------------------------------------------------------------------------------------- from outside

    def send(self, data: Data, key: str, event_id: str, at: datetime, source: str = "/tests") -> None:
        """Send a record as an outsider does, and let all follow from it."""
        attributes = Attributes(id=event_id, source=source, type=data.TYPE, time=at)
        self._put(data.TOPIC, key, data.to_json(), write_headers(attributes))
        self.settle()

    def settle(self) -> None:
        """Let everybody read what there is, until all is quiet."""
        while self.inbox:
            *_, name, record = heapq.heappop(self.inbox)
            self._hear(name, record)
        if self.quiet is not None:
            self.quiet(self)

    def go_to(self, instant: datetime) -> None:
        """Move the clock on, from deadline to deadline."""
        while self.timers and (due_at := min(timer.due_at for timer in self.timers.values())) <= instant:
            self.now = max(self.now, due_at)
            self._fire()
        self.now = max(self.now, instant)

    # -------------------------------------------------------------------------------------------------- inside

    def _put(self, topic: str, key: str | None, value: bytes | None, headers: Iterable[Any]) -> Record:
        self.offset += 1
        place = Place(topic, 0, self.offset)
        record = Record(place, self.offset, key.encode() if key else None, value, tuple(headers))
        readers = {name for name in self.seats if TOPICS[topic] in read_by(name)}
        for name in sorted(readers):
            turn = (TOPICS[topic].tier, self._turn(name, record), self.offset)
            heapq.heappush(self.inbox, (*turn, name, record))
        return record

    def _turn(self, reader: str, record: Record) -> float:
        """Say when a record is read among those of its kind: as it came, or drawn, but never before its lane's last."""
        if self.shuffled is None:
            return 0
        lane = reader, record.place.topic, record.key
        drawn = self.offset + self.shuffled.uniform(0, _SHUFFLED_OVER)
        self.lanes[lane] = max(drawn, self.lanes.get(lane, 0))
        return self.lanes[lane]

    def _hear(self, name: str, record: Record) -> None:
        folded = self.seats[name].hear(record, self.now)
        if folded is None:
            return
        said = [self._say(row) for row in folded.rows]
        if name == TIMER:
            self._set(folded.effects)
        if name == NOTIFICATIONS:
            self._mail(folded.effects)
        if self.after is not None and said:
            self.after(self, name, said)

    def _say(self, row: outbox.Row) -> Said:
        record = self._put(row.topic, row.key, row.payload, headers_from_json(row.headers))
        found = decoder(lambda _data: None)(record)
        if not isinstance(found, Known):
            raise TypeError(f"what was said on {row.topic} can't be read again: {found}")
        said = Said(row.topic, found.attributes, found.data, record)
        self.said.append(said)
        return said

    def _set(self, effects: Sequence[deadlines.Event]) -> None:
        change = deadlines.settle(effects)
        self.timers.update({timer.timer_id: timer for timer in change.set})
        for timer_id in change.cancel:
            self.timers.pop(timer_id, None)

    def _fire(self) -> None:
        due = [timer for timer in self.timers.values() if timer.due_at <= self.now]
        due.sort(key=lambda timer: (timer.due_at, timer.timer_id))
        for timer in due:
            del self.timers[timer.timer_id]
            self._say(
                outbox.row_without_cause(TIMER, timer_translate.expired(timer, self.now), timer.cause_id)
            )
        self.settle()

    def fired(self, timer: deadlines.Timer) -> Sequence[str]:
        """Fire one deadline at its instant and no other; name the facts that its owner says."""
        self.now = max(self.now, timer.due_at)
        self.timers.pop(timer.timer_id, None)
        self._say(outbox.row_without_cause(TIMER, timer_translate.expired(timer, self.now), timer.cause_id))
        first = len(self.said)
        self.settle()
        return [said.data.TYPE for said in self.said[first:] if said.data.TYPE.startswith(f"{timer.owner}.")]

    def _mail(self, effects: Sequence[WantedMail | AddressKnown]) -> None:
        for effect in effects:
            if isinstance(effect, WantedMail) and effect.notification_id not in self.mailed:
                self.mailed.add(effect.notification_id)
                self.waiting[effect.notification_id] = effect
        for wanted in list(self.waiting.values()):
            account = self.seats[NOTIFICATIONS].rows.state(Key(ACCOUNT, wanted.party_id))
            if account is not None:
                del self.waiting[wanted.notification_id]
                self.mails.append(Mail(wanted, account, self.now))

    def rows(self, service: str) -> Mapping[Key, Row]:
        """Return a service's rows."""
        return self.seats[service].rows
