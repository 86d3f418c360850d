"""The checks are checked: with a bug planted into the kit they fail, without it they pass."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

import pytest

from shared.contracts import topics
from shared.kit.records import Record
from shared.kit.tally import Partition, by_partition
from tests.support import planted
from tests.support.streaming import Listening, listening, make_anew, send
from tests.support.toy import Say, command, deadline, numbered, unnumbered
from tests.support.workbench import Workbench

ORDERS = 30
Plant = Callable[[], AbstractContextManager[None]]


def a_story() -> list[Say]:
    """What is said of some orders; each event comes one to three times, its copies after it."""
    rng = random.Random(11)
    said: list[Say] = []
    for n in range(ORDERS):
        story = [
            unnumbered(f"o{n}"),
            numbered(f"o{n}", 1),
            command(f"o{n}"),
            numbered(f"o{n}", 2),
            deadline(f"o{n}"),
        ]
        said += [each for each in story for _ in range(rng.randint(1, 3))]
    return said


async def tell(bench: Workbench, records: Sequence[Record]) -> None:
    """Feed a story in batches as Kafka would: what failed is read again, from where the database stands."""
    ends: dict[Partition, int] = {}
    for start in range(0, len(records), 25):
        for place, group in by_partition(records[start : start + 25]).items():
            ends[place] = group[-1].place.offset + 1
        while behind := [place for place, end in ends.items() if await bench.position(place) < end]:
            expected = {place: await bench.position(place) for place in behind}
            batch = [
                record
                for record in records[: start + 25]
                if (place := (record.place.topic, record.place.partition)) in expected
                and record.place.offset >= expected[place]
            ]
            try:
                await bench.unit().apply(batch, expected)
            except ConnectionResetError:
                continue


async def findings(bench: Workbench) -> set[str]:
    """Look at what is left as a checker does: what each order heard, and what was said of it."""
    wrong = set()
    for n in range(ORDERS):
        heard = Counter(await bench.heard(f"o{n}"))
        wrong |= {"lost"} if len(heard) < 5 else set()
        wrong |= {"twice"} if any(times > 1 for times in heard.values()) else set()
    said = Counter(body["contact_id"] for body in await bench.said(topics.MESSAGING_EVENTS))
    wrong |= {"said twice"} if any(times > 1 for times in said.values()) else set()
    wrong |= {"never said"} if len(said) < 5 * ORDERS else set()
    return wrong


def fails_sometimes(bench: Workbench) -> None:
    """Let the database be away every third time."""
    times = iter(range(1, 10_000))

    async def apply(_connection: Any, _effects: Sequence[Any]) -> None:
        if next(times) % 3 == 0:
            raise ConnectionResetError("the cable")

    bench.toy.apply = apply


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        (nullcontext, set()),
        (planted.no_dedupe_by_key, {"twice", "said twice"}),
        (planted.ack_on_error, {"lost", "never said"}),
    ],
    ids=["no bug", "no dedupe by key", "ack on error"],
)
async def test_the_checks_catch_it(bench: Workbench, plant: Plant, found: set[str]) -> None:
    fails_sometimes(bench)
    with plant():
        await tell(bench, bench.tape(*a_story()))
    assert await findings(bench) == found


async def test_the_sum_catches_offsets_that_moved_without_their_records(bench: Workbench) -> None:
    fails_sometimes(bench)
    with planted.ack_on_error():
        await tell(bench, bench.tape(*a_story()))
    with pytest.raises(AssertionError):
        await bench.check_the_sum()


@pytest.mark.parametrize(
    ("plant", "lost"),
    [(nullcontext, False), (planted.positions_not_verified, True)],
    ids=["no bug", "not verified"],
)
async def test_a_topic_made_anew_is_dropped_silently_unless_positions_are_verified(
    bootstrap: str, bench: Workbench, plant: Plant, *, lost: bool
) -> None:
    await make_anew(bootstrap, topics.CHECKOUT_EVENTS, *(unnumbered("o", f"old{n}") for n in range(5)))
    first = Listening(bootstrap, bench)
    async with listening(first):
        await first.until_read(5)
    await make_anew(bootstrap, topics.CHECKOUT_EVENTS, *(unnumbered("o", f"new{n}") for n in range(3)))
    with plant():
        async with listening(replace(first)) as again:
            await send(bootstrap, unnumbered("marker"), partition=1)
            await again.until_heard("marker-verified", order_id="marker")
            if not lost:
                await again.until_stopped()
            assert bool(again.consumer.stopped) is not lost
    assert await bench.heard("o") == [f"old{n}" for n in range(5)]
