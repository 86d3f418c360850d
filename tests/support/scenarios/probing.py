"""What people can really do: every well-formed command is tried on a copy of the world, by every role."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.claims.domain.state import OrderState
from services.claims.store import ORDER as CLAIMS_ORDER
from shared.contracts import claims, messaging, orders
from shared.contracts.checkout import PaymentVerified
from shared.contracts.data import Actor, Data, Role
from shared.contracts.envelope import Attributes, write_headers
from shared.contracts.facts import Line, Refused
from shared.contracts.lists import ClaimIssue
from shared.contracts.messages import BY_TYPE
from shared.contracts.money import Money
from shared.kit.records import Record
from shared.kit.service import Key, Place
from tests.support.scenarios.cast import Purchase, address
from tests.support.scenarios.world import Said, World

ROLES: tuple[Role, ...] = ("buyer", "seller", "support", "investigator", "operator")
_ANOTHER_INVESTIGATOR = "an-investigator-who-decided-nothing"
_TRIED = "tried"

Fields = dict[str, Any]
Make = Callable[["Probe", Fields], Iterator[Data]]


@dataclass(frozen=True, slots=True)
class Probe:
    """An order in a world, as somebody finds it who wants to do something."""

    world: World
    order: Purchase
    known: Sequence[Data]
    claim_id: str | None = None

    def accepted(self, role: Role, action: str) -> bool:
        """Say whether any well-formed command of this name is followed."""
        return any(not is_refused(answer) for answer in self.answers(role, action))

    def answers(self, role: Role, action: str) -> Iterator[Sequence[Data]]:
        """Try each well-formed command of this name; give what was said to it."""
        for data in self.commands(role, action):
            yield self.tried(data)

    def commands(self, role: Role, action: str) -> Iterator[Data]:
        """Make every well-formed command of this name."""
        fields = {
            "order_id": self.order.order_id,
            "command_id": _TRIED,
            "at": self.world.now,
            "actor": self._actor(role),
        }
        yield from ACTIONS[action](self, fields)

    def tried(self, data: Data) -> Sequence[Data]:
        """Give a command to its owner's own handler, on a copy of its rows."""
        owner = data.TOPIC.partition(".")[0]
        seat = self.world.seats[owner].fork()
        attributes = Attributes(id=_TRIED, source="/tests", type=data.TYPE, time=self.world.now)
        record = Record(
            Place(data.TOPIC, 0, self.world.offset + 1),
            0,
            self.order.order_id.encode(),
            data.to_json(),
            tuple(write_headers(attributes)),
        )
        folded = seat.hear(record, self.world.now)
        rows = folded.rows if folded is not None else ()
        return [
            BY_TYPE[row.type].__pydantic_validator__.validate_json(row.payload or b"")
            for row in rows
            if row.topic == f"{owner}.events"
        ]

    def _actor(self, role: Role) -> Actor:
        if role in {"buyer", "seller"}:
            return self.order.actor(role)
        return Actor(kind=role, id=_ANOTHER_INVESTIGATOR)

    @property
    def claims(self) -> OrderState:
        """What claims knows of the order."""
        found: OrderState | None = self.world.seats["claims"].rows.state(
            Key(CLAIMS_ORDER, self.order.order_id)
        )
        return found or OrderState()


def is_refused(answer: Sequence[Data]) -> bool:
    """Say whether a command was refused. One without any answer is a mistake of ours or theirs."""
    assert answer, "a command has no answer"
    return any(isinstance(each, Refused | orders.CancellationRefused) for each in answer) and not any(
        isinstance(each, claims.ClaimRefused) and each.automatic is False for each in answer
    )


# --------------------------------------------------------------------------------------------------- orders


def _least(order: Purchase) -> Money:
    return Money(amount_minor=1, currency=order.currency)


def _each_line(order: Purchase) -> Iterator[tuple[Line, ...]]:
    """All of it, then one unit of each line."""
    yield ()
    for name in order.wares:
        yield (Line(order_item_id=order.item_id(name), quantity=1),)


