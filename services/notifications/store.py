"""What notifications keeps: a row an order, a row an account, and the queue of mails."""

from __future__ import annotations

import json
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from services.notifications.domain import gone, without_words_of
from services.notifications.domain.mails import Mail
from services.notifications.domain.model import (
    Account,
    OrderState,
    Party,
)
from shared.kit import clock
from shared.kit.db import Connection
from shared.kit.service import Key, Kind
from shared.kit.sql import queries
from shared.values import dataclass

ORDER, ACCOUNT = "order", "account"


def _account_has_a_shape(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "shape": "account"}


KINDS = (
    Kind(ORDER, OrderState, erase=without_words_of),
    Kind(ACCOUNT, Party, upcasts=(_account_has_a_shape,), erase=gone),
)
MAIL = "mail"
"""What a parked mail is called before its id, as an operator names it: mail/NOTIFICATION-ID."""

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
    quotes: str | None = None


@dataclass(frozen=True, slots=True)
class AddressKnown:
    """What waits for this party can be sent."""

    party_id: str


@dataclass(frozen=True, slots=True)
class PersonGone:
    """This party gets no mail any more."""

    party_id: str


Effect = WantedMail | AddressKnown | PersonGone


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
    party: Party | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of an attempt."""

    notification_id: str
    status: Literal["waiting", "due", "sent", "parked", "erased"]
    attempts: int
    next_attempt_at: datetime
    last_error: str | None = None
    sent_at: datetime | None = None


@cache
def _mails() -> TypeAdapter[Mail]:
    return TypeAdapter(Annotated[Mail, Field(discriminator="template")])


@cache
def _parties() -> TypeAdapter[Party]:
    return TypeAdapter(Party)


def mail_of(facts: str) -> Mail:
    """Read what a mail tells."""
    return _mails().validate_json(facts)


async def apply(connection: Connection, effects: Sequence[Effect]) -> None:
    """Write a batch's mails, and release those whose address has come; in the batch's transaction."""
    wanted = [effect for effect in effects if isinstance(effect, WantedMail)]
    known = [effect.party_id for effect in effects if isinstance(effect, AddressKnown)]
    erased = [effect.party_id for effect in effects if isinstance(effect, PersonGone)]
    news = [*known, *erased]
    parties = [*news, *dict.fromkeys(mail.party_id for mail in wanted)]
    brings = [place < len(news) for place in range(len(parties))]
    await connection.execute(_SQL["lock_addresses"], parties, brings)
    if wanted:
        await connection.execute(_SQL["add_mails"], *_columns(wanted), clock.real_now())
    if known:
        await connection.execute(_SQL["release_waiting"], known, clock.real_now())
    if erased:
        await connection.execute(_SQL["erase_mails"], erased)


async def erase(connection: Connection, party_id: str, keys: Sequence[Key]) -> int:
    """Take a person out of the queue: no mail to them, and none with their words on these orders (M6)."""
    changed = [
        await connection.execute(_SQL["erase_mails"], [party_id]),
        await connection.execute(_SQL["erase_quotes"], party_id, [key.id for key in keys]),
    ]
    return sum(int(tag.rpartition(" ")[2]) for tag in changed)


async def known_as(connection: Connection, party_id: str) -> Sequence[str]:
    """Return what a person is called, and their address."""
    party = _party(await connection.fetchval(_SQL["account"], party_id))
    return [party.name, party.email] if isinstance(party, Account) else []


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
            mail.quotes,
        )
        for mail in wanted
    )
    return [list(column) for column in zip(*rows, strict=True)]


async def take_due(connection: Connection, since: datetime, now: datetime, limit: int) -> Sequence[DueMail]:
    """Lock and return the earliest mails that are due from `since` to `now`, each with the account that it goes to."""
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
            party=_party(row["account"]),
        )
        for row in await connection.fetch(_SQL["take_due"], since, now, limit)
    ]


def _party(body: str | None) -> Party | None:
    return _parties().validate_python(_account_has_a_shape({}) | json.loads(body)) if body else None


async def settle(connection: Connection, settled: Sequence[Settled]) -> None:
    """Write what became of the mails."""
    if not settled:
        return
    rows = (
        (UUID(s.notification_id), s.status, s.attempts, s.next_attempt_at, s.last_error, s.sent_at)
        for s in settled
    )
    columns = [list(column) for column in zip(*rows, strict=True)]
    await connection.execute(_SQL["settle_mails"], *columns, clock.real_now())


async def put_off(connection: Connection, since: datetime, now: datetime, why: str) -> None:
    """Count all that is due from `since` to `now` and was never tried as tried: the server is away."""
    await connection.execute(_SQL["put_off"], since, now, why)


async def next_due(connection: Connection, since: datetime) -> datetime | None:
    """Return when the earliest mail from `since` on is due."""
    due_at: datetime | None = await connection.fetchval(_SQL["next_due"], since)
    return due_at


async def settle_parked(
    connection: Connection, retried: Sequence[str], skipped: Sequence[str]
) -> AbstractSet[str]:
    """Send parked mails again, or leave them out, as an operator asks; return which of them were parked."""
    asked = [(name, True) for name in retried] + [(name, False) for name in skipped]
    named = {notification_id: (name, again) for name, again in asked if (notification_id := _uuid(name))}
    rows = await connection.fetch(
        _SQL["settle_parked"], list(named), [again for _, again in named.values()], clock.real_now()
    )
    return {named[row["notification_id"]][0] for row in rows}


def _uuid(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


async def parked(connection: Connection) -> int:
    """Return how many mails wait for an operator."""
    count: int = await connection.fetchval(_SQL["count_parked"])
    return count
