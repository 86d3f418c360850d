"""One order's history, lived through again: what people did and what orders said, as messaging and claims decide on it.

What orders said because of a claim or a return is said again only when that claim or return comes to it again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.claims.handlers import service as claims_service
from services.cli.backtest.people import command_of, late_information
from services.cli.backtest.recorded import History, Told
from services.cli.backtest.world import Given, Said, World
from services.messaging.handlers import service as messaging_service
from shared.contracts import claims, messaging
from shared.contracts.carriers import Milestone
from shared.contracts.data import Command, Data
from shared.contracts.facts import Fact, PartyFact
from shared.contracts.lists import Side
from shared.policies import Catalogue

_Cause = tuple[str, str, int]
"""A fact that orders answers: its type, the claim or contact that it is about, and the how manieth it is."""


@dataclass(frozen=True, slots=True)
class _Evidence:
    """When something was read, as far as what followed from it tells; `rank`: its place in what claims said."""

    read_at: datetime
    rank: int = -1


@dataclass(frozen=True, slots=True)
class _Echo:
    """What orders said to a fact, and how long after it: mostly orders dates what follows as it is dated."""

    data: Data
    after: timedelta


@dataclass(slots=True)
class _Scene:
    """A history, taken apart."""

    given: list[Given] = field(default_factory=list)
    echoes: dict[_Cause, list[_Echo]] = field(default_factory=lambda: defaultdict(list))


class Replay:
    """Plays a history again, as often as is asked, under whatever policies."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._by_id = {told.id: told for told in history.told}
        self._evidence = self._gather()
        self._scene = self._set()

    def under(self, catalogue: Catalogue, until: datetime | None) -> Sequence[Said]:
        """Return all that messaging and claims would have said under these policies, up to an instant."""
        counted: Counter[tuple[str, str]] = Counter()

        def echo(said: Said) -> Sequence[Data]:
            subject = _subject(said.data)
            if subject is None:
                return ()
            counted[subject] += 1
            known = self._scene.echoes.get((*subject, counted[subject]), ())
            return [_dated(each.data, said.at + each.after) for each in known]

        services = (messaging_service(catalogue), claims_service(catalogue))
        return World(services, self._history.fired, echo).play(self._scene.given, until)

    # ------------------------------------------------------------------------- when things were read

    def _gather(self) -> Mapping[str, _Evidence]:
        """Find for whatever came from outside of messaging and claims when it was read at the earliest."""
        found: dict[str, _Evidence] = {}
        for told in self._history.told:
            root = self._root(told)
            known = found.get(root)
            read_at = max(told.read_at, known.read_at) if known else told.read_at
            rank = known.rank if known else -1
            if told.service == "claims" and rank < 0:
                rank = told.position
            found[root] = _Evidence(read_at, rank)
        return found

    def _root(self, told: Told) -> str:
        """Name what a fact goes back to: a fact of orders, or what came from outside."""
        while told.service != "orders" and told.causation_id is not None:
            cause = self._by_id.get(told.causation_id)
            if cause is None:
                return told.causation_id
            told = cause
        return told.id

    # ----------------------------------------------------------------------------- what is played

    def _set(self) -> _Scene:
        scene = _Scene()
        causes = self._causes()
        for told in self._history.told:
            if told.service == "orders":
                cause = causes.get(told.causation_id or "")
                if cause is not None:
                    after = told.at - self._by_id[told.causation_id or ""].at
                    scene.echoes[cause].append(_Echo(told.data, after))
                else:
                    scene.given.append(self._given(told.id, told.at, told.data))
        scene.given += [self._given(command.command_id, command.at, command) for command in self._commands()]
        scene.given += [self._given(told.id, told.at, scan) for told, scan in self._scans()]
        return scene

    def _given(self, id_: str, at: datetime, data: Data) -> Given:
        evidence = self._evidence.get(id_)
        if evidence is None:
            return Given(id_, at, at, data)
        return Given(id_, at, max(at, evidence.read_at), data, evidence.rank)

    def _causes(self) -> Mapping[str, _Cause]:
        """Number the facts of messaging and claims, so that they are known again when they are said again."""
        counted: Counter[tuple[str, str]] = Counter()
        found: dict[str, _Cause] = {}
        for told in self._history.told:
            subject = _subject(told.data)
            if told.service != "orders" and subject is not None:
                counted[subject] += 1
                found[told.id] = (*subject, counted[subject])
        return found

    def _commands(self) -> Sequence[Command]:
        """Return every command once: as it is recorded, or else as a fact tells of it."""
        found: dict[str, Command] = {}
        for told in self._history.told:
            if told.service != "orders":
                command = command_of(told.data, told.causation_id)
                if command is not None:
                    found.setdefault(command.command_id, command)
        for command in self._late():
            found.setdefault(command.command_id, command)
        return list((found | dict(self._history.commands)).values())

    def _late(self) -> Iterator[Command]:
        asked: dict[str, tuple[Side, PartyFact]] = {}
        for told in self._history.told:
            data = told.data
            if isinstance(data, claims.InformationRequested):
                asked[data.request_id] = (data.from_, data)
            elif isinstance(data, claims.CommandRefused):
                command = late_information(data, asked)
                if command is not None:
                    yield command

    def _scans(self) -> Iterator[tuple[Told, Data]]:
        """Return the scans by which carriers said that a return is back."""
        shipped: dict[str, messaging.ReturnShipped] = {}
        for told in self._history.told:
            data = told.data
            if isinstance(data, messaging.ReturnShipped):
                shipped[data.contact_id] = data
            elif isinstance(data, messaging.ReturnReceived) and data.by == "carrier":
                parcel = shipped.get(data.contact_id)
                if parcel is not None:
                    yield told, _scan(parcel, data)


def _scan(parcel: messaging.ReturnShipped, received: messaging.ReturnReceived) -> Milestone:
    return Milestone(
        carrier=parcel.carrier,
        tracking_number=parcel.tracking_number,
        milestone="delivered",
        occurred_at=received.received_at,
    )


def _subject(data: Data) -> tuple[str, str] | None:
    """Name what a fact is and is about."""
    about = getattr(data, "claim_id", None) or getattr(data, "contact_id", None)
    return (data.TYPE, about) if about else None


def _dated(data: Data, at: datetime) -> Data:
    return data.model_copy(update={"at": at}) if isinstance(data, Fact) else data
