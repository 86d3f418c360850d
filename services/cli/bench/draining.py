"""One service that works off what it finds on `checkout.events`, and what it says to each order."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from services.cli.bench.benchmark import check
from services.cli.bench.ground import Ground
from services.cli.bench.loading import Sent, order_ids, placed, send
from services.cli.bench.rounds import Rate
from services.cli.bench.watching import Watch, what_is_wrong
from services.cli.errors import CommandError, Exit
from services.cli.running.service_process import ServiceProcess
from shared.contracts.topics import ORDERS_EVENTS, TIMER_COMMANDS, Installation

SERVICE = "orders"
SERVICE_TOPICS = (ORDERS_EVENTS, TIMER_COMMANDS)
EACH_SAID = (
    "orders.order_received.v1",
    "timer.schedule.v1 hold_end",
    "timer.schedule.v1 verification_due",
)
"""What one order placed leads to: a fact, and two deadlines, in this order."""
READY_SECONDS_MAX = 60.0
_LOOK_SECONDS = 0.05


@contextmanager
def started(ground: Ground) -> Iterator[ServiceProcess]:
    """Give the service, ready; it is stopped at the end."""
    process = ground.service(SERVICE)
    process.start()
    try:
        wait_until_ready(process)
        yield process
    finally:
        process.thaw()
        process.stop()


async def drain(
    ground: Ground, process: ServiceProcess, records: Iterable[Sent], keys: Sequence[str]
) -> Rate:
    """Let a process that runs find a backlog: it stands still while that is sent.

    Checks that it says what it must to the orders `keys`, and to nothing else. The rate is theirs, from when the
    process is let go: when the first record comes out, it is at work on further batches.
    """
    watch = await Watch.open(ground.kafka.bootstrap, SERVICE_TOPICS, Installation().order_partitions)
    try:
        process.freeze()
        await send(ground.kafka.bootstrap, records)
        process.thaw()
        begin = time.perf_counter()
        rate = Rate(len(keys), await watch.until(len(keys) * len(EACH_SAID)) - begin)
        check(what_is_wrong(await watch.all(), EACH_SAID, keys))
        return rate
    finally:
        await watch.close()


async def drain_placed(ground: Ground, process: ServiceProcess, prefix: str, count: int) -> Rate:
    """Let a process that runs find so many orders placed, each of which it can read."""
    return await drain(ground, process, placed(prefix, count), order_ids(prefix, count))


def wait_until_ready(process: ServiceProcess) -> None:
    """Return when it says that it is ready. Raises CommandError when it does not within a minute, or ends."""
    give_up = time.monotonic() + READY_SECONDS_MAX
    while why := process.why_not_ready():
        if not process.running() or time.monotonic() > give_up:
            raise CommandError(
                Exit.NOT_REACHABLE,
                what=f"{process.service} is not ready.",
                why=f"{why}. The end of its log:\n       {process.last_words()}",
                remedy=f"see its whole log, {process.log}.",
            )
        time.sleep(_LOOK_SECONDS)
