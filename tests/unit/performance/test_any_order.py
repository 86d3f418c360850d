"""In whatever order, and however often, facts come in between the topics: the rates are those of a naive recount."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.performance.domain.evolve import decide_on
from services.performance.domain.health import health_of
from services.performance.domain.model import Decided, OrderRow
from services.performance.store import seller_key
from services.performance.translate.policies import policies_of
from services.performance.translate.replay import event_of
from shared import policies
from shared.contracts.data import Data
from shared.contracts.facts import Fact
from shared.contracts.performance import HealthChanged, SellerFact
from tests.unit.performance.build import (
    DAY,
    HOUR,
    PLACED,
    canceled,
    chargeback,
    contest,
    feedback,
    granted,
    lines_canceled,
    opened,
    received,
    refunded,
    released,
    resolved,
    responded,
    reversed_on_appeal,
    voided,
)
from tests.unit.performance.naive import recount
from tests.unit.performance.office import Office

POLICIES = policies_of(policies.load())
END = PLACED + 40 * DAY

offsets = st.integers(0, 39 * 24).map(lambda hours: hours * HOUR)
waits = st.sampled_from([HOUR, 47 * HOUR, 48 * HOUR, 49 * HOUR, 100 * HOUR])


@st.composite
def lives(draw: st.DrawFn, order_id: str) -> list[list[Data]]:
    """Draw what three topics say of one order, each in its own order."""
    placed_at = PLACED - 45 * DAY + draw(st.integers(0, 80 * 24)) * HOUR
    where = draw(st.sampled_from([("us", "2021-en"), ("cn", "2021-zh"), ("jp", "2021-en")]))

    def later() -> datetime:
        return placed_at + draw(offsets)

    of_order: list[Data] = [received(order_id, at=placed_at, marketplace_id=where[0], policy_id=where[1])]
    if draw(st.booleans()):
        of_order.append(released(order_id, at=placed_at + draw(waits)))
    of_order += draw(
        st.lists(
            st.one_of(
                st.builds(lambda rating: feedback(rating, order_id, at=later()), st.integers(1, 5)),
                st.builds(lambda: lines_canceled(order_id, at=later())),
                st.builds(lambda: canceled(order_id, at=later())),
                st.builds(lambda: chargeback("buyer_won", order_id, at=later())),
                st.builds(lambda: chargeback("seller_won", order_id, at=later())),
            ),
            max_size=2,
        )
    )
    of_claims: list[Data] = []
    for claim in draw(st.lists(st.sampled_from(["c1", "c2"]), max_size=2)):
        of_claims += draw(
            st.sampled_from(
                [
                    [granted(order_id, claim_id=claim, at=later())],
                    [granted(order_id, claim_id=claim, at=later(), funding="marketplace")],
                    [
                        granted(order_id, claim_id=claim, at=later()),
                        voided(order_id, claim_id=claim, at=later()),
                    ],
                    [
                        granted(order_id, claim_id=claim, at=later()),
                        reversed_on_appeal(order_id, claim_id=claim, at=later()),
                    ],
                    [refunded(order_id, claim_id=claim, at=later())],
                ]
            )
        )
    of_messages: list[Data] = []
    for number in range(draw(st.integers(0, 2))):
        name, opened_at = f"contact-{number}", later()
        of_messages.append(opened(name, order_id, at=opened_at, policy_id=where[1]))
        if draw(st.booleans()):
            of_messages.append(responded(name, order_id, at=opened_at + draw(waits)))
        if draw(st.booleans()):
            of_messages.append(resolved(name, order_id, at=opened_at + draw(waits)))
    return [of_order, of_claims, of_messages]


def interleaved(streams: Sequence[list[Data]], seed: int) -> list[Data]:
    """Merge the topics of all orders in any way that leaves each in its own order, with copies of some."""
    chance = random.Random(seed)
    left, found = [list(stream) for stream in streams if stream], []
    while left:
        stream = chance.choice(left)
        found.append(stream.pop(0))
        left = [each for each in left if each]
    return found


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True).flatmap(
        lambda names: st.tuples(*(lives(name) for name in names))
    ),
    st.lists(st.tuples(st.integers(0, 2**32 - 1), st.booleans()), min_size=2, max_size=3),
)
def test_all_facts_in_any_order_come_to_the_same_rates(
    orders: tuple[list[list[Data]], ...], ways: list[tuple[int, bool]]
) -> None:
    streams = [stream for order in orders for stream in order]
    facts = [fact for stream in streams for fact in stream]
    end = max(END, *(_at(fact) for fact in facts))
    owed = recount(facts, end)
    for seed, clock_moves in ways:
        made = Office(PLACED)
        for fact in interleaved(streams, seed):
            if clock_moves:
                made.go_to(_at(fact))
            made.hear(fact)
            assert_said_is_what_the_days_come_to(made)
        made.go_to(end)
        assert _rates(made, end) == owed


def assert_said_is_what_the_days_come_to(made: Office) -> None:
    """What was said last is always what all days come to, however little was looked at."""
    row = made.states.get(seller_key("seller-1"))
    if row is None:
        return
    health = health_of(row, row.as_of, POLICIES)
    assert (health.numbers if health else None) == (row.said.numbers if row.said else None)
    assert list(row.buckets) == sorted(row.buckets, key=lambda bucket: bucket.place)


def _at(fact: Data) -> datetime:
    assert isinstance(fact, Fact)
    return fact.at


def _rates(made: Office, end: datetime) -> object:
    """Return what was said last; nothing at all is nothing of nothing."""
    said = made.every(HealthChanged)
    if not said:
        return ((0, 0), (0, 0), (0, 0))
    now_is = health_of(made.seller(), end, POLICIES)
    assert now_is is not None
    assert now_is.numbers == tuple((r.numerator, r.denominator, r.target) for r in _said(said[-1]))
    return made.defects, made.cancellations, made.answered


def _said(fact: HealthChanged) -> list:  # type: ignore[type-arg]
    rates = fact.rates
    return [rates.order_defect_rate, rates.pre_fulfilment_cancel_rate, rates.answered_in_time_rate]


@settings(max_examples=50, deadline=None)
@given(lives("order-1"), st.integers(0, 2**32 - 1))
def test_our_own_facts_replay_to_what_is_kept(order: list[list[Data]], seed: int) -> None:
    made = Office(PLACED)
    made.hear(*interleaved(order, seed))
    made.go_to(END)
    for number, defect in enumerate(made.row().decided.defects):
        made.hear(contest(defect.defect_id, f"contest-{number}", command_id=f"command-{number}", at=END))
    decided = Decided()
    for fact in made.every(SellerFact):
        event = event_of(fact)
        decided = decide_on(decided, event) if event else decided
    row: OrderRow = made.row()
    assert decided == row.decided


@settings(max_examples=30, deadline=None)
@given(lives("order-1"), st.integers(0, 2**32 - 1))
def test_what_stands_in_the_tables_adds_up_to_the_trend(order: list[list[Data]], seed: int) -> None:
    made = Office(PLACED)
    made.hear(*interleaved(order, seed))
    made.go_to(END + timedelta(days=60))
    standing = [name for name, stands in made.counted().items() if stands]
    daily = [each.change for each in made.daily()]
    assert sum(each.released for each in daily) == sum(name[0] == "released" for name in standing)
    assert sum(each.contacts for each in daily) == sum(
        name[0] in {"late_answer", "answered_in_time"} for name in standing
    )
    assert sum(each.canceled for each in daily) == int(any(name[0] == "cancellation" for name in standing))
