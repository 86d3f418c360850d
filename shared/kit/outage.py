"""When so much is dead or parked that it is no longer poison but an outage: the consumer stops and says so."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from shared.kit.fold import Verdict
from shared.kit.limits import Limits


class OutageWatch:
    """Looks at the last records read. `verdict` says why the consumer must stop, once it must."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._recent: deque[tuple[int, int]] = deque()
        self._read = 0
        self._dead = 0
        self._parked = 0
        self.verdict: str | None = None

    def add(self, verdicts: Mapping[Verdict, int]) -> None:
        """Count one batch."""
        self._recent.append((sum(verdicts.values()), verdicts.get(Verdict.DEAD, 0)))
        self._read += self._recent[-1][0]
        self._dead += self._recent[-1][1]
        self._parked += verdicts.get(Verdict.PARKED, 0)
        while self._read - self._recent[0][0] >= self._limits.dead_window_records:
            read, dead = self._recent.popleft()
            self._read -= read
            self._dead -= dead
        if (
            self._read >= self._limits.dead_window_records
            and self._dead > self._limits.dead_share_max * self._read
        ):
            self.verdict = (
                f"{self._dead} of the last {self._read} records could not be read: an upstream is broken, or writes "
                f"to the wrong topic. Nothing more is read. Mend the upstream, then restart this service."
            )
        elif self._parked > self._limits.parked_records_max:
            self.verdict = (
                f"{self._parked} records are parked: the rules of this release raise again and again. Nothing more "
                f"is read. Run a release that mends it, then retry the parked keys."
            )