def _confirm(probe: Probe, fields: Fields) -> Iterator[Data]:
    for lines in _each_line(probe.order):
        yield orders.ConfirmShipment(
            **fields,
            shipment_id=_TRIED,
            carrier="UPS",
            method="Ground",
            tracking_number=probe.order.tracking_number(_TRIED),
            shipped_at=probe.world.now,
            lines=lines,
        )


def _cancel(probe: Probe, fields: Fields) -> Iterator[Data]:
    for lines in _each_line(probe.order):
        yield orders.CancelOrder(**fields, reason="No more", lines=lines)


def _change_address(probe: Probe, fields: Fields) -> Iterator[Data]:
    asked = [
        said.message_id
        for said in probe.known
        if isinstance(said, messaging.MessageSent) and said.order_id == probe.order.order_id
    ]
    for message_id in (*asked, "no-such-message"):
        yield orders.ChangeAddress(**fields, message_id=message_id, ship_to=address("US"))


def _refund(probe: Probe, fields: Fields) -> Iterator[Data]:
    for lines in _each_line(probe.order):
        yield orders.RefundOrder(**fields, lines=lines, amount=_least(probe.order), reason="Sorry")


def _feedback(_probe: Probe, fields: Fields) -> Iterator[Data]:
    yield orders.LeaveFeedback(**fields, rating=3, text="Well.")


ORDER_ACTIONS: Mapping[str, Make] = {
    "confirm_shipment": _confirm,
    "cancel_order": _cancel,
    "change_address": _change_address,
    "refund_order": _refund,
    "leave_feedback": _feedback,
}
"""The commands to orders."""


# --------------------------------------------------------------------------------------------------- claims


_WAYS_TO_CLAIM: Sequence[tuple[ClaimIssue, str | None]] = (
    ("not_received", None),
    ("not_received", "delivered_not_found"),
    ("not_as_expected", "damaged"),
    ("not_as_expected", "returned_not_refunded"),
)


def _file(probe: Probe, fields: Fields) -> Iterator[Data]:
    for name in probe.order.wares:
        for issue, reason in _WAYS_TO_CLAIM:
            yield claims.FileClaim(
                **fields,
                claim_id=_TRIED,
                lines=(Line(order_item_id=probe.order.item_id(name), quantity=1),),
                issue=issue,
                reason=reason,
                description="As I say.",
                wanted="refund",
                amount=_least(probe.order),
            )


def _check(probe: Probe, fields: Fields) -> Iterator[Data]:
    yield claims.CheckEligibility(**fields, lines=probe.order.lines(None), issue="not_received")


FILING_ACTIONS: Mapping[str, Make] = {"file_claim": _file, "check_eligibility": _check}
"""The commands to claims that are about no claim."""


def _about(probe: Probe) -> Fields:
    return {"claim_id": probe.claim_id}


def _simple(kind: type[Data], **more: Any) -> Make:
    def make(probe: Probe, fields: Fields) -> Iterator[Data]:
        yield kind(**(fields | _about(probe) | more))

    return make


def _provide(probe: Probe, fields: Fields) -> Iterator[Data]:
    claim = next(claim for claim in probe.claims.decided.claims if claim.case.claim_id == probe.claim_id)
    for request_id in (*(request.request_id for request in claim.case.requests), "no-such-request"):
        yield claims.ProvideInformation(**(fields | _about(probe)), request_id=request_id, text="So.")


def _refund_claim(probe: Probe, fields: Fields) -> Iterator[Data]:
    for return_first in (False, True):
        yield claims.RefundClaim(**(fields | _about(probe)), return_first=return_first)


def _request(probe: Probe, fields: Fields) -> Iterator[Data]:
    for side in ("seller", "buyer"):
        asked = fields | _about(probe) | {"from": side, "questions": ("What?",)}
        yield claims.RequestInformation(**asked)


