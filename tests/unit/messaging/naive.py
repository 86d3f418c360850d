"""The rulebook's M1-M6 once more, as plainly as possible: dictionaries that are changed in place, no events.

It is written from the rules, not from the code, and knows single-line and whole-order refunds only.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from services.messaging.domain.inputs import (
    AnswerReturn,
    ClaimFiled,
    DeadlineExpired,
    MoneyReturned,
    OrderCanceled,
    ParcelDelivered,
    ReceiveReturn,
    RequestReturn,
    ResolveContact,
    ReturnRequired,
    SendMessage,
    ShipReturn,
)
from services.messaging.domain.model import Line, Policy, Units
from tests.unit.messaging.builders import BUYER, SELLER

BETTER = ["declined", "authorised", "refund_without_return"]


class Naive:
    """One released order, and what its people may say about it."""

    def __init__(self, released: datetime, lines: tuple[Line, ...], country: str, policy: Policy) -> None:
        self.released, self.country, self.policy = released, country, policy
        self.lines = {line.order_item_id: line for line in lines}
        self.canceled: datetime | None = None
        self.messages: list[SendMessage] = []
        self.contacts: list[dict[str, Any]] = []
        self.money: list[Any] = []
        self.claims: dict[str, Any] = {}
        self.overdue: set[tuple[str, str]] = set()
        self.requested: set[str] = set()

    def hear(self, given: Any, now: datetime) -> str | None:
        """Take an input; say why it is refused, if it is."""
        match given:
            case MoneyReturned():
                self.refund(given.money)
            case OrderCanceled():
                self.cancel(given.at)
            case ClaimFiled():
                self.claims.setdefault(given.claim_id, {"items": given.items, "since": None})
            case ReturnRequired():
                claim = self.claims.get(given.claim_id)
                if claim and claim["since"] is None:
                    claim["since"] = given.at
            case DeadlineExpired():
                self.fire(given)
            case ParcelDelivered():
                self.scan(given)
            case _:
                return self.command(given, now)
        return None

    # ------------------------------------------------------------------------------------------ commands

    def command(self, given: Any, now: datetime) -> str | None:
        if given.command_id in self.requested:
            return None
        if given.at > now + timedelta(minutes=1):
            return "in_the_future"
        who = self.who(given)
        if who is None:
            return "not_a_party"
        allowed: dict[type[Any], str] = {
            ResolveContact: "buyer",
            RequestReturn: "buyer",
            ShipReturn: "buyer",
            AnswerReturn: "seller",
            ReceiveReturn: "seller",
        }
        if allowed.get(type(given), who) != who:
            return f"not_the_{allowed[type(given)]}"
        doing: dict[type[Any], Callable[[Any], str | None]] = {
            SendMessage: self.send,
            ResolveContact: self.resolve,
            RequestReturn: self.request,
            AnswerReturn: self.answer,
            ShipReturn: self.ship,
            ReceiveReturn: self.receive,
        }
        return doing[type(given)](given)

    def who(self, given: Any) -> str | None:
        if given.actor.kind == "support" or given.actor == BUYER:
            return "buyer"
        return "seller" if given.actor == SELLER else None

    def send(self, given: SendMessage) -> str | None:
        if any(given.message_id == known.message_id for known in self.messages):
            return "message_id_reused"
        if given.at < self.released:
            return "order_pending"
        self.messages.append(given)
        contact = self.named(given.contact_id) or self.open_one("buyer_seller_messages", given.issue)
        if contact:
            contact["names"].add(given.contact_id)
            self.listen(contact)
        elif self.who(given) == "buyer" and given.response_required and not self.is_canceled(given.at):
            self.open(given, "buyer_seller_messages", given.issue)
        return None

    def resolve(self, given: ResolveContact) -> str | None:
        contact = self.named(given.contact_id)
        if not contact:
            return "unknown_contact"
        if contact["resolved"]:
            return "already_resolved"
        self.close(contact, given.at, "buyer")
        return None

    def request(self, given: RequestReturn) -> str | None:  # noqa: PLR0911
        contact = self.named(given.contact_id)
        if given.at < self.released:
            return "order_pending"
        if contact and contact["channel"] != "return_requests":
            return "no_return"
        if contact and contact["resolved"] and given.at > contact["resolved"][0]:
            return "already_resolved"
        if not given.reason.strip():
            return "incomplete_form"
        if any(line.order_item_id not in self.lines for line in given.lines):
            return "unknown_line"
        wanted = count(given.lines)
        left = {item: self.lines[item].quantity - self.gone(item, given.at) for item in wanted}
        if self.is_canceled(given.at) or not any(left.values()):
            return "order_canceled"
        if any(wanted[item] > left[item] for item in wanted):
            return "too_many_units"
        self.requested.add(given.command_id)
        contact = contact or self.open_one("return_requests", "product")
        if contact:
            contact["names"].add(given.contact_id)
            contact["requests"].append((given.at, wanted))
        else:
            self.open(given, "return_requests", "product", [(given.at, wanted)])
        return None

    def answer(self, given: AnswerReturn) -> str | None:
        contact = self.named(given.contact_id)
        if no := self.no_return(contact, given.at):
            return no
        assert contact is not None
        if contact["resolved"] and given.at > contact["resolved"][0]:
            return "already_resolved"
        ranks = {item: self.ranks(contact, item, given.at) for item in self.wanted(contact, given.at)}
        if not any(rank(given.answer) > each for units in ranks.values() for each in units):
            return "already_answered"
        counts = {item: sum(each <= rank(given.answer) for each in units) for item, units in ranks.items()}
        lines = {item: units for item, units in counts.items() if units}
        has_way = given.prepaid_label or given.return_address_country == self.country
        if given.answer == "authorised" and not has_way:
            return "no_way_to_return"
        if given.answer == "declined" and not given.text.strip():
            return "incomplete_form"
        contact["answers"].append((given.at, given.answer, lines))
        self.listen(contact)
        self.look_for_money(contact)
        return None

    def ship(self, given: ShipReturn) -> str | None:
        contact = self.named(given.contact_id)
        if no := self.no_return(contact, given.at):
            return no
        assert contact is not None
        allowed = self.allowed(contact, given.at)
        lines = less(allowed, *(parcel["lines"] for parcel in contact["parcels"]))
        if not lines:
            return "already_shipped_back" if allowed else "not_authorised"
        number = given.tracking_number.replace(" ", "").upper() if given.carrier.upper() == "UPS" else ""
        parcel = {"at": given.at, "lines": lines, "number": number, "received": None}
        contact["parcels"].append(parcel)
        return None

    def receive(self, given: ReceiveReturn) -> str | None:
        contact = self.named(given.contact_id)
        if no := self.no_return(contact, given.at):
            return no
        assert contact is not None
        sent = [parcel for parcel in contact["parcels"] if parcel["at"] <= given.at]
        waiting = [parcel for parcel in sent if not parcel["received"]]
        for parcel in waiting:
            parcel["received"] = given.at, "seller"
        return None if waiting else "already_received" if sent else "not_shipped_back"

    def no_return(self, contact: dict[str, Any] | None, at: datetime) -> str | None:
        if contact is None:
            return "unknown_contact"
        if contact["channel"] != "return_requests":
            return "no_return"
        return "unknown_contact" if at < contact["opened"] else None

    # --------------------------------------------------------------------------------------------- facts

    def refund(self, money: Any) -> None:
        if any(known.money_id == money.money_id for known in self.money):
            return
        self.money.append(money)
        for contact in self.contacts:
            self.look_for_money(contact)

    def cancel(self, at: datetime) -> None:
        if not self.canceled:
            for contact in self.contacts:
                self.fall_due(contact, at, "response", "resolution")
            self.canceled = at

    def scan(self, given: ParcelDelivered) -> None:
        for contact in self.contacts:
            for parcel in contact["parcels"]:
                if parcel["received"] or parcel["number"] != given.tracking_number:
                    continue
                if not parcel["number"].startswith("1Z"):
                    continue
                items = parcel["lines"].keys()
                yes = [
                    when
                    for when, what, lines in contact["answers"]
                    if what == "authorised" and lines.keys() & items
                ]
                claims = [claim["since"] for claim in self.claims.values() if items & {*claim["items"]}]
                allowed = [*yes, *filter(None, claims)]
                counting = [at for at in given.delivered_at if at >= min(allowed)]
                if counting:
                    parcel["received"] = min(counting), "carrier"

    def fire(self, given: DeadlineExpired) -> None:
        contact = next((c for c in self.contacts if c["id"] == given.subject_id), None)
        which = given.kind.removesuffix("_due")
        if (
            contact
            and not self.canceled
            and not contact["resolved"]
            and contact["due"][which] == given.due_at
        ):
            if which == "response" and contact["responded"]:
                return
            self.overdue.add((contact["id"], which))

    # ------------------------------------------------------------------------------------------ contacts

    def open(self, given: Any, channel: str, issue: str, requests: Any = ()) -> None:
        due = {
            "response": given.at + self.policy.response_window,
            "resolution": given.at + self.policy.resolution_window,
        }
        contact = {
            "id": given.contact_id,
            "names": {given.contact_id},
            "channel": channel,
            "issue": issue,
            "opened": given.at,
            "due": due,
            "responded": None,
            "resolved": None,
            "requests": [*requests],
            "answers": [],
            "parcels": [],
        }
        self.contacts.append(contact)
        self.listen(contact)
        if self.canceled:
            self.fall_due(contact, self.canceled, "response", "resolution")
        self.look_for_money(contact)

    def listen(self, contact: dict[str, Any]) -> None:
        """Look for the seller's first answer in person."""
        dates = [at for at, _, _ in contact["answers"]]
        for each in self.messages:
            if self.who(each) != "seller" or each.automatic or each.at < contact["opened"]:
                continue
            owner = self.named(each.contact_id)
            by_issue = not contact["resolved"] and contact["channel"] == "buyer_seller_messages"
            if owner is contact or (owner is None and by_issue and each.issue == contact["issue"]):
                dates.append(each.at)
        if dates and (contact["responded"] is None or min(dates) < contact["responded"]):
            self.fall_due(contact, min(dates), "response")
            contact["responded"] = min(dates)

    def fall_due(self, contact: dict[str, Any], at: datetime, *which: str) -> None:
        until = min(at, self.canceled) if self.canceled else at
        for each in which:
            if contact["resolved"] or (each == "response" and contact["responded"]):
                continue
            if contact["due"][each] < until:
                self.overdue.add((contact["id"], each))

    def close(self, contact: dict[str, Any], at: datetime, cause: str) -> None:
        self.fall_due(contact, at, "response", "resolution")
        contact["resolved"] = at, cause

    def look_for_money(self, contact: dict[str, Any]) -> None:
        if contact["resolved"]:
            return
        found = [at for at in [self.all_back()] if at and at >= contact["opened"]]
        if contact["channel"] == "return_requests":
            if any(answer == "refund_without_return" for _, answer, _ in contact["answers"]):
                found += [money.at for money in self.money if money.contact_id in contact["names"]]
            found += [at for at in [self.lines_back(contact)] if at]
        if found:
            self.close(contact, min(found), "refunded")

    def all_back(self) -> Any:
        paid, so_far = sum(line.paid_for(line.quantity) for line in self.lines.values()), 0
        for money in sorted(self.money, key=lambda each: each.at):
            so_far += money.amount_minor
            if so_far >= paid:
                return money.at
        return None

    def lines_back(self, contact: dict[str, Any]) -> datetime | None:
        """Each line on its own: what was left of it when it was asked for, and when that much had come back."""
        done: list[datetime | None] = []
        for item, units in self.wanted(contact, None).items():
            line = self.lines[item]
            left = line.paid_for(line.quantity)
            by_date = sorted((m for m in self.money if m.lines[0].order_item_id == item), key=lambda m: m.at)
            for money in by_date:
                if money.at < contact["opened"]:
                    left -= min(left, money.amount_minor)
            needed = min(left, line.paid_for(units))
            if not needed:
                continue
            came = 0
            done.append(None)
            for money in by_date:
                if money.at >= contact["opened"]:
                    came += money.amount_minor
                    if came >= needed:
                        done[-1] = money.at
                        break
        known = [at for at in done if at]
        return max(known) if known and len(known) == len(done) else None

    def open_one(self, channel: str, issue: str) -> dict[str, Any] | None:
        found = [
            c for c in self.contacts if not c["resolved"] and (c["channel"], c["issue"]) == (channel, issue)
        ]
        return found[0] if found else None

    def named(self, name: str) -> dict[str, Any] | None:
        return next((contact for contact in self.contacts if name in contact["names"]), None)

    def is_canceled(self, at: datetime) -> bool:
        return self.canceled is not None and at >= self.canceled

    # ---------------------------------------------------------------------------------------- of returns

    def gone(self, item: str, at: datetime) -> int:
        return sum(count(m.lines).get(item, 0) for m in self.money if m.canceled and m.at <= at)

    def wanted(self, contact: dict[str, Any], at: datetime | None) -> dict[str, int]:
        units: dict[str, int] = {}
        for asked_at, lines in contact["requests"]:
            for item, quantity in lines.items():
                if at is None or asked_at <= at:
                    units[item] = max(units.get(item, 0), quantity)
        return units

    def ranks(self, contact: dict[str, Any], item: str, at: datetime) -> list[int]:
        """Unit by unit: how good its best answer was by then; -1 where it had none."""
        ranks = [-1] * self.wanted(contact, at)[item]
        for when, what, lines in sorted(contact["answers"], key=lambda each: each[0]):
            if when <= at:
                asked = sorted(range(self.wanted(contact, when).get(item, 0)), key=lambda unit: ranks[unit])
                for unit in asked[: lines.get(item, 0)]:
                    ranks[unit] = max(ranks[unit], rank(what))
        return ranks

    def allowed(self, contact: dict[str, Any], at: datetime) -> dict[str, int]:
        wanted = self.wanted(contact, at)
        claimed = {i for c in self.claims.values() if c["since"] and c["since"] <= at for i in c["items"]}
        yes = [lines for when, what, lines in contact["answers"] if what == "authorised" and when <= at]
        return {
            item: units if item in claimed else max(lines.get(item, 0) for lines in yes)
            for item, units in wanted.items()
            if item in claimed or any(item in lines for lines in yes)
        }


def count(lines: tuple[Units, ...]) -> dict[str, int]:
    """Add up units by item."""
    items = {line.order_item_id for line in lines}
    return {item: sum(line.quantity for line in lines if line.order_item_id == item) for item in items}


def less(units: dict[str, int], *taken: dict[str, int]) -> dict[str, int]:
    """Take units away; an item with none left is left out."""
    left = {item: quantity - sum(each.get(item, 0) for each in taken) for item, quantity in units.items()}
    return {item: quantity for item, quantity in left.items() if quantity > 0}


def rank(answer: str) -> int:
    """Say how good an answer is to the buyer."""
    return BETTER.index(answer)
