"""What an event changes: pure and total. A stored history of our facts replays through it to the order."""

from __future__ import annotations

from collections.abc import Callable

from services.orders.domain.accounting import AccountEvent, account_after, heard_after
from services.orders.domain.carriers import number_key
from services.orders.domain.events import (
    AddressChanged,
    CancellationRefused,
    ChargebackClosed,
    ChargebackOpened,
    CommandRefused,
    EarlyNewsKept,
    Event,
    FeedbackLeft,
    HeardEvent,
    LinesCanceled,
    ListingRestored,
    ListingWithdrawn,
    MilestoneKept,
    OrderCanceled,
    OrderDelivered,
    OrderReceived,
    OrderReleased,
    OrderShipped,
    PromiseChanged,
    RefundRecorded,
    SellerKept,
    ShipByWarned,
    ShipmentConfirmed,
    ShipmentDelivered,
    StockKept,
    StockReleased,
    StockReserved,
    TimerCanceled,
    TimerSet,
    VerificationDelayed,
    VerificationKept,
)
from services.orders.domain.model import (
    Account,
    Canceled,
    Order,
    OrderRow,
    Pending,
    Promise,
    Released,
    Seller,
    Shipment,
    Stock,
    Tracking,
    Unplaced,
    World,
)
from shared.values import replace

RowChange = (
    VerificationKept
    | VerificationDelayed
    | AddressChanged
    | RefundRecorded
    | FeedbackLeft
    | ChargebackOpened
    | ChargebackClosed
    | HeardEvent
)
OrderChange = (
    EarlyNewsKept
    | OrderReceived
    | OrderReleased
    | OrderCanceled
    | LinesCanceled
    | CancellationRefused
    | ShipmentConfirmed
    | PromiseChanged
    | ShipmentDelivered
    | ShipByWarned
)

DELIVERY_SCANS_MAX = 20
"""Of one tracking number, the newest: more would be years of a number used again and again."""
EARLY_NEWS_MAX = 20


def evolve(world: World, event: Event) -> World:
    """Return the world after an event."""
    match event:
        case (
            EarlyNewsKept()
            | OrderReceived()
            | OrderReleased()
            | OrderCanceled()
            | LinesCanceled()
            | CancellationRefused()
            | PromiseChanged()
            | ShipByWarned()
        ):
            return _order(world, event)
        case ShipmentConfirmed() | ShipmentDelivered():
            return _shipment(_order(world, event), event)
        case StockKept() | StockReserved() | StockReleased():
            return _stock(world, event)
        case MilestoneKept() | SellerKept():
            return _beside(world, event)
        case (
            OrderShipped()
            | OrderDelivered()
            | ListingWithdrawn()
            | ListingRestored()
            | TimerSet()
            | TimerCanceled()
            | CommandRefused()
        ):
            return world
        case _:
            return replace(world, row=_row(world.row, event))


def _beside(world: World, event: MilestoneKept | SellerKept) -> World:
    match event:
        case MilestoneKept():
            return replace(world, tracking=_kept(world.tracking, event))
        case SellerKept():
            return replace(world, seller=Seller(event.plan))


def _account(row: OrderRow, event: AccountEvent) -> Account:
    order = row.order
    return row.account if isinstance(order, Unplaced) else account_after(order.placed, row.account, event)


def _row(row: OrderRow, event: RowChange) -> OrderRow:
    match event:
        case VerificationKept():
            return replace(row, verified_at=event.verified_at)
        case VerificationDelayed():
            return replace(row, delayed_at=event.at)
        case AddressChanged() | RefundRecorded() | FeedbackLeft() | ChargebackOpened() | ChargebackClosed():
            account = _account(row, event)
            heard = heard_after(row.heard, event) if isinstance(event, RefundRecorded) else row.heard
            return replace(row, account=account, heard=heard)
        case _:
            return replace(row, heard=heard_after(row.heard, event))


def _order(world: World, event: OrderChange) -> World:
    row = replace(world.row, order=_next(world.order, event))
    if isinstance(event, OrderCanceled | LinesCanceled):
        account = _account(row, event)
        row = replace(row, account=account, heard=heard_after(row.heard, event))
    return replace(world, row=row)


def _next(order: Order, event: OrderChange) -> Order:
    match order:
        case Unplaced():
            return _unplaced(order, event)
        case Pending():
            return _pending(order, event)
        case Released():
            return _released(order, event)
        case Canceled():
            return order


def _unplaced(order: Unplaced, event: OrderChange) -> Order:
    match event:
        case EarlyNewsKept():
            return replace(order, early=(*order.early, event.news)[:EARLY_NEWS_MAX])
        case OrderReceived():
            return Pending(event.placed, event.hold_ends_at, event.verification_expires_at)
        case _:
            return order