def _decide(probe: Probe, fields: Fields) -> Iterator[Data]:
    decision = fields | _about(probe) | {"reasons": ("So it is.",)}
    yield claims.DecideClaim(**decision, outcome="denied")
    yield claims.DecideClaim(**decision, outcome="granted", amount=_least(probe.order))
    yield claims.DecideClaim(**decision, outcome="refused")


def _decide_appeal(probe: Probe, fields: Fields) -> Iterator[Data]:
    yield claims.DecideAppeal(**(fields | _about(probe)), reasons=("So it is.",))


CLAIM_ACTIONS: Mapping[str, Make] = {
    "withdraw_claim": _simple(claims.WithdrawClaim),
    "answer_claim": _simple(claims.AnswerClaim, text="So it was."),
    "refund_claim": _refund_claim,
    "add_evidence": _simple(claims.AddEvidence, text="See.", evidence=("photo",)),
    "request_information": _request,
    "provide_information": _provide,
    "decide_claim": _decide,
    "appeal_claim": _simple(claims.AppealClaim, explanation="There is news."),
    "decide_appeal": _decide_appeal,
}
"""The commands on a claim."""


ACTIONS: Mapping[str, Make] = {**ORDER_ACTIONS, **FILING_ACTIONS, **CLAIM_ACTIONS}


# ------------------------------------------------------------------------------------------------- comparing


def scope(said: Said, world: World) -> Mapping[str, Make]:
    """Name the actions that a fact speaks of; none where it carries none."""
    if getattr(said.data, "actions", None) is None:
        return {}
    if said.data.TYPE.startswith("orders."):
        return ORDER_ACTIONS
    claim_id = getattr(said.data, "claim_id", None)
    state = world.seats["claims"].rows.state(Key(CLAIMS_ORDER, said.data.order_id))  # type: ignore[attr-defined]
    is_filed = state is not None and any(claim.case.claim_id == claim_id for claim in state.decided.claims)
    return {**FILING_ACTIONS, **CLAIM_ACTIONS} if is_filed else FILING_ACTIONS


def wrong_actions(said: Said, world: World, order: Purchase, known: Sequence[Data]) -> Iterator[str]:
    """Say what a fact offers and the handlers refuse, and what it does not offer and they follow."""
    offered: Mapping[str, Sequence[str]] = said.data.actions  # type: ignore[attr-defined]
    wanted = scope(said, world)
    probe = Probe(world, order, known, getattr(said.data, "claim_id", None))
    for role in ROLES:
        for action in wanted:
            is_offered = action in offered.get(role, ())
            if probe.accepted(role, action) != is_offered:
                yield f"{said.data.TYPE}: {action} by {role} is {'' if is_offered else 'not '}offered"
        for action in set(offered.get(role, ())) - set(wanted):
            yield f"{said.data.TYPE}: {action} by {role} is offered, and is about something else"


def wrong_deadlines(said: Said, world: World) -> Iterator[str]:
    """Say which of a fact's deadlines, when it comes alone, is not followed by the fact that it names."""
    owner = said.data.TYPE.partition(".")[0]
    for deadline in said.data.deadlines or ():  # type: ignore[attr-defined]
        found = [
            timer
            for timer in world.timers.values()
            if timer.owner == owner
            and timer.kind == deadline.kind
            and timer.order_id == said.data.order_id  # type: ignore[attr-defined]
            and timer.due_at >= deadline.due_at
        ]
        if not found:
            yield f"{said.data.TYPE}: no timer {deadline.kind} is set for {deadline.due_at}"
            continue
        followed = [type_ for timer in found for type_ in _copy(world, said, timer.kind).fired(timer)]
        if deadline.then not in followed:
            yield f"{said.data.TYPE}: {deadline.kind} is followed by {followed}, not by {deadline.then}"


def _copy(world: World, said: Said, kind: str) -> World:
    """Copy the world; the end of the hold releases an order that is verified by then, so it is."""
    copy = world.fork()
    order_id = said.data.order_id  # type: ignore[attr-defined]
    if kind == "hold_end":
        copy.send(PaymentVerified(order_id=order_id, at=copy.now), order_id, "verified-for-a-try", copy.now)
    return copy
