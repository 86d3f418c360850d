"""Kafka in: each message is read, decided on, and what follows is said."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from services.messaging import store, translate
from services.messaging.domain import decide, evolve
from services.messaging.domain.model import OrderReceived, OrderState
from shared.kit.service import NOTHING, Key, Message, Outcome, Outgoing, Service, States
from shared.policies import Catalogue


def service(catalogue: Catalogue) -> Service:
    """Describe the service to the kit."""
    return Service(
        name=translate.NAME,
        kinds=store.KINDS,
        main=_main,
        handle=partial(_handle, catalogue),
        concerns=translate.concerns_us,
        check=partial(translate.known_marketplace, catalogue),
        is_known=lambda state: state is not None,
        refuse_unknown=_refuse_unknown,
    )


def _main(message: Message) -> Key:
    return Key(store.ORDER, translate.order_id(message))


def _handle(catalogue: Catalogue, message: Message, states: States, now: datetime) -> Outcome:
    given = translate.input_of(message)
    key = _main(message)
    state: OrderState | None = states[key]
    order = given if isinstance(given, OrderReceived) else state.dossier.order if state else None
    if given is None or order is None:
        return NOTHING
    policy = translate.policy(catalogue, order.marketplace_id, getattr(given, "at", now))
    events = decide(given, state, now=now, policy=policy)
    for event in events:
        state = evolve(state, event)
    if state is None or not events:
        return NOTHING
    said = [translate.outgoing(event, state.dossier.order, message.data, now) for event in events]
    return Outcome(states={key: state}, out=[each for each in said if each is not None])


def _refuse_unknown(message: Message, now: datetime) -> Outgoing:
    return translate.refused(message.data, "E1", "unknown_order", now, None)
