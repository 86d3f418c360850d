"""The loop that sends: what is due is locked, sent, and said to be sent, in one transaction a small batch."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.notifications import store, translate
from services.notifications.mailer.letter import Envelope, UnsendableError, address, write
from services.notifications.mailer.post import AwayError, Post, RefusedError, Server
from services.notifications.store import DueMail, Settled
from services.notifications.templates import Reader, render
from shared.contracts.notifications import NotificationFailed, NotificationSent
from shared.kit import clock, db, logs, outbox
from shared.kit.db import Connection
from shared.kit.runtime import Parts
from shared.kit.service import Outgoing

_MAILS_AT_ONCE_MAX = 20
_BATCH_SECONDS_MAX = 5
"""After so long no further mail of the batch is begun: a transaction must not stay open behind a slow server."""
_POLL_SECONDS = 5
"""How long mails that another process accepted wait at most; those of this one wake the loop."""
_PAUSE_SECONDS, _PAUSE_SECONDS_MAX = 0.5, 15
_ERROR_CHARACTERS_MAX = 500
_log = logs.logger()


@dataclass(frozen=True, slots=True)
class Worked:
    """One look at the queue: how many mails were tried, and, if the server was away, what was seen of that."""

    tried: int
    away: str | None


@dataclass(frozen=True, slots=True)
class Terms:
    """By which server and in whose name mails are sent, and how patiently."""

    smtp_url: str
    from_name: str
    from_address: str
    smtp_seconds_max: float
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
        self._post = Post(
            Server.of(terms.smtp_url),
            hello_as=terms.from_address.partition("@")[2],
            seconds_max=terms.smtp_seconds_max,
        )

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
            await self._post.close()
            await connection.close(timeout=db.CONNECT_SECONDS_MAX)

    async def work(self, connection: Connection, parts: Parts) -> Worked:
        """Try what is due, a small batch at most."""
        async with connection.transaction():
            mails = await store.take_due(connection, clock.real_now(), _MAILS_AT_ONCE_MAX)
            settled, away = await self._deliver(mails, parts.stopping)
            await store.settle(connection, [each for _, each in settled])
            rows = [
                outbox.row_without_cause(translate.NAME, said, mail.cause_id)
                for mail, each in settled
                if (said := _told(mail, each))
            ]
            await outbox.append(connection, translate.NAME, rows)
        if rows:
            parts.committed()
        return Worked(len(settled), away)

    async def _deliver(
        self, mails: Sequence[DueMail], stopping: asyncio.Event
    ) -> tuple[list[tuple[DueMail, Settled]], str | None]:
        """Send one after another; what is not begun stays as it was, due."""
        settled: list[tuple[DueMail, Settled]] = []
        begun = time.monotonic()
        for mail in mails:
            if stopping.is_set() or time.monotonic() - begun > _BATCH_SECONDS_MAX:
                break
            try:
                settled.append((mail, await self._send(mail)))
            except AwayError as error:
                _log.warning(logs.Event.TASK_FAILED, task="mailer", error=str(error))
                settled.append((mail, self._failed(mail, str(error))))
                return settled, _short(str(error))
        return settled, None

    async def _send(self, mail: DueMail) -> Settled:
        now = clock.real_now()
        if mail.account is None:
            return Settled(mail.notification_id, "waiting", mail.attempts, now)
        try:
            recipient, letter = address(mail.account.email), self._letter(mail)
        except UnsendableError as error:
            return Settled(mail.notification_id, "parked", mail.attempts + 1, now, str(error))
        except Exception as error:  # noqa: BLE001  a bug in one template must not hold up every other mail
            _log.error(logs.Event.TASK_FAILED, task="mailer", error=repr(error), exc_info=error)
            return Settled(mail.notification_id, "parked", mail.attempts + 1, now, _short(repr(error)))
        try:
            await self._post.send(self._terms.from_address, recipient, letter)
        except RefusedError as error:
            return self._failed(mail, str(error))
        return Settled(mail.notification_id, "sent", mail.attempts + 1, now, None, now)

    def _letter(self, mail: DueMail) -> bytes:
        account = mail.account
        if account is None:
            raise UnsendableError("nobody to send it to")
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

    def _failed(self, mail: DueMail, why: str) -> Settled:
        """Try again later, twice as much later each time; then park it for an operator (N3)."""
        attempts = mail.attempts + 1
        doubled = self._terms.wait_seconds * 2.0 ** min(attempts - 1, 30)
        wait = timedelta(seconds=min(doubled, self._terms.wait_seconds_max))
        return Settled(
            mail.notification_id,
            "parked" if attempts >= self._terms.tries_max else "due",
            attempts,
            clock.real_now() + wait,
            _short(why),
        )

    async def _rest(self, connection: Connection, parts: Parts, worked: Worked) -> None:
        if worked.away is not None:
            await self._sit_out(connection, parts.stopping, worked.away)
            return
        if worked.tried:
            self._pause_seconds = _PAUSE_SECONDS
            return
        next_due = await store.next_due(connection)
        ahead = (next_due - clock.real_now()).total_seconds() if next_due else _POLL_SECONDS
        await _wait(parts.stopping, self._wake, min(max(ahead, 0.01), _POLL_SECONDS))

    async def _sit_out(self, connection: Connection, stopping: asyncio.Event, why: str) -> None:
        """Leave a server alone that is away, a little longer each time; what falls due meanwhile waits for it too."""
        until = time.monotonic() + self._pause_seconds
        self._pause_seconds = min(2 * self._pause_seconds, _PAUSE_SECONDS_MAX)
        while not stopping.is_set() and (left := until - time.monotonic()) > 0:
            self._wake.clear()
            await store.put_off(connection, clock.real_now(), why)
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
