"""What the service says of cancellations, addresses, refunds, ratings and chargebacks, and of why not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.orders.domain.model import Money as OwnMoney
from services.orders.templates import words
from shared.contracts import checkout, claims, messaging, orders
from shared.contracts.checkout import PaymentVerified
from shared.contracts.data import Actor, Data, OrderCommand
from shared.contracts.facts import Line
from shared.kit import ids
from tests.unit.orders.build import HOLD_END, NEXT_DAY, NOON
from tests.unit.orders.shop import (
    SERVICE,
    SHIP_TO,
    Shop,
    by,
    confirm,
    money,
    placed,
    seller_registered,
    usd,
    wrote,
)

DAY = timedelta(days=1)
PAID = 2 * 2000 + 499 + 331
LAMPS = (Line(order_item_id="lamp", quantity=2),)
CANCEL = orders.CancelOrder(**by("seller", NEXT_DAY, "cancel-1"), reason="No more of these.")
REFUND = orders.RefundOrder(**by("seller", NEXT_DAY, "refund-1"), amount=money(500), reason="A scratch.")
CHANGE = orders.ChangeAddress(**by("seller", NEXT_DAY, "change-1"), message_id="message-1", ship_to=SHIP_TO)
RATE = orders.LeaveFeedback(**by("buyer", NEXT_DAY, "rate-1"), rating=2, text="Not as shown.")


def released() -> Shop:
    shop = Shop()
    shop.hear(placed())
    shop.hear(PaymentVerified(order_id="order-1", at=NOON))
    shop.advance(NEXT_DAY)
    return shop


def about() -> dict[str, object]:
    return {"order_id": "order-1", "seller_id": "seller-1", "buyer_id": "buyer-1", "at": NEXT_DAY}


# -------------------------------------------------------------------------------------------------- facts


def test_a_cancellation_by_command_says_whose_it_was_and_why() -> None:
    shop = released()
    shop.hear(CANCEL)
    fact = shop.fact(orders.OrderCanceled)
    assert (fact.reason, fact.by, fact.counts_in_cancellation_rate) == ("seller", "seller", True)
    assert (fact.command_id, fact.actor, fact.note) == ("cancel-1", CANCEL.actor, "No more of these.")
    assert fact.amount == money(PAID)
    assert fact.actions == {"buyer": ("leave_feedback",)}


def test_a_wish_by_command_is_answered_with_its_lines_and_its_reason() -> None:
    shop = released()
    shop.hear(orders.CancelOrder(**by("buyer", NEXT_DAY, "wish-1"), reason="Too slow.", lines=LAMPS))
    fact = shop.fact(orders.CancellationRefused)
    assert (fact.reason, fact.lines, fact.command_id) == ("released", LAMPS, "wish-1")
    assert (fact.actor, fact.note) == (Actor(kind="buyer", id="buyer-1"), "Too slow.")


def test_a_changed_address_names_its_message_and_its_country_alone() -> None:
    shop = released()
    shop.hear(wrote())
    (said,) = shop.hear(CHANGE)
    fact = said.data
    assert isinstance(fact, orders.AddressChanged)
    assert (fact.message_id, fact.ship_to_country, fact.command_id) == ("message-1", "US", "change-1")
    assert "change_address" not in fact.actions["seller"]
    assert b"anary" not in fact.to_json()
    assert "canary" not in repr(shop.rows).lower()


def test_a_message_about_something_else_asks_for_no_address() -> None:
    shop = released()
    assert not SERVICE.concerns(shop._message(wrote(issue="delivery")))
    shop.hear(wrote(issue="delivery"))
    shop.hear(CHANGE)
    assert shop.fact(orders.CommandRefused).reason == "not_requested"


def test_a_refund_has_a_stable_id_and_says_whose_it_was() -> None:
    shop = released()
    shop.hear(REFUND)
    fact = shop.fact(orders.RefundRecorded)
    assert fact.refund_id == ids.derived("orders", "refund", "order-1", "command/refund-1")
    assert (fact.amount, fact.lines, fact.cause) == (money(500), LAMPS, "seller")
    assert (fact.command_id, fact.note, fact.at) == ("refund-1", "A scratch.", NEXT_DAY)
    assert fact.actions == {
        "seller": ("confirm_shipment", "cancel_order", "refund_order"),
        "buyer": ("leave_feedback",),
    }
    assert [one.kind for one in fact.deadlines] == ["ship_by_warning", "ship_confirmation_due"]


def test_a_rating_is_passed_on_with_its_text() -> None:
    shop = released()
    shop.hear(RATE)
    fact = shop.fact(orders.FeedbackLeft)
    assert (fact.rating, fact.text, fact.actor) == (2, "Not as shown.", RATE.actor)
    assert "buyer" not in fact.actions
    assert "Not as shown" not in repr(shop.rows)


def test_a_chargeback_is_passed_on_with_its_amounts() -> None:
    shop = released()
    shop.hear(checkout.ChargebackOpened(order_id="order-1", at=NEXT_DAY, amount=usd(PAID)))
    opened = shop.fact(orders.ChargebackOpened)
    assert (opened.amount, opened.at) == (money(PAID), NEXT_DAY)
    assert "refund_order" not in opened.actions["seller"]
    end = checkout.ChargebackClosed(
        order_id="order-1", at=NEXT_DAY + DAY, outcome="seller_won", amount=usd(0)
    )
    shop.hear(end)
    closed = shop.fact(orders.ChargebackClosed)
    assert (closed.outcome, closed.amount) == ("seller_won", money(0))
    assert "refund_order" in closed.actions["seller"]


# ----------------------------------------------------------------------------------------- other services


def answered(answer: str) -> messaging.ReturnAnswered:
    return messaging.ReturnAnswered.model_validate(
        {
            **about(),
            "command_id": "answer-1",
            "actor": Actor(kind="seller", id="seller-1"),
            "contact_id": "contact-1",
            "answer": answer,
            "lines": LAMPS,
            "answered_at": NEXT_DAY - DAY / 2,
        }
    )


def test_a_waived_return_is_refunded_dated_when_it_was_answered() -> None:
    shop = released()
    shop.hear(confirm())
    shop.hear(answered("refund_without_return"))
    fact = shop.fact(orders.RefundRecorded)
    assert (fact.cause, fact.contact_id, fact.amount) == ("return", "contact-1", money(PAID))
    assert (fact.at, fact.command_id, fact.actor) == (NEXT_DAY - DAY / 2, None, None)


@pytest.mark.parametrize("answer", ["authorised", "declined"])
def test_any_other_answer_pays_nothing_back(answer: str) -> None:
    shop = released()
    assert shop.hear(answered(answer)) == []


def test_a_received_return_makes_a_refund_one_for_the_return() -> None:
    shop = released()
    shop.hear(confirm())
    received = {"contact_id": "contact-1", "lines": LAMPS, "by": "seller", "received_at": NEXT_DAY}
    assert shop.hear(messaging.ReturnReceived.model_validate({**about(), **received})) == []
    shop.hear(REFUND)
    fact = shop.fact(orders.RefundRecorded)
    assert (fact.cause, fact.contact_id) == ("return", "contact-1")


def test_a_refunded_claim_is_recorded_with_its_claim() -> None:
    shop = released()
    claim = {"claim_id": "claim-1", "lines": LAMPS, "amount": money(700), "actions": {}, "deadlines": ()}
    shop.hear(claims.ClaimRefundedBySeller.model_validate({**about(), **claim}))
    fact = shop.fact(orders.RefundRecorded)
    assert (fact.cause, fact.claim_id, fact.amount) == ("claim", "claim-1", money(700))


def reversed_(first_outcome: str, compensation: int) -> claims.AppealReversed:
    decision = {
        "claim_id": "claim-1",
        "amount": money(1000),
        "automatic": False,
        "policy_id": "2021-en",
        "explanation": (),
        "actions": {},
        "deadlines": (),
        "reverse_money": True,
        "reverse_defect": False,
        "first_outcome": first_outcome,
        "funding": "seller",
        "lines": LAMPS,
        "compensation": money(compensation),
    }
    return claims.AppealReversed.model_validate({**about(), **decision})


def test_a_reversed_denial_is_a_grant() -> None:
    shop = released()
    shop.hear(reversed_("denied", 1000))
    assert shop.fact(orders.OrderCanceled).reason == "claim_granted"


def test_a_reversed_grant_cancels_nothing_and_pays_the_buyer_nothing() -> None:
    shop = released()
    assert shop.hear(reversed_("granted", 0)) == []
    shop.hear(REFUND.model_copy(update={"amount": money(PAID)}))
    shop.fact(orders.RefundRecorded)


def test_a_reversed_denial_of_what_is_shipped_takes_what_it_pays_from_what_is_left() -> None:
    shop = released()
    shop.hear(confirm())
    assert shop.hear(reversed_("denied", 1000)) == []
    shop.hear(REFUND.model_copy(update={"amount": money(PAID - 999)}))
    assert shop.fact(orders.CommandRefused).max_amount == money(PAID - 1000)


# ----------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize("command", [CANCEL, REFUND, CHANGE, RATE, confirm()])
def test_every_command_waits_for_its_order_and_is_then_refused(command: OrderCommand) -> None:
    (said,) = Shop().hear(command)
    fact = said.data
    assert isinstance(fact, orders.CommandRefused)
    assert (fact.reason, fact.rule, said.sequenced) == ("unknown_order", "E1", False)
    assert (fact.shipment_id, fact.message_id) == (
        "shipment-1" if isinstance(command, orders.ConfirmShipment) else None,
        "message-1" if isinstance(command, orders.ChangeAddress) else None,
    )


def test_a_refused_refund_says_how_much_is_left_in_words_and_as_a_number() -> None:
    shop = released()
    shop.hear(REFUND.model_copy(update={"amount": money(PAID + 1)}))
    fact = shop.fact(orders.CommandRefused)
    assert (fact.reason, fact.rule, fact.max_amount) == ("amount_exceeds_left", "C15", money(PAID))
    assert "$48.30" in fact.message.en
    assert "48.30" in fact.message.zh


def test_a_refused_address_names_its_message() -> None:
    shop = released()
    shop.hear(CHANGE)
    fact = shop.fact(orders.CommandRefused)
    assert (fact.reason, fact.message_id, fact.shipment_id) == ("not_requested", "message-1", None)


@pytest.mark.parametrize(
    ("amount", "en", "zh"),
    [
        (OwnMoney(1999, "JPY"), "¥1,999", "JP¥1,999"),
        (OwnMoney(12345, "KWD"), "KWD12.345", "KWD12.345"),
        (OwnMoney(5, "USD"), "$0.05", "US$0.05"),
        (OwnMoney(100, "CNY"), "CN¥1.00", "¥1.00"),
    ],
)
def test_amounts_are_written_with_as_many_decimals_as_their_currency_has(
    amount: OwnMoney, en: str, zh: str
) -> None:
    said = words("amount_exceeds_left", {"max_amount": amount})
    assert f"At most {en} can" in said.en
    assert zh in said.zh


def test_individual_sellers_hear_that_files_are_for_others() -> None:
    shop = released()
    assert shop.hear(seller_registered("individual")) == []
    by_file = confirm().model_copy(update={"source": orders.FileRow(file_id="file-1", row=3)})
    shop.hear(by_file)
    fact = shop.fact(orders.CommandRefused)
    assert (fact.reason, fact.rule) == ("professional_only", "O10")
    assert "canary" not in repr(shop.rows).lower()
    shop.hear(seller_registered("professional"))
    shop.hear(by_file.model_copy(update={"command_id": "again"}))
    shop.fact(orders.ShipmentConfirmed)


# ------------------------------------------------------------------------------------- repeats of all of it


@pytest.mark.parametrize("data", [CANCEL, REFUND, CHANGE, RATE, wrote(), answered("refund_without_return")])
def test_whatever_is_read_again_changes_no_row(data: Data) -> None:
    shop = released()
    if data is CHANGE:
        shop.hear(wrote())
    shop.hear(data)
    before = dict(shop.rows)
    shop.hear(data)
    assert shop.rows == before


def test_a_command_dated_before_the_release_is_too_early_for_the_seller_whenever_it_is_read() -> None:
    early = {"at": HOLD_END - timedelta(microseconds=1)}
    for command in (CANCEL, REFUND, CHANGE):
        shop = released()
        shop.hear(command.model_copy(update=early))
        assert shop.fact(orders.CommandRefused).reason == "order_pending"
