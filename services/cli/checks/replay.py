"""Histories that replay, and decisions that come out again (R2, C14)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from services.claims.domain.events import Event as ClaimsEvent
from services.claims.domain.evolve import decide_on
from services.claims.domain.outcome import outcome, redecide
from services.claims.domain.state import Decided
from services.claims.store import KINDS as CLAIMS_KINDS
from services.claims.translate import replay as claims_replay
from services.claims.translate.explained import explanation_of
from services.claims.translate.policies import policies_of
from services.cli.checks.merging import merged
from services.cli.checks.model import Look, Snapshot
from services.messaging.domain.evolve import conversation
from services.messaging.domain.model import Conversation
from services.messaging.store import KINDS as MESSAGING_KINDS
from services.messaging.translate.replay import event_of as messaging_event_of
from services.orders.domain.evolve import evolve as evolve_order
from services.orders.domain.model import Unplaced, World
from services.orders.store import KINDS as ORDERS_KINDS
from services.orders.translate import replay as orders_replay
from services.orders.translate.policies import Policies as OrdersPolicies
from services.performance.domain.evolve import decide_on as decide_on_defects
from services.performance.domain.model import Decided as Counted
from services.performance.store import KINDS as PERFORMANCE_KINDS
from services.performance.translate.replay import event_of as performance_event_of
from shared.contracts.data import Data
from shared.contracts.facts import Refused
from shared.contracts.messages import BY_TYPE
from shared.kit.service import Kind
from shared.kit.states import body_from_json
from shared.policies import Catalogue


@dataclass(frozen=True, slots=True)
class Replay:
    """How one service's facts become the part of its row that they tell of; None: the row has no such part yet."""

    kind: Kind
    replayed: Callable[[Sequence[Data]], Any]
    stored: Callable[[Any], Any]


def _replays(catalogue: Catalogue) -> dict[str, Replay]:
    known = OrdersPolicies(catalogue)

    def order(facts: Sequence[Data]) -> Any:
        world = World()
        for fact in facts:
            event = orders_replay.event_of(fact, world, known)
            world = evolve_order(world, event) if event else world
        return world.row.said

    def talk(facts: Sequence[Data]) -> Any:
        talked = Conversation()
        for fact in facts:
            event = messaging_event_of(fact)
            talked = conversation(talked, event) if event else talked
        return talked

    def decided(facts: Sequence[Data]) -> Any:
        known = Decided()
        for fact in facts:
            event: ClaimsEvent | None = claims_replay.event_of(fact, known)
            known = decide_on(known, event) if event else known
        return known

    def counted(facts: Sequence[Data]) -> Any:
        known = Counted()
        for fact in facts:
            event = performance_event_of(fact)
            known = decide_on_defects(known, event) if event else known
        return known

    def stored_order(row: Any) -> Any:
        return None if isinstance(row.order, Unplaced) else row.said

    return {
        "orders": Replay(ORDERS_KINDS[0], order, stored_order),
        "messaging": Replay(MESSAGING_KINDS[0], talk, lambda row: row.conversation),
        "claims": Replay(CLAIMS_KINDS[0], decided, lambda row: row.decided),
        "performance": Replay(PERFORMANCE_KINDS[0], counted, lambda row: row.decided),
    }


async def histories_replay(snapshot: Snapshot) -> Look:
    """Replay what was said about every order, and compare with its row."""
    look = Look()
    for service, replay in _replays(snapshot.catalogue).items():
        if service not in snapshot.services:
            continue
        rows, facts = snapshot.rows("rows", service=service), snapshot.rows("history", service=service)
        async for order_id, (row, said) in merged(rows, facts):
            look.note(f"{service}: {order_id}", _difference(replay, row, said))
    return look


def _difference(replay: Replay, rows: Sequence[Any], said: Sequence[Any]) -> str | None:
    try:
        facts = [fact for fact in map(_fact, said) if not _is_of_no_order(fact)]
        if not rows:
            return f"{len(facts)} facts were said, and no row is kept" if facts else None
        stored = replay.stored(body_from_json(replay.kind, rows[0]["schema_version"], rows[0]["body"]))
        if stored is None:
            return "facts were said of it before it was placed" if facts else None
        replayed = replay.replayed(facts)
    except Exception as error:  # noqa: BLE001  whatever a corrupted row raises is what is wrong with it
        return f"it can't be replayed: {type(error).__name__}: {error}"
    return None if replayed == stored else "its history replays to another row"


def _is_of_no_order(fact: Data) -> bool:
    """Whether it answers a command on an order that never came: such an answer has no number and no row."""
    return isinstance(fact, Refused) and fact.reason == "unknown_order"


def _fact(row: Any) -> Data:
    fact: Data = BY_TYPE[row["type"]].__pydantic_validator__.validate_json(row["payload"])
    return fact


async def decisions_come_out_again(snapshot: Snapshot) -> Look:
    """Decide every claim again, from its explanation and its policy alone."""
    look = Look()
    known = policies_of(snapshot.catalogue)
    async for row in snapshot.rows("decisions"):
        fact: Any = _fact(row)
        if not fact.explanation:
            continue
        explanation = explanation_of(fact.explanation)
        subject = f"{fact.claim_id} on {fact.order_id}, {fact.at:%Y-%m-%d}"
        policy = known.numbers.get(explanation[0].policy_id)
        if policy is None:
            look.note(subject, f"its policy {explanation[0].policy_id} is not known here")
            continue
        again = redecide(explanation, policy)
        look.note(subject, None if again == outcome(explanation) else f"its explanation comes to: {again}")
    return look
