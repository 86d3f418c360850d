"""From which instant the queue is read: whatever was due before is settled.

A mail that was sent stays in the index while some old snapshot could still see it (a backup, a report), and whoever
reads from the beginning passes all of them. But a mail may be committed after the instant from which it is due: by as
long as its transaction takes, and as two processes' clocks differ. So the mark stays behind now by more than that, and
now and then the queue is read from its beginning, for whatever came later still.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_BEHIND = timedelta(seconds=30)
_WHOLE_EVERY = timedelta(minutes=1)


class LowWaterMark:
    """Rises behind what is settled. `since` is the earliest instant from which mails are looked for."""

    def __init__(self) -> None:
        self.since = _BEGINNING
        self._back_at: datetime | None = None

    def rise(self, next_due: datetime | None, now: datetime) -> None:
        """Take note of when the earliest mail from the mark on is due, also if another process is sending it."""
        if self._back_at is None:
            self._back_at = now + _WHOLE_EVERY
        elif now >= self._back_at:
            self.since, self._back_at = _BEGINNING, None
            return
        self.since = min(next_due or now, now - _BEHIND)
