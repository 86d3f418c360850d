"""Who and what a scenario is about, under one policy: ids, dates, prices and people, with good defaults."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision

from shared.contracts.checkout import Address, Item, OrderPlaced
from shared.contracts.data import Actor, Role
from shared.contracts.facts import Line
from shared.contracts.money import Money, Price
from tests.support.scenarios.marketplaces import marketplace_of
from tests.support.scenarios.reading import Options, Scenario, ScenarioError
from tests.support.scenarios.times import Calendar

DEFAULT_PLACED = "2027-05-03 09:00"
DEFAULT_ZONE = "America/Los_Angeles"
CANARY = "canary"
"""A marker in everything that is an address: it may be in nothing that anybody says or mails."""
_ORDER_OPTIONS = {
    "placed", "zone", "currency", "price", "shipping", "tax", "quantity", "lines", "ships by", "arrives",
    "fulfilment", "ship to", "ship from", "payment", "policy changes", "seller", "published",
}  # fmt: skip
_LINE_OPTIONS = {"price", "shipping", "tax", "quantity", "sku", "title"}
_ROLES: Mapping[str, Role] = {
    "buyer": "buyer",
    "another buyer": "buyer",
    "seller": "seller",
    "another seller": "seller",
    "support": "support",
    "investigator": "investigator",
    "second investigator": "investigator",
    "operator": "operator",
}


@dataclass(frozen=True, slots=True)
class Ware:
    """One line of an order, as the scenario names it."""

    name: str
    sku: str
    quantity: int
    price_minor: int
    shipping_minor: int
    tax_minor: int

    def paid_minor(self, quantity: int | None = None) -> int:
        """Return what was paid for so many of it, shipping and tax with the whole of it."""
        if quantity is None or quantity == self.quantity:
            return self.price_minor * self.quantity + self.shipping_minor + self.tax_minor
        return (self.paid_minor() * quantity) // self.quantity


@dataclass(frozen=True, slots=True)
class Purchase:
    """One order of a scenario under a policy."""

    name: str
    order_id: str
    prefix: str
    options: Options
    calendar: Calendar
    placed_at: datetime
    marketplace_id: str
    currency: str
    wares: Mapping[str, Ware]
    buyer_id: str
    seller_id: str

    # ------------------------------------------------------------------------------------------------- people

    def actor(self, who: str) -> Actor:
        """Say who acts."""
        return Actor(kind=_ROLES[who], id=self.party(who))

    def party(self, who: str) -> str:
        """Name a person."""
        return f"{self.prefix}.{who.replace(' ', '-')}"

    # ------------------------------------------------------------------------------------------------- things

    def item_id(self, name: str) -> str:
        """Name a line of the order."""
        return f"{self.order_id}/{name}"

    def named(self, kind: str, name: str) -> str:
        """Name a claim, a contact, a message or a shipment of the order."""
        return f"{self.order_id}/{kind}/{name}"

    def money(self, written: str) -> Money:
        """Read an amount: `20.00` in the order's currency, or `20.00 EUR`."""
        amount, _, currency = written.partition(" ")
        currency = currency or self.currency
        return Money(amount_minor=minor(amount, currency), currency=currency)

    def lines(self, written: str | None) -> tuple[Line, ...]:
        """Read lines: `lamp`, or `2 lamp, 1 vase`; all of the order when none is named."""
        if written is None:
            return tuple(
                Line(order_item_id=self.item_id(ware.name), quantity=ware.quantity)
                for ware in self.wares.values()
            )
        return tuple(self._line(part.strip()) for part in written.split(",") if part.strip())

    def _line(self, written: str) -> Line:
        number, _, name = written.rpartition(" ")
        quantity = int(number) if number else self.wares[name].quantity
        return Line(order_item_id=self.item_id(name), quantity=quantity)

    def paid(self, lines: Sequence[Line]) -> Money:
        """Return what was paid for lines."""
        names = {self.item_id(name): ware for name, ware in self.wares.items()}
        total = sum(
            names[line.order_item_id].paid_minor(line.quantity)
            for line in lines
            if line.order_item_id in names
        )
        return Money(amount_minor=total, currency=self.currency)

    def tracking_number(self, parcel: str, carrier: str = "UPS") -> str:
        """Make a valid number of a carrier, of this parcel's own."""
        return _NUMBERS[carrier](zlib.crc32(f"{self.order_id}/{parcel}".encode()))

    # -------------------------------------------------------------------------------------------------- order

    def placed(self) -> OrderPlaced:
        """What checkout publishes."""
        day = self.calendar.day_zero
        first, last = _days(self.options.get("arrives", "3-6 days"))
        (ships,) = _days(self.options.get("ships by", "2 days"))[:1]
        return OrderPlaced(
            order_id=self.order_id,
            marketplace_id=self.marketplace_id,
            buyer_id=self.buyer_id,
            seller_id=self.seller_id,
            placed_at=self.placed_at,
            fulfilment=cast("Literal['seller', 'marketplace']", self.options.get("fulfilment", "seller")),
            items=tuple(self._item(ware) for ware in self.wares.values()),
            ship_to=address(cast("str", self.options.get("ship to", "US"))),
            ship_from_country=self.options.get("ship from", "US"),
            ship_method="standard",
            expected_ship_date=day + timedelta(days=ships),
            delivery_from=day + timedelta(days=first),
            delivery_to=day + timedelta(days=last),
        )

    def _item(self, ware: Ware) -> Item:
        return Item(
            order_item_id=self.item_id(ware.name),
            sku=ware.sku,
            title=f"A {ware.name}",
            quantity=ware.quantity,
            unit_price=self._price(ware.price_minor),
            shipping=self._price(ware.shipping_minor),
            tax=self._price(ware.tax_minor),
        )

    def _price(self, amount_minor: int) -> Price:
        return Price(amount_minor=amount_minor, currency=self.currency)


