"""What checkout, carriers, buyers, sellers and investigators say, with the fields that a story needs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.cli.times import written
from shared.contracts.accounts import BuyerRegistered, SellerRegistered
from shared.contracts.carriers import Milestone
from shared.contracts.catalog import ListingStocked
from shared.contracts.checkout import Address, Item, OrderPlaced, PaymentDelayed, PaymentVerified
from shared.contracts.claims import AppealClaim, DecideAppeal, DecideClaim, FileClaim, RequestInformation
from shared.contracts.data import Actor, Command, Data, Role
from shared.contracts.facts import Line
from shared.contracts.lists import ClaimReason, Language, MessageIssue
from shared.contracts.messaging import ResolveContact, SendMessage
from shared.contracts.money import Money, Price
from shared.contracts.orders import ConfirmShipment
from shared.kit import ids

SOURCE = "/demo"
CURRENCY = "USD"
MARKETPLACE = "us"
EXPECTED_SHIP_DAYS = 2
DELIVERY_DAYS_MIN, DELIVERY_DAYS_MAX = 3, 6
_UPS_LETTERS = "2345678901"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that somebody outside says, and when it happened."""

    data: Data
    at: datetime

    def line(self) -> bytes:
        """Write it as `recourse publish` reads it: one CloudEvent in structured mode."""
        body = self.data.to_json().decode()
        event_id = (
            self.data.command_id
            if isinstance(self.data, Command)
            else ids.derived("demo", self.data.TYPE, body)
        )
        envelope = {
            "specversion": "1.0",
            "id": event_id,
            "source": SOURCE,
            "type": self.data.TYPE,
            "time": written(self.at),
            "data": json.loads(body),
        }
        return json.dumps(envelope, ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Person:
    """A seller or a buyer, and how they are called in the story."""

    id: str
    name: str
    language: Language = "en"

    @property
    def email(self) -> str:
        return f"{self.id}@mail.example"


def seller_registered(seller: Person, at: datetime) -> Event:
    """Upstream accounts say that there is a seller."""
    return Event(
        SellerRegistered(
            seller_id=seller.id,
            name=seller.name,
            email=seller.email,
            language=seller.language,
            plan="professional",
            country="US",
        ),
        at,
    )


def buyer_registered(buyer: Person, at: datetime) -> Event:
    """Upstream accounts say that there is a buyer."""
    return Event(
        BuyerRegistered(
            buyer_id=buyer.id, name=buyer.name, email=buyer.email, language=buyer.language, country="US"
        ),
        at,
    )


def stocked(seller: Person, sku: str, quantity: int, at: datetime) -> Event:
    """The upstream catalogue says how much of a sku there is."""
    return Event(ListingStocked(seller_id=seller.id, sku=sku, quantity=quantity, at=at), at)


def scanned(tracking_number: str, at: datetime) -> Event:
    """The carrier's scan at the door."""
    return Event(
        Milestone(carrier="UPS", tracking_number=tracking_number, milestone="delivered", occurred_at=at), at
    )


def ups_number(serial: int) -> str:
    """Return the tracking number of a UPS parcel, with its check digit."""
    body = f"ZZ999903{serial:07d}"
    digits = [int(_UPS_LETTERS[(ord(c) - ord("A")) % 10]) if c.isalpha() else int(c) for c in body]
    total = sum(digit * (2 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"1Z{body}{-total % 10}"


@dataclass(frozen=True, slots=True)
class Order:
    """An order of one line, and everything that its people say about it."""

    order_id: str
    seller: Person
    buyer: Person
    placed_at: datetime
    title: str
    sku: str
    price_minor: int
    tracking_number: str
    ships_in_days: int = EXPECTED_SHIP_DAYS

    @property
    def contact_id(self) -> str:
        return f"{self.order_id}-contact"

    @property
    def claim_id(self) -> str:
        return f"{self.order_id}-claim"

    def placed(self) -> Event:
        """Checkout publishes the order."""
        item = Item(
            order_item_id=f"{self.order_id}-1",
            sku=self.sku,
            title=self.title,
            quantity=1,
            unit_price=_price(self.price_minor),
            shipping=_price(0),
            tax=_price(0),
        )
        day = self.placed_at.date()
        data = OrderPlaced(
            order_id=self.order_id,
            marketplace_id=MARKETPLACE,
            buyer_id=self.buyer.id,
            seller_id=self.seller.id,
            placed_at=self.placed_at,
            fulfilment="seller",
            items=(item,),
            ship_to=Address(name=self.buyer.name, line1="1 Sample Street", city="Sample City", country="US"),
            ship_from_country="US",
            ship_method="standard",
            expected_ship_date=day + timedelta(days=self.ships_in_days),
            delivery_from=day + timedelta(days=DELIVERY_DAYS_MIN),
            delivery_to=day + timedelta(days=DELIVERY_DAYS_MAX),
        )
        return Event(data, self.placed_at)

    def verified(self, at: datetime) -> Event:
        """The payment is good."""
        return Event(PaymentVerified(order_id=self.order_id, at=at), at)

    def delayed(self, at: datetime) -> Event:
        """The payment can't be verified yet."""
        return Event(PaymentDelayed(order_id=self.order_id, at=at), at)

    def shipped(self, at: datetime) -> Event:
        """The seller confirms the shipment."""
        data = ConfirmShipment(
            **self._command("seller", self.seller.id, "ship", at),
            shipment_id=f"{self.order_id}-shipment",
            carrier="UPS",
            method="Ground",
            tracking_number=self.tracking_number,
            shipped_at=at,
            lines=(),
        )
        return Event(data, at)

    def wrote(self, who: Role, text: str, at: datetime, issue: MessageIssue = "delivery") -> Event:
        """The buyer or the seller writes."""
        person = self.buyer if who == "buyer" else self.seller
        data = SendMessage(
            **self._command(who, person.id, f"{who}-writes", at),
            message_id=f"{self.order_id}-message-{who}-{at:%d%H%M}",
            contact_id=self.contact_id,
            issue=issue,
            text=text,
        )
        return Event(data, at)

    def resolved(self, at: datetime) -> Event:
        """The buyer says that it is settled."""
        command = self._command("buyer", self.buyer.id, "resolve", at)
        return Event(ResolveContact(**command, contact_id=self.contact_id), at)

    def filed(self, at: datetime, reason: ClaimReason | None = None) -> Event:
        """The buyer claims the whole price."""
        data = FileClaim(
            **self._command("buyer", self.buyer.id, "file", at),
            claim_id=self.claim_id,
            lines=(Line(order_item_id=f"{self.order_id}-1", quantity=1),),
            issue="not_received",
            reason=reason,
            description=self.title,
            wanted="refund",
            amount=Money(amount_minor=self.price_minor, currency=CURRENCY),
        )
        return Event(data, at)

    def asked(self, at: datetime, investigator: str, questions: Sequence[str]) -> Event:
        """An investigator asks the seller."""
        data = RequestInformation(
            **self._command("investigator", investigator, "ask", at),
            claim_id=self.claim_id,
            from_="seller",
            questions=tuple(questions),
        )
        return Event(data, at)

    def denied(self, at: datetime, investigator: str, reason: str) -> Event:
        """An investigator denies the claim."""
        data = DecideClaim(
            **self._command("investigator", investigator, "decide", at),
            claim_id=self.claim_id,
            outcome="denied",
            reasons=(reason,),
        )
        return Event(data, at)

    def appealed(self, at: datetime, explanation: str) -> Event:
        """The seller asks that somebody else looks at it again."""
        data = AppealClaim(
            **self._command("seller", self.seller.id, "appeal", at),
            claim_id=self.claim_id,
            explanation=explanation,
        )
        return Event(data, at)

    def appeal_reversed(self, at: datetime, investigator: str, reason: str) -> Event:
        """Another investigator reverses the decision: the money, and what counts against the seller."""
        data = DecideAppeal(
            **self._command("investigator", investigator, "decide-appeal", at),
            claim_id=self.claim_id,
            reverse_money=True,
            reverse_defect=True,
            reasons=(reason,),
        )
        return Event(data, at)

    def _command(self, kind: Role, person: str, what: str, at: datetime) -> dict[str, Any]:
        command_id = f"{self.order_id}-{what}-{at:%Y%m%dT%H%M}"
        return {
            "order_id": self.order_id,
            "command_id": command_id,
            "at": at,
            "actor": Actor(kind=kind, id=person),
        }


def _price(amount_minor: int) -> Price:
    return Price(amount_minor=amount_minor, currency=CURRENCY)
