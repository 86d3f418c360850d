"""What Kafka, PostgreSQL and the mail server have in common: started, stopped, killed, frozen."""

from __future__ import annotations

import signal
from abc import ABC, abstractmethod
from typing import ClassVar

from services.cli.embedded.errors import EmbeddedError
from services.cli.embedded.instance import Instance
from services.cli.embedded.process import Child


class Server(ABC):
    """A server that is a child process of ours. Its address and its data stay through restarts."""

    name: ClassVar[str]
    needs: ClassVar[str] = "it needs a disk with free space"
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    stop_seconds_max: ClassVar[float] = 20.0

    def __init__(self, instance: Instance, *, log: str) -> None:
        self._instance = instance
        self._log = instance.logs / f"{log}.log"
        self._child: Child | None = None

    @abstractmethod
    def start(self) -> None:
        """Start it, on the data it has or on none, and return when it answers; raise EmbeddedError."""

    @property
    def pid(self) -> int:
        return self._started_child().pid

    def running(self) -> bool:
        """Say whether it runs; one that was killed is reaped by asking."""
        return self._child is not None and self._child.running()

    def exit_code(self) -> int | None:
        """Return how it ended (negative: the signal that killed it), None while it runs."""
        return self._started_child().wait(0)

    def stop(self) -> None:
        """Let it end in order; kill it if that takes too long. Nothing happens if it does not run."""
        if self._child:
            self._child.stop(ask=self.stop_signal, seconds_max=self.stop_seconds_max)

    def kill(self) -> None:
        """Kill it as kill -9 does, and reap it."""
        self._started_child().kill()

    def restart(self) -> None:
        """Stop it if it runs, start it on the same ports with the same data, and return when it answers."""
        self.stop()
        self.start()

    def freeze(self) -> None:
        """Stop it in its tracks (SIGSTOP): connections stay open, nothing answers."""
        self._started_child().freeze()

    def thaw(self) -> None:
        """Let it go on (SIGCONT)."""
        self._started_child().thaw()

    def _started_child(self) -> Child:
        if self._child is None:
            raise self._failed("it was never started")
        return self._child

    def _failed(self, why: str) -> EmbeddedError:
        said = self._child.last_words() if self._child else "(it said nothing)"
        return EmbeddedError(
            what=f"{self.name} did not start.",
            why=f"{why}. The end of its log:\n       {said}",
            remedy=f"see its whole log, {self._log}; {self.needs}.",
        )
