"""Over any history: its own policies change nothing, and any other comes to what living under it would have come to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.cli.backtest import backtest
from services.cli.backtest.compare import under
from services.cli.backtest.outcome import outcomes
from services.cli.backtest.recorded import histories
from services.cli.backtest.replay import Replay
from services.cli.backtest.world import Said
from services.cli.refusals import rules
from shared.contracts.claims import (
    AddEvidence,
    AnswerClaim,
    AppealClaim,
    DecideAppeal,
    DecideClaim,
    ProvideInformation,
    RefundClaim,
    WithdrawClaim,
)
from shared.contracts.data import Actor, Command, Data
from shared.contracts.facts import Line, Refused
from shared.contracts.messaging import AnswerReturn, ReceiveReturn, RequestReturn, ShipReturn
from shared.contracts.money import Money
from shared.contracts.topics import CLAIMS_EVENTS, ORDERS_EVENTS
from tests.support.events import Event, event
from tests.unit.cli.backtest.stories import (
    DAY,
    HOUR,
    MICRO,
    NO_DELAY,
    START,
    Happened,
    Story,
    live,
    order,
    record,
    shipped_catalogue,
)

MARKETPLACES = {"us": "USD", "cn": "CNY", "jp": "JPY"}
CLOCKS = (24 * HOUR, 48 * HOUR, 72 * HOUR, 7 * DAY)
"""What the policies' clocks are: the interesting moments are at, just before and just after."""
AFTER = st.one_of(
    st.sampled_from([clock + nudge for clock in CLOCKS for nudge in (-MICRO, NO_DELAY, MICRO)]),
    st.timedeltas(timedelta(minutes=1), 12 * DAY),
)
MINUTE = timedelta(minutes=1)
LATE = st.one_of(*[st.just(NO_DELAY)] * 7, st.timedeltas(MICRO, 6 * DAY))


