"""What a year of orders needs, computed from what single orders cost; `docs/scale.md` is made of it.

`python -m tests.bench.scale` measures anew and writes both files; with `--page` only the page, from what is kept.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import psutil

from shared.contracts.topics import TOPICS
from shared.kit.clock import ClockFile
from tests.bench.journeys import Journey, answered, granted, quiet
from tests.bench.measuring import clock_by_hand, open_town, uncollected
from tests.bench.scale_page import PAGE, render
from tests.bench.server import still_server
from tests.bench.town import Seat, Town

FILE = Path(__file__).with_name("lifecycles.json")
_LIVES = 400
_WARM = 50
_JOURNEYS: Mapping[str, Journey] = {"quiet": quiet, "answered": answered, "granted": granted}
_SIZES = """
SELECT coalesce(parent.relname, c.relname) AS name, sum(pg_total_relation_size(c.oid))::bigint AS bytes
FROM pg_class AS c
LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid
LEFT JOIN pg_class AS parent ON parent.oid = i.inhparent
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
GROUP BY 1
"""
_FRAME_BYTES = 12
"""What a record takes in Kafka's format besides key, value and headers; its share of its batch's frame is less."""


async def _sizes(seat: Seat) -> dict[str, int]:
    await seat.pool.execute("VACUUM")
    return {row["name"]: row["bytes"] for row in await seat.pool.fetch(_SIZES)}


async def _cpu_of_postgres(seat: Seat) -> float:
    async with seat.pool.acquire() as connection:
        times = psutil.Process(connection.get_server_pid()).cpu_times()
    return float(times.user + times.system)


def _logged(town: Town) -> Mapping[str, Counter[str]]:
    found = {"records": Counter[str](), "bytes": Counter[str]()}
    for topic, log in town.logs.items():
        for record in log:
            headers = sum(len(name) + len(value or b"") + 2 for name, value in record.headers)
            found["records"][topic] += 1
            found["bytes"][topic] += (
                len(record.key or b"") + len(record.value or b"") + headers + _FRAME_BYTES
            )
    return found


async def _journey(town: Town, name: str, journey: Journey) -> dict[str, Any]:
    """Lead many lives, and return what one cost: for each service and table, and for each topic."""
    await journey(town, f"warm-{name}", _WARM)
    sizes = {each: await _sizes(seat) for each, seat in town.seats.items()}
    cpu = {each: await _cpu_of_postgres(seat) for each, seat in town.seats.items()}
    logged = _logged(town)
    town.batches.clear()
    async with AsyncExitStack() as stack:
        counts = {
            each: await stack.enter_async_context(seat.meter.counting()) for each, seat in town.seats.items()
        }
        await journey(town, name, _LIVES)
    services: dict[str, Any] = {}
    for each, seat in town.seats.items():
        after = await _sizes(seat)
        python = sum(batch.cpu_seconds for batch in town.batches if batch.who == each)
        services[each] = {
            "records": sum(batch.records for batch in town.batches if batch.who == each) / _LIVES,
            "wal_bytes": round(counts[each].wal_bytes / _LIVES),
            "python_ms": round(1000 * python / _LIVES, 2),
            "postgres_ms": round(1000 * (await _cpu_of_postgres(seat) - cpu[each]) / _LIVES, 2),
            "kept_bytes": {
                table: round((size - sizes[each][table]) / _LIVES)
                for table, size in sorted(after.items())
                if size > sizes[each][table]
            },
        }
    now = _logged(town)
    return {
        "services": services,
        "topics": {
            topic: {
                what: round((now[what][topic] - logged[what][topic]) / _LIVES, 2)
                for what in ("records", "bytes")
            }
            for topic in sorted(TOPICS)
            if now["records"][topic] > logged["records"][topic]
        },
    }


async def _measure(admin_dsn: str, hand: ClockFile) -> dict[str, Any]:
    lives = {}
    for name, journey in _JOURNEYS.items():
        async with open_town(admin_dsn, hand) as town:
            lives[name] = await _journey(town, name, journey)
    return lives


def main() -> None:
    """Measure if wanted, and write the page."""
    if "--page" not in sys.argv[1:]:
        with (
            still_server() as dsn,
            tempfile.TemporaryDirectory() as folder,
            clock_by_hand(Path(folder)) as hand,
            uncollected(),
        ):
            lives = asyncio.run(_measure(dsn, hand))
        found = {"lives": lives, "cores": os.cpu_count(), "python": platform.python_version()}
        FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(render(json.loads(FILE.read_text(encoding="utf-8"))), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")


if __name__ == "__main__":
    main()