def _pending(order: Pending, event: OrderChange) -> Order:
    match event:
        case OrderReleased():
            return Released(
                placed=order.placed,
                released_at=event.at,
                expected_ship_date=event.expected_ship_date,
                delivery_from=event.delivery_from,
                delivery_to=event.delivery_to,
                confirm_by=event.confirm_by,
                warn_at=event.warn_at,
                expires_at=event.expires_at,
                canceled=order.canceled,
            )
        case OrderCanceled():
            return Canceled(order.placed, event.at, event.reason)
        case LinesCanceled():
            return replace(order, canceled=_less(order, event))
        case _:
            return order


def _released(order: Released, event: OrderChange) -> Order:
    match event:
        case OrderCanceled():
            return Canceled(order.placed, event.at, event.reason)
        case LinesCanceled():
            return replace(order, canceled=_less(order, event))
        case CancellationRefused():
            return _wished(order, event)
        case ShipByWarned():
            return replace(order, warned=True)
        case ShipmentConfirmed() | PromiseChanged() | ShipmentDelivered():
            return replace(order, shipments=_shipments(order.shipments, event))
        case _:
            return order


def _less(order: Pending | Released, event: LinesCanceled) -> dict[str, int]:
    canceled = dict(order.canceled)
    for line in event.lines:
        canceled[line.order_item_id] = canceled.get(line.order_item_id, 0) + line.quantity
    return canceled


def _wished(order: Released, event: CancellationRefused) -> Released:
    """Keep the newest wish, so that it is told once, and each line's oldest: from then on it was wished (O9)."""
    at = event.requested_at
    items = [line.order_item_id for line in event.lines or order.placed.lines]
    oldest = {item: min(at, order.wished.get(item, at)) for item in items}
    newest = at if order.wished_at is None else max(at, order.wished_at)
    return replace(order, wished_at=newest, wished=order.wished | oldest)


def _shipments(
    shipments: tuple[Shipment, ...], event: ShipmentConfirmed | PromiseChanged | ShipmentDelivered
) -> tuple[Shipment, ...]:
    match event:
        case ShipmentConfirmed():
            return (*shipments, event.shipment)
        case PromiseChanged():
            promised_date = event.promised_date
            return _with(shipments, event.shipment_id, lambda one: replace(one, promised_date=promised_date))
        case ShipmentDelivered():
            delivered_at = event.delivered_at
            return _with(shipments, event.shipment_id, lambda one: replace(one, delivered_at=delivered_at))


def _with(
    shipments: tuple[Shipment, ...], shipment_id: str, change: Callable[[Shipment], Shipment]
) -> tuple[Shipment, ...]:
    return tuple(change(one) if one.shipment_id == shipment_id else one for one in shipments)


def _stock(world: World, event: StockKept | StockReserved | StockReleased) -> World:
    match event:
        case StockKept():
            return _with_stock(world, event.sku, Stock(event.quantity, event.quantity, event.at))
        case StockReserved():
            return _moved(world, event.sku, -event.quantity)
        case StockReleased():
            return _moved(world, event.sku, event.quantity)


def _moved(world: World, sku: str, units: int) -> World:
    """Move units between the shelf and what the order has reserved."""
    reserved = {**world.row.reserved, sku: world.row.reserved.get(sku, 0) - units}
    kept = {name: count for name, count in reserved.items() if count}
    world = replace(world, row=replace(world.row, reserved=kept))
    stock = world.stock.get(sku)
    return (
        world if stock is None else _with_stock(world, sku, replace(stock, available=stock.available + units))
    )


def _with_stock(world: World, sku: str, stock: Stock) -> World:
    return replace(world, stock={**world.stock, sku: stock})


def _kept(tracking: Tracking, event: MilestoneKept) -> Tracking:
    if event.promised_date is not None:
        return replace(tracking, promise=Promise(event.promised_date, event.occurred_at))
    scans = sorted({*tracking.delivered_at, event.occurred_at})
    return replace(tracking, delivered_at=tuple(scans[-DELIVERY_SCANS_MAX:]))


def _shipment(world: World, event: ShipmentConfirmed | ShipmentDelivered) -> World:
    match event:
        case ShipmentConfirmed():
            return _waits_for_scans(world)
        case ShipmentDelivered():
            return _no_longer_waits(world, event.shipment_id)


def _waits_for_scans(world: World) -> World:
    order = world.order
    if not isinstance(order, Released) or order.placed.order_id in world.tracking.orders:
        return world
    orders = (*world.tracking.orders, order.placed.order_id)
    return replace(world, tracking=replace(world.tracking, orders=orders))


def _no_longer_waits(world: World, shipment_id: str) -> World:
    """Take the order from its number's list once nothing more is waited for: numbers are used again."""
    order = world.order
    if not isinstance(order, Released):
        return world
    numbers = {shipment.shipment_id: _number(shipment) for shipment in order.shipments}
    if any(
        shipment.delivered_at is None and _number(shipment) == numbers[shipment_id]
        for shipment in order.shipments
    ):
        return world
    orders = tuple(order_id for order_id in world.tracking.orders if order_id != order.placed.order_id)
    return replace(world, tracking=replace(world.tracking, orders=orders))


def _number(shipment: Shipment) -> str:
    return number_key(shipment.carrier, shipment.tracking_number)
