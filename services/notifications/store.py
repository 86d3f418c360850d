"""What notifications keeps: a row an order, a row an account, and the queue of mails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal
from uuid import UUID

from pydantic import TypeAdapter

from services.notifications.domain.mails import Mail
from services.notifications.domain.model import Account, OrderState
from shared.kit import clock
from shared.kit.db import Connection
from shared.kit.service import Kind
from shared.kit.sql import queries

ORDER, ACCOUNT = "order", "account"
KINDS = (Kind(ORDER, OrderState), Kind(ACCOUNT, Account))

_SQL = queries("services.notifications", "store.sql")


@dataclass(frozen=True, slots=True)
class WantedMail:
    """One row to be: a mail that somebody is to get."""

    notification_id: str
    party_id: str
    order_id: str
    cause_id: str
    time_zone: str
    at: datetime
    mail: Mail


@dataclass(frozen=True, slots=True)
class AddressKnown:
    """What waits for this party can be sent."""

    party_id: str


Effect = WantedMail | AddressKnown


@dataclass(frozen=True, slots=True)
class DueMail:
    """A mail to be sent now, and to whom. `attempts` were made before."""

    notification_id: str
    party_id: str
    order_id: str
    template: str
    cause_id: str
    time_zone: str
    at: datetime
    facts: str
    attempts: int
    account: Account | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of an attempt."""

    notification_id: str
    status: Literal["waiting", "due", "sent", "parked"]
    attempts: int
    next_attempt_at: datetime
    last_error: str | None = None
    sent_at: datetime | None = None


@cache
def _mails() -> TypeAdapter[Mail]:
    return TypeAdapter(Mail)


@cache
def _accounts() -> TypeAdapter[Account]:
    return TypeAdapter(Account)


def mail_of(facts: str) -> Mail:
    """Read what a mail tells."""
    return _mails().validate_json(facts)


async def apply(connection: Connection, effects: Sequence[Effect]) -> None:
    """Write a batch's mails, and release those whose address has come; in the batch's transaction."""
    wanted = [effect for effect in effects if isinstance(effect, WantedMail)]
    known = [effect.party_id for effect in effects if isinstance(effect, AddressKnown)]
    parties = [*known, *dict.fromkeys(mail.party_id for mail in wanted)]
    brings = [place < len(known) for place in range(len(parties))]
    await connection.execute(_SQL["lock_addresses"], parties, brings)
    if wanted:
        await connection.execute(_SQL["add_mails"], *_columns(wanted), clock.real_now())
    if known:
        await connection.execute(_SQL["release_waiting"], known, clock.real_now())


def _columns(wanted: Sequence[WantedMail]) -> Sequence[Sequence[Any]]:
    rows = (
        (
            UUID(mail.notification_id),
            mail.party_id,
            mail.order_id,
            mail.mail.template,
            mail.cause_id,
            mail.time_zone,
            mail.at,
            _mails().dump_json(mail.mail).decode(),
        )
        for mail in wanted
    )
    return [list(column) for column in zip(*rows, strict=True)]


async def take_due(connection: Connection, now: datetime, limit: int) -> Sequence[DueMail]:
    """Lock and return the mails that are due, each with the account that it goes to."""
    return [
        DueMail(
            notification_id=str(row["notification_id"]),
            party_id=row["party_id"],
            order_id=row["order_id"],
            template=row["template"],
            cause_id=row["cause_id"],
            time_zone=row["time_zone"],
            at=row["at"],
            facts=row["facts"],
            attempts=row["attempts"],
            account=_accounts().validate_json(row["account"]) if row["account"] else None,
        )
        for row in await connection.fetch(_SQL["take_due"], now, limit)
    ]


async def settle(connection: Connection, settled: Sequence[Settled]) -> None:
    """Write what became of the mails."""
    if not settled:
        return
    rows = (
        (UUID(s.notification_id), s.status, s.attempts, s.next_attempt_at, s.last_error, s.sent_at)
        for s in settled
    )
    await connection.execute(_SQL["settle_mails"], *(list(column) for column in zip(*rows, strict=True)))


async def put_off(connection: Connection, now: datetime, why: str) -> None:
    """Count all that is due and was never tried as tried: the server is away."""
    await connection.execute(_SQL["put_off"], now, why)


async def next_due(connection: Connection) -> datetime | None:
    """Return when the next mail is due."""
    due_at: datetime | None = await connection.fetchval(_SQL["next_due"])
    return due_at
