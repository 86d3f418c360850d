"""The states of a claim, and everything that can happen to it, by everybody: the sides, investigators, a bank."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.claims.domain.judging import Desk
from services.claims.domain.lists import Viewer, list_of
from services.claims.domain.returns import received_back
from services.claims.domain.state import Claim, OrderState
from services.claims.domain.view import actions
from services.claims.store import ORDER
from services.claims.translate.policies import policies_of
from shared.contracts import claims, messaging
from shared.contracts.checkout import PaymentVerified
from shared.contracts.data import Actor, Data, Role
from shared.contracts.orders import ConfirmShipment
from shared.kit.service import Key
from tests.support.exploring import moves
from tests.support.exploring.search import Graph, Move, Search
from tests.support.exploring.starting import bare
from tests.support.scenarios.cast import Purchase
from tests.support.scenarios.in_memory import the_catalogue
from tests.support.scenarios.probing import CLAIM_ACTIONS, Probe, is_refused
from tests.support.scenarios.world import World

SERVICES = ("orders", "messaging", "claims", "timer")
CLAIM = "claim"
CONTACT, RETURN = "contact", "return"
_VIEWERS: tuple[Viewer, ...] = ("buyer", "seller", "investigator")
"""Who acts on a claim; support does what the buyer may."""


@dataclass(frozen=True, slots=True)
class ClaimNode:
    """What tells two claims apart: what is claimed, how it stands, which clocks run, and who has it in which list."""

    about: str
    shape: str
    was: str
    clocks: tuple[str, ...]
    lists: tuple[str, ...]
    requests: tuple[str, ...]
    is_back: bool
    has_chargeback: bool
    is_debited: bool
    is_paid: bool

    @property
    def is_closed(self) -> bool:
        """Whether nothing about it changes any more."""
        return self.shape == "closed"


def search(policy: str) -> Graph[ClaimNode]:
    """Find every state of a claim of a delivered order: not found by its buyer, or to be returned."""
    order = bare({}, policy)
    found: Search[ClaimNode] = Search(
        lambda each: _moves(each, order), lambda each: look(each, order), "claims"
    )
    return found.from_(_starts(order))


def _starts(order: Purchase) -> Mapping[str, World]:
    """Lead up to four filings: unanswered, answered, a replacement wanted, and a return that was authorised."""
    unanswered = _delivered(order)
    _do(unanswered, moves.letters(unanswered, order, CONTACT), "buyer writes")
    answered = unanswered.fork()
    answered.go_to(answered.now + timedelta(hours=1))
    _do(answered, moves.letters(answered, order, CONTACT), "seller writes")
    returning = _delivered(order)
    for who in ("buyer request_return", "seller answer_return"):
        _do(returning, moves.contact_commands(returning, order, RETURN), who)
        returning.go_to(returning.now + timedelta(hours=1))
    worlds = {"unanswered": unanswered, "answered": answered, "returning": returning}
    for world in worlds.values():
        world.go_to(world.now + timedelta(days=5))
    replacement = unanswered.fork()
    filings = {
        "unanswered": _file(unanswered, order, "not_received", "delivered_not_found"),
        "answered": _file(answered, order, "not_received", "delivered_not_found"),
        "returning": _file(returning, order, "not_as_expected", "defective"),
        "replacement": _file(replacement, order, "not_received", "delivered_not_found", wanted="replacement"),
    }
    worlds["replacement"] = replacement
    return {name: _filed(worlds[name], order, filing) for name, filing in filings.items()}


def _filed(world: World, order: Purchase, filing: Data) -> World:
    copy = world.fork()
    moves.command(order, filing, "files").do(copy)
    copy.said.clear()
    return copy


def _delivered(order: Purchase) -> World:
    world = World.of(the_catalogue(), order.placed_at, SERVICES)
    world.send(order.placed(), order.order_id, "placed", world.now)
    world.send(PaymentVerified(order_id=order.order_id, at=world.now), order.order_id, "verified", world.now)
    world.go_to(world.now + timedelta(days=1))
    number = order.tracking_number("parcel")
    shipped = ConfirmShipment(
        **_by(order, "seller", world),
        shipment_id="parcel",
        carrier="UPS",
        method="Ground",
        tracking_number=number,
        shipped_at=world.now,
    )
    moves.command(order, shipped, "ships").do(world)
    world.go_to(world.now + timedelta(days=4))
    _do(world, moves.scans(world, number), "delivered")
    world.go_to(world.now + timedelta(days=5))
    return world


def _do(world: World, choices: Iterator[Move], name: str) -> None:
    next(move for move in choices if move.name == name).do(world)


def _by(order: Purchase, who: str, world: World, *, dated: timedelta = timedelta()) -> dict[str, Any]:
    return {
        "order_id": order.order_id,
        "command_id": "-",
        "at": world.now + dated,
        "actor": order.actor(who),
    }


def _file(world: World, order: Purchase, issue: Any, reason: str, wanted: Any = "refund") -> Data:
    return claims.FileClaim(
        **_by(order, "buyer", world),
        claim_id=order.named("claim", CLAIM),
        lines=order.lines(None),
        issue=issue,
        reason=reason,
        description="It is as I say.",
        wanted=wanted,
        amount=order.paid(order.lines(None)),
    )


# ------------------------------------------------------------------------------------------------- looking


def _state(world: World, order: Purchase) -> OrderState:
    state: OrderState = world.seats["claims"].rows.state(Key(ORDER, order.order_id))
    return state


def look(world: World, order: Purchase) -> ClaimNode:
    """Say how the claim stands, who has it in which list, and what runs."""
    state = _state(world, order)
    claim = state.decided.claims[0]
    ledger = claim.case.ledger
    desk = _desk(state, world)
    filing = claim.case.filing
    return ClaimNode(
        about=f"{filing.issue}, {filing.wanted}",
        shape=claim.shape,
        was=_was(claim),
        clocks=tuple(sorted(timer.kind for timer in world.timers.values() if timer.owner == "claims")),
        lists=tuple(list_of(claim, viewer, desk) for viewer in _VIEWERS),
        requests=tuple(sorted(request.asked for request in claim.case.requests)),
        is_back=received_back(desk.subject(claim.case)) is not None,
        has_chargeback=state.dossier.chargeback is not None,
        is_debited=bool(ledger.standing),
        is_paid=ledger.compensated_minor > 0,
    )


def _was(claim: Claim) -> str:
    was = getattr(claim, "was", None)
    return "" if was is None else f"{was.shape} {_was(was)}".strip()


def _desk(state: OrderState, world: World) -> Desk:
    assert state.dossier.order is not None
    return Desk(state, state.dossier.order, policies_of(the_catalogue()), world.now)


# -------------------------------------------------------------------------------------------------- moving


def _moves(world: World, order: Purchase) -> Iterator[Move]:
    claim = _state(world, order).decided.claims[0]
    if claim.shape == "closed":
        return
    if any(timer.owner == "claims" for timer in world.timers.values()):
        yield from moves.next_deadline(world)
    yield from _claim_commands(world, order, claim)
    yield from moves.chargebacks(world, order)
    for contact in _state(world, order).dossier.contacts:
        in_time = contact.opened_at + timedelta(hours=1)
        yield from moves.letters(world, order, CONTACT, dated=in_time - world.now)
    yield from _returns(world, order)
    yield from moves.whole_refund(world, order)


def _claim_commands(world: World, order: Purchase, claim: Claim) -> Iterator[Move]:
    """Give every command on the claim that is followed; nobody is asked twice.

    What is not offered is refused (`tests/unit/scenarios/test_actions.py`), and so not tried here.
    """
    claim_id = order.named("claim", CLAIM)
    probe = Probe(world, order, [], claim_id)
    asked = {request.asked for request in claim.case.requests}
    offered = actions(_desk(_state(world, order), world), claim_id)
    for role in _VIEWERS:
        for action in offered.get(role, ()):
            for data in _late_too(probe, role, action) if action in CLAIM_ACTIONS else ():
                is_again = isinstance(data, claims.RequestInformation) and data.from_ in asked
                if not is_again and not is_refused(probe.tried(data)):
                    yield moves.command(order, data, f"{role} {action}")
    if "decide_appeal" in offered.get("investigator", ()):
        yield from _reversals(probe, order)
    if claim.shape in _SILENCED:
        yield from _answers_read_late(probe, order)


_SILENCED = ("granted", "appealed", "suspended")
"""Where a side that was silent is offered no answer any more, and one in time is heard all the same (C6)."""


def _answers_read_late(probe: Probe, order: Purchase) -> Iterator[Move]:
    answers: tuple[tuple[Role, str], ...] = (
        ("seller", "answer_claim"),
        ("seller", "provide_information"),
        ("buyer", "provide_information"),
    )
    for role, action in answers:
        for data in _late_too(probe, role, action):
            if not is_refused(probe.tried(data)):
                yield moves.command(order, data, f"{role} {action}")


def _late_too(probe: Probe, role: Role, action: str) -> Iterator[Data]:
    """Give each command, and what a side says also as said in time and read now. Appeals are another's to decide."""
    for data in probe.commands(role, action):
        if isinstance(data, claims.DecideClaim) and role == "investigator":
            yield data.model_copy(update={"actor": Actor(kind="investigator", id="the-first")})
            continue
        yield data
        if isinstance(data, claims.AnswerClaim | claims.ProvideInformation):
            filed_at = probe.claims.decided.claims[0].case.filing.source.at
            yield data.model_copy(update={"at": filed_at + timedelta(hours=1)})


def _reversals(probe: Probe, order: Purchase) -> Iterator[Move]:
    """An appeal may reverse the money, the defect, or both; a denial by an amount."""
    for upheld in probe.commands("investigator", "decide_appeal"):
        for money, defect in ((True, False), (False, True), (True, True)):
            for amount in (None, order.paid(order.lines(None))):
                data = upheld.model_copy(
                    update={"reverse_money": money, "reverse_defect": defect, "amount": amount}
                )
                if not is_refused(probe.tried(data)):
                    yield moves.command(order, data, "investigator decide_appeal")


def _returns(world: World, order: Purchase) -> Iterator[Move]:
    wanted = {messaging.ShipReturn.TYPE.split(".")[1], messaging.ReceiveReturn.TYPE.split(".")[1]}
    for move in moves.contact_commands(world, order, RETURN):
        if move.name.split(" ")[1] in wanted:
            yield move
