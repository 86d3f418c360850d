"""What the service says on Kafka, and what it never says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import get_args

import pytest

from services.orders.domain.model import CanceledBy, CancelReason, Released, TimerKind, status_of
from services.orders.domain.refusals import REFUSALS as REFUSED_BY
from services.orders.domain.refusals import CommandName
from services.orders.domain.timeline import Then
from services.orders.templates import REFUSALS
from services.orders.translate.inward import TITLE_CUT_CHARACTERS
from shared.contracts import carriers, catalog, claims, inventory, lists, orders, timer
from shared.contracts.checkout import CancellationRequested, FraudDetected, PaymentDelayed, PaymentVerified
from shared.contracts.envelope import Unreadable
from shared.contracts.facts import Line, StateFact
from shared.contracts.messages import BY_TYPE
from shared.contracts.money import Money
from shared.contracts.topics import INVENTORY_EVENTS, ORDERS_EVENTS, RECORD_BYTES_MAX
from shared.kit import ids
from tests.unit.orders.build import CUTOFF, EXPIRY, HOLD_END, NEXT_DAY, NOON, SETTLED, UPS, WARNING
from tests.unit.orders.shop import SERVICE, Shop, confirm, item, placed

MINUTE = timedelta(minutes=1)


def released() -> Shop:
    """An order placed and verified at noon, and released half an hour later; it is the next day."""
    shop = Shop()
    shop.hear(placed())
    shop.hear(PaymentVerified(order_id="order-1", at=NOON))
    shop.advance(NEXT_DAY)
    return shop


def grant(*lines: Line, claim_id: str = "claim-1") -> claims.ClaimGranted:
    nothing = Money(amount_minor=0, currency="USD")
    return claims.ClaimGranted(
        order_id="order-1",
        seller_id="seller-1",
        buyer_id="buyer-1",
        at=NEXT_DAY,
        actions={},
        deadlines=(),
        claim_id=claim_id,
        amount=nothing,
        automatic=True,
        policy_id="2021-en",
        explanation=(),
        funding="seller",
        lines=lines or (Line(order_item_id="lamp", quantity=2),),
        compensation=nothing,
    )


# ---------------------------------------------------------------------------------------------- order facts


def test_an_order_received_has_all_of_the_placement_but_the_address() -> None:
    shop = Shop()
    shop.hear(placed())
    fact = shop.fact(orders.OrderReceived)
    assert (fact.order_id, fact.seller_id, fact.buyer_id) == ("order-1", "seller-1", "buyer-1")
    assert fact.items == (item(),)
    assert (fact.ship_to_country, fact.policy_id, fact.at) == ("US", "2021-en", NOON)
    assert [(one.kind, one.due_at, one.then) for one in fact.deadlines] == [
        ("hold_end", HOLD_END, "orders.order_released.v1"),
        ("verification_due", EXPIRY, "orders.order_canceled.v1"),
    ]


def test_a_release_carries_the_dates_the_cutoff_and_what_the_seller_may_do() -> None:
    fact = released().fact(orders.OrderReleased)
    assert (fact.at, fact.confirm_by) == (HOLD_END, CUTOFF)
    assert fact.expected_ship_date == fact.delivery_to == date(2021, 3, 1)
    assert fact.actions == {
        "seller": ("confirm_shipment", "cancel_order", "refund_order"),
        "buyer": ("leave_feedback",),
    }
    assert [(one.kind, one.due_at) for one in fact.deadlines] == [
        ("ship_by_warning", WARNING),
        ("ship_confirmation_due", CUTOFF),
    ]


def test_a_confirmation_carries_the_command_and_what_it_is_worth() -> None:
    shop = released()
    command = confirm()
    shop.hear(command)
    fact = shop.fact(orders.ShipmentConfirmed)
    assert (fact.command_id, fact.actor, fact.at) == (command.command_id, command.actor, NEXT_DAY)
    assert (fact.carrier, fact.method, fact.tracking_number) == ("UPS", "Ground", UPS)
    assert fact.lines == (Line(order_item_id="lamp", quantity=2),)
    assert fact.tracking_valid
    assert fact.trackable
    assert fact.actions == {"seller": ("refund_order",), "buyer": ("leave_feedback",)}
    assert shop.fact(orders.OrderShipped).deadlines == ()


def test_a_confirmation_with_a_date_only_is_neither_tracked_nor_valid() -> None:
    shop = released()
    command = confirm().model_copy(update={"carrier": None, "method": None, "tracking_number": None})
    shop.hear(command)
    fact = shop.fact(orders.ShipmentConfirmed)
    assert (fact.carrier, fact.method, fact.tracking_number) == (None, None, None)
    assert not fact.tracking_valid
    assert not fact.trackable


def test_a_cancellation_says_why_by_whom_and_what_is_not_charged() -> None:
    shop = Shop()
    shop.hear(placed())
    shop.hear(FraudDetected(order_id="order-1", at=NOON + MINUTE))
    fact = shop.fact(orders.OrderCanceled)
    assert (fact.reason, fact.by, fact.counts_in_cancellation_rate) == ("fraud", "payment", False)
    assert fact.amount == Money(amount_minor=2 * 2000 + 499 + 331, currency="USD")
    assert (fact.actions, fact.deadlines) == ({}, ())


def test_a_refused_cancellation_shows_the_seller_the_wish() -> None:
    shop = released()
    shop.hear(CancellationRequested(order_id="order-1", requested_at=NEXT_DAY))
    fact = shop.fact(orders.CancellationRefused)
    assert (fact.requested_at, fact.reason, fact.at) == (NEXT_DAY, "released", NEXT_DAY)


def test_a_grant_cancels_what_is_not_shipped_and_names_its_claim() -> None:
    shop = released()
    shop.hear(grant(Line(order_item_id="lamp", quantity=1)))
    fact = shop.fact(orders.LinesCanceled)
    assert (fact.reason, fact.claim_id, fact.amount.amount_minor) == ("claim_granted", "claim-1", 0)
    assert shop.hear(grant(Line(order_item_id="lamp", quantity=1))) == []


def test_a_delayed_verification_is_said_with_its_cause() -> None:
    shop = Shop()
    shop.hear(placed())
    shop.hear(PaymentDelayed(order_id="order-1", at=NOON + MINUTE))
    assert shop.fact(orders.VerificationDelayed).cause == "delayed"


def test_facts_of_an_order_are_keyed_by_it_and_stock_facts_by_the_seller() -> None:
    shop = Shop()
    shop.hear(catalog.ListingStocked(seller_id="seller-1", sku="sku-lamp", quantity=2, at=NOON))
    shop.hear(placed())
    by_topic = {each.topic: each.key for each in shop.said}
    assert by_topic[ORDERS_EVENTS] == "order-1"
    assert by_topic[INVENTORY_EVENTS] == "seller-1"
    assert shop.fact(inventory.StockReserved).order_id == "order-1"
    assert shop.fact(inventory.ListingWithdrawn).quantity == 0


def test_a_fact_is_dated_when_it_happened_and_not_when_it_was_read() -> None:
    shop = released()
    shop.advance(SETTLED + timedelta(days=3))
    assert {type(each.data).__name__: each.at for each in shop.said if isinstance(each.data, StateFact)} == {
        "OrderReceived": NOON,
        "OrderReleased": HOLD_END,
        "ShipByWarned": WARNING,
        "OrderCanceled": CUTOFF,
    }


# -------------------------------------------------------------------------------------------------- timers


def test_the_same_deadline_has_the_same_timer_and_a_moved_one_another() -> None:
    shop = Shop()
    shop.hear(placed())
    hold = next(one for one in shop.facts(timer.Schedule) if one.kind == "hold_end")
    assert hold.timer_id == ids.derived("orders", "hold_end", "order-1", HOLD_END.isoformat())
    assert (hold.owner, hold.order_id, hold.subject_id) == ("orders", "order-1", "order-1")
    shop.hear(PaymentVerified(order_id="order-1", at=HOLD_END + MINUTE))
    moved = shop.facts(timer.Schedule)[-1]
    assert (moved.kind, moved.due_at) == ("hold_end", HOLD_END + MINUTE)
    assert shop.facts(timer.Cancel)[0].timer_id == hold.timer_id != moved.timer_id


@pytest.mark.parametrize(("owner", "kind"), [("messaging", "hold_end"), ("orders", "response_due")])
def test_a_deadline_that_is_not_ours_is_passed_over(owner: str, kind: str) -> None:
    shop = Shop()
    shop.hear(placed())
    expired = timer.DeadlineExpired(
        timer_id="timer",
        kind=kind,
        owner=owner,
        order_id="order-1",
        subject_id="order-1",
        due_at=HOLD_END,
        fired_at=HOLD_END,
    )
    assert shop.hear(expired) == []


# ------------------------------------------------------------------------------------------------- refusals


def test_a_refusal_names_its_rule_and_says_it_in_both_languages() -> None:
    shop = released()
    shop.now = CUTOFF + MINUTE
    command = confirm(at=CUTOFF)
    (said,) = shop.hear(command)
    fact = said.data
    assert isinstance(fact, orders.CommandRefused)
    assert (fact.command_id, fact.shipment_id) == (command.command_id, "shipment-1")
    assert (fact.rule, fact.reason, fact.until) == ("O11", "too_late", CUTOFF)
    assert "before 2021-03-31 12:00 UTC" in fact.message.en
    assert "2021-03-31 12:00 UTC 之前" in fact.message.zh
    assert fact.actions == {"seller": ("refund_order",), "buyer": ("leave_feedback",)}


def test_a_refused_seller_reads_how_many_are_left() -> None:
    shop = released()
    shop.hear(confirm(Line(order_item_id="lamp", quantity=1)))
    shop.hear(confirm(Line(order_item_id="lamp", quantity=9), shipment_id="another"))
    message = shop.fact(orders.CommandRefused).message
    assert "1 left" in message.en
    assert "1 件" in message.zh


def test_an_unknown_order_is_refused_without_a_number() -> None:
    (said,) = Shop().hear(confirm())
    assert isinstance(said.data, orders.CommandRefused)
    assert (said.data.reason, said.sequenced) == ("unknown_order", False)


def test_every_refusal_has_its_sentence_in_both_languages_and_stands_in_the_contract() -> None:
    refused_by = {name: set(reasons) for name, reasons in REFUSED_BY.items()}
    assert set(REFUSALS) == {"unknown_order"}.union(*refused_by.values())
    assert set(REFUSALS) <= set(lists.REFUSALS)
    assert {rule for reasons in REFUSED_BY.values() for rule in reasons.values()} <= set(lists.RULES)
    assert all(said.en and said.zh for said in REFUSALS.values())


def test_every_word_of_the_domain_stands_in_the_contract() -> None:
    assert set(get_args(CancelReason)) <= set(lists.CANCELLATION_REASONS)
    assert set(get_args(CanceledBy)) <= set(lists.CANCELED_BY)
    assert set(get_args(TimerKind)) <= set(lists.TIMER_KINDS)
    assert set(get_args(CommandName)) <= set(lists.ACTIONS)
    assert {f"orders.{then}.v1" for then in get_args(Then)} <= set(BY_TYPE)


# ------------------------------------------------------------------------------------- what is never said


def test_the_address_is_in_no_fact_and_no_row() -> None:
    shop = released()
    shop.hear(confirm())
    shop.advance(SETTLED)
    assert "canary" not in "".join(each.data.to_json().decode() for each in shop.said).lower()
    assert "canary" not in repr(shop.rows).lower()


def test_an_unknown_marketplace_is_unreadable() -> None:
    assert isinstance(SERVICE.check(placed(marketplace_id="moon")), Unreadable)
    assert SERVICE.check(placed()) is None


# -------------------------------------------------------------------------------------------------- limits


def test_an_order_whose_titles_fill_the_record_still_fits_into_one() -> None:
    items = [item(f"item-{number}", title="灯" * 1650) for number in range(200)]
    order = placed(*items)
    assert RECORD_BYTES_MAX * 0.9 < len(order.to_json()) < RECORD_BYTES_MAX
    shop = Shop()
    shop.hear(order)
    fact = shop.fact(orders.OrderReceived)
    assert len(fact.to_json()) < RECORD_BYTES_MAX
    assert {line.title for line in fact.items} == {"灯" * TITLE_CUT_CHARACTERS}


# ------------------------------------------------------------------------------------------------- tracking


def test_a_scan_reaches_every_order_that_waits_for_its_number() -> None:
    shop = Shop()
    for order_id in ("order-1", "order-2", "order-3"):
        shop.hear(placed(order_id=order_id))
        shop.hear(PaymentVerified(order_id=order_id, at=NOON))
    shop.advance(NEXT_DAY)
    shop.hear(confirm(order_id="order-1"))
    shop.hear(confirm(order_id="order-2", tracking_number="1z5r8939 0357-567127"))
    scanned_at = NEXT_DAY + timedelta(days=2)
    shop.hear(
        carriers.Milestone(carrier="ups", tracking_number=UPS, milestone="delivered", occurred_at=scanned_at)
    )
    assert [fact.order_id for fact in shop.facts(orders.OrderDelivered)] == ["order-1", "order-2"]
    assert status_of(shop.order("order-3")) == "Unshipped"


def test_a_number_of_blanks_is_no_number() -> None:
    shop = released()
    shop.hear(confirm(tracking_number=" - "))
    assert not shop.fact(orders.ShipmentConfirmed).tracking_valid
    blank = carriers.Milestone(
        carrier="UPS", tracking_number=" - ", milestone="delivered", occurred_at=NEXT_DAY
    )
    assert shop.hear(blank) == []


# -------------------------------------------------------------------------------------------------- policy


@pytest.mark.parametrize("marketplace_id", ["us", "cn", "jp"])
def test_an_order_is_judged_by_its_marketplaces_policy(marketplace_id: str) -> None:
    shop = Shop()
    shop.hear(placed(marketplace_id=marketplace_id))
    shop.hear(PaymentVerified(order_id="order-1", at=NOON))
    shop.advance(NEXT_DAY)
    order = shop.order()
    assert isinstance(order, Released)
    assert order.released_at == HOLD_END
    assert order.confirm_by == datetime(2021, 3, 31, 12, tzinfo=UTC)
