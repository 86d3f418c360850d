"""B1, B2: a service from Kafka to Kafka, against plain handlers that decide the same. B3: its SQL against COPY."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from services.cli.bench import database_stage
from services.cli.bench.benchmark import Benchmark, Dots, Findings, Plan, Step, check
from services.cli.bench.draining import EACH_SAID, SERVICE, SERVICE_TOPICS, drain_placed, started
from services.cli.bench.ground import Ground, topics_of
from services.cli.bench.loading import order_ids, placed, send
from services.cli.bench.peers.plain import PREFIX
from services.cli.bench.rounds import Rate, ratio
from services.cli.bench.standing import what_stands_wrong
from services.cli.bench.watching import Watch, what_is_wrong
from services.cli.running.service_process import ServiceProcess
from shared.contracts.topics import Installation

TUNED_WORKERS = 4
"""As many as there are partitions: more would wait."""
STOP_SECONDS_MAX = 20.0
WARM_UP = 1_000
"""Orders before ours is timed, as the plain handlers do their first before they are."""


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
        plain.append(asyncio.run(_plain(ground, f"b{number}", size.plain, 1)))
        step(f"round {number + 1}: plain handler, tuned")
        tuned.append(asyncio.run(_plain(ground, f"c{number}", size.tuned, TUNED_WORKERS)))
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
    """Let the service find a backlog.

    What it has begun when a first record comes out would be for nothing, and it has begun a whole batch: its time is
    from when it may begin. The plain handlers' is from the first record, of which they do one after the other.
    """
    with started(ground) as process:
        asyncio.run(_drain(ground, process, f"warm-{prefix}", WARM_UP))
        return asyncio.run(_drain(ground, process, prefix, count))


async def _drain(ground: Ground, process: ServiceProcess, prefix: str, count: int) -> Rate:
    rate = await drain_placed(ground, process, prefix, count)
    check(await what_stands_wrong(ground, [SERVICE], prefix, count, plain=False))
    return rate


async def _plain(ground: Ground, prefix: str, count: int, workers: int) -> Rate:
    """Let a plain handler work off a backlog, and check what came of it."""
    await send(ground.kafka.bootstrap, placed(prefix, count), PREFIX)
    topics = topics_of(SERVICE_TOPICS, plain=True)
    watch = await Watch.open(ground.kafka.bootstrap, topics, Installation().order_partitions)
    try:
        handler = await asyncio.to_thread(ground.plain, SERVICE, workers)
        try:
            rate = await watch.rate(count * len(EACH_SAID), len(EACH_SAID))
        finally:
            await asyncio.to_thread(handler.stop, seconds_max=STOP_SECONDS_MAX)
        check(
            what_is_wrong(await watch.all(), EACH_SAID, order_ids(prefix, count)),
            await what_stands_wrong(ground, [SERVICE], prefix, count, plain=True),
        )
        return rate
    finally:
        await watch.close()


BENCHMARK = Benchmark(steps=steps, measure=measure)
