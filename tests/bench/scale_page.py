"""The page of what a year of orders needs: arithmetic on what single lives cost, and on what is assumed, in tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shared.contracts.topics import RETENTION_DAYS, TOPICS
from shared.kit.limits import Limits

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"
_DAYS = 365
_SECONDS_A_DAY = 86_400
_TERA, _GIGA, _MEGA, _KILO = 1e12, 1e9, 1e6, 1e3
_PASSING = ("outbox", "timers", "held", "offsets", "migrations", "parked_keys", "outbox_parked", "erasures")
"""What is in these leaves them again: their size is that of the work under way, not of the past."""


@dataclass(frozen=True, slots=True)
class Assumed:
    """What nobody can measure for another marketplace: change it, and write the page anew."""

    orders_a_year: float = 1e9
    shares: Mapping[str, float] = field(
        default_factory=lambda: {"quiet": 0.97, "answered": 0.02, "granted": 0.01}
    )
    peak: float = 5.0
    busy_max: float = 0.5
    replicas: int = 3
    whole_pages: float = 2.0


ASSUMED = Assumed()
_SHARES_TOLD = {
    "quiet": "shipped, delivered, nobody says a word",
    "answered": "a conversation, a claim, an investigator's question, a grant",
    "granted": "a seller who never ships nor answers: a message, a claim, a grant at once",
}


@dataclass(frozen=True, slots=True)
class Average:
    """What an order costs on average, over the lives in their shares."""

    lives: Mapping[str, Any]

    def of(self, cost: Callable[[Any], float]) -> float:
        return sum(share * cost(self.lives[name]) for name, share in ASSUMED.shares.items())

    def service(self, name: str, what: str) -> float:
        return self.of(lambda life: life["services"][name][what])

    def kept(self, name: str, table: str) -> float:
        return self.of(lambda life: life["services"][name]["kept_bytes"].get(table, 0))

    def tables(self, name: str) -> Sequence[str]:
        """The tables that grow with the past."""
        found = {table for life in self.lives.values() for table in life["services"][name]["kept_bytes"]}
        return sorted(found - set(_PASSING))

    def topic(self, name: str, what: str) -> float:
        return self.of(lambda life: life["topics"].get(name, {}).get(what, 0))

    @property
    def topics(self) -> Sequence[str]:
        return sorted({topic for life in self.lives.values() for topic in life["topics"]})

    @property
    def services(self) -> Sequence[str]:
        return list(self.lives["quiet"]["services"])


def render(found: Mapping[str, Any]) -> str:
    """Write the page from what was measured."""
    average = Average(found["lives"])
    parts = (
        "# What a thousand million orders a year need",
        _how_made(),
        _in_short(average),
        "## Assumed",
        _assumed(),
        "## Measured: one order",
        _measured_told(found),
        _one_order(average),
        "## The year: services",
        _services_told(average),
        _services(average),
        "## The year: disks of PostgreSQL",
        _disks_told(average),
        _disks(average),
        "## The year: Kafka",
        _kafka_told(average),
        _kafka(average),
        "## What is not in these numbers",
        _NOT_IN_IT,
    )
    return "\n\n".join(parts) + "\n"


def _how_made() -> str:
    return (
        "Made by `python -m tests.bench.scale` from what it measured "
        "([lifecycles.json](../tests/bench/lifecycles.json)) and what is assumed below; a test compares it."
    )


def _in_short(average: Average) -> str:
    cpu_ms = average.of(lambda life: _sum_of_services(life, "python_ms", "postgres_ms"))
    cores = _orders_at_peak() * cpu_ms / 1000
    kept = average.of(_kept_of) * ASSUMED.orders_a_year / _TERA
    return (
        f"In short: {cores:.1f} cores work in the busiest hour, so processors are not what it takes. Disks are: about "
        f"{kept:.0f} TB of tables are written in a year, of which what was sent is the largest part and goes again."
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def _assumed() -> str:
    mean = ASSUMED.orders_a_year / _DAYS / _SECONDS_A_DAY
    rows = [
        ("orders a year", f"{ASSUMED.orders_a_year:.0e}, which is {mean:.0f} a second on average"),
        *(
            (f"of them {name}", f"{share:.0%}: {_SHARES_TOLD[name]}")
            for name, share in ASSUMED.shares.items()
        ),
        ("busiest hour", f"{ASSUMED.peak:g} times the average: {mean * ASSUMED.peak:.0f} orders a second"),
        ("how busy a core may be in it", f"{ASSUMED.busy_max:.0%}"),
        ("copies of each record in Kafka", str(ASSUMED.replicas)),
        (
            "WAL with whole pages after each checkpoint",
            f"{ASSUMED.whole_pages:g} times the measured, which is without them",
        ),
        ("all else", "as it is set: " + _kept_days()),
    ]
    return _table(("what", "how much"), rows)


def _kept_days() -> str:
    limits = Limits()
    return f"Kafka keeps {RETENTION_DAYS} days, `outbox_sent` {limits.sent_days} days, `seen` {limits.seen_days} days"


def _measured_told(found: Mapping[str, Any]) -> str:
    return (
        "Each kind of life was led by hundreds of orders in step through the real unit of every service on a real "
        "PostgreSQL, without Kafka. Records, WAL and bytes are counted. CPU is measured, and therefore of that machine "
        f"({found['cores']} cores, Python {found['python']}); `recourse bench lifecycle` measures with Kafka and "
        "everything beside."
    )


def _one_order(average: Average) -> str:
    names = list(ASSUMED.shares)
    return _table(
        ("one order", *names, "on average"),
        [
            _row(average, names, "records applied", "records", 1, ".1f"),
            _row(average, names, "WAL, kB", "wal_bytes", _KILO, ".1f"),
            _row(average, names, "CPU of Python, ms", "python_ms", 1, ".1f"),
            _row(average, names, "CPU of PostgreSQL, ms", "postgres_ms", 1, ".1f"),
            (
                "kept in tables, kB",
                *(f"{_kept_of(average.lives[name]) / _KILO:.1f}" for name in names),
                f"{average.of(_kept_of) / _KILO:.1f}",
            ),
            (
                "written to Kafka, records",
                *(f"{_sum_of_topics(average.lives[name], 'records'):.1f}" for name in names),
                f"{average.of(lambda life: _sum_of_topics(life, 'records')):.1f}",
            ),
            (
                "written to Kafka, kB",
                *(f"{_sum_of_topics(average.lives[name], 'bytes') / _KILO:.1f}" for name in names),
                f"{average.of(lambda life: _sum_of_topics(life, 'bytes')) / _KILO:.1f}",
            ),
        ],
    )


def _row(
    average: Average, names: Sequence[str], told: str, what: str, unit: float, shape: str
) -> tuple[str, ...]:
    def total(life: Any) -> float:
        return _sum_of_services(life, what) / unit

    return (
        told,
        *(format(total(average.lives[name]), shape) for name in names),
        format(average.of(total), shape),
    )


def _kept_of(life: Any) -> float:
    return sum(
        float(size)
        for service in life["services"].values()
        for table, size in service["kept_bytes"].items()
        if table not in _PASSING
    )


def _sum_of_services(life: Any, *whats: str) -> float:
    return sum(float(service[what]) for service in life["services"].values() for what in whats)


def _sum_of_topics(life: Any, what: str) -> float:
    return sum(float(topic[what]) for topic in life["topics"].values())


def _orders_at_peak() -> float:
    return ASSUMED.orders_a_year / _DAYS / _SECONDS_A_DAY * ASSUMED.peak


def _processes(average: Average, name: str) -> int:
    """A process is one core of Python at most."""
    cores = _orders_at_peak() * average.service(name, "python_ms") / 1000
    return max(2, math.ceil(cores / ASSUMED.busy_max))


def _services_told(average: Average) -> str:
    most = max(_processes(average, name) for name in average.services)
    return (
        f"In the busiest hour, with a database for each service. Two processes are the least, so that one may end; the "
        f"most is {most}. {_partitions(most)} partitions of each order-keyed topic are enough for it twice over: their "
        "number is chosen once."
    )


def _partitions(processes: int) -> int:
    return 12 * math.ceil(2 * processes / 12)


def _services(average: Average) -> str:
    peak = _orders_at_peak()
    rows = []
    for name in average.services:
        python = peak * average.service(name, "python_ms") / 1000
        postgres = peak * average.service(name, "postgres_ms") / 1000
        wal = average.service(name, "wal_bytes") * ASSUMED.whole_pages
        rows.append(
            (
                name,
                f"{peak * average.service(name, 'records'):,.0f}",
                f"{python:.2f}",
                str(_processes(average, name)),
                f"{postgres:.2f}",
                f"{peak * wal / _MEGA:.1f}",
                f"{ASSUMED.orders_a_year / _DAYS * wal / _GIGA:,.0f}",
            )
        )
    head = (
        "service",
        "records/s",
        "cores of Python",
        "processes",
        "cores of PostgreSQL",
        "WAL, MB/s",
        "WAL, GB a day",
    )
    return _table(head, rows)


def _share_of_a_year(table: str) -> float:
    limits = Limits()
    days = {"outbox_sent": limits.sent_days, "seen": limits.seen_days}.get(table, _DAYS)
    return days / _DAYS


def _disks_told(average: Average) -> str:
    stays = sum(
        average.kept(name, table)
        for name in average.services
        for table in average.tables(name)
        if table not in {"outbox_sent", "seen"}
    )
    return (
        "With their indexes and the room that updates leave, in TB: what there is at once of what goes again after its "
        f"days, and a year's growth of what stays. What stays is {stays / _KILO:.1f} kB an order: rows of orders, "
        "accounts, what was counted, mails, whose texts are where. Nothing takes those out: a service's database "
        "grows by that much every year."
    )


def _disks(average: Average) -> str:
    rows = []
    for name in average.services:
        for table in average.tables(name):
            tera = average.kept(name, table) * ASSUMED.orders_a_year * _share_of_a_year(table) / _TERA
            if tera >= _GIGA * 50 / _TERA:
                limits = Limits()
                days = {"outbox_sent": limits.sent_days, "seen": limits.seen_days}.get(table)
                rows.append(
                    (name, f"`{table}`", f"{days} days" if days else "for good, a year", f"{tera:.2f}")
                )
    total = sum(float(row[-1]) for row in rows)
    return _table(("service", "table", "kept", "TB"), [*rows, ("all", "", "", f"{total:.1f}")])


def _kafka_told(average: Average) -> str:
    written = average.of(lambda life: _sum_of_topics(life, "bytes"))
    stored = written * ASSUMED.orders_a_year / _DAYS * RETENTION_DAYS * ASSUMED.replicas
    peak = _orders_at_peak()
    read = sum(average.topic(topic, "bytes") * len(TOPICS[topic].readers) for topic in average.topics)
    return (
        f"Uncompressed, the busiest hour. Stored: {stored / _TERA:.1f} TB over all brokers. Network: "
        f"{peak * written * ASSUMED.replicas / _MEGA:.1f} MB/s in with the copies, {peak * read / _MEGA:.1f} MB/s "
        "out to all readers, the outsiders among them."
    )


def _kafka(average: Average) -> str:
    peak = _orders_at_peak()
    return _table(
        ("topic", "records/s", "kB/s", "readers", f"TB in {RETENTION_DAYS} days, {ASSUMED.replicas} copies"),
        [
            (
                f"`{topic}`",
                f"{peak * average.topic(topic, 'records'):,.0f}",
                f"{peak * average.topic(topic, 'bytes') / _KILO:,.0f}",
                str(len(TOPICS[topic].readers)),
                f"{_stored(average, topic) / _TERA:.2f}",
            )
            for topic in average.topics
        ],
    )


def _stored(average: Average, topic: str) -> float:
    days = TOPICS[topic].retention_days
    return average.topic(topic, "bytes") * ASSUMED.orders_a_year / _DAYS * days * ASSUMED.replicas


_NOT_IN_IT = """\
- The gateway, and what a marketplace's own services do with what they read.
- CPU of the Kafka client and of the brokers, of vacuum and checkpoints, of replicas and backups. `recourse bench`
  measures rates with the first two beside; half of each core is left for the others.
- Sending mails: they are queued here.
- A buyer who buys again: here each registers, and buys once.
- Orders of many lines, long messages, stock that is counted: the lives here have one line and short texts.

What of this is flat is held by counts: `tests/bench/test_costs.py` (batches of 10, 100 and 1 000),
`tests/bench/test_pending_timers.py` (deadlines pending), `tests/bench/test_a_seller_of_many_orders.py` (orders of a
seller, open claims)."""
