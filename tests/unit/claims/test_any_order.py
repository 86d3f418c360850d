"""Whatever happens, and in whatever order it is read: money adds up, and an answer in time wins (C1–C17, T5).

Everybody acts: buyer, seller, investigators, carriers, the bank. Facts and commands are dated when they happen and read
later, each topic in its order; deadlines fire at their time or late. Beside the domain runs the naive model, which says
what every command is answered, under each of the three policies.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.claims.domain import events as said
from services.claims.domain.inputs import (
    ContactOpened,
    Fulfilment,
    Issue,
    Label,
    Reason,
    Side,
    Verdict,
    Wanted,
)
from services.claims.domain.money import Units
from services.claims.domain.state import Granted, is_open
from tests.unit.claims import builders as a
from tests.unit.claims.world import ITEMS, MOVES, World

BEGINS = [
    "placed",
    "silent",
    "silent and claimed",
    "silent and appealed",
    "claimed",
    "asked",
    "asked and charged back",
    "denied",
    "denied and appealed",
    "granted and appealed",
    "promised early",
    "broken",
    "asked for",
    "asked for and charged back",
    "sent back",
    "back",
]
OF_RETURN = {"broken", "asked for", "asked for and charged back", "sent back", "back"}
CONTACTS = ("contact-1", "contact-2", "return-1")
WAYS: list[tuple[Issue, Reason | None]] = [
    ("not_received", None),
    ("not_received", "delivered_not_found"),
    ("not_received", "delivered_not_found"),
    ("not_as_expected", "damaged"),
    ("not_as_expected", "damaged"),
    ("not_as_expected", "returned_not_refunded"),
]
_ITEM = st.sampled_from(sorted(ITEMS))
_CONTACT = st.sampled_from(CONTACTS)
_BESIDE = st.sampled_from([-a.INSTANT, timedelta(0), a.INSTANT, timedelta(hours=-5)])
_DECIDED = ("granted", "denied", "refused")


class Claims(RuleBasedStateMachine):
    """One order of two items, its people, its clocks, and the service that hears of them."""

    policy: ClassVar[str] = "2021-en"

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.policy)

    @property
    def now(self) -> datetime:
        return self.world.now

    @initialize(
        fulfilment=st.sampled_from(["seller", "seller", "seller", "marketplace"]),
        begins=st.sampled_from(BEGINS),
    )
    def place(self, fulfilment: Fulfilment, begins: str) -> None:
        """Begin with an order that was just placed, or with one that has come some of its way."""
        lines = [a.line(item, paid_minor=paid) for item, paid in ITEMS.items()]
        self.world.unread["orders"] += [a.received(*lines, fulfilment=fulfilment), a.released()]
        if begins == "placed":
            return
        self.world.now = a.SHIPPED
        for item in ITEMS:
            self.seller_ships(item, "seller", tracked=True)
            if begins == "promised early":
                self.carrier_promises(item, date(2021, 3, 4))
            else:
                self.carrier_delivers(item)
        self.world.now = a.WROTE - 3 * a.DAY
        of_return = begins in OF_RETURN
        self.buyer_writes("return-1" if of_return else "contact-1", "delivery")
        if not begins.startswith("silent"):
            self.seller_answers("return-1" if of_return else "contact-1", -2 * a.DAY)
        if of_return:
            self.seller_authorises("item-1")
        self.world.now = a.WROTE - a.HOUR if begins == "promised early" else a.FILED
        self.claim_as_it_begins(begins)
        for topic in self.world.unread:
            self.world.read(topic, 99)

    def claim_as_it_begins(self, begins: str) -> None:
        is_denied = begins.startswith("denied")
        if begins in OF_RETURN:
            self.buyer_files("item-1", 1000, WAYS[3], "refund")
        elif begins not in {"silent", "promised early"}:
            self.buyer_files("item-1", 300, WAYS[1], "refund")
        if begins in {"asked", "asked and charged back"}:
            self.world.ask(a.ask("seller", at=self.now, request_id=self.world.name("ask")))
        if is_denied or begins == "granted and appealed":
            self.world.ask(a.rule("denied" if is_denied else "granted", at=self.now))
        if begins.endswith("appealed"):
            self.world.ask(a.appeal(at=self.now, actor=a.BUYER if is_denied else a.SELLER))
        if begins in OF_RETURN and begins != "broken":
            self.world.ask(a.refund(at=self.now, return_first=True))
        self.world.read("orders", 99)
        self.world.read("messaging", 99)
        self.world.read("commands", 99)
        self.go_on_as_it_begins(begins)

    def go_on_as_it_begins(self, begins: str) -> None:
        if begins in {"sent back", "back"}:
            self.buyer_sends_it_back("item-1")
        if begins == "back":
            self.seller_has_it_back("item-1")
        if begins.endswith("charged back"):
            self.world.now += a.HOUR
            self.the_bank_takes_it_back()

    # ----------------------------------------------------------------------------------------------- time

    @rule(hours=st.sampled_from([1, 7, 30, 30, 72, 192]))
    def time_passes(self, hours: int) -> None:
        self.world.now += timedelta(hours=hours)

    @rule(beside=_BESIDE, data=st.data())
    def time_comes_close_to_a_deadline(self, beside: timedelta, data: st.DataObject) -> None:
        known = [due_at for _, _, due_at in self.world.timers] + [a.SHIP_BY, a.DELIVER_BY, a.UNTIL]
        ahead = [at + beside for at in known if at + beside > self.now]
        if ahead:
            self.world.now = data.draw(st.sampled_from(sorted(ahead)))

    def dated(self, wanted: datetime, not_before: datetime) -> datetime:
        """Date something close to a deadline if that has come, else now: nothing is dated ahead."""
        return max(not_before, min(wanted, self.now))

    # ------------------------------------------------------------------------------------------ the order

    @rule(item=_ITEM, tracked=st.booleans(), label=st.sampled_from(["seller", "marketplace"]))
    def seller_ships(self, item: str, label: Label, *, tracked: bool) -> None:
        if self.world.names[f"parcel-{item}"]:
            return
        self.world.names[f"parcel-{item}"] += 1
        self.world.happen(
            "orders",
            a.shipped(
                Units(item, 1),
                at=self.now,
                shipment_id=f"parcel-{item}",
                label=label,
                trackable=tracked,
                tracking_valid=tracked,
            ),
        )

    @rule(item=_ITEM)
    def carrier_delivers(self, item: str) -> None:
        if self.world.names[f"parcel-{item}"] and not self.world.names[f"scan-{item}"]:
            self.world.names[f"scan-{item}"] += 1
            self.world.happen("orders", a.delivered(at=self.now, shipment_id=f"parcel-{item}"))

    @rule(item=_ITEM, day=st.dates(min_value=date(2021, 3, 3), max_value=date(2021, 3, 14)))
    def carrier_promises(self, item: str, day: date) -> None:
        if self.world.names[f"parcel-{item}"]:
            self.world.happen("orders", a.promised(day, at=self.now, shipment_id=f"parcel-{item}"))

    @rule(item=_ITEM, amount=st.sampled_from([100, 200, 700, 1000]))
    def seller_refunds_in_part(self, item: str, amount: int) -> None:
        """Orders lets no more be refunded than was paid."""
        paid = sum(each.amount_minor for each in self.world.truth.refunds(item))
        if amount := min(amount, ITEMS[item] - paid):
            self.world.happen("orders", a.refunded(amount, Units(item, 1), at=self.now))

    @rule()
    @precondition(lambda self: not self.world.names["chargeback"] % 2 and self.world.names["chargeback"] < 4)
    def the_bank_takes_it_back(self) -> None:
        self.world.names["chargeback"] += 1
        self.world.happen("orders", a.charged_back(at=self.now))

    @rule(
        outcome=st.sampled_from(["seller_won", "seller_won", "buyer_won"]),
        amount=st.sampled_from([100, 1501]),
    )
    @precondition(lambda self: self.world.names["chargeback"] % 2)
    def the_bank_decides(self, outcome: str, amount: int) -> None:
        self.world.names["chargeback"] += 1
        is_won = outcome == "buyer_won"
        decided = a.bank_decided("buyer_won" if is_won else "seller_won", amount, at=self.now)
        self.world.happen("orders", decided)

    # ------------------------------------------------------------------------------- messages, and returns

    @rule(contact=_CONTACT, about=st.sampled_from(["delivery", "delivery", "delivery", "product"]))
    def buyer_writes(self, contact: str, about: str) -> None:
        if self.world.names[contact]:
            return
        self.world.names[contact] += 1
        is_return = contact == "return-1"
        self.world.happen(
            "messaging",
            a.wrote(
                at=self.now,
                contact_id=contact,
                about="product" if is_return else about,
                channel="return_requests" if is_return else "buyer_seller_messages",
                window=self.world.numbers.response,
            ),
        )

    @rule(contact=_CONTACT, beside=_BESIDE)
    def seller_answers(self, contact: str, beside: timedelta) -> None:
        if opened := self.opened(contact):
            at = self.dated(opened.respond_by + beside, not_before=opened.opened_at)
            self.world.happen("messaging", a.answered(at=at, contact_id=contact))

    @rule(contact=_CONTACT)
    def buyer_says_that_it_is_settled(self, contact: str) -> None:
        if self.opened(contact):
            self.world.happen("messaging", a.resolved(at=self.now, contact_id=contact))

    def opened(self, contact: str) -> ContactOpened | None:
        opened = self.world.truth.every(ContactOpened)
        return next((each for each in opened if each.contact_id == contact), None)

    @rule(item=_ITEM)
    def seller_authorises(self, item: str) -> None:
        """Of both items the first is sent back: a return has its lines."""
        if self.opened("return-1") and not self.world.names["authorised"]:
            self.world.names["authorised"] += 1
            self.world.names[f"returning-{item}"] += 1
            self.world.happen("messaging", a.return_answered("authorised", Units(item, 1), at=self.now))

    @rule(item=_ITEM)
    def buyer_sends_it_back(self, item: str) -> None:
        if self.world.names[f"returning-{item}"] == 1:
            self.world.names[f"returning-{item}"] += 1
            self.world.happen("messaging", a.sent_back(Units(item, 1), at=self.now))

    @rule(item=_ITEM)
    def seller_has_it_back(self, item: str) -> None:
        if self.world.names[f"returning-{item}"] == 2:
            self.world.names[f"returning-{item}"] += 1
            self.world.happen("messaging", a.came_back(Units(item, 1), at=self.now))

    # --------------------------------------------------------------------------------------------- the buyer

    @rule(
        item=_ITEM,
        amount=st.sampled_from([1, 300, 501, 1000, 1000, 1001]),
        way=st.sampled_from(WAYS),
        wanted=st.sampled_from(["refund", "refund", "refund", "replacement"]),
    )
    def buyer_files(self, item: str, amount: int, way: tuple[Issue, Reason | None], wanted: Wanted) -> None:
        issue, reason = way
        self.world.ask(
            a.file_claim(
                Units(item, 1),
                at=self.now,
                claim_id=self.world.name("claim"),
                amount=min(amount, ITEMS[item]) if amount != 1001 else amount,
                issue=issue,
                reason=reason,
                wanted=wanted,
            )
        )

    @rule(data=st.data(), by_support=st.booleans())
    @precondition(lambda self: self.world.state.decided.claims)
    def buyer_withdraws(self, data: st.DataObject, *, by_support: bool) -> None:
        actor = a.SUPPORT if by_support else a.BUYER
        self.world.ask(a.withdraw(at=self.now, actor=actor, claim_id=self.any_claim(data)))

    @rule(data=st.data())
    def buyer_asks_what_can_be_claimed(self, data: st.DataObject) -> None:
        issue, reason = data.draw(st.sampled_from(WAYS))
        item = data.draw(_ITEM)
        self.world.ask(a.check(Units(item, 1), at=self.now, issue=issue, reason=reason))

    @rule(data=st.data(), of_seller=st.booleans())
    @precondition(lambda self: self.world.state.decided.claims)
    def somebody_adds_evidence(self, data: st.DataObject, *, of_seller: bool) -> None:
        actor = a.SELLER if of_seller else a.BUYER
        self.world.ask(a.add(at=self.now, actor=actor, claim_id=self.any_claim(data)))

    # -------------------------------------------------------------------------------------------- the seller

    @rule(data=st.data(), beside=_BESIDE)
    @precondition(lambda self: self.world.state.decided.claims)
    def seller_answers_the_claim(self, data: st.DataObject, beside: timedelta) -> None:
        claim_id = self.any_claim(data)
        filed = self.world.known.form(claim_id).at
        window = self.world.numbers.answer or timedelta(days=7)
        at = self.dated(filed + window + beside, not_before=filed)
        self.world.ask(a.answer(at=at, claim_id=claim_id))

    @rule(data=st.data(), beside=_BESIDE, return_first=st.booleans())
    @precondition(lambda self: self.world.state.decided.claims)
    def seller_refunds_the_claim(self, data: st.DataObject, beside: timedelta, *, return_first: bool) -> None:
        claim_id = self.any_claim(data)
        filed = self.world.known.form(claim_id).at
        at = self.dated(filed + (self.world.numbers.answer or timedelta(days=90)) + beside, not_before=filed)
        self.world.ask(a.refund(at=at, claim_id=claim_id, return_first=return_first))

    @rule(data=st.data(), beside=_BESIDE)
    @precondition(lambda self: any(isinstance(each, said.InformationRequested) for each in self.world.events))
    def the_side_that_was_asked_says(self, data: st.DataObject, beside: timedelta) -> None:
        asked = [each for each in self.world.events if isinstance(each, said.InformationRequested)]
        chosen = data.draw(st.sampled_from(asked))
        at = self.dated(chosen.respond_by + beside, not_before=chosen.request.at)
        actor = a.SELLER if chosen.request.asked == "seller" else a.BUYER
        request_id, claim_id = chosen.request.command_id, chosen.request.claim_id
        self.world.ask(a.provide(at=at, actor=actor, request_id=request_id, claim_id=claim_id))

    @rule(data=st.data(), is_loser=st.sampled_from([True, True, True, False]), beside=_BESIDE)
    @precondition(lambda self: self.world.claims(*_DECIDED, "appealed", "closed"))
    def somebody_appeals(self, data: st.DataObject, beside: timedelta, *, is_loser: bool) -> None:
        decided = self.world.claims(*_DECIDED) or self.world.claims("appealed", "closed")
        claim_id = data.draw(st.sampled_from(decided))
        claim = self.world.claim(claim_id)
        of_seller = (claim.shape == "granted") == is_loser
        until = claim.closes_at if isinstance(claim, Granted) else self.now
        at = self.dated(until + beside, not_before=self.now - a.HOUR)
        self.world.ask(a.appeal(at=at, actor=a.SELLER if of_seller else a.BUYER, claim_id=claim_id))

    # ------------------------------------------------------------------------------------------ investigators

    def any_claim(self, data: st.DataObject) -> str:
        """Choose a claim, rather one that is open."""
        claims = self.world.state.decided.claims
        open_ = [each.case.claim_id for each in claims if is_open(each)]
        return data.draw(st.sampled_from(open_ or [each.case.claim_id for each in claims]))

    @rule(data=st.data(), side=st.sampled_from(["seller", "seller", "buyer"]))
    @precondition(lambda self: self.world.state.decided.claims)
    def investigator_asks(self, data: st.DataObject, side: Side) -> None:
        request_id, claim_id = self.world.name("ask"), self.any_claim(data)
        self.world.ask(a.ask(side, at=self.now, request_id=request_id, claim_id=claim_id))

    @rule(
        data=st.data(),
        verdict=st.sampled_from(["granted", "granted", "denied", "refused"]),
        amount=st.sampled_from([None, 1, 400, 501, 1000, 5000]),
    )
    @precondition(lambda self: self.world.state.decided.claims)
    def investigator_decides(self, data: st.DataObject, verdict: Verdict, amount: int | None) -> None:
        granted = amount if verdict == "granted" else None
        self.world.ask(a.rule(verdict, granted, at=self.now, claim_id=self.any_claim(data)))

    @rule(
        data=st.data(),
        money=st.booleans(),
        defect=st.booleans(),
        amount=st.sampled_from([None, None, 1, 400, 5000]),
        first=st.sampled_from([True, False, False]),
    )
    @precondition(lambda self: self.world.claims("appealed", "suspended"))
    def another_investigator_decides(
        self, data: st.DataObject, amount: int | None, *, money: bool, defect: bool, first: bool
    ) -> None:
        claim_id = data.draw(st.sampled_from(self.world.claims("appealed", "suspended")))
        actor = a.INVESTIGATOR if first else a.SECOND
        self.world.ask(
            a.review(money=money, defect=defect, amount=amount, at=self.now, actor=actor, claim_id=claim_id)
        )

    # ------------------------------------------------------------------------------------------ what is read

    @rule(
        topic=st.sampled_from(["orders", "messaging", "commands"]), many=st.integers(min_value=1, max_value=9)
    )
    def read(self, topic: str, many: int) -> None:
        self.world.read(topic, many)

    @rule(data=st.data())
    @precondition(lambda self: self.world.due())
    def a_deadline_fires(self, data: st.DataObject) -> None:
        self.world.fire(data.draw(st.sampled_from(sorted(self.world.due()))))

    # ------------------------------------------------------------------------------------------- what holds

    @invariant()
    def money_adds_up(self) -> None:
        for claim in self.world.state.decided.claims:
            moves = [
                each
                for each in self.world.events
                if isinstance(each, MOVES) and each.claim_id == claim.case.claim_id
            ]
            compensated = total(moves, said.BuyerCompensated)
            debits, reimbursed = total(moves, said.SellerDebited), total(moves, said.SellerReimbursed)
            assert compensated - (debits - reimbursed) >= 0
            assert all(each.amount.amount_minor > 0 for each in moves)
            standing = {each.ordinal: each.amount for each in moves if isinstance(each, said.SellerDebited)}
            for each in moves:
                if isinstance(each, said.SellerReimbursed):
                    assert standing.pop(each.ordinal) == each.amount
            assert len(standing) <= 1
            assert {each.amount_minor for each in standing.values()} == {
                each.amount_minor for each in claim.case.ledger.standing if each.amount_minor
            }
            assert compensated == claim.case.ledger.compensated_minor
            assert compensated <= ITEMS[claim.case.filing.lines[0].order_item_id]

    @invariant()
    def claims_alone_never_pay_more_than_was_paid(self) -> None:
        assert total(self.world.events, said.BuyerCompensated) <= sum(ITEMS.values())

    @invariant()
    def an_item_has_one_open_claim(self) -> None:
        """One that was granted may come back beside it: an answer voids it, or the seller appeals."""
        claims = [
            claim
            for claim in self.world.state.decided.claims
            if is_open(claim) and not claim.case.ledger.grants
        ]
        items = [units.order_item_id for claim in claims for units in claim.case.filing.lines]
        assert len(items) == len(set(items))

    @rule()
    def all_is_read_and_quiet(self) -> None:
        self.world.settle()
        self.world.check_quiet()

    def teardown(self) -> None:
        self.all_is_read_and_quiet()


def total(
    events: Sequence[object], kind: type[said.BuyerCompensated | said.SellerDebited | said.SellerReimbursed]
) -> int:
    return sum(each.amount.amount_minor for each in events if isinstance(each, kind))


class ClaimsInChina(Claims):
    """More time to answer, and silence about a question only goes back to the investigator."""

    policy = "2021-zh"


class ClaimsOfOld(Claims):
    """A claim must be answered, and an unanswered message alone grants nothing."""

    policy = "classic"


_SETTINGS = settings(max_examples=60, stateful_step_count=50, deadline=None)
TestClaims = Claims.TestCase
TestClaimsInChina = ClaimsInChina.TestCase
TestClaimsOfOld = ClaimsOfOld.TestCase
for case in (TestClaims, TestClaimsInChina, TestClaimsOfOld):
    case.settings = _SETTINGS
