"""What upstream checkout and payment say of an order."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from shared.contracts.data import (
    INTEGER_MAX,
    LIST_ITEMS_MAX,
    BuyersText,
    Country,
    Data,
    Day,
    Id,
    Part,
    Quantity,
    Text,
    When,
)
from shared.contracts.lists import ChargebackOutcome, Fulfilment
from shared.contracts.money import Price
from shared.contracts.topics import CHECKOUT_EVENTS


class Item(Part):
    """One line of an order. `unit_price` is for one unit, `shipping` and `tax` are for the line."""

    order_item_id: Id
    sku: Id
    title: Text
    quantity: Quantity
    unit_price: Price
    shipping: Price
    tax: Price


Items = Annotated[tuple[Item, ...], Field(min_length=1, max_length=LIST_ITEMS_MAX)]


class Address(Part):
    """Where an order is to be shipped. It is in no fact of ours."""

    name: BuyersText
    line1: BuyersText
    line2: BuyersText | None = None
    city: BuyersText
    region: BuyersText | None = None
    postal_code: BuyersText | None = None
    country: Country
    phone: BuyersText | None = None


def require_consistent(items: tuple[Item, ...]) -> None:
    """Refuse items that make no order: two currencies, one id twice, a total that no amount can hold."""
    currency = items[0].unit_price.currency
    ids = set()
    total = 0
    for item in items:
        price, shipping, tax = item.unit_price, item.shipping, item.tax
        if not price.currency == shipping.currency == tax.currency == currency:
            raise ValueError("items are in more than one currency, an order has one")
        ids.add(item.order_item_id)
        total += price.amount_minor * item.quantity + shipping.amount_minor + tax.amount_minor
    if len(ids) < len(items):
        raise ValueError("items name one order_item_id twice")
    if total > INTEGER_MAX:
        raise ValueError(f"items add up to more than {INTEGER_MAX}")


class OrderPlaced(Data):
    """A buyer placed an order. `delivery_to` is the maximum estimated delivery date."""

    TYPE: ClassVar[str] = "checkout.order_placed.v1"
    TOPIC: ClassVar[str] = CHECKOUT_EVENTS

    order_id: Id
    marketplace_id: Id
    buyer_id: Id
    seller_id: Id
    placed_at: When
    fulfilment: Fulfilment
    items: Items
    ship_to: Address
    ship_from_country: Country
    ship_method: Text
    expected_ship_date: Day
    delivery_from: Day
    delivery_to: Day

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        require_consistent(self.items)
        return self


class CancellationRequested(Data):
    """The buyer wishes to cancel; whether it was in time is judged by `requested_at`."""

    TYPE: ClassVar[str] = "checkout.cancellation_requested.v1"
    TOPIC: ClassVar[str] = CHECKOUT_EVENTS

    order_id: Id
    requested_at: When


class PaymentVerified(Data):
    """The payment is good."""

    TYPE: ClassVar[str] = "checkout.payment_verified.v1"
    TOPIC: ClassVar[str] = CHECKOUT_EVENTS

    order_id: Id
    at: When


class PaymentDelayed(Data):
    """Verification takes longer; the order stays pending."""

    TYPE: ClassVar[str] = "checkout.payment_delayed.v1"
    TOPIC: ClassVar[str] = CHECKOUT_EVENTS

    order_id: Id
    at: When


class PaymentFailed(Data):
    """Verification did not succeed and may be tried again; the order stays pending."""

    TYPE: ClassVar[str] = "checkout.payment_failed.v1"
    TOPIC: ClassVar[str] = CHECKOUT_EVENTS

    order_id: Id
    at: When


class PaymentRefused(Data):
    """The payment is refused for good."""

    TYPE: ClassVar[str] = "checkout.payment_refused.v1"
    TOPIC: ClassVar[str] = CHECKOUT_EVENTS

    order_id: Id
    at: When


class FraudDetected(Data):
    """The payment is a fraud."""

    TYPE: ClassVar[str] = "checkout.fraud_detected.v1"
    TOPIC: ClassVar[str] = CHECKOUT_EVENTS

    order_id: Id
    at: When


class ChargebackOpened(Data):
    """The buyer's bank takes the money back, for now."""

    TYPE: ClassVar[str] = "checkout.chargeback_opened.v1"
    TOPIC: ClassVar[str] = CHECKOUT_EVENTS

    order_id: Id
    at: When
    amount: Price


class ChargebackClosed(Data):
    """The bank has decided: `amount` is what the buyer keeps of it, if the buyer won."""

    TYPE: ClassVar[str] = "checkout.chargeback_closed.v1"
    TOPIC: ClassVar[str] = CHECKOUT_EVENTS

    order_id: Id
    at: When
    outcome: ChargebackOutcome
    amount: Price


MESSAGES = (
    OrderPlaced,
    CancellationRequested,
    PaymentVerified,
    PaymentDelayed,
    PaymentFailed,
    PaymentRefused,
    FraudDetected,
    ChargebackOpened,
    ChargebackClosed,
)
