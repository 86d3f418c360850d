"""How things stand at the end of a scenario, read from the rows that the services keep."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from services.claims.store import ORDER as CLAIMS_ORDER
from services.messaging.store import ORDER as MESSAGING_ORDER
from services.orders.domain.model import status_of
from services.orders.store import order_key
from shared.kit.service import Key
from tests.support.scenarios.playing import Play

State = Callable[[str, Key], Any]
"""Returns the state that a service keeps under a key; None without one."""


def ends_of(play: Play, state: State) -> Mapping[str, str]:
    """Say how each order, claim and contact ended. Those of a second order have its name before them."""
    ends: dict[str, str] = {}
    for name, order in play.orders.items():
        prefix = "" if order is next(iter(play.orders.values())) else f"{name} "
        ends |= {prefix + what: how for what, how in _ends(order.order_id, state)}
    return ends


def _ends(order_id: str, state: State) -> Iterator[tuple[str, str]]:
    row = state("orders", order_key(order_id))
    if row is not None:
        yield "order", str(status_of(row.order))
    talk = state("messaging", Key(MESSAGING_ORDER, order_id))
    for contact in talk.conversation.contacts if talk else ():
        yield _short(contact.contact_id), f"{contact.response.shape}, {contact.resolution.shape}"
    decided = state("claims", Key(CLAIMS_ORDER, order_id))
    for claim in decided.decided.claims if decided else ():
        was = getattr(claim, "was", None)
        yield _short(claim.case.claim_id), claim.shape + (f" ({was.shape})" if was is not None else "")


def _short(thing_id: str) -> str:
    """Name it as the scenario does: `claim`, or `second` for a claim of that name."""
    return thing_id.rpartition("/")[2]
