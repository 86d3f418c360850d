"""Refunds: by the seller's own command, of what is returned, and of claims (O17, M4, C8)."""

from __future__ import annotations

from services.orders.domain.account import Balance, all_standing, counted
from services.orders.domain.events import ExtraChargesKept, ReturnKept
from services.orders.domain.holding import is_paid, pay
from services.orders.domain.inputs import (
    ClaimFiled,
    ClaimRefunded,
    RefundOrder,
    ReturnReceived,
    ReturnWaived,
)
from services.orders.domain.model import (
    Asked,
    Canceled,
    ClaimMoney,
    HeldRefund,
    Money,
    OrderRow,
    Quantity,
    Released,
    Unplaced,
    standing_units,
)
from services.orders.domain.refusing import No, not_allowed, refuse, unknown_line
from services.orders.domain.releasing import release_if_due
from services.orders.domain.story import Story


def refund_order(story: Story, command: RefundOrder) -> None:
    """The seller gives money back, or hears why not, or how much is left."""
    order = story.world.order
    if isinstance(order, Unplaced) or is_paid(story, _key(command)):
        return
    answer: tuple[Quantity, ...] | No | None = not_allowed(story, order.placed, command)
    if answer is None:
        release_if_due(story, command.at)
        answer = _judge(story.world.row, command)
    if isinstance(answer, No):
        refuse(story, command, answer)
        return
    returned = story.world.row.heard.returned
    contacts = _returned_on(returned, answer)
    due = HeldRefund(
        refund_key=_key(command),
        lines=answer,
        amount_minor=command.amount.amount_minor,
        cause="return" if contacts else "seller",
        contact_id=contacts[0] if len(contacts) == 1 else None,
    )
    asked = Asked(command.command_id, command.actor, command.note)
    pay(story, order.placed, command.at, due, asked)


def _key(command: RefundOrder) -> str:
    return f"command/{command.command_id}"


def _judge(row: OrderRow, command: RefundOrder) -> tuple[Quantity, ...] | No:
    """Return the lines that are refunded, or why not."""
    order = row.order
    if isinstance(order, Canceled):
        return No("order_canceled")
    if not isinstance(order, Released) or command.at < order.released_at:
        return No("order_pending")
    no = unknown_line(order.placed, command.lines) or _more_than_stands(order, command.lines)
    if no is not None:
        return no
    named = tuple(Quantity(item, units) for item, units in counted(command.lines).items())
    lines = named or all_standing(order)
    return _judge_amount(Balance(row, order.placed), command.amount, lines) or lines


def _more_than_stands(order: Released, lines: tuple[Quantity, ...]) -> No | None:
    standing = standing_units(order)
    for item, units in counted(lines).items():
        if item not in standing:
            return No("order_canceled")
        if units > standing[item]:
            return No("nothing_left", (("left", standing[item]),))
    return None


def _judge_amount(balance: Balance, amount: Money, lines: tuple[Quantity, ...]) -> No | None:
    currency = balance.placed.currency
    if amount.currency != currency:
        return No("wrong_currency", (("currency", currency),))
    if amount.amount_minor <= 0:
        return No("invalid_amount")
    left = balance.left_of(lines)
    if amount.amount_minor > left:
        return No("amount_exceeds_left", (("max_amount", Money(left, currency)),))
    return None


def is_refundable(row: OrderRow) -> bool:
    """Say whether the seller may refund anything of the order as it stands."""
    order = row.order
    return isinstance(order, Released) and Balance(row, order.placed).left_of(all_standing(order)) > 0


def _returned_on(returned: dict[str, tuple[Quantity, ...]], lines: tuple[Quantity, ...]) -> tuple[str, ...]:
    """Return the contacts on which all of these units came back; none if some did not."""
    items = {line.order_item_id for line in lines}
    contacts = {
        contact_id: counted(line for line in back if line.order_item_id in items)
        for contact_id, back in returned.items()
    }
    back = counted(line for lines_back in returned.values() for line in lines_back)
    if any(line.quantity > back.get(line.order_item_id, 0) for line in lines):
        return ()
    return tuple(contact_id for contact_id, units in contacts.items() if units)


def hear_return(story: Story, heard: ReturnReceived) -> None:
    """What was to be returned is back: a refund of it is then for the return."""
    if story.world.row.heard.returned.get(heard.contact_id) != heard.lines:
        story.tell(ReturnKept(heard.contact_id, heard.lines))


def hear_waived_return(story: Story, heard: ReturnWaived) -> None:
    """The seller refunds without return: what is left of those lines is paid back (M4)."""
    order, key = story.world.order, f"return/{heard.answer_id}"
    if isinstance(order, Unplaced) or is_paid(story, key):
        return
    items = order.placed.by_item
    lines = tuple(line for line in heard.lines if line.order_item_id in items)
    if lines:
        left = Balance(story.world.row, order.placed).unspent_of(lines)
        due = HeldRefund(key, lines, left, "return", contact_id=heard.contact_id)
        pay(story, order.placed, heard.at, due)


def hear_claim_refund(story: Story, heard: ClaimRefunded) -> None:
    """The seller refunds a claim in full: as much of it as the buyer has not got back yet (C8)."""
    order, key = story.world.order, f"claim/{heard.claim_id}"
    if isinstance(order, Unplaced) or is_paid(story, key):
        return
    due = HeldRefund(key, heard.lines, heard.amount.amount_minor, "claim", claim_id=heard.claim_id)
    pay(story, order.placed, heard.at, due)


def hear_claim(story: Story, heard: ClaimFiled) -> None:
    """A claim documents extra charges: a refund or a grant of it may pay those too."""
    known = story.world.row.heard.claims.get(heard.claim_id, ClaimMoney())
    if heard.extra.amount_minor > known.extra_minor:
        story.tell(ExtraChargesKept(heard.claim_id, heard.extra.amount_minor))
