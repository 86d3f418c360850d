"""Events and commands with good defaults, as checkout, carriers, buyers, sellers and investigators would send them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from shared.contracts.accounts import BuyerRegistered, SellerRegistered
from shared.contracts.carriers import Milestone
from shared.contracts.checkout import (
    Address,
    ChargebackClosed,
    ChargebackOpened,
    Item,
    OrderPlaced,
    PaymentVerified,
)
from shared.contracts.claims import AppealClaim, DecideAppeal, DecideClaim, FileClaim, RequestInformation
from shared.contracts.data import Actor, Command, Data, OrderCommand
from shared.contracts.facts import Line
from shared.contracts.messaging import ResolveContact, SendMessage
from shared.contracts.money import Money, Price
from shared.contracts.orders import ConfirmShipment
from shared.kit import ids

_UPS_LETTERS = "2345678901"

Header = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Event:
    """One record to produce: where, by which key, what, and its id."""

    topic: str
    key: str
    event_id: str
    data: Data
    at: datetime

    @property
    def value(self) -> bytes:
        """The body in binary mode."""
        return self.data.to_json()

    @property
    def headers(self) -> Sequence[Header]:
        """The envelope in binary mode, as an outsider writes it."""
        return [
            ("ce_specversion", b"1.0"),
            ("ce_id", self.event_id.encode()),
            ("ce_source", b"/tests"),
            ("ce_type", self.data.TYPE.encode()),
            ("ce_time", self.at.isoformat().replace("+00:00", "Z").encode()),
            ("content-type", b"application/json"),
        ]


def event(data: Data, key: str, at: datetime) -> Event:
    """Make a record of a body; a command's event has the command's id."""
    event_id = (
        data.command_id
        if isinstance(data, Command)
        else ids.derived("test", data.TYPE, data.to_json().decode())
    )
    return Event(data.TOPIC, key, event_id, data, at)


def ups_number(serial: int) -> str:
    """Return the tracking number of a UPS parcel, with its check digit."""
    body = f"ZZ999903{serial:07d}"
    digits = [int(_UPS_LETTERS[(ord(c) - ord("A")) % 10]) if c.isalpha() else int(c) for c in body]
    total = sum(digit * (2 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"1Z{body}{-total % 10}"


@dataclass(frozen=True, slots=True)
class Order:
    """One order of one line, and everything that its people may say about it."""

    order_id: str
    seller_id: str
    buyer_id: str
    placed_at: datetime
    amount_minor: int = 4999
    currency: str = "USD"
    sku: str = "never-stocked"
    marketplace_id: str = "us"
    quantity: int = 1
    days_to_deliver: int = 5

    @property
    def delivery_to(self) -> date:
        """The maximum estimated delivery date."""
        return (self.placed_at + timedelta(days=self.days_to_deliver)).date()

    @property
    def contact_id(self) -> str:
        """The contact that the buyer's first message opens."""
        return f"{self.order_id}-contact"

    @property
    def claim_id(self) -> str:
        """The claim that the buyer files."""
        return f"{self.order_id}-claim"

    def _command(self, kind: str, person: str, what: str, at: datetime) -> dict[str, Any]:
        actor = Actor(kind=kind, id=person)  # type: ignore[arg-type]  # a role, as the callers below write it
        command_id = f"{self.order_id}-{what}-{at.isoformat()}"
        return {"order_id": self.order_id, "command_id": command_id, "at": at, "actor": actor}

    def placed(self, **other: Any) -> Event:
        """Checkout publishes the order."""

        def price(amount_minor: int) -> Price:
            return Price(amount_minor=amount_minor, currency=self.currency)

        item = Item(
            order_item_id=f"{self.order_id}-1",
            sku=self.sku,
            title="A lamp",
            quantity=self.quantity,
            unit_price=price(self.amount_minor),
            shipping=price(0),
            tax=price(0),
        )
        fields: dict[str, Any] = {
            "order_id": self.order_id,
            "marketplace_id": self.marketplace_id,
            "buyer_id": self.buyer_id,
            "seller_id": self.seller_id,
            "placed_at": self.placed_at,
            "fulfilment": "seller",
            "items": (item,),
            "ship_to": Address(name="N", line1="Street 1", city="C", country="US"),
            "ship_from_country": "US",
            "ship_method": "standard",
            "expected_ship_date": (self.placed_at + timedelta(days=2)).date(),
            "delivery_from": (self.placed_at + timedelta(days=3)).date(),
            "delivery_to": self.delivery_to,
        }
        return event(OrderPlaced(**(fields | other)), self.order_id, self.placed_at)

    def verified(self, after: timedelta = timedelta(minutes=5)) -> Event:
        """Payment verifies it."""
        at = self.placed_at + after
        return event(PaymentVerified(order_id=self.order_id, at=at), self.order_id, at)

    def shipped(self, at: datetime, tracking_number: str, shipment: str = "1") -> Event:
        """The seller confirms the shipment of all that is left."""
        return event(
            ConfirmShipment(
                **self._command("seller", self.seller_id, f"ship{shipment}", at),
                shipment_id=f"{self.order_id}-shipment-{shipment}",
                carrier="UPS",
                method="Ground",
                tracking_number=tracking_number,
                shipped_at=at,
                lines=(),
            ),
            self.order_id,
            at,
        )

    def wrote(
        self, who: Literal["buyer", "seller"], at: datetime, text: str = "Where is it?", **other: Any
    ) -> Event:
        """One of them writes about the delivery."""
        person = self.buyer_id if who == "buyer" else self.seller_id
        fields: dict[str, Any] = {
            "message_id": f"{self.order_id}-{who}-{at.isoformat()}",
            "contact_id": self.contact_id,
            "issue": "delivery",
            "text": text,
        }
        return event(
            SendMessage(**self._command(who, person, f"{who}-writes", at), **(fields | other)),
            self.order_id,
            at,
        )

    def resolved(self, at: datetime) -> Event:
        """The buyer says that it is settled."""
        command = self._command("buyer", self.buyer_id, "resolve", at)
        return event(ResolveContact(**command, contact_id=self.contact_id), self.order_id, at)

    def filed(self, at: datetime, reason: str | None = None, **other: Any) -> Event:
        """The buyer files a claim for all of it."""
        fields: dict[str, Any] = {
            "claim_id": self.claim_id,
            "lines": (Line(order_item_id=f"{self.order_id}-1", quantity=self.quantity),),
            "issue": "not_received",
            "reason": reason,
            "description": "A lamp",
            "wanted": "refund",
            "amount": Money(amount_minor=self.amount_minor * self.quantity, currency=self.currency),
        }
        command = self._command("buyer", self.buyer_id, "file", at)
        return event(FileClaim(**command, **(fields | other)), self.order_id, at)

    def asked(self, at: datetime, investigator: str = "investigator-1", **other: Any) -> Event:
        """An investigator asks the seller for information."""
        fields: dict[str, Any] = {
            "claim_id": self.claim_id,
            "from": "seller",
            "questions": ("Who signed for it?",),
        }
        command = self._command("investigator", investigator, "ask", at)
        return event(RequestInformation(**command, **(fields | other)), self.order_id, at)

    def denied(self, at: datetime, investigator: str = "investigator-1") -> Event:
        """An investigator denies the claim."""
        command = self._command("investigator", investigator, "deny", at)
        decision = DecideClaim(
            **command, claim_id=self.claim_id, outcome="denied", reasons=("It was delivered.",)
        )
        return event(decision, self.order_id, at)

    def does(self, who: str, kind: type[OrderCommand], at: datetime, **fields: Any) -> Event:
        """Somebody gives any other command; an investigator by name."""
        people = {"buyer": self.buyer_id, "seller": self.seller_id}
        role = who if who in people else "investigator"
        command = self._command(role, people.get(who, who), kind.TYPE, at)
        return event(kind(**command, **fields), self.order_id, at)

    def appealed(self, who: Literal["buyer", "seller"], at: datetime) -> Event:
        """One of them appeals the decision."""
        return self.does(who, AppealClaim, at, claim_id=self.claim_id, explanation="Here is a photograph.")

    def appeal_reversed(self, at: datetime, investigator: str = "investigator-2", **other: Any) -> Event:
        """Another investigator reverses it."""
        fields: dict[str, Any] = {
            "claim_id": self.claim_id,
            "reverse_money": True,
            "reverse_defect": True,
            "reasons": ("The photograph shows it.",),
        }
        return self.does(investigator, DecideAppeal, at, **(fields | other))

    def charged_back(self, at: datetime) -> Event:
        """The buyer's bank takes all of it back, for now."""
        data = ChargebackOpened(order_id=self.order_id, at=at, amount=self._price())
        return event(data, self.order_id, at)

    def bank_decided(self, at: datetime, outcome: Literal["buyer_won", "seller_won"]) -> Event:
        """The bank has decided."""
        data = ChargebackClosed(order_id=self.order_id, at=at, outcome=outcome, amount=self._price())
        return event(data, self.order_id, at)

    def _price(self) -> Price:
        return Price(amount_minor=self.amount_minor, currency=self.currency)


def delivered(tracking_number: str, at: datetime) -> Event:
    """The carrier's scan at the door."""
    scan = Milestone(carrier="UPS", tracking_number=tracking_number, milestone="delivered", occurred_at=at)
    return event(scan, tracking_number, at)


def seller(seller_id: str, at: datetime, language: Literal["en", "zh"] = "en") -> Event:
    """A seller registers."""
    data = SellerRegistered(
        seller_id=seller_id,
        name=f"Shop {seller_id}",
        email=f"{seller_id}@sellers.example",
        language=language,
        plan="professional",
        country="US",
    )
    return event(data, seller_id, at)


def buyer(buyer_id: str, at: datetime, language: Literal["en", "zh"] = "en") -> Event:
    """A buyer registers."""
    data = BuyerRegistered(
        buyer_id=buyer_id,
        name=f"Buyer {buyer_id}",
        email=f"{buyer_id}@buyers.example",
        language=language,
        country="US",
    )
    return event(data, buyer_id, at)
