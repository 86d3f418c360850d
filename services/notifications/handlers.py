"""Kafka in: each fact is read, and who is to be told of it is decided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from services.notifications import store, translate
from services.notifications.domain import decide, evolve
from services.notifications.domain.facts import (
    Order,
    OrderReceived,
)
from services.notifications.domain.model import (
    Account,
    Dossier,
    Erased,
    Heard,
    OrderState,
    Party,
    Unheard,
)
from shared.contracts.erasure import Sides
from shared.kit.service import NOTHING, Key, Message, Outcome, OwnParked, Service, States
from shared.policies import Catalogue


def service(catalogue: Catalogue, changed: Callable[[], None] = lambda: None) -> Service:
    """Describe the service to the kit. `changed` is called when there may be mails to send."""
    return Service(
        name=translate.NAME,
        kinds=store.KINDS,
        main=_main,
        handle=partial(_handle, catalogue),
        concerns=translate.concerns_us,
        check=partial(translate.known_marketplace, catalogue),
        apply=store.apply,
        changed=changed,
        sides=_sides,
        erase=store.erase,
        known_as=store.known_as,
        own_parked=OwnParked(store.MAIL, store.settle_parked),
    )


def _main(message: Message) -> Key:
    party = translate.party_of(message.data)
    return Key(store.ACCOUNT, party.party_id) if party else Key(store.ORDER, translate.order_id(message))


def _handle(catalogue: Catalogue, message: Message, states: States, now: datetime) -> Outcome:
    party = translate.party_of(message.data)
    if party:
        return _party(party, states)
    heard = translate.heard(catalogue, message)
    if heard is None:
        return NOTHING
    key = _main(message)
    state: OrderState = states[key] or Unheard()
    policy = translate.policy(catalogue, _order(heard, state))
    events = decide(heard, state, now=now, policy=policy)
    for event in events:
        state = evolve(state, event)
    return Outcome(
        states={key: state},
        out=[out for event in events if (out := translate.outgoing(event, key.id, now))],
        effects=[effect for event in events if (effect := translate.effect(event))],
    )


def _order(heard: Heard, state: OrderState) -> Order | None:
    if isinstance(heard.what, OrderReceived):
        return heard.what.order
    return state.order if isinstance(state, Dossier) else None


def _party(party: Party, states: States) -> Outcome:
    key = Key(store.ACCOUNT, party.party_id)
    if isinstance(states[key], Erased):
        return NOTHING  # for good: also an account that is read again stays erased
    effect = store.AddressKnown if isinstance(party, Account) else store.PersonGone
    return Outcome(states={key: party}, effects=[effect(party.party_id)])


def _sides(state: OrderState) -> Sides | None:
    return Sides(state.order.buyer_id, state.order.seller_id) if isinstance(state, Dossier) else None
