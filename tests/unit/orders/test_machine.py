"""Whatever comes, in whatever order: what always holds of orders, their stock and their timers."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.orders.domain.evolve import evolve
from services.orders.domain.model import Canceled, Order, Released, Unplaced, World, open_units
from services.orders.domain.timeline import timers
from services.orders.translate.replay import event_of
from shared.contracts import carriers, catalog, checkout, inventory, orders
from shared.contracts.data import Data, Role
from shared.contracts.facts import Line
from tests.unit.orders.build import NOON, UPS
from tests.unit.orders.shop import POLICIES, Shop, by, confirm, item, money, placed, usd
from tests.unit.orders.test_said import grant

ORDERS = st.sampled_from(["order-1", "order-2", "order-3"])
UNITS = st.integers(min_value=1, max_value=3)
AGO = st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=2))
SOME = st.dictionaries(st.sampled_from(["lamp", "shade", "chair"]), UNITS, max_size=2)
WHO: st.SearchStrategy[Role] = st.sampled_from(["seller", "buyer", "support"])
NEWS: list[type[Data]] = [
    checkout.PaymentVerified,
    checkout.PaymentVerified,
    checkout.PaymentDelayed,
    checkout.PaymentFailed,
    checkout.PaymentRefused,
    checkout.FraudDetected,
]


class Orders(RuleBasedStateMachine):
    """Three orders of two tracked skus and one that is stocked late or never, and all who speak of them."""

    def __init__(self) -> None:
        super().__init__()
        self.shop = Shop()
        self.canceled: dict[str, Order] = {}
        self.shipments = self.commands = 0
        self.stocked: dict[str, int] = {}

    @initialize()
    def stock_some(self) -> None:
        self.stock("sku-lamp", 5)
        self.stock("sku-shade", 3)

    @rule()
    @precondition(lambda self: "sku-chair" not in self.stocked)
    def stock_the_rest(self) -> None:
        self.stock("sku-chair", 4)

    def stock(self, sku: str, quantity: int) -> None:
        self.stocked[sku] = quantity
        at = self.shop.now
        self.shop.hear(catalog.ListingStocked(seller_id="seller-1", sku=sku, quantity=quantity, at=at))

    @rule(order_id=ORDERS, lamps=UNITS, shades=UNITS, chairs=UNITS)
    def place(self, order_id: str, lamps: int, shades: int, chairs: int) -> None:
        items = (item("lamp", lamps), item("shade", shades), item("chair", chairs))
        self.shop.hear(placed(*items, order_id=order_id, placed_at=self.shop.now))

    @rule(order_id=ORDERS, news=st.sampled_from(NEWS), ago=AGO)
    def hear_payment(self, order_id: str, news: type[Data], ago: timedelta) -> None:
        self.shop.hear(news.model_validate({"order_id": order_id, "at": self.shop.now - ago}))

    @rule(order_id=ORDERS, ago=AGO)
    def wish(self, order_id: str, ago: timedelta) -> None:
        wish = checkout.CancellationRequested(order_id=order_id, requested_at=self.shop.now - ago)
        self.shop.hear(wish)

    @rule(order_id=ORDERS, lines=st.dictionaries(st.sampled_from(["lamp", "shade", "chair"]), UNITS), ago=AGO)
    def confirm(self, order_id: str, lines: dict[str, int], ago: timedelta) -> None:
        self.shipments += 1
        named = [Line(order_item_id=name, quantity=units) for name, units in lines.items()]
        shipment_id = f"shipment-{self.shipments}"
        self.shop.hear(confirm(*named, order_id=order_id, at=self.shop.now - ago, shipment_id=shipment_id))

    @rule(order_id=ORDERS, who=WHO, lines=SOME, ago=AGO)
    def cancel(self, order_id: str, who: Role, lines: dict[str, int], ago: timedelta) -> None:
        named = tuple(Line(order_item_id=name, quantity=units) for name, units in lines.items())
        command = by(who, self.shop.now - ago, self.name("cancel"), order_id)
        self.shop.hear(orders.CancelOrder(**command, reason="", lines=named))

    @rule(order_id=ORDERS, lines=SOME, amount=st.integers(min_value=1, max_value=9000), ago=AGO)
    def refund(self, order_id: str, lines: dict[str, int], amount: int, ago: timedelta) -> None:
        named = tuple(Line(order_item_id=name, quantity=units) for name, units in lines.items())
        command = by("seller", self.shop.now - ago, self.name("refund"), order_id)
        self.shop.hear(orders.RefundOrder(**command, amount=money(amount), reason="", lines=named))

    @rule(order_id=ORDERS, rating=st.integers(min_value=1, max_value=5))
    def rate(self, order_id: str, rating: int) -> None:
        command = by("buyer", self.shop.now, self.name("rate"), order_id)
        self.shop.hear(orders.LeaveFeedback(**command, rating=rating))

    @rule(order_id=ORDERS, ago=AGO, amount=st.integers(min_value=1, max_value=2000))
    def charge_back(self, order_id: str, ago: timedelta, amount: int) -> None:
        at = self.shop.now - ago
        opened = checkout.ChargebackOpened(order_id=order_id, at=at, amount=usd(amount))
        self.shop.hear(opened)

    @rule(order_id=ORDERS, ago=AGO)
    def bank_decides_for_the_seller(self, order_id: str, ago: timedelta) -> None:
        at = self.shop.now - ago
        closed = {"order_id": order_id, "at": at, "outcome": "seller_won", "amount": usd(0)}
        self.shop.hear(checkout.ChargebackClosed.model_validate(closed))

    def name(self, kind: str) -> str:
        self.commands += 1
        return f"{kind}-{self.commands}"

    @rule(ago=AGO)
    def deliver(self, ago: timedelta) -> None:
        at = self.shop.now - ago
        self.shop.hear(
            carriers.Milestone(carrier="UPS", tracking_number=UPS, milestone="delivered", occurred_at=at)
        )

    @rule(order_id=ORDERS, claim=st.integers(min_value=1, max_value=2), units=UNITS)
    def grant(self, order_id: str, claim: int, units: int) -> None:
        granted = grant(Line(order_item_id="lamp", quantity=units), claim_id=f"{order_id}-claim-{claim}")
        self.shop.hear(granted.model_copy(update={"order_id": order_id, "at": self.shop.now}))

    @rule(
        by=st.sampled_from([timedelta(minutes=20), timedelta(hours=5), timedelta(days=8), timedelta(days=22)])
    )
    def wait(self, by: timedelta) -> None:
        self.shop.advance(self.shop.now + by)

    @rule(news=st.sampled_from(NEWS))
    @precondition(lambda self: self.canceled)
    def bring_news_of_canceled_orders(self, news: type[Data]) -> None:
        before = dict(self.shop.rows)
        for order_id in self.canceled:
            self.shop.hear(news.model_validate({"order_id": order_id, "at": NOON}))
        assert self.shop.rows == before

    @invariant()
    def stock_is_never_below_zero(self) -> None:
        assert all(units >= 0 for units in self.shop.available().values())

    @invariant()
    def units_are_on_the_shelf_or_taken_by_an_order(self) -> None:
        on_shelf, taken = self.shop.available(), self.shop.taken()
        assert {sku: on_shelf[sku] + taken[sku] for sku in on_shelf} == self.stocked

    @invariant()
    def what_is_taken_is_what_was_said_to_be(self) -> None:
        said: Counter[str] = Counter()
        for reserved in self.shop.facts(inventory.StockReserved):
            said[reserved.sku] += reserved.quantity
        for released in self.shop.facts(inventory.StockReleased):
            said[released.sku] -= released.quantity
        assert all(units >= 0 for units in said.values())
        assert +said == self.shop.taken()

    @invariant()
    def a_canceled_order_stays_as_it_is(self) -> None:
        for row in self.shop.order_rows():
            if isinstance(row.order, Canceled):
                order_id = row.order.placed.order_id
                assert self.canceled.setdefault(order_id, row.order) == row.order
        now_canceled = {
            row.order.placed.order_id for row in self.shop.order_rows() if isinstance(row.order, Canceled)
        }
        assert now_canceled == set(self.canceled)

    @invariant()
    def nothing_is_shipped_or_canceled_twice(self) -> None:
        for row in self.shop.order_rows():
            if isinstance(row.order, Released):
                assert all(units > 0 for units in open_units(row.order).values())

    @invariant()
    def no_more_is_left_uncharged_or_refunded_than_was_paid(self) -> None:
        totals: Counter[str] = Counter()
        canceled = [*self.shop.facts(orders.OrderCanceled), *self.shop.facts(orders.LinesCanceled)]
        for fact in canceled:
            totals[fact.order_id] += fact.amount.amount_minor
        for refund in self.shop.facts(orders.RefundRecorded):
            totals[refund.order_id] += refund.amount.amount_minor
        for received in self.shop.facts(orders.OrderReceived):
            paid = sum(
                one.unit_price.amount_minor * one.quantity + one.shipping.amount_minor + one.tax.amount_minor
                for one in received.items
            )
            assert totals[received.order_id] <= paid

    @invariant()
    def every_deadline_to_come_has_its_timer_and_no_other_stands(self) -> None:
        standing = Counter((one.order_id, one.kind, one.due_at) for one in self.shop.timers.values())
        wanted = Counter(
            (row.order.placed.order_id, kind, due_at)
            for row in self.shop.order_rows()
            if not isinstance(row.order, Unplaced)
            for kind, due_at in timers(row).items()
            if due_at > self.shop.now
        )
        assert {one for one in standing if one[2] > self.shop.now} == set(wanted)
        assert set(standing.values()) <= {1}

    @invariant()
    def the_history_of_an_order_replays_to_its_row(self) -> None:
        worlds: dict[str, World] = {}
        for each in self.shop.said:
            order_id = getattr(each.data, "order_id", None)
            if order_id is None:
                continue
            world = worlds.get(order_id, World())
            event = event_of(each.data, world, POLICIES)
            worlds[order_id] = world if event is None else evolve(world, event)
        for row in self.shop.order_rows():
            if isinstance(row.order, Unplaced):
                continue
            replayed = worlds[row.order.placed.order_id].row
            assert replayed.said == row.said


TestOrders = Orders.TestCase
TestOrders.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
