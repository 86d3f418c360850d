"""O10, O4, T5: the seller confirms shipments one by one, or hears why that can't be."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.orders.domain.events import (
    CommandRefused,
    Event,
    OrderReleased,
    OrderShipped,
    SellerKept,
    ShipmentConfirmed,
    TimerCanceled,
)
from services.orders.domain.inputs import DeadlineExpired, SellerRegistered
from services.orders.domain.model import (
    Actor,
    CancellationRequested,
    FileRow,
    PaymentNews,
    Plan,
    Quantity,
    status_of,
)
from services.orders.domain.refusals import REFUSALS, RefusalReason
from tests.unit.orders.build import (
    CUTOFF,
    EXPIRY,
    HOLD_END,
    NEXT_DAY,
    NOON,
    SETTLED,
    WARNING,
    confirmation,
    confirmed,
    granted,
    line,
    orders,
    pending,
    received,
    unshipped,
    verified,
)

MINUTE = timedelta(minutes=1)


def refused(reason: RefusalReason, shipment_id: str = "shipment-1", **params: object) -> CommandRefused:
    command_id, params_ = f"confirm-{shipment_id}", tuple(params.items())
    return CommandRefused("confirm_shipment", command_id, NEXT_DAY, reason, params_, shipment_id)  # type: ignore[arg-type]


def test_a_shipment_of_all_that_is_left_ships_the_order_and_stops_its_clocks() -> None:
    decided = orders.given(*unshipped()).when(confirmation(), now=NEXT_DAY)
    decided.then(
        confirmed(Quantity("lamp", 2)),
        OrderShipped(NEXT_DAY),
        TimerCanceled("ship_by_warning", WARNING),
        TimerCanceled("ship_confirmation_due", SETTLED),
    )
    assert status_of(decided.state.order) == "Shipped"


def test_a_shipment_of_some_units_ships_the_order_partially() -> None:
    decided = orders.given(*unshipped()).when(confirmation(Quantity("lamp", 1)), now=NEXT_DAY)
    decided.then(confirmed(Quantity("lamp", 1)))
    assert status_of(decided.state.order) == "PartiallyShipped"
    rest = decided.when(confirmation(shipment_id="shipment-2"), now=NEXT_DAY)
    assert rest.the(ShipmentConfirmed).shipment.lines == (Quantity("lamp", 1),)
    assert status_of(rest.state.order) == "Shipped"


def test_a_line_named_twice_is_confirmed_with_the_sum() -> None:
    twice = confirmation(Quantity("lamp", 1), Quantity("lamp", 1))
    decided = orders.given(*unshipped()).when(twice, now=NEXT_DAY)
    assert decided.the(ShipmentConfirmed).shipment.lines == (Quantity("lamp", 2),)


def test_the_row_of_a_file_and_who_confirmed_stand_in_the_fact() -> None:
    command = replace(confirmation(), source=FileRow("file-1", 7))
    told = orders.given(*unshipped()).when(command, now=NEXT_DAY).the(ShipmentConfirmed)
    assert (told.source, told.actor) == (FileRow("file-1", 7), Actor("seller", "seller-1"))


@pytest.mark.parametrize(("plan", "may"), [("professional", True), ("individual", False), (None, True)])
def test_only_professional_sellers_confirm_by_file(plan: Plan | None, *, may: bool) -> None:
    told: tuple[Event, ...] = () if plan is None else (SellerKept(plan),)
    given = orders.given(*unshipped(), *told)
    by_file = replace(confirmation(), source=FileRow("file-1", 7))
    decided = given.when(by_file, now=NEXT_DAY)
    assert bool(decided.every(ShipmentConfirmed)) is may
    if not may:
        decided.then(refused("professional_only")).then_no_change()
    given.when(confirmation(), now=NEXT_DAY).the(ShipmentConfirmed)


def test_a_sellers_plan_is_kept_and_the_last_one_counts() -> None:
    individual = orders.given(*unshipped()).when(SellerRegistered("individual"), now=NEXT_DAY)
    individual.then(SellerKept("individual"))
    individual.when(SellerRegistered("individual"), now=NEXT_DAY).then_nothing()
    professional = individual.when(SellerRegistered("professional"), now=NEXT_DAY)
    by_file = replace(confirmation(), source=FileRow("file-1", 7))
    professional.when(by_file, now=NEXT_DAY).the(ShipmentConfirmed)


def test_the_same_command_again_changes_nothing() -> None:
    given = orders.given(*unshipped(), confirmed(Quantity("lamp", 1)))
    given.when(confirmation(Quantity("lamp", 1)), now=NEXT_DAY).then_nothing()


def test_another_shipment_under_the_same_id_is_refused() -> None:
    other = confirmation(Quantity("lamp", 1), command_id="another")
    decided = orders.given(*unshipped(), confirmed(Quantity("lamp", 1))).when(other, now=NEXT_DAY)
    refusal = decided.then_no_change().the(CommandRefused)
    assert (refusal.reason, refusal.command_id, refusal.subject_id) == (
        "shipment_id_reused",
        "another",
        "shipment-1",
    )


def test_more_than_is_left_is_refused_with_what_is_left() -> None:
    given = orders.given(*unshipped(), confirmed(Quantity("lamp", 1), shipment_id="earlier"))
    decided = given.when(confirmation(Quantity("lamp", 2)), now=NEXT_DAY)
    decided.then(refused("nothing_left", left=1)).then_no_change()


def test_nothing_left_is_refused() -> None:
    given = orders.given(*unshipped(), confirmed(shipment_id="earlier"))
    given.when(confirmation(), now=NEXT_DAY).then(refused("nothing_left", left=0)).then_no_change()


def test_a_line_that_the_order_has_not_is_refused() -> None:
    decided = orders.given(*unshipped()).when(confirmation(Quantity("chair", 1)), now=NEXT_DAY)
    decided.then(refused("unknown_line", order_item_id="chair")).then_no_change()


@pytest.mark.parametrize(
    "actor",
    [
        Actor("seller", "seller-2"),
        Actor("buyer", "buyer-1"),
        Actor("buyer", "seller-1"),
        Actor("operator", "seller-1"),
    ],
)
def test_only_the_orders_own_seller_confirms(actor: Actor) -> None:
    decided = orders.given(*unshipped()).when(confirmation(actor=actor), now=NEXT_DAY)
    decided.then(refused("not_the_seller")).then_no_change()


def test_a_pending_order_must_not_be_shipped() -> None:
    decided = orders.given(*pending()).when(confirmation(), now=NEXT_DAY)
    decided.then(refused("order_pending")).then_no_change()


def test_a_confirmation_dated_before_the_release_is_refused_though_it_is_read_after_it() -> None:
    early = confirmation(at=HOLD_END - MINUTE)
    orders.given(*unshipped()).when(early, now=NEXT_DAY).then(refused("order_pending")).then_no_change()


def test_a_confirmation_dated_after_the_release_counts_though_the_timer_of_the_hold_is_late() -> None:
    decided = orders.given(received(), verified()).when(confirmation(), now=NEXT_DAY)
    assert decided.the(OrderReleased).at == HOLD_END
    assert decided.the(ShipmentConfirmed).at == NEXT_DAY


def test_a_canceled_order_must_not_be_shipped() -> None:
    canceled = orders.given(*pending()).when(CancellationRequested(NOON + MINUTE), now=NOON + MINUTE)
    decided = canceled.when(confirmation(), now=NEXT_DAY)
    decided.then(refused("order_canceled")).then_no_change()


def test_a_command_up_to_a_minute_ahead_of_the_clock_is_taken() -> None:
    command = confirmation(at=NEXT_DAY + MINUTE)
    assert orders.given(*unshipped()).when(command, now=NEXT_DAY).the(ShipmentConfirmed).at == command.at


def test_a_command_further_ahead_of_the_clock_is_refused() -> None:
    command = confirmation(at=NEXT_DAY + MINUTE + timedelta(microseconds=1))
    orders.given(*unshipped()).when(command, now=NEXT_DAY).then(refused("in_the_future")).then_no_change()


def test_a_confirmation_dated_before_the_cutoff_counts_though_it_is_read_after_it() -> None:
    in_time = confirmation(at=CUTOFF - MINUTE)
    decided = orders.given(*unshipped()).when(in_time, now=SETTLED - MINUTE)
    assert status_of(decided.state.order) == "Shipped"
    decided.when(DeadlineExpired("ship_confirmation_due", SETTLED), now=SETTLED).then_nothing()


def test_a_confirmation_dated_at_the_cutoff_or_later_is_refused_even_before_it_takes_effect() -> None:
    too_late = confirmation(at=CUTOFF)
    decided = orders.given(*unshipped()).when(too_late, now=CUTOFF + MINUTE)
    refusal = decided.then_no_change().the(CommandRefused)
    assert (refusal.reason, refusal.params) == ("too_late", (("until", CUTOFF),))


def test_a_confirmation_dated_in_time_and_read_after_the_automatic_cancellation_is_refused() -> None:
    canceled = orders.given(*unshipped()).when(DeadlineExpired("ship_confirmation_due", SETTLED), now=SETTLED)
    decided = canceled.when(confirmation(at=CUTOFF - MINUTE), now=SETTLED + MINUTE)
    assert decided.then_no_change().the(CommandRefused).reason == "order_canceled"


def test_the_rest_of_a_partial_shipment_is_refused_once_it_is_canceled() -> None:
    given = orders.given(*unshipped(line(), line("shade", 1)), confirmed(shipment_id="earlier"))
    canceled = given.when(granted(Quantity("shade", 1)), now=NEXT_DAY)
    by_name = canceled.when(confirmation(Quantity("shade", 1)), now=NEXT_DAY)
    by_name.then(refused("order_canceled"))
    canceled.when(confirmation(), now=NEXT_DAY).then(refused("order_canceled"))


def test_a_command_on_an_order_that_has_not_come_says_nothing_for_it_waits() -> None:
    orders.given().when(confirmation(), now=NEXT_DAY).then_nothing()
    early = orders.given().when(PaymentNews("verified", NOON), now=NOON)
    early.when(confirmation(), now=NEXT_DAY).then_nothing()


def test_every_refusal_names_its_rule() -> None:
    assert {refused(reason).rule for reason in REFUSALS["confirm_shipment"]} == {"T5", "O4", "O10", "O11"}


def test_expiry_of_the_verification_means_nothing_to_a_shipped_order() -> None:
    shipped = orders.given(*unshipped(), confirmed())
    shipped.when(DeadlineExpired("verification_due", EXPIRY), now=EXPIRY).then_nothing()
