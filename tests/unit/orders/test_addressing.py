"""O13, O14: the address is changed only as the buyer or support asked by message, once a message, before it ships."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.orders.domain.events import AddressChanged, CommandRefused, RequestKept
from services.orders.domain.inputs import DeadlineExpired
from services.orders.domain.model import Actor, Asked, Quantity
from tests.unit.orders.build import (
    BUYER,
    CUTOFF,
    HOLD_END,
    NEXT_DAY,
    SELLER,
    SETTLED,
    STRANGERS,
    SUPPORT,
    confirmed,
    new_address,
    orders,
    pending,
    requested,
    unshipped,
)

MICROSECOND = timedelta(microseconds=1)
ASKED_FOR = (*unshipped(), RequestKept("message-1"))


@pytest.mark.parametrize("actor", [SELLER, SUPPORT])
def test_the_seller_or_support_changes_the_address_that_a_message_asked_for(actor: Actor) -> None:
    decided = orders.given(*ASKED_FOR).when(new_address(actor=actor), now=NEXT_DAY)
    decided.then(AddressChanged(NEXT_DAY, Asked("change-1", actor), "message-1", "CA"))


def test_a_partially_shipped_order_still_goes_elsewhere() -> None:
    given = orders.given(*ASKED_FOR, confirmed(Quantity("lamp", 1)))
    given.when(new_address(), now=NEXT_DAY).the(AddressChanged)


@pytest.mark.parametrize("actor", [BUYER, SUPPORT])
def test_a_message_of_the_buyer_or_of_support_is_a_request(actor: Actor) -> None:
    asked = orders.given(*unshipped()).when(requested(actor=actor), now=NEXT_DAY)
    asked.then(RequestKept("message-1"))
    asked.when(requested(actor=actor), now=NEXT_DAY).then_nothing()
    asked.when(new_address(), now=NEXT_DAY).the(AddressChanged)


@pytest.mark.parametrize("actor", [SELLER, *STRANGERS])
def test_a_message_of_anybody_else_is_none(actor: Actor) -> None:
    asked = orders.given(*unshipped()).when(requested(actor=actor), now=NEXT_DAY)
    asked.then_nothing()
    refused = asked.when(new_address(), now=NEXT_DAY).then_no_change()
    assert refused.the(CommandRefused).reason == "not_requested"


def test_an_address_that_no_message_asked_for_is_refused() -> None:
    refused = orders.given(*ASKED_FOR).when(new_address("message-2"), now=NEXT_DAY).then_no_change()
    refusal = refused.the(CommandRefused)
    assert (refusal.reason, refusal.rule, refusal.subject_id) == ("not_requested", "O13", "message-2")


def test_a_message_changes_the_address_once() -> None:
    once = orders.given(*ASKED_FOR).when(new_address(), now=NEXT_DAY)
    refused = once.when(new_address(command_id="again"), now=NEXT_DAY).then_no_change()
    assert refused.the(CommandRefused).reason == "request_used"
    asked_again = once.when(requested("message-2"), now=NEXT_DAY)
    asked_again.when(new_address("message-2"), now=NEXT_DAY).the(AddressChanged)


def test_the_same_command_again_changes_nothing() -> None:
    once = orders.given(*ASKED_FOR).when(new_address(), now=NEXT_DAY)
    once.when(new_address(), now=NEXT_DAY).then_no_change()


@pytest.mark.parametrize("actor", [BUYER, *STRANGERS])
def test_nobody_else_changes_it(actor: Actor) -> None:
    refused = orders.given(*ASKED_FOR).when(new_address(actor=actor), now=NEXT_DAY).then_no_change()
    expected = "not_the_seller" if actor.kind == "seller" else "not_permitted"
    assert refused.the(CommandRefused).reason == expected


def test_a_pending_order_stays_where_it_goes() -> None:
    refused = orders.given(*pending(), RequestKept("message-1")).when(new_address(), now=NEXT_DAY)
    assert refused.then_no_change().the(CommandRefused).reason == "order_pending"
    early = orders.given(*ASKED_FOR).when(new_address(at=HOLD_END - MICROSECOND), now=NEXT_DAY)
    assert early.then_no_change().the(CommandRefused).reason == "order_pending"
    orders.given(*ASKED_FOR).when(new_address(at=HOLD_END), now=NEXT_DAY).the(AddressChanged)


def test_a_shipped_order_goes_where_it_went() -> None:
    refused = orders.given(*ASKED_FOR, confirmed()).when(new_address(), now=NEXT_DAY).then_no_change()
    assert refused.the(CommandRefused).reason == "order_shipped"


def test_a_canceled_order_goes_nowhere() -> None:
    expired = DeadlineExpired("ship_confirmation_due", SETTLED)
    canceled = orders.given(*ASKED_FOR).when(expired, now=SETTLED)
    refused = canceled.when(new_address(at=SETTLED), now=SETTLED).then_no_change()
    assert refused.the(CommandRefused).reason == "order_canceled"


def test_at_the_cutoff_the_order_counts_as_canceled_though_the_timer_has_not_come() -> None:
    in_time = new_address(at=CUTOFF - MICROSECOND)
    orders.given(*ASKED_FOR).when(in_time, now=CUTOFF).the(AddressChanged)
    refused = orders.given(*ASKED_FOR).when(new_address(at=CUTOFF), now=CUTOFF).then_no_change()
    assert refused.the(CommandRefused).reason == "too_late"
