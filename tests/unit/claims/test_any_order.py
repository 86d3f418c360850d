"""Whatever happens, and in whatever order it is read: money adds up, and an answer in time wins (C6, C15, T5).

Facts and commands are dated when they happen and read later, each topic in its order; deadlines fire at their
time or late. Beside the domain runs the naive model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.claims.domain.events import (
    BuyerCompensated,
    ClaimGranted,
    Event,
    FilingOpened,
    GrantVoided,
    InformationProvided,
    InformationRequested,
    SellerDebited,
    SellerReimbursed,
    TimerCanceled,
    TimerSet,
)
from services.claims.domain.evolve import apply
from services.claims.domain.inputs import (
    ClaimCommand,
    ContactOpened,
    DeadlineExpired,
    FileClaim,
    Fulfilment,
    Heard,
    Input,
    Label,
    Reason,
    Side,
    Verdict,
    Wanted,
)
from services.claims.domain.money import Money, Units
from services.claims.domain.rules import GROUNDS, STANDING_GROUNDS
from services.claims.domain.state import AwaitingInformation, Granted, OrderState, UnderInvestigation, is_open
from tests.unit.claims import builders as a
from tests.unit.claims.naive import Naive

ITEMS = {"item-1": 1000, "item-2": 501}
BEGINS = ["placed", "silent", "silent and claimed", "claimed", "asked", "asked", "promised early"]
CONTACTS = ("contact-1", "contact-2")
_ITEM = st.sampled_from(sorted(ITEMS))
_CONTACT = st.sampled_from(CONTACTS)
_BESIDE = st.sampled_from([-a.INSTANT, timedelta(0), a.INSTANT, timedelta(hours=-5)])
_MONEY = (BuyerCompensated, SellerDebited, SellerReimbursed)
_OPEN = (UnderInvestigation, AwaitingInformation)


class Claims(RuleBasedStateMachine):
    """One order of two items, its people, its clocks, and the service that hears of them."""

    def __init__(self) -> None:
        super().__init__()
        self.now = a.RELEASED
        self.state = OrderState()
        self.truth, self.known = Naive(), Naive()
        self.unread: dict[str, list[Input]] = {"orders": [], "messaging": [], "commands": []}
        self.timers: set[tuple[str, str, datetime]] = set()
        self.events: list[Event] = []
        self.forms: dict[str, FileClaim] = {}
        self.names = Counter[str]()
        self.paid = Counter[str]()
        self.grants: dict[str, ClaimGranted] = {}

    @initialize(
        fulfilment=st.sampled_from(["seller", "seller", "seller", "marketplace"]),
        begins=st.sampled_from(
            ["placed", "silent", "silent and claimed", "claimed", "asked", "asked", "promised early"]
        ),
    )
    def place(self, fulfilment: Fulfilment, begins: str) -> None:
        """Begin with an order that was just placed, or with one that has come some of its way."""
        lines = [a.line(item, paid_minor=paid) for item, paid in ITEMS.items()]
        self.unread["orders"] += [a.received(*lines, fulfilment=fulfilment), a.released()]
        if begins == "placed":
            return
        self.now = a.SHIPPED
        for item in ITEMS:
            self.seller_ships(item, "seller", tracked=True)
            if begins == "promised early":
                self.carrier_promises(item, date(2021, 3, 4))
            else:
                self.carrier_delivers(item)
        self.now = a.WROTE - 3 * a.DAY
        self.buyer_writes("contact-1", "delivery")
        if not begins.startswith("silent"):
            self.seller_answers("contact-1", -2 * a.DAY)
        self.now = a.WROTE - a.HOUR if begins == "promised early" else a.FILED
        if begins in {"claimed", "asked", "silent and claimed"}:
            self.buyer_files("item-1", 300, "delivered_not_found", "refund")
        if begins == "asked":
            self.unread["commands"].append(a.ask("seller", at=self.now, request_id=self.name("ask")))
        for topic in ("orders", "messaging", "commands"):
            self.read(topic, 9)

    def name(self, what: str) -> str:
        self.names[what] += 1
        return f"{what}-{self.names[what]}"

    # ---------------------------------------------------------------------------------------- what happens

    @rule(hours=st.integers(min_value=1, max_value=30))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(beside=_BESIDE, data=st.data())
    def time_comes_close_to_a_deadline(self, beside: timedelta, data: st.DataObject) -> None:
        ahead = [due_at + beside for _, _, due_at in self.timers if due_at + beside > self.now]
        ahead += [at + beside for at in (a.SHIP_BY, a.DELIVER_BY) if at + beside > self.now]
        if ahead:
            self.now = data.draw(st.sampled_from(sorted(ahead)))

    @rule(item=_ITEM, tracked=st.booleans(), label=st.sampled_from(["seller", "marketplace"]))
    def seller_ships(self, item: str, label: Label, *, tracked: bool) -> None:
        if self.names[f"parcel-{item}"]:
            return
        self.names[f"parcel-{item}"] += 1
        self.happen(
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
        if self.names[f"parcel-{item}"]:
            self.happen("orders", a.delivered(at=self.now, shipment_id=f"parcel-{item}"))

    @rule(item=_ITEM, day=st.dates(min_value=date(2021, 3, 3), max_value=date(2021, 3, 14)))
    def carrier_promises(self, item: str, day: date) -> None:
        if self.names[f"parcel-{item}"]:
            self.happen("orders", a.promised(day, at=self.now, shipment_id=f"parcel-{item}"))

    @rule(contact=_CONTACT, about=st.sampled_from(["delivery", "delivery", "delivery", "product"]))
    def buyer_writes(self, contact: str, about: str) -> None:
        if not self.names[contact]:
            self.names[contact] += 1
            self.happen("messaging", a.wrote(at=self.now, contact_id=contact, about=about))

    @rule(contact=_CONTACT, beside=_BESIDE)
    def seller_answers(self, contact: str, beside: timedelta) -> None:
        opened = self.opened(contact)
        if opened:
            at = self.dated(opened.respond_by + beside, not_before=opened.opened_at)
            self.happen("messaging", a.answered(at=at, contact_id=contact))

    @rule(contact=_CONTACT)
    def buyer_says_that_it_is_settled(self, contact: str) -> None:
        if self.opened(contact):
            self.happen("messaging", a.resolved(at=self.now, contact_id=contact))

    def opened(self, contact: str) -> ContactOpened | None:
        opened = [each for each in self.truth.happened if isinstance(each, ContactOpened)]
        return next((each for each in opened if each.contact_id == contact), None)

    def dated(self, wanted: datetime, not_before: datetime) -> datetime:
        """Date something close to a deadline if that has come, else now: nothing is dated ahead."""
        return max(not_before, min(wanted, self.now))

    @rule(
        item=_ITEM,
        amount=st.sampled_from([1, 300, 501, 1000, 1000, 1001]),
        reason=st.sampled_from([None, "delivered_not_found", "delivered_not_found"]),
        wanted=st.sampled_from(["refund", "refund", "refund", "replacement"]),
    )
    def buyer_files(self, item: str, amount: int, reason: Reason | None, wanted: Wanted) -> None:
        form = a.file_claim(
            Units(item, 1),
            at=self.now,
            claim_id=self.name("claim"),
            amount=min(amount, ITEMS[item]) if amount != 1001 else amount,
            reason=reason,
            wanted=wanted,
        )
        self.unread["commands"].append(form)

    @rule(data=st.data(), side=st.sampled_from(["seller", "seller", "buyer"]))
    @precondition(lambda self: self.open())
    def investigator_asks(self, data: st.DataObject, side: Side) -> None:
        claim_id = data.draw(st.sampled_from(self.open()))
        self.unread["commands"].append(
            a.ask(side, at=self.now, request_id=self.name("ask"), claim_id=claim_id)
        )

    @rule(data=st.data(), beside=_BESIDE)
    @precondition(lambda self: any(isinstance(each, InformationRequested) for each in self.events))
    def seller_gives_information(self, data: st.DataObject, beside: timedelta) -> None:
        asked = [each for each in self.events if isinstance(each, InformationRequested)]
        chosen = data.draw(st.sampled_from(asked))
        at = self.dated(chosen.respond_by + beside, not_before=chosen.request.at)
        self.unread["commands"].append(
            a.provide(at=at, request_id=chosen.request.command_id, claim_id=chosen.request.claim_id)
        )

    @rule(
        data=st.data(),
        verdict=st.sampled_from(["granted", "granted", "denied"]),
        amount=st.sampled_from([None, 1, 400, 501, 1000, 5000]),
    )
    @precondition(lambda self: self.forms)
    def investigator_decides(self, data: st.DataObject, verdict: Verdict, amount: int | None) -> None:
        claim_id = data.draw(st.sampled_from(self.open() or sorted(self.forms)))
        granted = amount if verdict == "granted" else None
        self.unread["commands"].append(a.rule(verdict, granted, at=self.now, claim_id=claim_id))

    def open(self) -> list[str]:
        return [claim.case.claim_id for claim in self.state.decided.claims if isinstance(claim, _OPEN)]

    def happen(self, topic: str, fact: Heard) -> None:
        self.truth.note(fact)
        self.unread[topic].append(fact)

    # ------------------------------------------------------------------------------------- what is read

    @rule(
        topic=st.sampled_from(["orders", "messaging", "commands"]), many=st.integers(min_value=1, max_value=9)
    )
    def read(self, topic: str, many: int) -> None:
        waiting = self.unread[topic]
        if topic == "commands" and self.state.dossier.order is None:
            return
        for each in waiting[:many]:
            self.hear(each)
        del waiting[:many]

    @rule(data=st.data())
    @precondition(lambda self: any(due_at <= self.now for _, _, due_at in self.timers))
    def a_deadline_fires(self, data: st.DataObject) -> None:
        due = sorted(timer for timer in self.timers if timer[2] <= self.now)
        self.fire(data.draw(st.sampled_from(due)))

    def fire(self, timer: tuple[str, str, datetime]) -> None:
        self.timers.discard(timer)
        self.hear(DeadlineExpired(*timer))  # type: ignore[arg-type]

    def hear(self, what: Input) -> None:
        """Decide, and decide again on a copy: the copy changes nothing, and moves nothing."""
        self.known.note(what) if isinstance(what, Heard) else None
        before = self.state
        said = a.decide_twice(what, before, now=self.now, policy=a.POLICIES)
        self.look_at(what, said)
        self.state = apply(before, said)
        again = a.decide_twice(what, self.state, now=self.now, policy=a.POLICIES)
        assert apply(self.state, again) == self.state
        assert not again or isinstance(what, FileClaim | ClaimCommand)
        assert not any(isinstance(each, (*_MONEY, TimerSet)) for each in again)

    def look_at(self, what: Input, said: Sequence[Event]) -> None:
        self.events += said
        for event in said:
            match event:
                case TimerSet():
                    self.timers.add((event.kind, event.subject_id, event.due_at))
                case TimerCanceled():
                    self.timers.discard((event.kind, event.subject_id, event.due_at))
                case InformationRequested():
                    self.truth.note(event.request)
                    self.known.note(event.request)
                case InformationProvided():
                    self.truth.note(event.answer)
                    self.known.note(event.answer)
                case ClaimGranted():
                    self.compare(event, what)
                    self.pay(event)
                case GrantVoided():
                    self.compare_void(event)
                case FilingOpened():
                    assert event.eligible_from <= self.now
                case _:
                    pass
        if isinstance(what, FileClaim) and any(type(each).__name__ == "ClaimFiled" for each in said):
            self.forms[what.claim_id] = what

    def compare(self, granted: ClaimGranted, what: Input) -> None:
        """See that the naive model finds the very grounds that the explanation names."""
        form = self.forms.get(granted.claim_id) or what
        assert isinstance(form, FileClaim)
        judged_at = next(
            datetime.fromisoformat(str(fact.value))
            for finding in granted.explanation
            for fact in finding.facts
            if fact.name == "judged_at"
        )
        held = [each.rule for each in granted.explanation if each.holds and each.rule in GROUNDS]
        assert held == self.known.grounds(form, judged_at)
        assert bool(held) or not granted.automatic
        assert judged_at <= self.now

    def pay(self, granted: ClaimGranted) -> None:
        """See that a grant pays what is missing: after it the buyer has its amount, or what a voided one paid."""
        had = self.paid[granted.claim_id]
        self.paid[granted.claim_id] = max(had, granted.amount.amount_minor)
        assert granted.compensation.amount_minor == self.paid[granted.claim_id] - had
        self.grants[granted.claim_id] = granted

    def compare_void(self, voided: GrantVoided) -> None:
        """See that only a grant by silence alone was voided, and that the naive model finds no ground now."""
        granted = self.grants[voided.claim_id]
        held = {each.rule for each in granted.explanation if each.holds}
        assert granted.automatic
        assert not held & STANDING_GROUNDS
        assert self.known.grounds(self.forms[voided.claim_id], self.now) == []
        assert voided.amount == (granted.amount if granted.funding == "seller" else Money(0, "USD"))

    # ---------------------------------------------------------------------------------------- what holds

    @invariant()
    def money_adds_up(self) -> None:
        for claim in self.state.decided.claims:
            of_claim = [
                each
                for each in self.events
                if isinstance(each, _MONEY) and each.claim_id == claim.case.claim_id
            ]
            compensated = total(of_claim, BuyerCompensated)
            debits, reimbursed = total(of_claim, SellerDebited), total(of_claim, SellerReimbursed)
            borne = compensated - (debits - reimbursed)
            assert borne >= 0
            assert all(each.amount.amount_minor > 0 for each in of_claim)
            standing = {each.ordinal: each.amount for each in of_claim if isinstance(each, SellerDebited)}
            for each in of_claim:
                if isinstance(each, SellerReimbursed):
                    assert standing.pop(each.ordinal) == each.amount
            assert len(standing) <= 1
            is_sellers = isinstance(claim, Granted) and claim.funding == "seller"
            if is_sellers and isinstance(claim, Granted):
                assert [each.amount_minor for each in standing.values()] == [claim.amount_minor]
            elif isinstance(claim, _OPEN):
                assert not standing
            assert compensated <= sum(ITEMS[units.order_item_id] for units in claim.case.filing.lines)

    @invariant()
    def the_buyer_never_gets_more_than_was_paid(self) -> None:
        assert total(self.events, BuyerCompensated) <= sum(ITEMS.values())

    @invariant()
    def debits_follow_decisions(self) -> None:
        granted = [
            each for each in self.events if isinstance(each, ClaimGranted) and each.funding == "seller"
        ]
        debited = [each for each in self.events if isinstance(each, SellerDebited)]
        assert [(each.claim_id, each.ordinal, each.amount) for each in granted] == [
            (each.claim_id, each.ordinal, each.amount) for each in debited
        ]
        voided = sum(isinstance(each, GrantVoided) and each.funding == "seller" for each in self.events)
        assert voided == sum(isinstance(each, SellerReimbursed) for each in self.events)

    @invariant()
    def an_item_has_one_open_claim(self) -> None:
        items = [
            units.order_item_id
            for claim in self.state.decided.claims
            if is_open(claim)
            for units in claim.case.filing.lines
        ]
        assert len(items) == len(set(items))

    @rule()
    def all_is_read_and_quiet(self) -> None:
        """An answer in time has won by now, and what time has granted is granted."""
        for topic in ("orders", "messaging", "commands"):
            self.read(topic, len(self.unread[topic]))
        while due := sorted(
            (timer for timer in self.timers if timer[2] <= self.now), key=lambda each: each[2]
        ):
            self.fire(due[0])
        for claim in self.state.decided.claims:
            form = self.forms[claim.case.claim_id]
            held = self.truth.grounds(form, self.now)
            if isinstance(claim, Granted) and claim.automatic and not STANDING_GROUNDS & set(claim.held):
                assert held, "silence granted, and an answer was in time"
            if isinstance(claim, _OPEN) and form.wanted == "refund":
                assert not held, "a ground holds, and the claim is still open"

    def teardown(self) -> None:
        self.all_is_read_and_quiet()


def total(events: Sequence[Event], kind: type[BuyerCompensated | SellerDebited | SellerReimbursed]) -> int:
    return sum(each.amount.amount_minor for each in events if isinstance(each, kind))


TestClaims = Claims.TestCase
TestClaims.settings = settings(max_examples=120, stateful_step_count=50, deadline=None)
