"""B12: one record in 1 000 that nobody can read, against a clean stream; exactly these become dead letters."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.cli.bench.benchmark import Benchmark, Dots, Findings, Plan, Step, check
from services.cli.bench.draining import SERVICE, drain, started
from services.cli.bench.ground import Ground
from services.cli.bench.loading import Sent, placed
from services.cli.bench.rounds import Rate, ratio
from services.cli.bench.standing import what_stands_wrong
from services.cli.bench.watching import Came, Watch
from services.cli.running.service_process import ServiceProcess
from shared.contracts.topics import dead_letters

ONE_IN = 1000
"""So many records for each that can't be read."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many orders a side handles in a round."""

    orders: int


FULL = Size(orders=30_000)
QUICK = Size(orders=9_000)
WARM_UP = 2_000


def _body(change: Callable[[dict[str, Any]], object]) -> Callable[[Sent], Sent]:
    def spoil(sent: Sent) -> Sent:
        body = json.loads(sent.value)
        change(body)
        return replace(sent, value=json.dumps(body).encode())

    return spoil


def _without(header: str) -> Callable[[Sent], Sent]:
    return lambda sent: replace(sent, headers=[each for each in sent.headers if each[0] != header])


SPOILED: dict[str, Callable[[Sent], Sent]] = {
    "broken JSON": lambda sent: replace(sent, value=sent.value[:-20]),
    "no UTF-8": lambda sent: replace(sent, value=sent.value.replace(b"Sample", b"\xff\xfe")),
    "nothing at all": lambda sent: replace(sent, value=b""),
    "no type": _without("ce_type"),
    "no id": _without("ce_id"),
    "a missing field": _body(lambda body: body.pop("items")),
    "a wrong type": _body(lambda body: body.update(placed_at=True)),
    "a number out of bounds": _body(lambda body: body["items"][0].update(quantity=10**20)),
    "NUL in a text": _body(lambda body: body.update(buyer_id="buyer\0")),
    "an unknown marketplace": _body(lambda body: body.update(marketplace_id="atlantis")),
}
"""What can't be read, each from an order that could be."""


def steps(plan: Plan) -> int:
    """Two sides in each round, and the start."""
    return 1 + 2 * plan.rounds


def measure(ground: Ground, plan: Plan, step: Step) -> Findings:
    """Let one process work off a clean backlog, then one with poison in it, and so on."""
    size = QUICK if plan.is_quick else FULL
    clean: list[Rate] = []
    poisoned: list[Rate] = []
    step("starting")
    with started(ground) as process:
        asyncio.run(_drain(ground, process, _Stream("warm", WARM_UP)))
        for number in range(plan.rounds):
            step(f"round {number + 1}: a clean stream")
            clean.append(asyncio.run(_drain(ground, process, _Stream(f"clean{number}", size.orders))))
            step(f"round {number + 1}: poison in it")
            poisoned.append(
                asyncio.run(_drain(ground, process, _Stream(f"poison{number}", size.orders, has_poison=True)))
            )
    return Findings(
        figures={"B12": {"": ratio(poisoned, clean)}},
        pictures=[
            Dots.of_rates(
                "Orders placed, from Kafka to Kafka, with and without poison",
                "records/s",
                {"a clean stream": clean, "one in 1 000 undecodable": poisoned},
            )
        ],
        notes=[_told(size)],
    )


def _told(size: Size) -> str:
    return (
        f"In each round {size.orders // ONE_IN} of {size.orders} records could not be read: {', '.join(SPOILED)}. "
        "Exactly these became dead letters, once each; every other order was applied once, and said what it must."
    )


@dataclass(frozen=True, slots=True)
class _Stream:
    prefix: str
    count: int
    has_poison: bool = False

    @property
    def poison(self) -> Sequence[str]:
        """The keys of those that can't be read."""
        if not self.has_poison:
            return ()
        return [f"{self.prefix}-{number}" for number in range(ONE_IN - 1, self.count, ONE_IN)]

    @property
    def good(self) -> Sequence[str]:
        bad = set(self.poison)
        return [key for number in range(self.count) if (key := f"{self.prefix}-{number}") not in bad]

    def records(self) -> Iterator[Sent]:
        spoilers = list(SPOILED.values())
        bad = {key: spoilers[number % len(spoilers)] for number, key in enumerate(self.poison)}
        for sent in placed(self.prefix, self.count):
            yield bad[sent.key](sent) if sent.key in bad else sent


async def _drain(ground: Ground, process: ServiceProcess, stream: _Stream) -> Rate:
    """Let it find a backlog, and check what came of it. The rate counts what could be read."""
    buried = await Watch.open(ground.kafka.bootstrap, [dead_letters(SERVICE)], 1)
    try:
        rate = await drain(ground, process, stream.records(), stream.good)
        await buried.until(len(stream.poison))
        check(
            _buried(await buried.all(), stream.poison),
            await what_stands_wrong(ground, [SERVICE], stream.prefix, len(stream.good), plain=False),
        )
        return rate
    finally:
        await buried.close()


def _buried(letters: Sequence[Came], poison: Sequence[str]) -> str | None:
    """Compare the dead letters with what could not be read."""
    found = Counter(letter.key for letter in letters)
    if missing := set(poison) - set(found):
        return f"{len(missing)} records that nobody can read became no dead letter, as {min(missing)}"
    if wrong := set(found) - set(poison):
        return f"{len(wrong)} records became dead letters that can be read, as {min(wrong)}"
    if twice := [key for key, times in found.items() if times > 1]:
        return f"{len(twice)} dead letters came twice, as {twice[0]}"
    return None


BENCHMARK = Benchmark(steps=steps, measure=measure)
