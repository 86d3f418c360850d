"""Kafka in: each message is read, decided on for its order, then for its seller, and what follows is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.performance import store
from services.performance.domain.counting import tallies, things
from services.performance.domain.decide import changes, told
from services.performance.domain.events import CommandRefused, OrderEvent
from services.performance.domain.health import move
from services.performance.domain.inputs import ContestDefect, DayEnds, DecideContest, Input
from services.performance.domain.model import Order, OrderRow, Place, SellerRow, Tally
from services.performance.domain.policy import Policies
from services.performance.translate import inward, outward
from services.performance.translate.policies import policies_of
from shared.contracts.topics import RECORD_BYTES_MAX
from shared.kit.errors import StatesMissing
from shared.kit.service import NOTHING, Key, Message, Outcome, Outgoing, Service, States
from shared.policies.catalogue import Catalogue
from shared.values import dataclass


def service(catalogue: Catalogue) -> Service:
    """Describe the service to the kit."""
    policies = policies_of(catalogue)
    return Service(
        name=inward.OWNER,
        kinds=store.KINDS,
        main=store.main,
        handle=_Handler(policies).handle,
        concerns=inward.is_heard,
        check=lambda body: inward.check(body, policies),
        keys=store.keys,
        related=store.related,
        is_known=lambda row: row is not None and row.dossier.order is not None,
        refuse_unknown=_refuse_unknown,
        apply=store.apply,
        sides=store.sides,
    )


def _refuse_unknown(message: Message, now: datetime) -> Outgoing:
    return outward.refused(message.data, "E1", "unknown_order", now, None)


@dataclass(frozen=True, slots=True)
class _Handler:
    policies: Policies

    def handle(self, message: Message, states: States, now: datetime) -> Outcome:
        """Read, decide, say. A command whose facts would not fit into a record is refused instead."""
        given = inward.input_of(message, self.policies)
        if given is None:
            return NOTHING
        key = store.main(message)
        before: OrderRow = states[key] or OrderRow()
        events, after = told(given, before, now=now, policy=self.policies)
        outcome = self._outcome(message, given, events, (key, before, after), states, now)
        if isinstance(given, ContestDefect | DecideContest) and not _fit(outcome):
            too_large = [CommandRefused("E1", "too_large")]
            return self._outcome(message, given, too_large, (key, before, before), states, now)
        return outcome

    def _outcome(
        self,
        message: Message,
        given: Input,
        events: Sequence[OrderEvent],
        changed: tuple[Key, OrderRow, OrderRow],
        states: States,
        now: datetime,
    ) -> Outcome:
        key, before, after = changed
        order = after.dossier.order
        if order is None:
            return Outcome({key: after}) if events else NOTHING
        said = [outward.of_order(event, order, message.data, now) for event in events]
        was, found = things(before, self.policies), things(after, self.policies)
        counted = [
            store.CountedRow(order.seller_id, each) for name, each in found.items() if was.get(name) != each
        ]
        outcome = Outcome({key: after}, [each for each in said if each], counted)
        days = changes(tallies(before, was.values()), tallies(after, found.values()))
        if not days and not isinstance(given, DayEnds):
            return outcome
        return self._move(outcome, order, days, states, min(given.at, now), now)

    def _move(
        self,
        outcome: Outcome,
        order: Order,
        days: Mapping[Place, Tally],
        states: States,
        at: datetime,
        now: datetime,
    ) -> Outcome:
        """Move the seller's days on. Raises StatesMissing where nobody knew that they would."""
        key = store.seller_key(order.seller_id)
        if key not in states:
            raise StatesMissing([key])
        events, after = move(states[key] or SellerRow(), days, at, self.policies)
        said = [outward.of_seller(event, order, now) for event in events]
        daily = [store.DailyChange(order.seller_id, place, change) for place, change in days.items()]
        return Outcome(
            {**outcome.states, key: after},
            [*outcome.out, *(each for each in said if each)],
            [*outcome.effects, *daily],
        )


def _fit(outcome: Outcome) -> bool:
    return all(len(each.data.to_json()) <= RECORD_BYTES_MAX for each in outcome.out)
