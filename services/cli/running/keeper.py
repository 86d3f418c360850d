"""The supervisor: what ends by itself is started again, with growing pauses, and that is said."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from services.cli.embedded.errors import EmbeddedError

LOOK_SECONDS = 0.1
PAUSE_SECONDS = 0.2
PAUSE_SECONDS_MAX = 10.0
STEADY_SECONDS = 30.0
"""Who has run for so long is started again at once, whatever happened before."""


class Kept(Protocol):
    """What the keeper knows of a server."""

    def running(self) -> bool:
        """Say whether it runs."""

    def start(self) -> None:
        """Start it on the data and the ports that it had."""

    def exit_code(self) -> int | None:
        """Say how it ended (negative: the signal that killed it)."""


@dataclass(slots=True)
class _Watched:
    name: str
    server: Kept
    pause_seconds: float = PAUSE_SECONDS
    started_at: float = 0.0
    due_at: float | None = None
    starting: Future[None] | None = None


class Keeper:
    """Watches servers from a thread of its own until `stop`. Times are monotonic seconds."""

    def __init__(self, servers: Sequence[tuple[str, Kept]], say: Callable[[str], None]) -> None:
        self._watched = [_Watched(name, server, started_at=time.monotonic()) for name, server in servers]
        self._say = say
        self._stopping = threading.Event()
        self._starters = ThreadPoolExecutor(len(servers), thread_name_prefix="start")
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; a start that has begun is waited for, so that nothing appears later."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._starters.shutdown(wait=True)

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            for watched in self._watched:
                self._look(watched, time.monotonic())

    def _look(self, watched: _Watched, now: float) -> None:
        if watched.starting is not None:
            self._look_at_start(watched, watched.starting, now)
        elif watched.due_at is not None:
            if now >= watched.due_at:
                watched.due_at, watched.starting = None, self._starters.submit(watched.server.start)
        elif not watched.server.running():
            self._plan(watched, now, _end(watched.server.exit_code()))

    def _look_at_start(self, watched: _Watched, starting: Future[None], now: float) -> None:
        if not starting.done():
            return
        watched.starting = None
        error = starting.exception()
        if error is None:
            watched.started_at = now
            self._say(f"{watched.name} was started again")
        elif isinstance(error, EmbeddedError | OSError):
            self._plan(watched, now, f"did not start ({str(error).splitlines()[0]})")
        else:
            raise error

    def _plan(self, watched: _Watched, now: float, what: str) -> None:
        if now - watched.started_at >= STEADY_SECONDS:
            watched.pause_seconds = PAUSE_SECONDS
        watched.due_at = now + watched.pause_seconds
        self._say(f"{watched.name} {what}; it is started again in {watched.pause_seconds:g} s")
        watched.pause_seconds = min(2 * watched.pause_seconds, PAUSE_SECONDS_MAX)


def _end(code: int | None) -> str:
    if code is not None and code < 0:
        return f"was killed by signal {-code}"
    return f"ended with exit code {code}"
