"""The loop that sends: what is due is locked, sent, and said to be sent, in one transaction a small batch.

A batch is sent over several connections at once, in no order; how many, the server's behaviour decides.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import field
from datetime import timedelta

from services.notifications import store, translate
from services.notifications.domain.model import Account
from services.notifications.mailer.letter import Envelope, UnsendableError, address, write
from services.notifications.mailer.low_water import LowWaterMark
from services.notifications.mailer.post import AwayError, Post, RefusedError, Server
from services.notifications.store import DueMail, Settled
from services.notifications.templates import Reader, render
from shared.contracts.notifications import NotificationFailed, NotificationSent
from shared.kit import clock, db, logs, metrics, outbox
from shared.kit.db import Connection
from shared.kit.runtime import Parts
from shared.kit.service import Outgoing
from shared.values import dataclass

_MAILS_A_CONNECTION_MAX = 20
"""How many mails a connection may find in a batch: what a process that dies may have sent without saying so."""
_BATCH_SECONDS_MAX = 5
"""After so long no further mail of the batch is begun: a transaction must not stay open behind a slow server."""
_POLL_SECONDS = 5
"""How long mails that another process accepted wait at most; those of this one wake the loop."""
_GATHER_SECONDS = 0.05
"""How long a mail lets others join its batch: one of a single mail takes as many statements as a full one."""
_PAUSE_SECONDS, _PAUSE_SECONDS_MAX = 0.5, 15
_ERROR_CHARACTERS_MAX = 500
_log = logs.logger()


@dataclass(frozen=True, slots=True)
class Worked:
    """One look at the queue: how many mails were settled, and, if the server was away, what was seen of that.

    `is_full`: as many were due as a batch takes, or more.
    """

    tried: int
    is_full: bool
    away: str | None


@dataclass(slots=True)
class _Batch:
    """Mails that are being sent. `answered`: the server said yes or no to so many; `away`: what it else did."""

    left: deque[DueMail]
    ends: float
    settled: list[tuple[DueMail, Settled]] = field(default_factory=list)
    answered: int = 0
    away: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What became of a mail, and whether the server said so."""

    mail: Settled
    is_answered: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """By which server and in whose name mails are sent, and how patiently."""

    smtp_url: str
    from_name: str
    from_address: str
    smtp_seconds_max: float
    connections_max: int
    tries_max: int
    wait_seconds: float
    wait_seconds_max: float