def address(country: str) -> Address:
    """Return an address whose every part can be recognised."""
    return Address(
        name=f"{CANARY}-name",
        line1=f"{CANARY}-street",
        line2=f"{CANARY}-flat",
        city=f"{CANARY}-city",
        region=f"{CANARY}-region",
        postal_code=f"{CANARY}-code",
        country=country,
        phone=f"{CANARY}-phone",
    )


def minor(amount: str, currency: str) -> int:
    """Read an amount as it is written: `20.00` dollars, `2000` yen, `20.000` dinars. Raises ValueError."""
    digits = get_currency_precision(currency)
    whole, _, fraction = amount.lstrip("-").partition(".")
    if len(fraction) != digits and amount.strip("-") != "0":
        raise ValueError(f"{amount} is no amount in {currency}: it has {digits} digits after the point")
    return int(whole + fraction) * (-1 if amount.startswith("-") else 1)


def written(amount_minor: int, currency: str) -> str:
    """Write an amount as scenarios do."""
    digits = get_currency_precision(currency)
    sign, number = ("-" if amount_minor < 0 else ""), f"{abs(amount_minor):0{digits + 1}d}"
    return sign + (f"{number[:-digits]}.{number[-digits:]}" if digits else number)


def purchases(scenario: Scenario, policy: str) -> Mapping[str, Purchase]:
    """Make the orders of a scenario for a policy."""
    prefix = f"{scenario.name}.{policy}"
    return {
        name: _purchase(scenario, prefix, policy, name, options or {})
        for name, options in scenario.orders.items()
    }


def _purchase(scenario: Scenario, prefix: str, policy: str, name: str, options: Options) -> Purchase:
    if unknown := set(options) - _ORDER_OPTIONS:
        raise ScenarioError(f"{scenario.name}: an order has no {', '.join(sorted(unknown))}")
    zone = options.get("zone", DEFAULT_ZONE)
    placed = options.get("placed", DEFAULT_PLACED)
    calendar = Calendar(date.fromisoformat(placed[:10]), ZoneInfo(zone))
    currency = options.get("currency", "USD")
    return Purchase(
        name=name,
        order_id=prefix if name == "order" else f"{prefix}.{name.replace(' ', '-')}",
        prefix=prefix,
        options=options,
        calendar=calendar,
        placed_at=calendar.instant(placed),
        marketplace_id=marketplace_of(policy, zone, changes=options.get("policy changes") == "yes"),
        currency=currency,
        wares=_wares(prefix, options, currency),
        buyer_id=f"{prefix}.buyer",
        seller_id=f"{prefix}.{options.get('seller', 'seller').replace(' ', '-')}",
    )


def _wares(prefix: str, options: Options, currency: str) -> Mapping[str, Ware]:
    nothing = written(0, currency)
    alone = {key: options[key] for key in ("price", "shipping", "tax", "quantity") if key in options}
    lines = options.get("lines") or {"lamp": alone}
    wares: dict[str, Ware] = {}
    for name, line in lines.items():
        of: dict[str, Any] = dict(line) if isinstance(line, Mapping) else {"price": line}
        if unknown := set(of) - _LINE_OPTIONS:
            raise ValueError(f"a line has no {', '.join(sorted(unknown))}")
        default = "49.99" if get_currency_precision(currency) == len("99") else nothing
        wares[name] = Ware(
            name=name,
            sku=f"{prefix}.{of.get('sku', name)}",
            quantity=int(of.get("quantity", 1)),
            price_minor=minor(of.get("price", default), currency),
            shipping_minor=minor(of.get("shipping", nothing), currency),
            tax_minor=minor(of.get("tax", nothing), currency),
        )
    return wares


def _days(written_days: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", written_days)]


def _ups(serial: int) -> str:
    letters = "2345678901"
    body = f"ZZ999{serial:010d}"
    digits = [int(letters[(ord(c) - ord("A")) % 10]) if c.isalpha() else int(c) for c in body]
    total = sum(digit * (2 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"1Z{body}{-total % 10}"


def _usps(serial: int) -> str:
    body = f"94001{serial:016d}"
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(body))
    return f"{body}{-total % 10}"


def _china_post(serial: int) -> str:
    body = f"{serial % 10**8:08d}"
    lacking = (
        -sum(int(digit) * weight for digit, weight in zip(body, (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    )
    return f"LX{body}{ {0: 5, 10: 0}.get(lacking, lacking) }CN"


_NUMBERS = {"UPS": _ups, "USPS": _usps, "CHINA-POST": _china_post}
