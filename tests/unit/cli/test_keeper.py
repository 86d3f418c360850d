"""What ends by itself is started again, with growing pauses, and it is said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from services.cli.embedded.errors import EmbeddedError
from services.cli.running.keeper import PAUSE_SECONDS, PAUSE_SECONDS_MAX, STEADY_SECONDS, Keeper


class Fragile:
    """A server that ends when it is told to, and starts unless it is told not to."""

    def __init__(self) -> None:
        self.alive = True
        self.starts = 0
        self.startable = True

    def running(self) -> bool:
        return self.alive

    def start(self) -> None:
        self.starts += 1
        if not self.startable:
            raise EmbeddedError(what="It did not start.", why="it will not", remedy="wait")
        self.alive = True

    def exit_code(self) -> int | None:
        return -9


class Watch:
    """A keeper whose looks, and whose clock, the test makes itself."""

    def __init__(self) -> None:
        self.server = Fragile()
        self.said: list[str] = []
        self.keeper = Keeper([("orders", self.server)], self.said.append)
        (self.watched,) = self.keeper._watched
        self.now = self.watched.started_at

    def pass_time(self, seconds: float) -> None:
        """Look again after some time; a start that begins is waited for."""
        self.now += seconds
        self.keeper._look(self.watched, self.now)
        if self.watched.starting is not None:
            self.watched.starting.exception()
            self.keeper._look(self.watched, self.now)

    def crash(self) -> None:
        self.server.alive = False
        self.pass_time(0)


@contextmanager
def watch() -> Iterator[Watch]:
    watching = Watch()
    try:
        yield watching
    finally:
        watching.keeper.stop()


def test_one_that_crashed_is_started_again_after_a_short_pause() -> None:
    with watch() as w:
        w.crash()
        assert w.server.starts == 0
        w.pass_time(PAUSE_SECONDS)
        assert (w.server.starts, w.server.alive) == (1, True)
        assert w.said == [
            "orders was killed by signal 9; it is started again in 0.2 s",
            "orders was started again",
        ]


def test_one_that_crashes_again_and_again_is_waited_for_longer_each_time() -> None:
    with watch() as w:
        pauses = []
        for _ in range(9):
            w.crash()
            assert w.watched.due_at is not None
            pauses.append(w.watched.due_at - w.now)
            w.pass_time(pauses[-1])
        assert pauses == sorted(pauses)
        assert round(pauses[0], 6) == PAUSE_SECONDS
        assert round(pauses[-1], 6) == PAUSE_SECONDS_MAX


def test_one_that_had_run_for_long_is_started_again_at_once() -> None:
    with watch() as w:
        for _ in range(5):
            w.crash()
            w.pass_time(PAUSE_SECONDS_MAX)
        w.pass_time(STEADY_SECONDS)
        w.crash()
        assert w.watched.due_at is not None
        assert round(w.watched.due_at - w.now, 6) == PAUSE_SECONDS


def test_one_that_does_not_start_is_tried_again() -> None:
    with watch() as w:
        w.server.startable = False
        w.crash()
        w.pass_time(PAUSE_SECONDS)
        assert w.said[-1] == "orders did not start (It did not start.); it is started again in 0.4 s"
        w.server.startable = True
        w.pass_time(PAUSE_SECONDS_MAX)
        assert w.server.alive


def test_nothing_is_started_after_the_end() -> None:
    with watch() as w:
        w.keeper.start()
        w.keeper.stop()
        w.server.alive = False
        assert w.server.starts == 0