class Chance:
    """Draws what happens to one order."""

    def __init__(self, data: st.DataObject, number: int) -> None:
        self._data = data
        marketplace_id = self.draw(st.sampled_from(sorted(MARKETPLACES)))
        self.order = order(
            number,
            marketplace_id=marketplace_id,
            currency=MARKETPLACES[marketplace_id],
            quantity=self.draw(st.integers(1, 2)),
        )
        self.story = Story(self.order)
        self.now = START + DAY
        self.has_arrived = False

    def draw(self, strategy: st.SearchStrategy[Any]) -> Any:
        return self._data.draw(strategy)

    def perhaps(self) -> bool:
        return bool(self.draw(st.booleans()))

    def mostly(self) -> bool:
        return bool(self.draw(st.sampled_from([True, True, True, False])))

    def wait(self) -> None:
        """Let time pass until the next thing happens."""
        self.now = self.now + self.draw(AFTER)

    def add(self, *events: Event) -> None:
        for each in events:
            self.story.events.append(Happened(each, self.draw(LATE)))

    def command(self, kind: type[Command], who: str, **fields: Any) -> Event:
        person = {"buyer": self.order.buyer_id, "seller": self.order.seller_id}.get(who, who)
        role = who if who in {"buyer", "seller"} else "investigator"
        command = kind(
            order_id=self.order.order_id,  # type: ignore[call-arg]
            command_id=f"{self.order.order_id}-{kind.TYPE}-{self.now.isoformat()}",
            at=self.now,
            actor=Actor(kind=role, id=person),  # type: ignore[arg-type]
            **fields,
        )
        return event(command, self.order.order_id, self.now)

    # ------------------------------------------------------------------------------------ what happens

    def ship(self) -> None:
        if self.mostly():
            arrived = self.now + self.draw(st.timedeltas(HOUR, 5 * DAY)) if self.mostly() else None
            self.has_arrived = arrived is not None
            self.story.shipped(self.now, arrived, late=self.draw(LATE))

    def talk(self) -> None:
        self.now = START + self.draw(st.timedeltas(2 * DAY, 8 * DAY))
        self.add(self.order.wrote("buyer", self.now))
        asked_at = self.now
        for number in range(self.draw(st.sampled_from([1, 1, 1, 0, 2]))):
            self.now = asked_at + (HOUR if self.mostly() else self.draw(AFTER))
            self.now += number * MINUTE  # a command's id is made of its time
            self.add(self.order.wrote("seller", self.now, automatic=not self.mostly()))
        if self.draw(st.integers(0, 5)) == 0:
            self.now = asked_at + self.draw(AFTER)
            self.add(self.order.resolved(self.now))
        self.now = max(self.now, asked_at + 2 * DAY)

    def return_it(self) -> None:
        contact = {"contact_id": f"{self.order.order_id}-return"}
        lines = (Line(order_item_id=f"{self.order.order_id}-1", quantity=self.order.quantity),)
        self.add(self.command(RequestReturn, "buyer", lines=lines, reason="It is broken.", **contact))
        if self.perhaps():
            self.wait()
            answer = self.draw(st.sampled_from(["authorised", "refund_without_return", "declined"]))
            form = {"answer": answer, "prepaid_label": True, "text": "So be it."}
            self.add(self.command(AnswerReturn, "seller", **contact, **form))
        if self.perhaps():
            self.wait()
            parcel = {"carrier": "UPS", "tracking_number": "1Z999AA10123456784"}
            self.add(self.command(ShipReturn, "buyer", **contact, **parcel))
            self.wait()
            self.add(self.command(ReceiveReturn, "seller", **contact))

    def claim(self) -> None:
        self.now = max(self.now, START + self.draw(st.timedeltas(9 * DAY, 20 * DAY)))
        quantity = self.draw(st.integers(1, self.order.quantity))
        lines = (Line(order_item_id=f"{self.order.order_id}-1", quantity=quantity),)
        whole = self.order.amount_minor * quantity
        amount = Money(
            amount_minor=self.draw(st.sampled_from([whole, whole // 3])), currency=self.order.currency
        )
        told = "delivered_not_found" if self.has_arrived else None
        reason = self.draw(st.sampled_from([told, told, told, None, "damaged"]))
        issue = "not_as_expected" if reason == "damaged" else "not_received"
        self.add(self.order.filed(self.now, reason, lines=lines, amount=amount, issue=issue))
        for _ in range(self.draw(st.integers(1, 4))):
            self.wait()
            self.add(self.draw(st.sampled_from(self.steps()))())
        if self.mostly():
            self.appeal()

    def appeal(self) -> None:
        self.wait()
        who = self.draw(st.sampled_from(["buyer", "seller"]))
        self.add(self.command(AppealClaim, who, explanation="No!", claim_id=self.order.claim_id))
        if self.mostly():
            self.wait()
            self.add(self.appeal_decided())

    def appeal_decided(self) -> Event:
        flags = {"reverse_money": self.perhaps(), "reverse_defect": self.perhaps()}
        claim = {"claim_id": self.order.claim_id, "reasons": ("So it is.",)}
        return self.command(DecideAppeal, "investigator-2", **flags, **claim)

    def steps(self) -> Sequence[Any]:
        claim = {"claim_id": self.order.claim_id}
        words = {"text": "See for yourself."}
        asked = [
            each.event.event_id
            for each in self.story.events
            if each.event.data.TYPE.endswith("request_information.v1")
        ]

        def decided(outcome: str, who: str = "investigator-1") -> Event:
            return self.command(DecideClaim, who, outcome=outcome, reasons=("So it is.",), **claim)

        def refused() -> Event:
            return self.command(
                DecideClaim, "investigator-1", outcome="refused", reasons=("no_clear_justification",), **claim
            )

        return [
            lambda: self.order.asked(self.now),
            lambda: decided("granted"),
            lambda: decided("denied"),
            refused,
            self.appeal_decided,
            lambda: self.command(AnswerClaim, "seller", **words, **claim),
            lambda: self.command(AddEvidence, "buyer", **words, **claim),
            lambda: self.command(WithdrawClaim, "buyer", **claim),
            lambda: self.command(RefundClaim, "seller", return_first=self.perhaps(), **claim),
            lambda: self.order.wrote("seller", self.now),
            *(
                [lambda: self.command(ProvideInformation, "seller", request_id=asked[-1], **words, **claim)]
                if asked
                else []
            ),
        ]


def lived(data: st.DataObject) -> Sequence[Story]:
    stories = []
    for number in range(1, data.draw(st.integers(1, 2)) + 1):
        chance = Chance(data, number)
        chance.ship()
        chance.talk()
        if chance.perhaps():
            chance.return_it()
        chance.claim()
        stories.append(chance.story)
    return stories


SETTINGS = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@given(st.data())
@SETTINGS
def test_the_policies_that_were_in_force_change_nothing(data: st.DataObject) -> None:
    known = shipped_catalogue()
    said = live(lived(data), known)
    recorded = histories(record(said))
    for marketplace_id in MARKETPLACES:
        in_force = known.policy_in_force(marketplace_id, START)
        report = backtest(recorded, known, in_force, marketplaces=(marketplace_id,))
        assert report.differences == []
        assert report.not_reproduced == []


@given(st.data(), st.sampled_from(["2021-en", "2021-zh", "classic"]))
@SETTINGS
def test_another_policy_comes_to_what_living_under_it_would_have_come_to(
    data: st.DataObject, policy_id: str
) -> None:
    known = shipped_catalogue()
    candidate = under(known, known.policy(policy_id))
    stories = lived(data)
    said, meant = live(stories, known), live(stories, candidate)
    for history in histories(record(said), _commands(stories)):
        played = Replay(history).under(candidate, None)
        of_order = [each for each in meant if _order_id(each) == history.order_id]
        if _of_orders(said, history.order_id) == _of_orders(of_order, history.order_id):
            assert _ends(played) == _ends(of_order)


def _commands(stories: Sequence[Story]) -> dict[str, dict[str, Command]]:
    found: dict[str, dict[str, Command]] = {}
    for story in stories:
        for happened in story.events:
            command = happened.event.data
            if happened.event.topic in {"messaging.commands", "claims.commands"}:
                assert isinstance(command, Command)
                found.setdefault(story.order.order_id, {}).setdefault(command.command_id, command)
    return found


def _of_orders(said: Sequence[Said], order_id: str) -> Sequence[Data]:
    """What orders said: a backtest takes it as it was, also where it would have been otherwise."""
    return [each.data for each in said if each.topic == ORDERS_EVENTS and _order_id(each) == order_id]


def _ends(said: Sequence[Said]) -> dict[str, tuple[Any, ...]]:
    found = outcomes(each.data for each in said if each.topic == CLAIMS_EVENTS)
    return {claim_id: each._compared() for claim_id, each in found.items()}


def _order_id(said: Said) -> str:
    return str(getattr(said.data, "order_id", ""))


@cache
def explored() -> Sequence[Data]:
    """Everything that was said in many stories."""
    said: list[Data] = []

    @given(st.data())
    @settings(SETTINGS, max_examples=80, database=None, derandomize=True, phases=[Phase.generate])
    def look(data: st.DataObject) -> None:
        said.extend(each.data for each in live(lived(data), shipped_catalogue()))

    look()
    return said


def test_the_stories_are_not_all_the_same() -> None:
    """The generator reaches what it is meant to: grants, refusals, questions, appeals."""
    assert {
        "claims.claim_granted.v1",
        "claims.claim_refused.v1",
        "claims.claim_appealed.v1",
        "claims.information_requested.v1",
        "messaging.response_overdue.v1",
        "messaging.contact_resolved.v1",
    } <= {data.TYPE for data in explored()}


def test_whatever_is_refused_is_listed_with_its_rule() -> None:
    refused = [data for data in explored() if isinstance(data, Refused)]
    assert refused
    for said in refused:
        assert said.rule in rules()[said.TYPE.split(".")[0]][said.reason] or said.rule == "C11"
