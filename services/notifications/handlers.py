"""Kafka in: each fact is read, and who is to be told of it is decided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from services.notifications import store, translate
from services.notifications.domain import decide, evolve
from services.notifications.domain.model import (
    Account,
    Dossier,
    Heard,
    Order,
    OrderReceived,
    OrderState,
    Unheard,
)
from shared.kit.service import NOTHING, Key, Message, Outcome, Service, States
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
    )


def _main(message: Message) -> Key:
    account = translate.account_of(message.data)
    return Key(store.ACCOUNT, account.party_id) if account else Key(store.ORDER, translate.order_id(message))


def _handle(catalogue: Catalogue, message: Message, states: States, now: datetime) -> Outcome:
    account = translate.account_of(message.data)
    if account:
        return _account(account)
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


def _account(account: Account) -> Outcome:
    return Outcome(
        states={Key(store.ACCOUNT, account.party_id): account},
        effects=[store.AddressKnown(account.party_id)],
    )
