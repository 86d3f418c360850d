"""One clock: never early, moved for all processes at once, read consistently, real where it must be."""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.kit import clock
from shared.kit.clock import ClockFile
from tests.support.processes import CHECKOUT

NOON = datetime(2021, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def standing(tmp_path: Path) -> Iterator[ClockFile]:
    """A clock that stands still at noon; this process reads it."""
    file = ClockFile.create(tmp_path / "clock", NOON, speed=0)
    clock.bind(file.path)
    yield file
    clock.bind(None)


def test_without_a_file_business_time_is_real_time() -> None:
    before = clock.real_now()
    assert before <= clock.now() <= clock.real_now()
    assert clock.now().tzinfo is UTC
    assert clock.speed() == 1


def test_a_standing_clock_shows_what_it_was_set_to(standing: ClockFile) -> None:
    assert clock.now() == clock.now() == NOON
    standing.set(NOON + timedelta(days=30))
    assert clock.now() == NOON + timedelta(days=30)
    assert clock.real_now() != clock.now()


def test_a_clock_cannot_be_set_back(standing: ClockFile) -> None:
    with pytest.raises(ValueError, match="can't be set back to 2021-03-10T11:59:59"):
        standing.set(NOON - timedelta(seconds=1))


def test_a_running_clock_never_goes_back(tmp_path: Path) -> None:
    file = ClockFile.create(tmp_path / "clock", NOON, speed=1000)
    first = file.now()
    file.set(NOON)
    assert file.now() >= first >= NOON


def test_a_fast_clock_runs_as_fast_as_told(tmp_path: Path) -> None:
    file = ClockFile.create(tmp_path / "clock", NOON, speed=86_400)
    reading = file.read()
    assert reading.speed == 86_400
    before = clock.real_now()
    shown = file.now()
    most = (clock.real_now() - before + timedelta(seconds=10)) * 86_400
    assert NOON <= shown <= NOON + most


def test_a_sleep_in_a_fast_clock_is_that_much_shorter(tmp_path: Path) -> None:
    file = ClockFile.create(tmp_path / "clock", NOON, speed=3600)
    clock.bind(file.path)
    try:
        assert clock.real_seconds_until(clock.now() + timedelta(hours=10)) == pytest.approx(10, abs=0.1)
        assert clock.real_seconds_until(NOON) == 0
    finally:
        clock.bind(None)


def test_a_standing_clock_is_waited_for_for_ever(standing: ClockFile) -> None:
    assert clock.real_seconds_until(NOON + timedelta(microseconds=1)) == float("inf")


# --------------------------------------------------------------------------------------------------- sleep


async def test_a_sleeper_wakes_when_its_instant_has_come_and_not_before() -> None:
    until = clock.now() + timedelta(milliseconds=30)
    await clock.sleep_until(until, asyncio.Event())
    assert clock.now() >= until


async def test_real_time_needs_one_timed_wait_and_no_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float | None] = []
    wait_for = asyncio.wait_for

    async def counted(awaitable: object, seconds: float | None) -> object:
        waits.append(seconds)
        return await wait_for(awaitable, seconds)  # type: ignore[arg-type]  # as it was given

    monkeypatch.setattr(asyncio, "wait_for", counted)
    until = clock.now() + timedelta(milliseconds=200)
    await clock.sleep_until(until, asyncio.Event())
    assert waits[0] == pytest.approx(0.2, abs=0.05)
    assert len(waits) <= 2  # a timer may ring a moment early; then the rest is waited for


async def test_a_moved_clock_wakes_a_sleeper(standing: ClockFile) -> None:
    sleeping = asyncio.ensure_future(clock.sleep_until(NOON + timedelta(days=30), asyncio.Event()))
    await asyncio.sleep(0)
    standing.set(NOON + timedelta(days=30))
    async with asyncio.timeout(5):
        await sleeping


async def test_a_sleeper_for_nothing_looks_again_when_the_clock_is_moved(standing: ClockFile) -> None:
    sleeping = asyncio.ensure_future(clock.sleep_until(None, asyncio.Event()))
    await asyncio.sleep(0)
    standing.set(NOON + timedelta(seconds=1))
    async with asyncio.timeout(5):
        await sleeping


@pytest.mark.parametrize("until", [None, NOON + timedelta(days=365_000)])
async def test_a_wake_up_call_is_heard_at_once(until: datetime | None) -> None:
    wake = asyncio.Event()
    sleeping = asyncio.ensure_future(clock.sleep_until(until, wake))
    await asyncio.sleep(0)
    wake.set()
    async with asyncio.timeout(1):
        await sleeping


async def test_what_has_come_is_not_slept_for(standing: ClockFile) -> None:
    async with asyncio.timeout(1):
        await clock.sleep_until(NOON, asyncio.Event())


# ----------------------------------------------------------------------------------------------- processes


def _watch(path: str, looks: int, torn: multiprocessing.Queue[int]) -> None:
    """Count readings whose parts do not belong together: the test below writes only pairs of equal numbers."""
    file = ClockFile(Path(path))
    found = 0
    for _ in range(looks):
        reading = file.read()
        found += reading.virtual_ns % 1_000_000_000 != int(reading.speed) * 1000
    torn.put(found)


def test_no_process_sees_half_of_a_change(tmp_path: Path) -> None:
    file = ClockFile.create(tmp_path / "clock", NOON, speed=0)
    context = multiprocessing.get_context("spawn")
    torn: multiprocessing.Queue[int] = context.Queue()
    watchers = [context.Process(target=_watch, args=(str(file.path), 20_000, torn)) for _ in range(2)]
    for watcher in watchers:
        watcher.start()
    step = 0
    while any(watcher.is_alive() for watcher in watchers):
        step += 1
        # Far ahead of what has run since: the clock shows exactly what it is set to.
        file.set(NOON + timedelta(days=step, microseconds=step % 1000), speed=step % 1000)
    assert [torn.get(timeout=10) for _ in watchers] == [0, 0]
    assert step > 100


async def test_another_process_sees_a_clock_that_is_moved(standing: ClockFile) -> None:
    script = (
        "import sys; from pathlib import Path; from shared.kit import clock; clock.bind(Path(sys.argv[1]))\n"
        "for line in sys.stdin: print(clock.now().isoformat(), flush=True)"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        script,
        str(standing.path),
        cwd=CHECKOUT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for days in (0, 1, 30):
        standing.set(NOON + timedelta(days=days))
        process.stdin.write(b"\n")
        await process.stdin.drain()
        assert (await process.stdout.readline()).decode().strip() == (NOON + timedelta(days=days)).isoformat()
    process.stdin.close()
    assert await process.wait() == 0
