"""The checks and the arithmetic of the benchmarks of backlog, poison and latency: what is odd is seen."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from services.cli.bench import backlog, poison
from services.cli.bench.backlog import Mark
from services.cli.bench.draining import EACH_SAID
from services.cli.bench.echo import curve, percentile
from services.cli.bench.heard import Heard
from services.cli.bench.loading import placed
from services.cli.bench.poison import SPOILED
from services.cli.bench.tallied import Tally
from services.cli.bench.watching import Came, what_is_wrong
from shared.contracts.checkout import OrderPlaced
from shared.contracts.data import Data
from shared.contracts.envelope import Known, Unreadable, read
from shared.contracts.topics import CLAIMS_EVENTS, FINANCE_DEBITS, ORDERS_EVENTS, TIMER_COMMANDS
from shared.policies import load

HOLD, VERIFICATION = b'{"kind":"hold_end"}', b'{"kind":"verification_due"}'


def of_a_known_marketplace(data: Data) -> Unreadable | None:
    known = set(load().marketplaces)
    if isinstance(data, OrderPlaced) and data.marketplace_id not in known:
        return Unreadable("unknown_marketplace", data.marketplace_id)
    return None


@pytest.mark.parametrize("kind", SPOILED)
def test_what_is_spoiled_can_not_be_read_and_could_before(kind: str) -> None:
    (sent,) = placed("order", 1)
    assert isinstance(read(sent.topic, sent.headers, sent.value, of_a_known_marketplace), Known)
    bad = SPOILED[kind](sent)
    assert isinstance(read(bad.topic, bad.headers, bad.value, of_a_known_marketplace), Unreadable)


def letters(*keys: str) -> list[Came]:
    return [Came("orders.dead-letters", key, "", "", key, "") for key in keys]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (("a", "b"), None),
        (("a",), "1 records that nobody can read became no dead letter, as b"),
        (("a", "b", "c"), "1 records became dead letters that can be read, as c"),
        (("a", "b", "b"), "1 dead letters came twice, as b"),
    ],
)
def test_exactly_the_poison_is_buried(keys: tuple[str, ...], said: str | None) -> None:
    assert poison._buried(letters(*keys), ["a", "b"]) == said


def tally_of(*records: tuple[str, bytes, bytes, int]) -> str | None:
    tally = Tally("large", 2)
    for topic, key, value, event_id in (
        (ORDERS_EVENTS, b"large-0", b"", 1),
        (TIMER_COMMANDS, b"large-0", HOLD, 2),
        (TIMER_COMMANDS, b"large-0", VERIFICATION, 3),
        (ORDERS_EVENTS, b"small-7", b"", 4),
        *records,
    ):
        tally.add(topic, key, value, event_id)
    return tally.what_is_wrong()


FACT = (ORDERS_EVENTS, b"large-1", b"", 5)
FIRST, SECOND = (TIMER_COMMANDS, b"large-1", HOLD, 6), (TIMER_COMMANDS, b"large-1", VERIFICATION, 7)


def test_a_million_orders_are_counted_as_they_come() -> None:
    assert tally_of(FACT, FIRST, SECOND) is None
    assert tally_of(FIRST, SECOND) == "1 orders said nothing"
    assert tally_of(FACT, FIRST) == "1 orders did not ask for both of their deadlines"
    assert tally_of(FACT, FACT, FIRST, SECOND) == "large-1 said its fact twice"
    assert tally_of(FACT, SECOND, FIRST) == "large-1 asked for its deadlines in another order"
    assert tally_of(FACT, FIRST, FIRST) == "large-1 asked for a deadline twice"
    assert tally_of(FACT, FIRST, SECOND, SECOND) == "large-1 asked for a deadline twice"


def test_a_part_of_a_backlog_has_the_rate_between_the_looks_at_its_ends() -> None:
    marks = [Mark(0, 10.0, 0), Mark(90, 11.0, 0), Mark(110, 11.5, 0), Mark(200, 12.5, 0)]
    assert backlog.rate_between(marks, 0, 100) == pytest.approx(110 / 1.5)
    assert backlog.rate_between(marks, 100, 200) == pytest.approx(90 / 1.0)


def test_a_percentile_is_one_of_those_measured() -> None:
    seconds = [number / 1000 for number in range(1, 101)]
    assert percentile(seconds, 0.5) == pytest.approx(0.051)
    assert percentile(seconds, 0.99) == pytest.approx(0.1)
    assert percentile([0.2], 0.99) == pytest.approx(0.2)
    assert [at for at, _ in curve(seconds)] == sorted(at for at, _ in curve(seconds))
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.5)


def record(
    topic: str, event_id: str, type_: str, *, cause: str = "", source: str = "claims", number: int = 0
) -> Any:
    headers = [
        ("ce_id", event_id.encode()),
        ("ce_type", type_.encode()),
        ("ce_source", f"/recourse/{source}".encode()),
        ("ce_correlationid", b"order-1"),
        ("ce_causationid", cause.encode()),
        *([("ce_sequence", str(number).encode())] if number else []),
    ]
    return SimpleNamespace(topic=topic, key=b"order-1", headers=headers)


def heard() -> Heard:
    listening = Heard(consumer=None)
    listening.asked["file-1"] = 100.0
    listening.due["order-1"] = 5000.0
    return listening


def test_answers_and_debits_are_timed_from_what_they_answer() -> None:
    listening = heard()
    listening._hear(record(CLAIMS_EVENTS, "f", "claims.claim_filed.v1", cause="file-1", number=1), 100.2, 0)
    listening._hear(record(TIMER_COMMANDS, "t", "timer.cancel.v1", cause="f", source="orders"), 100.5, 0)
    listening._hear(record(FINANCE_DEBITS, "d", "finance.seller_debited.v1", cause="timer-1"), 107.0, 5000.4)
    assert listening.answers == [pytest.approx((0.2, 100.2))]
    assert listening.applied == [pytest.approx((0.5, 100.5))]
    assert listening.debits == [pytest.approx((0.4, 107.0))]
    assert listening.wrong is None


def test_a_debit_by_the_filing_itself_is_counted_but_not_timed() -> None:
    listening = heard()
    listening._hear(record(FINANCE_DEBITS, "d", "finance.seller_debited.v1", cause="file-1"), 100.3, 5000.4)
    assert listening.debited == {"order-1": 1}
    assert listening.debits == []


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (record(CLAIMS_EVENTS, "f", "claims.claim_filed.v1", number=2), "f came twice"),
        (
            record(CLAIMS_EVENTS, "g", "claims.claim_granted.v1", number=3),
            "order-1 said number 3, not 2, on claims.events",
        ),
        (record(CLAIMS_EVENTS, "g", "claims.claim_refused.v1", cause="file-1", number=2), "file-1 was refused"),
    ],
)  # fmt: skip
def test_a_copy_a_gap_and_a_refusal_are_wrong(second: Any, said: str) -> None:
    listening = heard()
    listening._hear(record(CLAIMS_EVENTS, "f", "claims.claim_filed.v1", number=1), 100.2, 0)
    listening._hear(second, 100.3, 0)
    assert listening.wrong == said


def came(*said: tuple[str, str, str], key: str = "order-1") -> list[Came]:
    """Return records of (id, topic, what it says), as they came."""
    return [
        Came(topic, key, each.partition(" ")[0], event_id, key, each.partition(" ")[2])
        for event_id, topic, each in said
    ]


RECEIVED, HELD, VERIFIED = EACH_SAID
ALL = (("1", ORDERS_EVENTS, RECEIVED), ("2", TIMER_COMMANDS, HELD), ("3", TIMER_COMMANDS, VERIFIED))


def test_what_a_side_said_is_right_in_any_order_of_topics_but_not_within_one() -> None:
    fact, held, verified = ALL
    assert what_is_wrong(came(fact, held, verified), EACH_SAID, ["order-1"]) is None
    assert what_is_wrong(came(held, verified, fact), EACH_SAID, ["order-1"]) is None
    wrong = what_is_wrong(came(fact, verified, held), EACH_SAID, ["order-1"])
    assert str(wrong).startswith("1 of 1 keys said something else, as order-1: ")


def test_what_a_side_left_out_said_twice_or_said_of_a_stranger_is_wrong() -> None:
    said = came(*ALL)
    assert "said something else" in str(what_is_wrong(said[:2], EACH_SAID, ["order-1"]))
    assert what_is_wrong([*said, said[0]], EACH_SAID, ["order-1"]) == "1 records came twice"
    again = came(("4", ORDERS_EVENTS, RECEIVED))
    assert "said something else" in str(what_is_wrong([*said, *again], EACH_SAID, ["order-1"]))
    assert "said something else" in str(what_is_wrong(said, EACH_SAID, ["order-1", "order-2"]))
    stranger = came(("5", ORDERS_EVENTS, RECEIVED), key="order-9")
    assert "nobody asked" in str(what_is_wrong([*said, *stranger], EACH_SAID, ["order-1"]))
