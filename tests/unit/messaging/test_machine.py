"""Contacts and returns, driven by everybody at the worst moments, beside a second, naive reading of the rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.messaging.domain import conversation, decide, evolve
from services.messaging.domain.contacts import timers
from services.messaging.domain.events import (
    CommandRefused,
    ContactResponded,
    Event,
    ResolutionOverdue,
    ResponseOverdue,
    TimerCanceled,
    TimerSet,
)
from services.messaging.domain.inputs import DeadlineExpired, Input
from services.messaging.domain.model import (
    Actor,
    Conversation,
    Issue,
    OrderState,
    Policy,
    Resolved,
    Responded,
    Return,
    TimerKind,
    Units,
)
from tests.unit.messaging import builders
from tests.unit.messaging.builders import BUYER, CUPS, INSTANT, LAMP, POLICY, SELLER, SUPPORT
from tests.unit.messaging.naive import Naive, count

PACIFIC = ZoneInfo("America/Los_Angeles")
STARTS = [
    datetime(2026, 3, 10, 9, tzinfo=UTC),
    datetime(2026, 3, 7, 1, 30, tzinfo=PACIFIC).astimezone(UTC),  # the day before summer time
    datetime(2026, 10, 31, 1, 30, tzinfo=PACIFIC).astimezone(UTC),  # the day before it ends
    datetime(2028, 2, 28, 12, tzinfo=UTC),  # a leap day follows
    datetime(2027, 12, 31, 23, 59, tzinfo=UTC),
]
POLICIES = [
    POLICY,
    replace(POLICY, policy_id="2021-zh", response_window=timedelta(hours=72)),
    replace(
        POLICY, policy_id="odd", response_window=timedelta(hours=5), resolution_window=timedelta(days=30)
    ),
]
AFTER = [*[timedelta(0)] * 6, timedelta(hours=1), timedelta(hours=47)]
NAMES = ["one", "two", "three"]
BUYERS = st.sampled_from([*[BUYER] * 5, *[SUPPORT] * 3, SELLER, Actor("buyer", "buyer-9")])
SELLERS = st.sampled_from([*[SELLER] * 8, BUYER, SUPPORT, Actor("investigator", "i-1")])
BEGINNINGS = ["nothing", "asked", "asked", "declined", "authorised", "authorised", "sent"]
LINES = st.sampled_from(
    [(Units("lamp", 1),), (Units("cups", 1),), (Units("cups", 3),), (Units("lamp", 1), Units("cups", 2))]
)
ODD_LINES = st.sampled_from([(Units("sofa", 1),), (Units("cups", 4),), (Units("cups", 2), Units("cups", 2))])
EDGES = st.sampled_from([-INSTANT, timedelta(0), INSTANT])


class Talk(RuleBasedStateMachine):
    """One order. Its people, the carrier and the timer do what they like, in whatever order it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.state: OrderState | None = None
        self.events: list[Event] = []
        self.said: list[Input] = []
        self.instants: list[datetime] = []

    @initialize(
        start=st.sampled_from(STARTS), policy=st.sampled_from(POLICIES), beginning=st.sampled_from(BEGINNINGS)
    )
    def placed(self, start: datetime, policy: Policy, beginning: str) -> None:
        """Begin with a contact in each channel, mostly: without one there is little to say."""
        self.policy, self.now = policy, start + timedelta(days=60)
        self.released = start + timedelta(minutes=30)
        self.naive = Naive(self.released, (LAMP, CUPS), "US", policy)
        self.instants = [self.released, self.released + timedelta(days=1)]
        for fact in (builders.received(LAMP, CUPS), builders.released(self.released)):
            self._decide(fact)
        self._begin(beginning, self.instants[1])

    def _begin(self, beginning: str, at: datetime) -> None:
        hour = timedelta(hours=1)
        if beginning != "nothing":
            self._hear(builders.message(at=at, message_id="message-0", contact_id="one"))
            self._hear(builders.request(at=at, contact_id="two"))
        if beginning == "declined":
            self._hear(builders.reply("declined", at=at + hour, contact_id="two"))
        if beginning in {"authorised", "sent"}:
            self._hear(builders.reply(at=at + hour, contact_id="two"))
        if beginning == "sent":
            self._hear(builders.ship(at=at + 2 * hour, contact_id="two"))

    # ------------------------------------------------------------------------------------- what is heard

    def _decide(self, given: Input) -> list[Event]:
        events = list(decide(given, self.state, now=self.now, policy=self.policy))
        for event in events:
            self.state = evolve(self.state, event)
        self.events += events
        return events

    def _hear(self, given: Any) -> None:
        """Both read it, and both give the same answer."""
        self.said.append(given)
        refused = [event.reason for event in self._decide(given) if isinstance(event, CommandRefused)]
        expected = self.naive.hear(given, self.now)
        assert refused == ([expected] if expected else []), f"{given}"
        if not refused and hasattr(given, "at"):
            self.instants.append(given.at)

    def _name(self, data: st.DataObject, channel: str) -> str:
        """Draw a name, mostly of a contact of that channel."""
        fitting = [
            name for each in self.naive.contacts if each["channel"] == channel for name in each["names"]
        ]
        return str(data.draw(st.sampled_from([*sorted(fitting) * 8, *NAMES])))

    def _at(self, data: st.DataObject) -> datetime:
        """Draw a moment: at, just before or just after a deadline or what somebody did, or some time later."""
        due = [due for contact in self.naive.contacts for due in contact["due"].values()]
        lately = [max(self.instants)] * 3 + self.instants[-3:]
        turns = [self.released, *([self.naive.canceled] if self.naive.canceled else [])]
        moment: datetime = data.draw(st.sampled_from([*lately, *due, *turns]))
        return moment + data.draw(st.sampled_from(AFTER)) + data.draw(EDGES)

    @rule(data=st.data(), who=BUYERS, id_=st.integers(0, 30), required=st.booleans())
    def somebody_writes(self, data: st.DataObject, who: Actor, id_: int, required: bool) -> None:  # noqa: FBT001
        issue: Issue = data.draw(st.sampled_from(["delivery", "product"]))
        written = builders.message(
            who,
            at=self._at(data),
            message_id=f"message-{id_}",
            contact_id=data.draw(st.sampled_from(NAMES)),
            issue=issue,
            response_required=required,
        )
        self._hear(written)

    @rule(data=st.data(), automatic=st.sampled_from([False, False, True]))
    def the_seller_answers(self, data: st.DataObject, automatic: bool) -> None:  # noqa: FBT001
        at, id_ = self._at(data), f"answer-{len(self.said)}"
        name = self._name(data, data.draw(st.sampled_from(["buyer_seller_messages", "return_requests"])))
        self._hear(builders.answer(at=at, message_id=id_, contact_id=name, automatic=automatic))

    @rule(data=st.data(), who=BUYERS)
    def it_is_settled(self, data: st.DataObject, who: Actor) -> None:
        name = self._name(data, data.draw(st.sampled_from(["buyer_seller_messages", "return_requests"])))
        self._hear(replace(builders.resolve(at=self._at(data), contact_id=name), actor=who))

    @rule(data=st.data(), who=BUYERS, lines=st.one_of(LINES, LINES, LINES, ODD_LINES))
    def a_return_is_requested(self, data: st.DataObject, who: Actor, lines: tuple[Units, ...]) -> None:
        reason = data.draw(st.sampled_from([*["Broken.", "坏了。"] * 3, " "]))
        name = self._name(data, "return_requests")
        self._hear(builders.request(who, at=self._at(data), contact_id=name, lines=lines, reason=reason))

    @rule(data=st.data(), who=SELLERS)
    def a_return_is_answered(self, data: st.DataObject, who: Actor) -> None:
        self._hear(
            builders.reply(
                data.draw(st.sampled_from(["declined", "authorised", "authorised", "refund_without_return"])),
                at=self._at(data),
                actor=who,
                contact_id=self._name(data, "return_requests"),
                country=data.draw(st.sampled_from(["US", "US", "US", "CN", None])),
                prepaid_label=data.draw(st.sampled_from([False, False, True])),
                text=data.draw(st.sampled_from(["Because.", "因为。", "Because.", ""])),
            )
        )

    @rule(data=st.data(), who=BUYERS)
    def it_is_sent_back(self, data: st.DataObject, who: Actor) -> None:
        name = self._name(data, "return_requests")
        carrier, number = data.draw(
            st.sampled_from([("UPS", "1Z1"), ("ups", "1z 2"), ("UPS", "9"), ("X", "1Z1")])
        )
        self._hear(
            builders.ship(at=self._at(data), actor=who, contact_id=name, carrier=carrier, number=number)
        )

    @rule(data=st.data(), who=SELLERS)
    def the_seller_has_it(self, data: st.DataObject, who: Actor) -> None:
        name = self._name(data, "return_requests")
        self._hear(builders.receive(at=self._at(data), actor=who, contact_id=name))

    @rule(data=st.data(), number=st.sampled_from(["1Z1", "1Z2", "9"]))
    def a_carrier_scans(self, data: st.DataObject, number: str) -> None:
        self._hear(builders.delivered(self._at(data), self._at(data), number=number))

    @rule(data=st.data(), item=st.sampled_from(["lamp", "cups"]), part=st.sampled_from([1, 2, 3, 9]))
    def money_comes_back(self, data: st.DataObject, item: str, part: int) -> None:
        line = {"lamp": LAMP, "cups": CUPS}[item]
        units = data.draw(st.integers(1, line.quantity))
        self._hear(
            builders.money_returned(
                line.paid_for(units) // part,
                at=self._at(data),
                money_id=f"money-{data.draw(st.integers(0, 9))}",
                lines=(Units(item, units),),
                is_canceled=data.draw(st.sampled_from([False, False, False, True])),
                contact_id=data.draw(st.sampled_from([None, None, *NAMES])),
            )
        )

    @rule(data=st.data(), item=st.sampled_from(["lamp", "cups"]))
    def the_seller_wants_it_back_for_a_claim(self, data: st.DataObject, item: str) -> None:
        self._hear(builders.claimed(item))
        self._hear(builders.wanted_back(self._at(data)))

    @rule(data=st.data(), chance=st.integers(0, 9))
    def the_order_is_canceled_or_somebody_is_ahead_of_the_clock(
        self, data: st.DataObject, chance: int
    ) -> None:
        if chance == 0:
            self._hear(builders.canceled(self._at(data)))
        elif chance <= 2:
            ahead = timedelta(seconds=59 + chance)
            self._hear(builders.receive(at=self.now + ahead, contact_id="nobody-s"))

    # ------------------------------------------------------------------------- timers, copies, the future

    @precondition(lambda self: self.naive.contacts)
    @rule(data=st.data())
    def a_timer_fires(self, data: st.DataObject) -> None:
        contact = data.draw(st.sampled_from(self.naive.contacts))
        which = data.draw(st.sampled_from(["response", "resolution"]))
        due = contact["due"][which] + data.draw(st.sampled_from([timedelta(0), timedelta(0), INSTANT]))
        kind: TimerKind = "response_due" if which == "response" else "resolution_due"
        self._hear(DeadlineExpired(kind, contact["id"], due))

    @precondition(lambda self: self.said)
    @rule(data=st.data())
    def something_is_read_again(self, data: st.DataObject) -> None:
        """A copy of a command is dropped by its id before it comes here; of a fact, here."""
        given = data.draw(st.sampled_from(self.said))
        if not hasattr(given, "command_id"):
            self._hear(given)

    # ---------------------------------------------------------------------------------------- what holds

    @invariant()
    def both_see_the_same(self) -> None:
        if self.state is None:
            return
        talk = self.state.conversation
        assert [_seen(contact) for contact in talk.contacts] == [
            (
                contact["id"],
                contact["names"],
                contact["channel"],
                contact["issue"],
                contact["opened"],
                contact["due"]["response"],
                contact["due"]["resolution"],
                contact["responded"],
                contact["resolved"] and contact["resolved"][0],
            )
            for contact in self.naive.contacts
        ]
        assert [_returned(back) for back in talk.returns] == [
            (
                contact["id"],
                [(at, answer, lines) for at, answer, lines in contact["answers"]],
                [
                    (each["at"], each["lines"], each["received"] and each["received"][0])
                    for each in contact["parcels"]
                ],
            )
            for contact in self.naive.contacts
            if contact["channel"] == "return_requests"
        ]

    def teardown(self) -> None:
        """What holds of the whole history is looked at in its end."""
        self.what_fell_due_was_told_once()
        self.a_response_is_said_again_only_with_an_earlier_date()
        self.the_timers_that_stand_are_the_clocks_that_run()
        self.our_own_facts_give_the_conversation_back()

    def what_fell_due_was_told_once(self) -> None:
        told = [
            (event.contact_id, "response" if isinstance(event, ResponseOverdue) else "resolution")
            for event in self.events
            if isinstance(event, ResponseOverdue | ResolutionOverdue)
        ]
        assert len(told) == len(set(told))
        if self.state is not None:
            assert set(told) == self.naive.overdue

    def a_response_is_said_again_only_with_an_earlier_date(self) -> None:
        said: dict[str, datetime] = {}
        for event in self.events:
            if isinstance(event, ContactResponded):
                assert event.contact_id not in said or event.responded_at < said[event.contact_id]
                said[event.contact_id] = event.responded_at

    def the_timers_that_stand_are_the_clocks_that_run(self) -> None:
        stand: set[tuple[Any, ...]] = set()
        for event in self.events:
            match event:
                case TimerSet(kind, subject_id, due_at):
                    assert (kind, subject_id, due_at) not in stand
                    stand.add((kind, subject_id, due_at))
                case TimerCanceled(kind, subject_id, due_at):
                    stand.remove((kind, subject_id, due_at))
                case _:
                    pass
        fired = {
            (each.kind, each.subject_id, each.due_at)
            for each in self.said
            if isinstance(each, DeadlineExpired)
        }
        running = {tuple(clock) for clock in timers(self.state)} if self.state else set()
        assert running <= stand
        assert stand - running <= fired

    def our_own_facts_give_the_conversation_back(self) -> None:
        replayed = Conversation()
        for event in self.events:
            replayed = conversation(replayed, event)
        assert self.state is None or replayed == self.state.conversation


def _seen(contact: Any) -> tuple[Any, ...]:
    return (
        contact.contact_id,
        set(contact.names),
        contact.channel,
        contact.issue,
        contact.opened_at,
        contact.respond_by,
        contact.resolve_by,
        contact.response.at if isinstance(contact.response, Responded) else None,
        contact.resolution.at if isinstance(contact.resolution, Resolved) else None,
    )


def _returned(back: Return) -> tuple[Any, ...]:
    return (
        back.contact_id,
        [(each.at, each.answer, count(each.lines)) for each in back.answers],
        [(parcel.sent_at, count(parcel.lines), parcel.received_at) for parcel in back.parcels],
    )


TestTalk = pytest.mark.timeout(300)(Talk.TestCase)  # many examples, on a machine that may be busy
TestTalk.settings = settings(
    max_examples=100, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