class Mailer:
    """Sends mails as they fall due. Nothing waits for it: not Kafka, and no rule."""

    def __init__(self, database_url: str, terms: Terms) -> None:
        self._database_url = database_url
        self._terms = terms
        self._wake = asyncio.Event()
        self._pause_seconds: float = _PAUSE_SECONDS
        self._is_away = False
        self._connections = 1
        self._mark = LowWaterMark()
        self._count_parked_at = 0.0
        self._posts = [
            Post(
                Server.of(terms.smtp_url),
                hello_as=terms.from_address.partition("@")[2],
                seconds_max=terms.smtp_seconds_max,
            )
            for _ in range(terms.connections_max)
        ]

    def wake(self) -> None:
        """Look again: there may be mails to send."""
        self._wake.set()

    async def run(self, parts: Parts) -> None:
        """Send until the process stops."""
        # A connection of its own: this one may idle in a transaction for as long as a slow server takes.
        idle_seconds = 2 * (_BATCH_SECONDS_MAX + self._terms.smtp_seconds_max)
        connection = await db.connect(
            self._database_url,
            translate.NAME,
            "mailer",
            idle_in_transaction_session_timeout=f"{idle_seconds:.0f}s",
        )
        try:
            while not parts.stopping.is_set():
                self._wake.clear()
                worked = await self.work(connection, parts)
                await self._rest(connection, parts, worked)
        finally:
            await asyncio.gather(*(post.close() for post in self._posts))
            await connection.close(timeout=db.CONNECT_SECONDS_MAX)

    async def work(self, connection: Connection, parts: Parts) -> Worked:
        """Try what is due, a small batch at most."""
        async with connection.transaction():
            mails_max = _MAILS_A_CONNECTION_MAX * self._connections
            mails = await store.take_due(connection, self._mark.since, clock.real_now(), mails_max)
            batch = await self._deliver(mails, parts.stopping)
            await store.settle(connection, [each for _, each in batch.settled])
            rows = [
                outbox.row_without_cause(translate.NAME, said, mail.cause_id)
                for mail, each in batch.settled
                if (said := _told(mail, each))
            ]
            await outbox.append(connection, translate.NAME, rows, leads_here=parts.leads_here())
        if rows:
            parts.committed()
        return self._judged(batch, is_full=len(mails) == mails_max)

    async def _deliver(self, mails: Sequence[DueMail], stopping: asyncio.Event) -> _Batch:
        """Send over as many connections as the server bears; what is not begun stays as it was, due."""
        batch = _Batch(deque(mails), time.monotonic() + _BATCH_SECONDS_MAX)
        posts = self._posts[: min(self._connections, len(mails))]
        await asyncio.gather(*(self._work_off(batch, post, stopping) for post in posts))
        return batch

    async def _work_off(self, batch: _Batch, post: Post, stopping: asyncio.Event) -> None:
        """Send one after another over one connection; a connection that fails sends no more of this batch."""
        while batch.left and not stopping.is_set() and time.monotonic() < batch.ends:
            mail = batch.left.popleft()
            try:
                settled = await self._send(mail, post)
            except AwayError as error:
                batch.away.append(_short(str(error)))
                batch.settled.append((mail, self._failed(mail, str(error), "away")))
                return
            batch.answered += settled.is_answered
            batch.settled.append((mail, settled.mail))

    def _judged(self, batch: _Batch, *, is_full: bool) -> Worked:
        """See how the server bears it: after a failure half as many connections at once, after none twice as many."""
        is_away = bool(batch.away) and not batch.answered
        if is_away and not self._is_away:
            _log.warning(logs.Event.MAIL_SERVER_AWAY, error=batch.away[0])
        if self._is_away and batch.answered:
            _log.info(logs.Event.MAIL_SERVER_BACK)
        if is_away or batch.answered:
            self._is_away = is_away
            metrics.MAIL_SERVER_AWAY.set(is_away)
        if is_away:
            self._connections = 1
        elif batch.away:
            self._connections = max(1, self._connections // 2)
        elif batch.answered:
            self._connections = min(2 * self._connections, len(self._posts))
        return Worked(len(batch.settled), is_full, batch.away[0] if is_away else None)

    async def _send(self, mail: DueMail, post: Post) -> _Answer:
        now = clock.real_now()
        if mail.party is None:
            return _Answer(Settled(mail.notification_id, "waiting", mail.attempts, now))
        if not isinstance(mail.party, Account):
            return _Answer(Settled(mail.notification_id, "erased", mail.attempts, now))
        try:
            recipient, letter = address(mail.party.email), self._letter(mail, mail.party)
        except UnsendableError as error:
            return _Answer(self._parked(mail, str(error)))
        except Exception as error:  # noqa: BLE001  a bug in one template must not hold up every other mail
            _log.error(logs.Event.TASK_FAILED, task="mailer", error=repr(error), exc_info=error)
            return _Answer(self._parked(mail, repr(error)))
        try:
            await post.send(self._terms.from_address, recipient, letter)
        except RefusedError as error:
            return _Answer(self._failed(mail, str(error), "refused"), is_answered=True)
        metrics.MAILS.labels("sent").inc()
        settled = Settled(mail.notification_id, "sent", mail.attempts + 1, now, None, now)
        return _Answer(settled, is_answered=True)

    def _letter(self, mail: DueMail, account: Account) -> bytes:
        rendered = render(
            store.mail_of(mail.facts), Reader(account.name, account.language, mail.time_zone, mail.order_id)
        )
        envelope = Envelope(
            notification_id=mail.notification_id,
            template=mail.template,
            language=account.language,
            to_name=account.name,
            to_address=account.email,
            from_name=self._terms.from_name,
            from_address=self._terms.from_address,
            at=mail.at,
        )
        return write(envelope, rendered)

    def _failed(self, mail: DueMail, why: str, how: str) -> Settled:
        """Try again later, twice as much later each time; then park it for an operator (N3)."""
        metrics.MAILS.labels(how).inc()
        attempts = mail.attempts + 1
        if attempts >= self._terms.tries_max:
            return self._parked(mail, why)
        doubled = self._terms.wait_seconds * 2.0 ** min(attempts - 1, 30)
        wait = timedelta(seconds=min(doubled, self._terms.wait_seconds_max))
        return Settled(mail.notification_id, "due", attempts, clock.real_now() + wait, _short(why))

    def _parked(self, mail: DueMail, why: str) -> Settled:
        metrics.MAILS.labels("parked").inc()
        _log.error(logs.Event.MAIL_PARKED, mail=mail.notification_id, template=mail.template)
        return Settled(mail.notification_id, "parked", mail.attempts + 1, clock.real_now(), _short(why))

    async def _rest(self, connection: Connection, parts: Parts, worked: Worked) -> None:
        if worked.away is not None:
            await self._sit_out(connection, parts.stopping, worked.away)
            return
        if worked.tried:
            self._pause_seconds = _PAUSE_SECONDS
        next_due = await store.next_due(connection, self._mark.since)
        now = clock.real_now()
        self._mark.rise(next_due, now)
        if worked.is_full:
            return
        if time.monotonic() >= self._count_parked_at:
            metrics.PARKED_MAILS.set(await store.parked(connection))
            self._count_parked_at = time.monotonic() + _POLL_SECONDS
        ahead = (next_due - now).total_seconds() if next_due else _POLL_SECONDS
        if ahead > 0:
            await _wait(parts.stopping, self._wake, min(ahead, _POLL_SECONDS))
        await asyncio.sleep(_GATHER_SECONDS)

    async def _sit_out(self, connection: Connection, stopping: asyncio.Event, why: str) -> None:
        """Leave a server alone that is away, a little longer each time; what falls due meanwhile waits for it too."""
        until = time.monotonic() + self._pause_seconds
        self._pause_seconds = min(2 * self._pause_seconds, _PAUSE_SECONDS_MAX)
        untried = LowWaterMark()
        while not stopping.is_set() and (left := until - time.monotonic()) > 0:
            self._wake.clear()
            now = clock.real_now()
            await store.put_off(connection, untried.since, now, why)
            untried.rise(None, now)
            await _wait(stopping, self._wake, left)


def _told(mail: DueMail, settled: Settled) -> Outgoing | None:
    if settled.status == "sent":
        return translate.told(NotificationSent, mail, clock.now())
    if settled.status == "parked":
        return translate.told(NotificationFailed, mail, clock.now())
    return None


def _short(text: str) -> str:
    return text.replace("\x00", "")[:_ERROR_CHARACTERS_MAX]


async def _wait(stopping: asyncio.Event, wake: asyncio.Event, seconds: float) -> None:
    """Wait until woken, stopped, or so long."""
    waiting = [asyncio.ensure_future(event.wait()) for event in (stopping, wake)]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()
