"""What is kept of an order, and what can come of what is heard."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from services.notifications.domain.facts import Fact, Line, Order
from services.notifications.domain.mails import (
    ClockKind,
    Mail,
    OnSilence,
)
from shared.values import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """How long before a deadline the seller is reminded of it."""

    remind_before: timedelta


@dataclass(frozen=True, slots=True)
class Heard:
    """A fact, with the id of its event, which is the cause of the mails that follow, and its date."""

    cause_id: str
    at: datetime
    what: Fact


# ----------------------------------------------------------------------------------------------- what is kept


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline of the seller that is still open, and when to remind of it, if there is time for that.

    While a chargeback runs it stands still: then nothing is due, and nothing is reminded of.
    """

    kind: ClockKind
    subject_id: str
    due_at: datetime
    remind_at: datetime | None
    claim_id: str | None = None
    on_silence: OnSilence | None = None
    stands_still: bool = False


@dataclass(frozen=True, slots=True)
class OpenClaim:
    """A claim that is not closed: which lines, and the deadlines that may still begin for it.

    `asked_back_at` is when the seller asked for the item first; `refund_within` is their time once it is back.
    """

    claim_id: str
    lines: tuple[Line, ...]
    refund_within: timedelta
    asked_back_at: datetime | None = None
    is_suspended: bool = False


@dataclass(frozen=True, slots=True)
class Parcel:
    """All that the seller has back of a return request, and since when."""

    contact_id: str
    lines: tuple[Line, ...]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Unheard:
    """Facts of other topics came before the order itself: they wait for it, in their order."""

    waiting: tuple[Heard, ...] = ()
    shape: Literal["unheard"] = "unheard"


@dataclass(frozen=True, slots=True)
class Dossier:
    """An order, the seller's deadlines that are open, its open claims, and its returns: contacts and parcels."""

    order: Order
    clocks: tuple[Clock, ...] = ()
    claims: tuple[OpenClaim, ...] = ()
    returns: tuple[str, ...] = ()
    back: tuple[Parcel, ...] = ()
    shape: Literal["dossier"] = "dossier"


OrderState: TypeAlias = Unheard | Dossier


@dataclass(frozen=True, slots=True)
class Account:
    """Whom to write to, where, and in which language."""

    party_id: str
    name: str
    email: str
    language: Literal["en", "zh"]
    shape: Literal["account"] = "account"


@dataclass(frozen=True, slots=True)
class Erased:
    """A person whose data is gone (M6). They get no mail any more, whoever registers them again."""

    party_id: str
    shape: Literal["erased"] = "erased"


Party: TypeAlias = Account | Erased


# ------------------------------------------------------------------------------------------ what comes of it


@dataclass(frozen=True, slots=True)
class FactKept:
    """It waits for its order."""

    heard: Heard


@dataclass(frozen=True, slots=True)
class OrderNoted:
    """The order is known from now on."""

    order: Order


@dataclass(frozen=True, slots=True)
class ClockStarted:
    """The seller has a deadline; or one that they had runs otherwise from now on."""

    clock: Clock


@dataclass(frozen=True, slots=True)
class ClockStopped:
    """The seller has that deadline no more."""

    kind: ClockKind
    subject_id: str


@dataclass(frozen=True, slots=True)
class ClaimNoted:
    """A claim is open, or something of it has changed."""

    claim: OpenClaim


@dataclass(frozen=True, slots=True)
class ClaimForgotten:
    """A claim is closed."""

    claim_id: str


@dataclass(frozen=True, slots=True)
class ReturnNoted:
    """That contact is a return request."""

    contact_id: str


@dataclass(frozen=True, slots=True)
class ParcelNoted:
    """The seller has something back."""

    parcel: Parcel


@dataclass(frozen=True, slots=True)
class MailWanted:
    """Somebody is to be told. One cause wants at most one mail of a template to a person: its identity.

    `quotes` names the person whose words are in it, which go when that person is erased.
    """

    cause_id: str
    party_id: str
    order_id: str
    time_zone: str
    at: datetime
    mail: Mail
    quotes: str | None = None


@dataclass(frozen=True, slots=True)
class TimerSet:
    """Ask for a deadline."""

    subject_id: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class TimerCanceled:
    """A deadline that was asked for is not needed any more."""

    subject_id: str
    due_at: datetime


Event: TypeAlias = (
    FactKept
    | OrderNoted
    | ClockStarted
    | ClockStopped
    | ClaimNoted
    | ClaimForgotten
    | ReturnNoted
    | ParcelNoted
    | MailWanted
    | TimerSet
    | TimerCanceled
)
