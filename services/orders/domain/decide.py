"""What comes of an input: facts heard, commands and expired deadlines alike. Pure, and total."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from services.orders.domain.addressing import change_address, hear_request
from services.orders.domain.canceling import cancel, cancel_order, hear_cancellation, hear_grant
from services.orders.domain.chargebacks import hear_chargeback
from services.orders.domain.events import Event, SellerKept, ShipByWarned
from services.orders.domain.inputs import (
    AddressRequested,
    CancelOrder,
    ChangeAddress,
    ClaimFiled,
    ClaimGranted,
    ClaimRefunded,
    Command,
    ConfirmShipment,
    DeadlineExpired,
    Input,
    LeaveFeedback,
    ListingStocked,
    Milestone,
    OrderPlaced,
    RefundOrder,
    ReturnReceived,
    ReturnWaived,
    SellerRegistered,
)
from services.orders.domain.model import (
    CancellationRequested,
    ChargebackNews,
    PaymentNews,
    Pending,
    Policy,
    Released,
    World,
)
from services.orders.domain.placing import hear_payment, place
from services.orders.domain.rating import leave_feedback
from services.orders.domain.refunding import (
    hear_claim,
    hear_claim_refund,
    hear_return,
    hear_waived_return,
    refund_order,
)
from services.orders.domain.releasing import release_if_due
from services.orders.domain.shipping import confirm, scan
from services.orders.domain.stock import stock
from services.orders.domain.story import Story
from services.orders.domain.timeline import timer_changes, timers


def decide(command: Input, world: World, /, *, now: datetime, policy: Policy) -> Sequence[Event]:
    """Return what follows; the timers that this needs come last."""
    return told(command, world, now=now, policy=policy).events


def told(command: Input, world: World, /, *, now: datetime, policy: Policy) -> Story:
    """Decide, and return what follows together with the world as it stands after it."""
    story = Story(world, now, policy)
    _dispatch(story, command)
    story.events += timer_changes(world.row, story.world.row, now)  # a timer changes nothing of the world
    return story


def _dispatch(story: Story, heard: Input) -> None:
    match heard:
        case OrderPlaced():
            for news in place(story, heard):
                _dispatch(story, news)
        case PaymentNews():
            hear_payment(story, heard)
        case CancellationRequested():
            hear_cancellation(story, heard)
        case ChargebackNews():
            hear_chargeback(story, heard)
        case ListingStocked() | Milestone() | SellerRegistered():
            _from_upstream(story, heard)
        case DeadlineExpired():
            _ask(story, heard)
        case ConfirmShipment() | CancelOrder() | ChangeAddress() | RefundOrder() | LeaveFeedback():
            _command(story, heard)
        case _:
            _from_other_services(story, heard)


def _from_upstream(story: Story, heard: ListingStocked | Milestone | SellerRegistered) -> None:
    match heard:
        case ListingStocked():
            stock(story, heard)
        case Milestone():
            scan(story, heard)
        case SellerRegistered():
            _register(story, heard)
        case _:
            assert_never(heard)


def _command(story: Story, command: Command) -> None:
    match command:
        case ConfirmShipment():
            confirm(story, command)
        case CancelOrder():
            cancel_order(story, command)
        case ChangeAddress():
            change_address(story, command)
        case RefundOrder():
            refund_order(story, command)
        case LeaveFeedback():
            leave_feedback(story, command)
        case _:
            assert_never(command)


def _from_other_services(
    story: Story,
    heard: ClaimFiled | ClaimGranted | ClaimRefunded | AddressRequested | ReturnWaived | ReturnReceived,
) -> None:
    match heard:
        case ClaimFiled():
            hear_claim(story, heard)
        case ClaimGranted():
            hear_grant(story, heard)
        case ClaimRefunded():
            hear_claim_refund(story, heard)
        case AddressRequested():
            hear_request(story, heard)
        case ReturnWaived():
            hear_waived_return(story, heard)
        case ReturnReceived():
            hear_return(story, heard)
        case _:
            assert_never(heard)


def _register(story: Story, heard: SellerRegistered) -> None:
    """Keep a seller's plan: some ways of confirming are for professional sellers only (O10)."""
    if story.world.seller.plan != heard.plan:
        story.tell(SellerKept(heard.plan))


def _ask(story: Story, deadline: DeadlineExpired) -> None:
    """Ask the order, as it now is, whether the deadline still means something (T2)."""
    if timers(story.world.row).get(deadline.kind) != deadline.due_at:
        return
    order = story.world.order
    match deadline.kind:
        case "hold_end":
            release_if_due(story, deadline.due_at)
        case "verification_due":
            if isinstance(order, Pending):
                cancel(story, deadline.due_at, "verification_expired")
        case "ship_by_warning":
            if isinstance(order, Released):
                story.tell(ShipByWarned(deadline.due_at, order.confirm_by))
        case "ship_confirmation_due":
            if isinstance(order, Released):
                cancel(story, order.confirm_by, "ship_confirmation_expired")
        case _:
            assert_never(deadline.kind)
