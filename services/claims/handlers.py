"""Kafka in: each message is read, decided on, and what follows is said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from services.claims import store
from services.claims.domain.commands.oversized import too_large
from services.claims.domain.decide import told
from services.claims.domain.events import Event, LateAnswerSeen
from services.claims.domain.evolve import following
from services.claims.domain.inputs import Command, DeadlineExpired, Heard, size
from services.claims.domain.policy import Policies
from services.claims.domain.state import OrderState
from services.claims.translate import answers, inward, outward
from services.claims.translate.policies import policies_of
from shared.contracts.data import OrderCommand
from shared.contracts.topics import RECORD_BYTES_MAX
from shared.kit.service import NOTHING, Key, Message, Outcome, Outgoing, Service, States
from shared.policies.catalogue import Catalogue
from shared.values import dataclass

_CHARACTERS_ALWAYS_FIT = RECORD_BYTES_MAX // 12
"""A character is six bytes of JSON at most; what the fact adds of its own has as much room again."""


def service(catalogue: Catalogue) -> Service:
    """Describe the service to the kit."""
    return Service(
        name=inward.NAME,
        kinds=store.KINDS,
        main=_main,
        handle=_Handler(catalogue, policies_of(catalogue)).handle,
        concerns=inward.concerns_us,
        check=partial(inward.known_marketplace, catalogue),
        is_known=lambda state: state is not None and state.dossier.order is not None,
        refuse_unknown=_refuse_unknown,
        apply=store.apply,
        sides=store.sides,
    )


def _main(message: Message) -> Key:
    return Key(store.ORDER, inward.order_id(message))


def _refuse_unknown(message: Message, now: datetime) -> Outgoing:
    if not isinstance(message.data, OrderCommand):
        raise TypeError(f"{message.attributes.type} is no command to claims")
    return answers.unknown_order(message.data, now)


@dataclass(frozen=True, slots=True)
class _Handler:
    catalogue: Catalogue
    policies: Policies

    def handle(self, message: Message, states: States, now: datetime) -> Outcome:
        """Read, decide, say. A command whose facts would not fit into a record is refused instead."""
        given = inward.input_of(message, self.catalogue)
        if given is None:
            return NOTHING
        key = _main(message)
        state: OrderState | None = states[key]
        outcome = self._outcome(key, told(given, state, now=now, policy=self.policies), now)
        if isinstance(given, Heard | DeadlineExpired) or _fit(given, outcome.out):
            return outcome
        return self._outcome(key, list(following(state, too_large(given, now))), now)

    def _outcome(self, key: Key, steps: Sequence[tuple[Event, OrderState]], now: datetime) -> Outcome:
        if not steps:
            return NOTHING
        said = [
            outward.Speaker(state.dossier.order, self.policies, now).say(event, state)
            for event, state in steps
            if state.dossier.order is not None
        ]
        seen = [_late(key.id, event) for event, _ in steps if isinstance(event, LateAnswerSeen)]
        return Outcome(states={key: steps[-1][1]}, out=[each for each in said if each], effects=seen)


def _late(order_id: str, event: LateAnswerSeen) -> store.LateAnswer:
    return store.LateAnswer(order_id, event.claim_id, event.answer.id, event.answered_at, event.at)


def _fit(given: Command, said: Sequence[Outgoing]) -> bool:
    """Say whether all fits into records. Only what came large can become too large."""
    if size(given) <= _CHARACTERS_ALWAYS_FIT:
        return True
    return all(len(each.data.to_json()) <= RECORD_BYTES_MAX for each in said)
