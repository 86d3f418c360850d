"""Canaries: where what is personal may stand in a running system, and that nothing of a person is left once erased."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.cli import addresses
from services.cli.addresses import System
from shared.contracts import topics
from shared.contracts.topics import SERVICES
from tests.support.canaries import Canaries, Hits, in_logs, in_mails, in_tables, in_topics, logs_in
from tests.support.canary_journeys import BUYER, SELLER, Journeys, written_by_people
from tests.support.running import at_desk, run_command, up

START = datetime(2027, 1, 4, 8, tzinfo=UTC)
_LETTERS = {
    f"{service}.{table}" for service in SERVICES for table in ("dead_letters", "outbox", "outbox_sent")
}
"""The tables of dead letters, and of the copies of them that were sent on."""
_DEAD_TOPICS = {topics.dead_letters(service) for service in SERVICES}
_OWNERS = ("orders", "messaging", "claims", "performance")
_KEPT = {
    "account": {"notifications.state:account"} | _LETTERS,
    "address": _LETTERS,
    "text": {
        "messaging.state:order",
        "notifications.mails",
        *(f"{service}.held" for service in SERVICES),
    }
    | _LETTERS,
}
_SAID = {
    "account": {topics.ACCOUNTS_EVENTS} | _DEAD_TOPICS,
    "address": {topics.CHECKOUT_EVENTS, topics.ORDERS_COMMANDS} | _DEAD_TOPICS,
    "text": {
        *(f"{owner}.{kind}" for owner in _OWNERS for kind in ("commands", "events")),
        *_DEAD_TOPICS,
    },
}


@dataclass(frozen=True, slots=True)
class Lived:
    """A system on which everything has happened, and its markers."""

    ready: Path
    system: System
    canaries: Canaries

    async def run(self, *arguments: str) -> Any:
        code, data, words = await run_command(self.ready, *arguments, "--json")
        assert code == 0, (words, data)
        return json.loads(data)

    async def tables(self) -> Hits:
        async with at_desk(self.system) as desk:
            return await in_tables(desk)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    folder = tmp_path_factory.mktemp("canaries")
    with up(folder, START):
        system = addresses.read(folder / "ready.json")

        async def live() -> Canaries:
            async with at_desk(system) as desk:
                journeys = Journeys(desk, START)
                await journeys.live()
                return journeys.canaries

        yield Lived(folder / "ready.json", system, asyncio.run(live()))


def misplaced(lived: Lived, hits: Hits, allowed: dict[str, set[str]]) -> dict[str, set[str]]:
    found = {}
    for name, places in hits.items():
        if wrong := places - allowed[lived.canaries.given[name].sort]:
            found[f"{name} of {lived.canaries.given[name].type}"] = set(wrong)
    return found


def test_every_message_with_something_personal_is_part_of_the_journeys(lived: Lived) -> None:
    assert lived.canaries.types() >= set(written_by_people())


async def test_a_text_an_address_a_name_stand_only_where_they_may(lived: Lived) -> None:
    hits = await lived.tables()
    assert misplaced(lived, hits, _KEPT) == {}
    kept = {lived.canaries.given[name].sort for name in hits}
    assert kept == {"account", "address", "text"}  # or the search would find nothing
    assert "notifications.mails" in set().union(*hits.values())


async def test_every_invariant_holds_before(lived: Lived) -> None:
    assert await broken(lived) == []


async def broken(lived: Lived) -> list[Any]:
    """Return the invariants that do not hold."""
    _, data, _ = await run_command(lived.ready, "verify", "--json")
    return [check for check in json.loads(data)["checks"] if check["status"] != "ok"]


async def test_they_are_said_only_on_the_topics_that_may_carry_them(lived: Lived) -> None:
    hits = await in_topics(lived.system)
    assert set(hits) == set(lived.canaries.given)
    assert misplaced(lived, hits, _SAID) == {}


def test_no_mail_has_an_address_and_none_the_mail_address_of_another(lived: Lived) -> None:
    hits = in_mails(lived.system)
    assert hits
    for name, readers in hits.items():
        canary = lived.canaries.given[name]
        assert canary.sort != "address", canary
        if canary.sort == "account":
            (owner,) = canary.owners
            assert all(lived.canaries.of(owner) & set(_names(reader)) for reader in readers), canary


def _names(reader: str) -> list[str]:
    return [
        part
        for part in reader.replace("@", " ").replace("<", " ").replace('"', " ").split()
        if "CANARY" in part
    ]


def test_no_log_has_anything_of_anybody(lived: Lived) -> None:
    assert lived.system.folder is not None
    assert len(logs_in(Path(lived.system.folder))) >= len(_OWNERS)
    assert in_logs(Path(lived.system.folder)) == {}
    assert in_logs(lived.ready.parent) == {}


@pytest.mark.parametrize("person", [BUYER, SELLER])
async def test_nothing_of_a_person_is_left_once_erased_and_all_of_everybody_else(
    lived: Lived, person: str
) -> None:
    before = await lived.tables()
    theirs = lived.canaries.of(person)
    assert set(before) & theirs
    dry = await lived.run("erase", person)
    assert dry["done"] is False
    assert await lived.tables() == before
    done = await lived.run("erase", person, "--yes")
    assert {service: counts["failed"] for service, counts in done["erased"].items()} == {
        service: [] for service in topics.TOPICS[topics.ACCOUNTS_EVENTS].readers if service in done["erased"]
    }
    assert {"orders", "messaging", "claims", "notifications", "performance"} == set(done["erased"])
    after = await lived.tables()
    assert {name: after[name] for name in set(after) & theirs} == {}
    others = set(before) - theirs
    shared = {name for name in others if not lived.canaries.given[name].owners.isdisjoint({BUYER, SELLER})}
    unreadable = {name for name in others if before[name] <= _LETTERS}
    assert {name: after.get(name) for name in shared - unreadable} == {
        name: before[name] for name in shared - unreadable
    }
    assert await broken(lived) == []


async def test_what_comes_later_is_erased_as_it_comes(lived: Lived) -> None:
    async with at_desk(lived.system) as desk:
        journeys = Journeys(desk, START)
        journeys.canaries = lived.canaries
        first = len(lived.canaries.given)
        order = journeys.order("moved")
        await journeys.say(order.wrote("buyer", desk.now), order.wrote("seller", desk.now))
        await journeys._leave_behind()
        late = set(list(lived.canaries.given)[first:])
    assert late
    assert {name: places for name, places in (await lived.tables()).items() if name in late} == {}
    assert await broken(lived) == []


async def test_what_is_held_and_what_was_done_is_said_as_a_table_too(lived: Lived) -> None:
    code, data, words = await run_command(lived.ready, "erase", "nobody-at-all")
    assert code == 0
    assert {"orders", "messaging", "claims", "notifications", "performance"} <= set(data.split())
    assert "Nothing of nobody-at-all is held" in words
    assert "Say --yes to do it." in words
    code, data, words = await run_command(lived.ready, "erase", BUYER, "--yes")
    assert code == 0, words
    assert {"orders", "messaging", "claims", "notifications", "performance"} <= set(data.split())
    assert "30 days" in words
