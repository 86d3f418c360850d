"""B1, B2: a service from Kafka to Kafka, against plain handlers that decide the same. B3: its SQL against COPY."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.cli.bench import database_stage
from services.cli.bench.benchmark import Benchmark, Dots, Findings, Plan, Step, check
from services.cli.bench.draining import EACH_SAID, SERVICE, SERVICE_TOPICS
from services.cli.bench.ground import Ground, topics_of
from services.cli.bench.loading import placed, send
from services.cli.bench.peers.plain import PREFIX
from services.cli.bench.rounds import Rate, ratio
from services.cli.bench.standing import what_stands_wrong
from services.cli.bench.watching import Watch, what_is_wrong
from shared.contracts.topics import Installation

TUNED_WORKERS = 4
"""As many as there are partitions: more would wait."""
STOP_SECONDS_MAX = 20.0


@dataclass(frozen=True, slots=True)
class Size:
    """How many orders a side handles in a round: about as many seconds of work for each."""

    ours: int
    plain: int
    tuned: int
    batches: int
    """Of the database stage."""


FULL = Size(ours=20_000, plain=1_000, tuned=3_000, batches=10)
QUICK = Size(ours=4_000, plain=200, tuned=600, batches=3)


SIDES = ("recourse", "plain", "plain, tuned")


def steps(plan: Plan) -> int:
    """Every side in every round, of both parts."""
    return plan.rounds * (len(SIDES) + database_stage.STEPS)


def measure(ground: Ground, plan: Plan, step: Step) -> Findings:
    """Run every side in every round, one after the other."""
    size = QUICK if plan.is_quick else FULL
    rates: dict[str, list[Rate]] = {side: [] for side in SIDES}
    ours, plain, tuned = rates.values()
    for number in range(plan.rounds):
        step(f"round {number + 1}: recourse")
        ours.append(_ours(ground, f"a{number}", size.ours))
        step(f"round {number + 1}: plain handler")
        plain.append(_plain(ground, f"b{number}", size.plain, 1))
        step(f"round {number + 1}: plain handler, tuned")
        tuned.append(_plain(ground, f"c{number}", size.tuned, TUNED_WORKERS))
    stage = database_stage.measure(ground, plan.rounds, size.batches, step)
    return Findings(
        figures={
            "B1": {"": ratio(ours, plain)},
            "B2": {"": ratio(ours, tuned)},
            "B3": {"": ratio(stage.ours, stage.floor)},
        },
        pictures=[
            Dots.of_rates("Orders placed, from Kafka to Kafka", "records/s", rates, is_log=True),
            Dots.of_rates(
                "Orders placed, in the database alone",
                "orders/s",
                {"recourse": stage.ours, "COPY": stage.floor},
            ),
        ],
        notes=[
            f"Each order led to one state and {', '.join(EACH_SAID)}; none came twice or in another order.",
            f"Database stage: {database_stage.BATCH} orders a transaction; both sides left the service's very rows.",
        ],
    )


def _ours(ground: Ground, prefix: str, count: int) -> Rate:
    process = ground.service(SERVICE)
    return asyncio.run(_side(ground, prefix, count, process.start, process.stop, plain=False))


def _plain(ground: Ground, prefix: str, count: int, workers: int) -> Rate:
    started: list[Any] = []
    return asyncio.run(
        _side(
            ground,
            prefix,
            count,
            lambda: started.append(ground.plain(SERVICE, workers)),
            lambda: started[0].stop(seconds_max=STOP_SECONDS_MAX),
            plain=True,
        )
    )


async def _side(
    ground: Ground,
    prefix: str,
    count: int,
    start: Callable[[], None],
    stop: Callable[[], None],
    *,
    plain: bool,
) -> Rate:
    """Let one side work off a backlog, and check what came of it."""
    await send(ground.kafka.bootstrap, placed(prefix, count), PREFIX if plain else "")
    topics = topics_of(SERVICE_TOPICS, plain=plain)
    watch = await Watch.open(ground.kafka.bootstrap, topics, Installation().order_partitions)
    try:
        await asyncio.to_thread(start)
        try:
            rate = await watch.rate(count * len(EACH_SAID), len(EACH_SAID))
        finally:
            await asyncio.to_thread(stop)
        check(
            what_is_wrong(await watch.all(), EACH_SAID, [f"{prefix}-{number}" for number in range(count)]),
            await what_stands_wrong(ground, [SERVICE], prefix, count, plain=plain),
        )
        return rate
    finally:
        await watch.close()


BENCHMARK = Benchmark(steps=steps, measure=measure)
