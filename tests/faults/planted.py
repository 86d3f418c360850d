"""Bugs planted into a service, to see that the checks catch them: `python -m tests.faults.planted BUG services.x.app`.

The checker is checked: whoever sees no difference between a sound system and these looks at nothing.
"""

from __future__ import annotations

import importlib
import random
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

from services.messaging import handlers
from services.messaging.domain import events as messaging
from services.messaging.domain import evolve, told
from shared.kit import fold, unit
from shared.kit.db import Connection
from shared.kit.writing import write

_FAILURES = 0.2


def no_dedupe() -> None:
    """Apply copies as if they were new."""

    setattr(fold.Fold, "_is_copy", lambda *_: False)  # noqa: B010  a bug that no type would allow
    setattr(fold.Fold, "_arrival", lambda *_: "next")  # noqa: B010


def ack_on_error() -> None:
    """Move the offsets of a batch that failed; every fifth batch fails, as with a database that comes and goes."""
    rng = random.Random(1)
    as_usual = unit.Unit._write

    async def write_or_skip(
        self: unit.Unit, connection: Connection, batch: unit.Batch, trial: Any
    ) -> unit.Applied:
        if rng.random() > _FAILURES or not batch.tallies:
            return await as_usual(self, connection, batch, trial)
        await self._lock(connection, batch.tallies)
        await write(connection, self._rows, {}, (), batch.tallies)
        next_offsets = {place: tally.next_offset for place, tally in batch.tallies.items()}
        return unit.Applied(
            next_offsets, Counter(), parked={}, dead=(), has_said=False, has_effects=False, asks_erasure=False
        )

    unit.Unit._write = write_or_skip  # type: ignore[method-assign]


def deaf_clock() -> None:
    """Let an answer pass without stopping its clock: messaging says nothing of it."""

    def without_answers(given: Any, state: Any, /, **named: Any) -> Any:
        events, _ = told(given, state, **named)
        left = [event for event in events if not isinstance(event, messaging.ContactResponded)]
        return left, reduce(evolve, left, state)

    # Fails where the handlers look up another name: a bug that nobody runs is caught by nobody.
    assert getattr(handlers, "told") is told  # noqa: B009  the same, which no type would allow
    setattr(handlers, "told", without_answers)  # noqa: B010  the name that the handlers look up


BUGS: Mapping[str, Callable[[], None]] = {
    "no_dedupe": no_dedupe,
    "ack_on_error": ack_on_error,
    "deaf_clock": deaf_clock,
}


if __name__ == "__main__":
    BUGS[sys.argv[1]]()
    importlib.import_module(sys.argv[2]).main()
