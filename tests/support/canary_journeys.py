"""Everything that a buyer and a seller may write, in a few orders: each text, name and address a marker of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from shared.contracts import claims, messaging, orders, performance, topics
from shared.contracts.checkout import Address
from shared.contracts.data import Actor, Data
from shared.contracts.erasure import PERSONAL_TYPES, Sides
from shared.contracts.facts import Line
from shared.contracts.messages import BY_TYPE
from shared.contracts.money import Money
from tests.support.canaries import Canaries
from tests.support.events import Event, Order, buyer, delivered, event, seller, ups_number
from tests.support.running import Desk

BUYER, SELLER = "buyer-of-canaries", "seller-of-canaries"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_INVESTIGATORS = ("investigator-1", "investigator-2")
_ADDRESS = Address(
    name="n", line1="1", line2="2", city="c", region="r", postal_code="p", country="US", phone="5"
)


class Journeys:
    """One buyer's and one seller's orders at a running system, from placing to the last appeal."""

    def __init__(self, desk: Desk, start: datetime) -> None:
        self._desk = desk
        self._start = start
        self._sent = 0
        self.canaries = Canaries(Sides(BUYER, SELLER))

    def order(self, name: str) -> Order:
        return Order(f"order-{name}", SELLER, BUYER, self._start)

    async def say(self, *events: Event) -> None:
        """Send events whose personal fields are all marked."""
        await self._desk.send(*map(self.canaries.mark, events))

    def command(self, order: Order, by: str, model: type[Data], **fields: Any) -> Event:
        """Return a command that somebody gives now."""
        self._sent += 1
        people = {"buyer": BUYER, "seller": SELLER, "support": "support-7", "investigator": _INVESTIGATORS[0]}
        who, _, which = by.partition(":")
        body = {
            "command_id": f"{order.order_id}-{self._sent}",
            "order_id": order.order_id,
            "at": self._desk.now,
            "actor": Actor(kind=who, id=which or people[who]),  # type: ignore[arg-type]
        }
        return event(model(**body, **fields), order.order_id, self._desk.now)

    async def live(self) -> None:
        """Live through all of it."""
        desk, names = self._desk, ("canceled", "moved", "denied", "silent", "returned", "answered")
        canceled, *others = made = [*(self.order(name) for name in names), *self._without_address()]
        await self.say(buyer(BUYER, self._start), seller(SELLER, self._start, "zh"))
        await self.say(*(order.placed(ship_to=_ADDRESS) for order in made))
        await self.say(self.command(canceled, "buyer", orders.CancelOrder, reason="changed my mind"))
        await desk.send(*(order.verified() for order in others))
        await desk.go_to(self._start + HOUR)
        moved, denied, silent, returned, answered, to_nobody, of_nobody = others
        await self._move(moved)
        await self._ship(denied, returned, answered)
        await self._contact(denied, silent, answered)
        await self._return(returned)
        await self._return(to_nobody)
        await self.say(*(order.wrote("buyer", desk.now) for order in (to_nobody, of_nobody)))
        await self.say(of_nobody.wrote("seller", desk.now))
        await desk.go_to(self._start + 12 * DAY)
        await self._investigate(denied)
        await self._grant(silent)
        await self._answer(answered)
        await self._leave_behind()
        await desk.go_to(desk.now + 2 * DAY)

    def _without_address(self) -> Sequence[Order]:
        """Return orders of which one side never registers: what is written there waits in mails."""
        return (
            replace(self.order("to-nobody"), seller_id="seller-without-address"),
            replace(self.order("of-nobody"), buyer_id="buyer-without-address"),
        )

    async def _move(self, order: Order) -> None:
        """Another address, too late a wish to cancel, a refund, a cancellation, and what the buyer thinks of it."""
        wrote = order.wrote("buyer", self._desk.now, issue="address_change")
        assert isinstance(wrote.data, messaging.SendMessage)
        await self.say(wrote, self.command(order, "buyer", orders.CancelOrder, reason="too late"))
        change = {"message_id": wrote.data.message_id, "ship_to": _ADDRESS}
        await self.say(self.command(order, "seller", orders.ChangeAddress, **change))
        await self.say(self.command(order, "seller", orders.RefundOrder, amount=_money(1), reason="sorry"))
        await self.say(self.command(order, "seller", orders.CancelOrder, reason="sold out"))
        await self.say(self.command(order, "buyer", orders.LeaveFeedback, rating=1, text="never again"))

    async def _ship(self, *shipped: Order) -> None:
        for number, order in enumerate(shipped):
            await self._desk.send(order.shipped(self._desk.now, ups_number(number)))
        for number in range(len(shipped)):
            await self._desk.send(delivered(ups_number(number), self._desk.now))

    async def _contact(self, denied: Order, silent: Order, answered: Order) -> None:
        for order in (denied, silent, answered):
            await self.say(order.wrote("buyer", self._desk.now))
        await self._desk.go_to(self._desk.now + HOUR)
        for order in (denied, answered):
            await self.say(order.wrote("seller", self._desk.now))
        by_phone = {
            "message_id": "by-phone",
            "contact_id": denied.contact_id,
            "issue": "delivery",
            "text": "x",
        }
        await self.say(self.command(denied, "support", messaging.SendMessage, **by_phone))

    async def _return(self, order: Order) -> None:
        lines = (Line(order_item_id=f"{order.order_id}-1", quantity=1),)
        asked = {"contact_id": "return", "lines": lines, "reason": "broken", "text": "in two"}
        await self.say(self.command(order, "buyer", messaging.RequestReturn, **asked))
        answer = {
            "contact_id": "return",
            "answer": "authorised",
            "return_address_country": "US",
            "text": "do",
        }
        await self.say(self.command(order, "seller", messaging.AnswerReturn, **answer))

    async def _investigate(self, order: Order) -> None:
        """A claim by support, with all that both sides may add; denied; an appeal, upheld."""
        desk, claim = self._desk, {"claim_id": order.claim_id}
        filed = order.filed(desk.now, "delivered_not_found").data
        assert isinstance(filed, claims.FileClaim)
        by_phone = filed.model_copy(
            update={"actor": Actor(kind="support", id="support-7"), "channel": "phone"}
        )
        await self.say(event(by_phone, order.order_id, desk.now))
        await self.say(self.command(order, "seller", claims.AnswerClaim, **claim, text="it came"))
        await self.say(self.command(order, "buyer", claims.AddEvidence, **claim, text="see here"))
        for side in ("seller", "buyer"):
            question = self.command(
                order,
                "investigator",
                claims.RequestInformation,
                **claim,
                **{"from": side},
                questions=("Who?",),
            )
            await desk.send(question)
            given = claim | {"request_id": question.event_id, "text": "I know"}
            await self.say(self.command(order, side, claims.ProvideInformation, **given))
        deny = claim | {"outcome": "denied", "reasons": ("It was delivered.",)}
        await desk.send(self.command(order, "investigator", claims.DecideClaim, **deny))
        await self.say(self.command(order, "buyer", claims.AppealClaim, **claim, explanation="wrong door"))
        upheld = self.command(
            order, f"investigator:{_INVESTIGATORS[1]}", claims.DecideAppeal, **claim, reasons=("No.",)
        )
        await desk.send(upheld)

    async def _grant(self, order: Order) -> None:
        """Silence grants; the seller appeals, and contests what is counted."""
        await self.say(order.filed(self._desk.now))
        appeal = {"claim_id": order.claim_id, "explanation": "I was ill"}
        await self.say(self.command(order, "seller", claims.AppealClaim, **appeal))
        said = await self._desk.said(topics.PERFORMANCE_EVENTS, order.order_id)
        counted = next(each.body for each in said if each.type == "performance.defect_counted.v1")
        contest = {"contest_id": "contest", "defect_id": counted["defect_id"], "explanation": "ill"}
        await self.say(self.command(order, "seller", performance.ContestDefect, **contest))

    async def _answer(self, order: Order) -> None:
        """A claim that is refused, and one that the seller ends by a refund."""
        await self.say(
            order.filed(self._desk.now, "delivered_not_found", amount=_money(10**9), claim_id="refused")
        )
        await self.say(order.filed(self._desk.now + MINUTE / 2, "delivered_not_found"))
        await self._desk.send(self.command(order, "seller", claims.RefundClaim, claim_id=order.claim_id))

    async def _leave_behind(self) -> None:
        """What nobody can read, what waits for an earlier fact, and what an operator would have to see."""
        order = self.order("moved")
        for good in (
            order.placed(ship_to=_ADDRESS),
            buyer(BUYER, self._start),
            seller(SELLER, self._start),
            order.wrote("buyer", self._desk.now),
            order.filed(self._desk.now),
            self.command(
                order, "seller", performance.ContestDefect, contest_id="c", defect_id="d", explanation="e"
            ),
        ):
            await self._send_broken(self.canaries.mark(good))
        await self._send_early(replace(order, order_id="order-unheard-of"))
        await self._desk.settle()

    async def _send_broken(self, good: Event) -> None:
        await self._desk.send_raw(good.topic, good.key.encode(), good.value[:-2], good.headers)

    async def _send_early(self, order: Order) -> None:
        """A message, as messaging passes it on, whose earlier ones never came."""
        letter = order.wrote("buyer", self._desk.now).data
        assert isinstance(letter, messaging.SendMessage)
        fact = messaging.MessageSent(
            **letter.model_dump(exclude={"actor"}),
            actor=letter.actor,
            seller_id=SELLER,
            buyer_id=BUYER,
            channel="buyer_seller_messages",
        )
        said = self.canaries.mark(event(fact, order.order_id, self._desk.now))
        headers = [*said.headers, ("ce_sequence", b"5")]
        await self._desk.send_raw(said.topic, said.key.encode(), said.value, headers)


def _money(amount_minor: int) -> Money:
    return Money(amount_minor=amount_minor, currency="USD")


def written_by_people() -> Sequence[str]:
    """Name the types of message that people write, or that are written about them, and that hold something personal."""
    return sorted(each for each in PERSONAL_TYPES if topics.TOPICS[BY_TYPE[each].TOPIC].outsiders_write)
