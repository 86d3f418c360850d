"""Are there two of us? Kafka raises nothing when two live processes have one instance id: they push each other out."""

from __future__ import annotations

from collections import deque

_TIMES = 3
_SESSIONS = 6
"""Being forgotten once is a frozen process or a restarted broker; several times in a minute is neither."""


class Membership:
    """Remembers when Kafka gave this process a new name in its group. Times are monotonic seconds."""

    def __init__(self, session_seconds: float) -> None:
        self._within_seconds = _SESSIONS * session_seconds
        self._member_id = ""
        self._renamed_at: deque[float] = deque(maxlen=_TIMES)

    def joined(self, member_id: str, now: float) -> None:
        """Note a new assignment; one under the name that we had is an ordinary rebalance."""
        if self._member_id and member_id != self._member_id:
            self._renamed_at.append(now)
        self._member_id = member_id

    def is_contested(self, now: float) -> bool:
        """Say whether the name was lost so often lately that another process must be taking it."""
        return len(self._renamed_at) == _TIMES and now - self._renamed_at[0] < self._within_seconds
