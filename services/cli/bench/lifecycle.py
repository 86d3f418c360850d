"""B4: whole lives of orders, from the checkout to the debit, through all services, against plain handlers."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass

from services.cli.bench.benchmark import Benchmark, Dots, Findings, Plan, Step, check
from services.cli.bench.ground import PARTITIONS, Ground
from services.cli.bench.life import CHAPTERS, SAID, START, Lives, what_is_wrong
from services.cli.bench.loading import send
from services.cli.bench.rounds import Rate, ratio
from services.cli.bench.sides import Left, Ours, PlainSide, Side, until_done
from services.cli.bench.standing import KEEPERS, what_stands_wrong
from services.cli.bench.watching import Watch
from shared.kit.clock import ClockFile


@dataclass(frozen=True, slots=True)
class Size:
    """How many lives a side leads in a round."""

    ours: int
    plain: int


FULL = Size(ours=2_000, plain=100)
QUICK = Size(ours=200, plain=10)
SIDES = ("recourse", "plain")
NOTE = (
    f"Each life led to {sum(map(len, SAID.values()))} records of its own on {len(SAID)} topics; none came twice or in "
    "another order, each claim was debited once, and every service kept one state of each. All six services ran, and a "
    "round ends when the last debit is there and every service has read all. No address was known, so mails were "
    "decided on and kept, and none was sent."
)
_PLAIN_TIMER = (
    "The plain timer is a table and a loop: a hundred due rows at a time, each a transaction and a publish; it sleeps "
    "for 0.1 s when none is due."
)
_TOOK = "{count} lives at once took {name}, in seconds: {took}."


@dataclass(frozen=True, slots=True)
class Told:
    """What a side did in a round: its rate, and how long each chapter took, in seconds by name."""

    rate: Rate
    chapters: dict[str, float]


@contextmanager
def led(ground: Ground, side: Side, lives: Lives) -> Iterator[Told]:
    """Start a side, let it lead all lives at once, and check what came of them; it runs until the block ends."""
    clock = ClockFile.create(ground.instance.path / f"clock-{lives.prefix}", START, 0)
    try:
        side.start(clock)
        yield asyncio.run(_lead(ground, side, lives, clock))
    finally:
        side.stop()


def lead(ground: Ground, side: Side, lives: Lives) -> Told:
    """Lead all lives, and stop the side."""
    with led(ground, side, lives) as told:
        return told


async def _lead(ground: Ground, side: Side, lives: Lives, clock: ClockFile) -> Told:
    async with AsyncExitStack() as stack:
        watches = {topic: await _watch(ground, side, topic, stack) for topic in SAID}
        left = await stack.enter_async_context(side.looking())
        await until_done(left)
        told = await _chapters(ground, side, lives, clock, watches, left)
        came = [each for watch in watches.values() for each in await watch.all()]
    check(
        what_is_wrong(came, lives.ids()),
        await what_stands_wrong(ground, KEEPERS, lives.prefix, lives.count, plain=bool(side.topics)),
    )
    return told


async def _watch(ground: Ground, side: Side, topic: str, stack: AsyncExitStack) -> Watch:
    watch = await Watch.open(ground.kafka.bootstrap, [side.topics + topic], PARTITIONS[topic])
    stack.push_async_callback(watch.close)
    return watch


async def _chapters(
    ground: Ground, side: Side, lives: Lives, clock: ClockFile, watches: Mapping[str, Watch], left: Left
) -> Told:
    """Go from one chapter to the next as soon as what it leads to is there, and every service has read all."""
    said = {chapter.name: list(lives.said_in(chapter)) for chapter in CHAPTERS}
    took = {}
    began = before = time.perf_counter()
    for chapter in CHAPTERS:
        clock.set(chapter.at)
        await send(ground.kafka.bootstrap, iter(said[chapter.name]), side.topics)
        for topic, count in chapter.heard.items():
            await watches[topic].until(lives.count * count)
        at = await until_done(left)
        took[chapter.name], before = at - before, at
    return Told(Rate(lives.count, before - began), took)


def steps(plan: Plan) -> int:
    """Every side in every round."""
    return plan.rounds * len(SIDES)


def measure(ground: Ground, plan: Plan, step: Step) -> Findings:
    """Run both sides in every round, one after the other."""
    size = QUICK if plan.is_quick else FULL
    told: dict[str, list[Told]] = {side: [] for side in SIDES}
    ours, plain = told.values()
    for number in range(plan.rounds):
        step(f"round {number + 1}: recourse")
        ours.append(lead(ground, Ours(ground), Lives(f"a{number}", size.ours)))
        step(f"round {number + 1}: plain handlers")
        plain.append(lead(ground, PlainSide(ground), Lives(f"b{number}", size.plain)))
    rates = {side: [each.rate for each in found] for side, found in told.items()}
    return Findings(
        figures={"B4": {"": ratio(rates["recourse"], rates["plain"])}},
        pictures=[
            Dots.of_rates(
                "Whole lives of orders, from the checkout to the debit", "lives/s", rates, is_log=True
            )
        ],
        notes=[
            NOTE,
            _PLAIN_TIMER,
            _TOOK.format(name="Recourse", count=size.ours, took=_in_chapters(ours)),
            _TOOK.format(name="the plain handlers", count=size.plain, took=_in_chapters(plain)),
        ],
    )


def _in_chapters(rounds: list[Told]) -> str:
    return ", ".join(
        f"{chapter.name} {statistics.median(each.chapters[chapter.name] for each in rounds):.1f}"
        for chapter in CHAPTERS
    )


BENCHMARK = Benchmark(steps=steps, measure=measure)
