"""O15: tracking numbers, and what carriers' scans mean for shipments."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from services.orders.domain.events import (
    MilestoneKept,
    OrderDelivered,
    PromiseChanged,
    ShipmentConfirmed,
    ShipmentDelivered,
)
from services.orders.domain.evolve import DELIVERY_SCANS_MAX
from services.orders.domain.model import MilestoneKind, Quantity, World, status_of
from tests.unit.orders.build import (
    NEXT_DAY,
    UPS,
    USPS,
    confirmation,
    confirmed,
    line,
    orders,
    scan,
    unshipped,
)

DAY = timedelta(days=1)
DELIVERED = NEXT_DAY + 3 * DAY


# --------------------------------------------------------------------------------------- what is confirmed


@pytest.mark.parametrize(
    ("carrier", "number", "is_valid"),
    [
        ("UPS", UPS, True),
        ("ups", "1z 5r8 939 0357 567127", True),
        ("USPS", USPS, True),
        ("UPS", USPS, False),
        ("UPS", "1Z5R89390357567128", False),
        ("SNAIL", UPS, False),
        ("UPS", "", False),
        ("", "", False),
    ],
)
def test_a_tracking_number_is_valid_when_its_carrier_is_known_and_has_that_form(
    carrier: str, number: str, *, is_valid: bool
) -> None:
    command = confirmation(carrier=carrier, tracking_number=number)
    shipment = orders.given(*unshipped()).when(command, now=NEXT_DAY).the(ShipmentConfirmed).shipment
    assert shipment.tracking_valid is is_valid


@pytest.mark.parametrize(
    ("carrier", "method", "is_trackable"),
    [
        ("USPS", "Priority Mail", True),
        ("USPS", "First-Class Letter", False),
        ("usps", " LETTER ", False),
        ("UPS", "Letter", True),
        ("SNAIL", "Letter", True),
        ("USPS", "", False),
    ],
)
def test_a_method_is_trackable_unless_the_marketplace_lists_it_as_untracked(
    carrier: str, method: str, *, is_trackable: bool
) -> None:
    command = confirmation(carrier=carrier, method=method, tracking_number="")
    shipment = orders.given(*unshipped()).when(command, now=NEXT_DAY).the(ShipmentConfirmed).shipment
    assert shipment.trackable is is_trackable


# ------------------------------------------------------------------------------------------------ delivery


def test_a_delivery_scan_delivers_the_shipment_and_the_order() -> None:
    shipped = orders.given(*unshipped(), confirmed())
    decided = shipped.when(scan(DELIVERED), now=DELIVERED)
    decided.then(
        MilestoneKept(DELIVERED, None),
        ShipmentDelivered("shipment-1", (Quantity("lamp", 2),), DELIVERED),
        OrderDelivered(DELIVERED),
    )
    assert status_of(decided.state.order) == "Delivered"


def test_a_scan_counts_however_carrier_and_number_are_written() -> None:
    shipped = orders.given(*unshipped(), confirmed(carrier="ups", tracking_number="1z5r-8939 0357567127"))
    shipped.when(scan(DELIVERED), now=DELIVERED).the(ShipmentDelivered)


def test_the_same_scan_again_changes_nothing() -> None:
    delivered = orders.given(*unshipped(), confirmed()).when(scan(DELIVERED), now=DELIVERED)
    delivered.when(scan(DELIVERED), now=DELIVERED).then_nothing()


def test_a_second_delivery_scan_does_not_deliver_again() -> None:
    delivered = orders.given(*unshipped(), confirmed()).when(scan(DELIVERED), now=DELIVERED)
    again = delivered.when(scan(DELIVERED + DAY), now=DELIVERED + DAY)
    again.then(MilestoneKept(DELIVERED + DAY, None))
    assert again.state.order == delivered.state.order


@pytest.mark.parametrize("milestone", ["accepted", "in_transit", "out_for_delivery", "exception", "returned"])
def test_no_other_milestone_delivers(milestone: MilestoneKind) -> None:
    orders.given(*unshipped(), confirmed()).when(scan(DELIVERED, milestone), now=DELIVERED).then_nothing()


def test_a_scan_of_another_number_or_carrier_says_nothing_of_the_shipment() -> None:
    shipped = orders.given(*unshipped(), confirmed())
    shipped.when(scan(DELIVERED, tracking_number=USPS), now=DELIVERED).then_kinds(MilestoneKept)
    shipped.when(scan(DELIVERED, carrier="USPS"), now=DELIVERED).then_kinds(MilestoneKept)


def test_an_order_is_delivered_when_its_last_shipment_is() -> None:
    lines = (line("lamp", 1), line("shade", 1))
    given = orders.given(
        *unshipped(*lines),
        confirmed(Quantity("lamp", 1)),
        confirmed(Quantity("shade", 1), shipment_id="shipment-2", carrier="USPS", tracking_number=USPS),
    )
    second = given.when(scan(DELIVERED + DAY, carrier="USPS", tracking_number=USPS), now=DELIVERED + DAY)
    second.then_kinds(MilestoneKept, ShipmentDelivered)
    assert status_of(second.state.order) == "Shipped"
    with_the_other_number = World(row=second.state.row)
    both = orders.given_state(with_the_other_number).when(scan(DELIVERED), now=DELIVERED + 2 * DAY)
    assert both.the(OrderDelivered).at == DELIVERED + DAY


def test_a_partially_shipped_order_is_not_delivered() -> None:
    given = orders.given(*unshipped(), confirmed(Quantity("lamp", 1)))
    decided = given.when(scan(DELIVERED), now=DELIVERED)
    decided.then_kinds(MilestoneKept, ShipmentDelivered)
    assert status_of(decided.state.order) == "PartiallyShipped"


def test_two_shipments_under_one_number_are_delivered_together() -> None:
    given = orders.given(
        *unshipped(),
        confirmed(Quantity("lamp", 1)),
        confirmed(Quantity("lamp", 1), shipment_id="shipment-2"),
    )
    decided = given.when(scan(DELIVERED), now=DELIVERED)
    decided.then_kinds(MilestoneKept, ShipmentDelivered, ShipmentDelivered, OrderDelivered)
    assert decided.state.tracking.orders == ()


def test_a_scan_up_to_a_day_before_the_ship_date_counts() -> None:
    shipped = orders.given(*unshipped(), confirmed())
    shipped.when(scan(NEXT_DAY - DAY), now=DELIVERED).the(ShipmentDelivered)


def test_a_scan_more_than_a_day_before_the_ship_date_is_of_an_earlier_parcel() -> None:
    shipped = orders.given(*unshipped(), confirmed())
    shipped.when(scan(NEXT_DAY - DAY - timedelta(seconds=1)), now=DELIVERED).then_kinds(MilestoneKept)


# -------------------------------------------------------------------- scans that come before the confirmation


def test_a_delivery_that_came_before_the_confirmation_is_kept_for_it() -> None:
    kept = orders.given(*unshipped()).when(scan(NEXT_DAY), now=NEXT_DAY)
    kept.then(MilestoneKept(NEXT_DAY, None))
    decided = kept.when(confirmation(), now=DELIVERED)
    assert decided.the(ShipmentDelivered).delivered_at == NEXT_DAY
    assert status_of(decided.state.order) == "Delivered"


def test_of_the_kept_deliveries_the_first_that_can_be_of_this_parcel_counts() -> None:
    earlier_parcel = orders.given(*unshipped()).when(scan(NEXT_DAY - 90 * DAY), now=NEXT_DAY)
    kept = earlier_parcel.when(scan(DELIVERED), now=DELIVERED)
    both = kept.when(scan(DELIVERED + DAY), now=DELIVERED + DAY)
    decided = both.when(confirmation(), now=DELIVERED + DAY)
    assert decided.the(ShipmentDelivered).delivered_at == DELIVERED


def test_a_kept_promise_is_told_with_the_confirmation() -> None:
    promised = scan(NEXT_DAY, "accepted", promised_date=date(2021, 3, 5))
    kept = orders.given(*unshipped()).when(promised, now=NEXT_DAY)
    decided = kept.when(confirmation(), now=NEXT_DAY)
    assert decided.the(PromiseChanged) == PromiseChanged(NEXT_DAY, "shipment-1", date(2021, 3, 5))


def test_scans_of_one_number_are_kept_up_to_a_limit_the_newest_of_them() -> None:
    kept = orders.given()
    for days in range(DELIVERY_SCANS_MAX + 5):
        kept = kept.when(scan(NEXT_DAY + days * DAY), now=NEXT_DAY)
    assert len(kept.state.tracking.delivered_at) == DELIVERY_SCANS_MAX
    assert kept.state.tracking.delivered_at[-1] == NEXT_DAY + (DELIVERY_SCANS_MAX + 4) * DAY
    oldest = kept.when(scan(NEXT_DAY), now=NEXT_DAY)
    assert oldest.state.tracking == kept.state.tracking


# ------------------------------------------------------------------------------------------------ promises


def test_a_promise_by_valid_tracking_is_told_when_it_changes() -> None:
    shipped = orders.given(*unshipped(), confirmed())
    first = shipped.when(scan(NEXT_DAY, "accepted", promised_date=date(2021, 3, 5)), now=NEXT_DAY)
    assert first.the(PromiseChanged).promised_date == date(2021, 3, 5)
    later = NEXT_DAY + DAY
    same = first.when(scan(later, "in_transit", promised_date=date(2021, 3, 5)), now=later)
    same.then_kinds(MilestoneKept)
    moved = same.when(scan(later + DAY, "exception", promised_date=date(2021, 3, 8)), now=later + DAY)
    assert moved.the(PromiseChanged) == PromiseChanged(later + DAY, "shipment-1", date(2021, 3, 8))


def test_a_promise_that_an_older_scan_made_changes_nothing() -> None:
    newer = scan(NEXT_DAY + DAY, "in_transit", promised_date=date(2021, 3, 5))
    older = scan(NEXT_DAY, "accepted", promised_date=date(2021, 3, 9))
    promised = orders.given(*unshipped(), confirmed()).when(newer, now=NEXT_DAY + DAY)
    promised.when(older, now=NEXT_DAY + DAY).then_nothing()


def test_a_promise_by_invalid_tracking_is_none() -> None:
    shipped = orders.given(*unshipped(), confirmed(tracking_valid=False))
    promised = scan(NEXT_DAY, "accepted", promised_date=date(2021, 3, 5))
    shipped.when(promised, now=NEXT_DAY).then_kinds(MilestoneKept)


def test_a_delivered_shipment_is_promised_nothing_more() -> None:
    delivered = orders.given(*unshipped(), confirmed()).when(scan(DELIVERED), now=DELIVERED)
    promised = scan(DELIVERED + DAY, "in_transit", promised_date=date(2021, 3, 20))
    delivered.when(promised, now=DELIVERED + DAY).then_kinds(MilestoneKept)


# ------------------------------------------------------------------------------------- who waits for a number


def test_a_number_knows_the_orders_that_wait_for_its_scans() -> None:
    shipped = orders.given(*unshipped()).when(confirmation(), now=NEXT_DAY)
    assert shipped.state.tracking.orders == ("order-1",)
    assert shipped.when(scan(DELIVERED), now=DELIVERED).state.tracking.orders == ()


def test_an_order_is_listed_once_with_a_number_that_two_of_its_shipments_have() -> None:
    first = orders.given(*unshipped()).when(confirmation(Quantity("lamp", 1)), now=NEXT_DAY)
    second = first.when(confirmation(Quantity("lamp", 1), shipment_id="shipment-2"), now=NEXT_DAY)
    assert second.state.tracking.orders == ("order-1",)
