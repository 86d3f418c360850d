"""One order under every policy, driven by everybody, against the rules written a second time (naive.py).

Times are drawn at its deadlines, a microsecond before and after them, across changes of summer time, leap days and
years' ends; deadlines may also come late, as after an outage.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.orders.domain.account import Balance
from services.orders.domain.actions import actions
from services.orders.domain.evolve import evolve
from services.orders.domain.model import OrderRow, Pending, Released, Unplaced, World, status_of
from services.orders.store import order_key
from services.orders.translate.replay import event_of
from shared.contracts import checkout, claims, messaging, orders, timer
from shared.contracts.data import Data, Role
from shared.contracts.facts import Line
from shared.kit.service import Outgoing
from tests.unit.orders.naive import Answer, Naive, naive
from tests.unit.orders.shop import SHIP_TO, Shop, by, confirm, item, money, placed, usd, wrote
from tests.unit.orders.worlds import CATALOGUE, MARKETPLACES, POLICIES, SERVICE

MICROSECOND = timedelta(microseconds=1)
STEPS = (-MICROSECOND, timedelta(0), MICROSECOND)
STARTS = [
    datetime(2021, 3, 1, 12, tzinfo=UTC),
    datetime(2021, 2, 12, 9, 59, 59, 999_999, tzinfo=UTC),  # 30 days later clocks go forward in America
    datetime(2021, 10, 8, 8, 45, tzinfo=UTC),  # and 30 days later they go back
    datetime(2024, 1, 30, 15, 59, 59, 999_999, tzinfo=UTC),  # ends on a leap day, by the day in Asia/Shanghai
    datetime(2024, 2, 28, 23, 45, tzinfo=UTC),
    datetime(2023, 12, 31, 23, 50, tzinfo=UTC),
]
LINES = (("lamp", 3, 2000, 499, 331), ("shade", 2, 2000, 499, 331))
CURRENCIES = ["USD", "JPY", "KWD"]
SOME = st.one_of(
    *[
        st.dictionaries(
            st.sampled_from(["lamp", "shade"]),
            st.integers(min_value=1, max_value=most),
            min_size=least,
            max_size=2,
        )
        for least, most in ((1, 1), (1, 2), (0, 3))
    ]
)
NAMED = st.dictionaries(
    st.sampled_from(["lamp", "shade"]), st.integers(min_value=1, max_value=2), min_size=1, max_size=2
)
MOMENTS = st.integers(min_value=0, max_value=200)
RARELY = 100
"""Half of the moments drawn are now: an order that nobody speaks of in time never gets far."""
VERDICTS: dict[str, type[Data]] = {
    "verified": checkout.PaymentVerified,
    "delayed": checkout.PaymentDelayed,
    "failed": checkout.PaymentFailed,
    "refused": checkout.PaymentRefused,
    "fraud": checkout.FraudDetected,
}


def said_lines(lines: Mapping[str, int]) -> tuple[Line, ...]:
    return tuple(Line(order_item_id=name, quantity=count) for name, count in lines.items())


def answer_to(said: Sequence[Outgoing]) -> Answer:
    for each in said:
        if isinstance(each.data, orders.CommandRefused):
            return each.data.reason
        if isinstance(each.data, orders.CancellationRefused):
            return "cancellation_refused"
    return "ok"


class AgainstNaive(RuleBasedStateMachine):
    """The service and the naive rules hear the same, and must say the same."""

    def __init__(self) -> None:
        super().__init__()
        self.shop = Shop(service=SERVICE, fired=self.fire)
        self.count = 0
        self.compensated = 0
        self.bank_at: set[datetime] = set()
        self.model: Naive | None = None

    @initialize(
        start=st.sampled_from(STARTS),
        marketplace=st.sampled_from(MARKETPLACES),
        currency=st.sampled_from(CURRENCIES),
        stage=st.sampled_from(["held", *["released"] * 5, "released late", "released late", "away"]),
    )
    def place(self, start: datetime, marketplace: str, currency: str, stage: str) -> None:
        self.currency = currency
        self.shop.now = start
        market = CATALOGUE.marketplaces[marketplace]
        numbers = CATALOGUE.policy_in_force(marketplace, start).orders
        items = tuple(self.priced(name, count) for name, count, *_ in LINES)
        self.shop.hear(placed(*items, placed_at=start, marketplace_id=marketplace))
        self.model = naive(market, numbers, start, start.date(), LINES)
        if stage != "held":
            late = {"released late": timedelta(days=3, hours=1), "released": numbers.hold}
            self.shop.advance(start + late.get(stage, timedelta(0)))
            self.hear_payment("verified", 0)

    def priced(self, name: str, count: int) -> checkout.Item:
        made = item(name, count)
        in_currency = {"currency": self.currency}
        fields = {kind: getattr(made, kind).model_copy(update=in_currency) for kind in _PRICES}
        return made.model_copy(update=fields)

    def fire(self, deadline: timer.Schedule) -> None:
        if self.model is not None:
            self.model.deadline(deadline.kind, deadline.due_at, self.shop.now)

    # ------------------------------------------------------------------------------------------------ time

    def instants(self) -> list[datetime]:
        """The order's deadlines, and whatever else bounds a rule, each with a microsecond on either side."""
        model = self.order
        known = [model.placed_at, model.hold_end, model.expiry]
        if model.released_at is not None:
            known += [model.released_at, model.cutoff, model.cutoff + model.numbers.ship_confirmation_settle]
            known.append(model.cutoff - model.numbers.ship_by_warning)
        known += [at for at, _ in model.wishes[-2:]]
        return sorted({at.astimezone(UTC) + step for at in known for step in STEPS})

    def moment(self, number: int) -> datetime:
        """Draw when something happened: now, at an instant that matters, or a moment ago; ahead of the clock too."""
        now = self.shop.now
        near = [at for at in self.instants() if at <= now + timedelta(minutes=2)]
        ahead = timedelta(minutes=1)
        choices = [now, now, now, *near, now + ahead, now + ahead + MICROSECOND, now - timedelta(minutes=7)]
        return choices[number % len(choices)] if number < RARELY else now

    def past(self, number: int) -> datetime:
        """Draw when an upstream fact happened: never ahead of the clock."""
        return min(self.moment(number), self.shop.now)

    @property
    def order(self) -> Naive:
        assert self.model is not None
        return self.model

    @property
    def row(self) -> OrderRow:
        found = self.shop.rows[order_key("order-1")]
        assert isinstance(found, OrderRow)
        return found

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}-{self.count}"

    @rule(number=MOMENTS)
    def wait(self, number: int) -> None:
        to_come = [at for at in self.instants() if at > self.shop.now]
        if to_come:
            self.shop.advance(to_come[number % min(4, len(to_come))])

    @rule(number=MOMENTS)
    def be_away(self, number: int) -> None:
        """Nothing is read for a while: what fell due meanwhile comes when the clock is next moved."""
        to_come = [at for at in self.instants() if at > self.shop.now]
        if to_come:
            self.shop.now = to_come[number % min(4, len(to_come))]

    @rule()
    def a_minute_passes(self) -> None:
        self.shop.advance(self.shop.now + timedelta(minutes=1))

    # ------------------------------------------------------------------------------------------- upstream

    @rule(verdict=st.sampled_from([*["verified"] * 8, *VERDICTS]), number=MOMENTS)
    def hear_payment(self, verdict: str, number: int) -> None:
        at = self.past(number)
        self.shop.hear(VERDICTS[verdict].model_validate({"order_id": "order-1", "at": at}))
        self.order.paid(verdict, at, self.shop.now)

    @rule(number=MOMENTS)
    def wish_at_checkout(self, number: int) -> None:
        at = self.past(number)
        self.shop.hear(checkout.CancellationRequested(order_id="order-1", requested_at=at))
        self.order.wished(at, self.shop.now)

    @rule(amount=st.integers(min_value=1, max_value=12_000))
    def charge_back(self, amount: int) -> None:
        now = self.shop.now
        amount = min(amount, max(0, self.order.not_back() - sum(self.order.bank)))
        if now in self.bank_at or not amount:
            return
        self.bank_at.add(now)
        opened = {"order_id": "order-1", "at": now, "amount": self.price(amount)}
        self.shop.hear(checkout.ChargebackOpened.model_validate(opened))
        self.order.charged_back(amount, now, now)

    @precondition(lambda self: self.order.bank)
    @rule(keeps=st.integers(min_value=0, max_value=12_000), buyer_won=st.booleans())
    def bank_decides(self, keeps: int, *, buyer_won: bool) -> None:
        now = self.shop.now
        if now in self.bank_at:
            return
        self.bank_at.add(now)
        keeps = min(keeps, self.order.bank[0]) if buyer_won else 0
        outcome = "buyer_won" if buyer_won else "seller_won"
        closed = {"order_id": "order-1", "at": now, "outcome": outcome, "amount": self.price(keeps)}
        said = self.shop.hear(checkout.ChargebackClosed.model_validate(closed))
        paid = self.order.bank_decided(buyer_won=buyer_won, keeps=keeps, at=now, now=now)
        assert self.refunds(said) == paid

    def price(self, amount: int) -> dict[str, Any]:
        return usd(amount).model_copy(update={"currency": self.currency}).model_dump()

    # ------------------------------------------------------------------------------------- other services

    @precondition(lambda self: not self.order.bank)
    @rule(
        claim=st.integers(min_value=1, max_value=2), lines=NAMED, part=st.integers(min_value=0, max_value=4)
    )
    def grant_claim(self, claim: int, lines: dict[str, int], part: int) -> None:
        compensation = self.order.worth(lines) * part // 4
        decision = {
            **self.claim(f"claim-{claim}", lines),
            "amount": money(compensation, self.currency),
            "automatic": True,
            "policy_id": "2021-en",
            "explanation": (),
            "funding": "seller",
            "compensation": money(compensation, self.currency),
            "compensation_id": self.name("compensation"),
        }
        self.shop.hear(claims.ClaimGranted.model_validate(decision))
        self.compensated += compensation
        self.order.grant(f"claim-{claim}", lines, compensation)

    @rule(lines=NAMED, amount=st.integers(min_value=1, max_value=12_000))
    def refund_claim(self, lines: dict[str, int], amount: int) -> None:
        refunded = {**self.claim(self.name("claim"), lines), "amount": money(amount, self.currency)}
        said = self.shop.hear(claims.ClaimRefundedBySeller.model_validate(refunded))
        assert self.refunds(said) == self.order.pay(lines, amount, is_claim=True)

    @rule(lines=NAMED)
    def waive_return(self, lines: dict[str, int]) -> None:
        answer = {
            **self.about(),
            "command_id": self.name("answer"),
            "actor": {"kind": "seller", "id": "seller-1"},
            "contact_id": self.name("contact"),
            "answer": "refund_without_return",
            "lines": said_lines(lines),
            "answered_at": self.shop.now,
        }
        said = self.shop.hear(messaging.ReturnAnswered.model_validate(answer))
        assert self.refunds(said) == self.order.pay(lines, self.order.worth(lines))

    @rule(number=st.integers(min_value=1, max_value=2))
    def ask_for_another_address(self, number: int) -> None:
        self.shop.hear(wrote(f"message-{number}"))
        self.order.requests.add(f"message-{number}")

    def about(self) -> dict[str, Any]:
        return {"order_id": "order-1", "seller_id": "seller-1", "buyer_id": "buyer-1", "at": self.shop.now}

    def claim(self, claim_id: str, lines: Mapping[str, int]) -> dict[str, Any]:
        return {
            **self.about(),
            "claim_id": claim_id,
            "lines": said_lines(lines),
            "actions": {},
            "deadlines": (),
        }

    def refunds(self, said: Sequence[Outgoing]) -> list[int]:
        return [one.data.amount.amount_minor for one in said if isinstance(one.data, orders.RefundRecorded)]

    # -------------------------------------------------------------------------------------------- commands

    def compare(self, said: Sequence[Outgoing], expected: Answer) -> None:
        assert answer_to(said) == expected
        if expected not in ("ok", "cancellation_refused"):
            self.order.release_if_due(self.shop.now, self.shop.now)

    def is_ahead(self, at: datetime) -> bool:
        return at > self.shop.now + timedelta(minutes=1)

    @rule(lines=SOME, number=MOMENTS)
    def confirm(self, lines: dict[str, int], number: int) -> None:
        at, name = self.moment(number), self.name("shipment")
        command = confirm(*said_lines(lines), at=at, shipment_id=name, tracking_number=None)
        said = self.shop.hear(command)
        expected = (
            "in_the_future" if self.is_ahead(at) else self.order.confirm(name, lines, at, self.shop.now)
        )
        self.compare(said, expected)

    @rule(lines=SOME, number=MOMENTS)
    def cancel_as_seller(self, lines: dict[str, int], number: int) -> None:
        at = self.moment(number)
        command = orders.CancelOrder(
            **by("seller", at, self.name("cancel")), reason="", lines=said_lines(lines)
        )
        said = self.shop.hear(command)
        if self.is_ahead(at):
            self.compare(said, "in_the_future")
            return
        answer, counts = self.order.cancel_by_seller(lines, at, self.shop.now)
        self.compare(said, answer)
        canceled = [one.data for one in said if isinstance(one.data, orders.Cancellation)]
        assert [fact.counts_in_cancellation_rate for fact in canceled] == ([counts] if answer == "ok" else [])

    @rule(lines=SOME, who=st.sampled_from(["buyer", "support"]), number=MOMENTS)
    def cancel_as_buyer(self, lines: dict[str, int], who: Role, number: int) -> None:
        at = self.moment(number)
        command = orders.CancelOrder(**by(who, at, self.name("cancel")), reason="", lines=said_lines(lines))
        said = self.shop.hear(command)
        expected = (
            "in_the_future" if self.is_ahead(at) else self.order.wished(at, self.shop.now, lines or None)
        )
        self.compare(said, expected)

    @rule(lines=SOME, of_most=st.sampled_from([-1, 0, 1, 2, 3]), step=st.integers(-1, 1), number=MOMENTS)
    def refund(self, lines: dict[str, int], of_most: int, step: int, number: int) -> None:
        at = self.moment(number)
        _, most = copy.deepcopy(self.order).refund_by_seller(lines or None, 0, at, self.shop.now)
        amount = most * of_most // 3 + step
        command = orders.RefundOrder(
            **by("seller", at, self.name("refund")),
            amount=money(amount, self.currency),
            reason="",
            lines=said_lines(lines),
        )
        said = self.shop.hear(command)
        if self.is_ahead(at):
            self.compare(said, "in_the_future")
            return
        answer, most = self.order.refund_by_seller(lines or None, amount, at, self.shop.now)
        self.compare(said, answer)
        if answer == "amount_exceeds_left":
            (refused,) = (one.data for one in said if isinstance(one.data, orders.CommandRefused))
            assert refused.max_amount == money(most, self.currency)

    @rule(
        message=st.integers(min_value=1, max_value=3),
        who=st.sampled_from(["seller", "support"]),
        number=MOMENTS,
    )
    def change_address(self, message: int, who: Role, number: int) -> None:
        at = self.moment(number)
        command = orders.ChangeAddress(
            **by(who, at, self.name("change")), message_id=f"message-{message}", ship_to=SHIP_TO
        )
        said = self.shop.hear(command)
        expected = (
            "in_the_future"
            if self.is_ahead(at)
            else self.order.change(f"message-{message}", at, self.shop.now)
        )
        self.compare(said, expected)

    @rule(number=MOMENTS)
    def rate(self, number: int) -> None:
        at = self.moment(number)
        said = self.shop.hear(orders.LeaveFeedback(**by("buyer", at, self.name("rate")), rating=5))
        self.compare(said, "in_the_future" if self.is_ahead(at) else self.order.rate(at, self.shop.now))

    # ---------------------------------------------------------------------------------------------- always

    @invariant()
    def both_say_the_same_of_the_order(self) -> None:
        if self.model is None:
            return
        order = self.row.order
        assert not isinstance(order, Unplaced)
        assert status_of(order) == self.model.status()
        if isinstance(order, Released):
            assert order.released_at == self.model.released_at
            assert order.confirm_by == self.model.cutoff
        balance = Balance(self.row, order.placed)
        assert balance.unspent_minor == self.model.not_back()
        assert balance.held_minor == sum(self.model.bank)
        assert sum(one.amount_minor for one in self.row.heard.held) == sum(
            due for _, due, _ in self.model.due_later
        )

    @invariant()
    def no_more_goes_back_than_was_paid(self) -> None:
        if self.model is None:
            return
        back = sum(fact.amount.amount_minor for fact in self.shop.facts(orders.RefundRecorded))
        back += sum(
            fact.amount.amount_minor
            for kind in (orders.OrderCanceled, orders.LinesCanceled)
            for fact in self.shop.facts(kind)
        )
        assert back + self.compensated + self.model.lost <= sum(unit.cost for unit in self.model.units)
        assert back + self.compensated == sum(amount for _, amount in self.model.back)

    @invariant()
    def what_is_offered_now_is_what_the_naive_rules_would_take(self) -> None:
        if self.model is None or isinstance(self.row.order, Pending):
            return  # of a pending order whose release is due, the next message says so first
        now = max(self.shop.now, self.model.released_at or self.shop.now)
        asked: dict[tuple[str, str], Callable[[Naive], Answer]] = {
            ("seller", "confirm_shipment"): lambda it: it.confirm("probe", {}, now, now),
            ("seller", "cancel_order"): lambda it: it.cancel_by_seller(None, now, now)[0],
            ("seller", "refund_order"): lambda it: it.refund_by_seller(None, 1, now, now)[0],
            ("seller", "change_address"): lambda it: self._any_change(it, now),
            ("support", "change_address"): lambda it: self._any_change(it, now),
            ("buyer", "leave_feedback"): lambda it: it.rate(now, now),
            ("buyer", "cancel_order"): lambda it: it.wished(now, now),
            ("support", "cancel_order"): lambda it: it.wished(now, now),
        }
        offered = {(role, name) for role, names in actions(self.row, now).items() for name in names}
        taken = {what for what, ask in asked.items() if ask(copy.deepcopy(self.model)) == "ok"}
        assert offered == taken

    def _any_change(self, model: Naive, at: datetime) -> Answer:
        unused = sorted(model.requests - model.changed)
        return model.change(unused[0] if unused else "none", at, at)

    @invariant()
    def its_history_replays_to_its_row(self) -> None:
        if self.model is None:
            return
        world = World()
        for each in self.shop.said:
            event = event_of(each.data, world, POLICIES)
            world = world if event is None else evolve(world, event)
        assert world.row.said == self.row.said


_PRICES = ("unit_price", "shipping", "tax")
TestAgainstNaive = pytest.mark.timeout(300)(AgainstNaive.TestCase)
TestAgainstNaive.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
