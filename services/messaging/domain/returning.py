"""Returns, from the request to the parcel that is back (M4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from services.messaging.domain.contacts import (
    catch_up,
    close_if_refunded,
    is_open,
    is_open_at,
    named,
    open_contact,
    say_in,
)
from services.messaging.domain.events import ReturnAnswered, ReturnReceived, ReturnRequested, ReturnShipped
from services.messaging.domain.inputs import (
    AnswerReturn,
    ParcelDelivered,
    ReceiveReturn,
    RequestReturn,
    ReturnCommand,
    ShipReturn,
)
from services.messaging.domain.model import (
    Answer,
    Contact,
    Order,
    OrderState,
    Parcel,
    Return,
    ReturnAnswer,
    ReturnRequest,
    Units,
)
from services.messaging.domain.money import added, canceled_units, most, requested
from services.messaging.domain.parcels import is_valid, number_key
from services.messaging.domain.people import No, is_canceled, is_pending, not_for, refuse, too_much
from services.messaging.domain.story import Story

_STRENGTH: Mapping[Answer, int] = {"declined": 0, "authorised": 1, "refund_without_return": 2}
"""An answer may be bettered, never taken back."""


# ------------------------------------------------------------------------------------------------ requested


def request(story: Story, command: RequestReturn) -> None:
    """Open a contact with a return request, or add to the open one; or say why that can't be."""
    if any(asked.command_id == command.command_id for back in story.talk.returns for asked in back.requests):
        return
    contact = named(command.contact_id, story.talk)
    if no := not_for(story, command, "buyer", "M4") or _not_requested(story, command, contact):
        refuse(story, command, no)
        return
    joined = contact or next((each for each in story.talk.contacts if _is_open_return(each)), None)
    own = joined.contact_id if joined else command.contact_id
    if joined is None:
        open_contact(story, own, command.at, "return_requests", "product", None)
    story.tell(ReturnRequested(_request(command), own))
    if joined is None:
        catch_up(story, own)


def _is_open_return(contact: Contact) -> bool:
    return contact.channel == "return_requests" and is_open(contact)


def _not_requested(story: Story, command: RequestReturn, contact: Contact | None) -> No | None:
    if is_pending(story.state.dossier, command.at):
        return No("M5", "order_pending")
    if contact is not None and contact.channel != "return_requests":
        return No("M4", "no_return")
    if contact is not None and not is_open_at(contact, command.at):
        return No("M4", "already_resolved")
    if not command.reason.strip():
        return No("M4", "incomplete_form", ("reason",))
    writing = [command.reason, command.text, *(line.order_item_id for line in command.lines)]
    return _not_returnable(story.state, command) or too_much(story, command.actor, writing)


def _not_returnable(state: OrderState, command: RequestReturn) -> No | None:
    ordered = {line.order_item_id: line.quantity for line in state.order.lines}
    canceled = canceled_units(state.order, command.at)
    asked = added(command.lines)
    if any(item not in ordered for item in asked):
        return No("M4", "unknown_line")
    left = {item: ordered[item] - canceled.get(item, 0) for item in asked}
    if is_canceled(state.dossier, command.at) or not any(left.values()):
        return No("M4", "order_canceled")
    if any(units > left[item] for item, units in asked.items()):
        return No("M4", "too_many_units")
    return None


# ------------------------------------------------------------------------------------------------- answered


def answer(story: Story, command: AnswerReturn) -> None:
    """Pass on what the seller says to a request, or say why that can't be."""
    contact = named(command.contact_id, story.talk)
    if no := not_for(story, command, "seller", "M4") or _not_in_a_return(contact, command):
        refuse(story, command, no)
    elif contact is not None:
        _answer(story, command, contact)


def _answer(story: Story, command: AnswerReturn, contact: Contact) -> None:
    lines = _open_to(story.back(contact.contact_id), command)
    if no := _not_answered(story, command, contact, lines):
        refuse(story, command, no)
        return
    say_in(story, contact.contact_id, ReturnAnswered(_given(command, lines), contact.contact_id))
    close_if_refunded(story, contact.contact_id)


def _not_answered(story: Story, command: AnswerReturn, contact: Contact, lines: Sequence[Units]) -> No | None:
    if not is_open_at(contact, command.at):
        return No("M4", "already_resolved")
    if not lines:
        return No("M4", "already_answered")
    if command.answer == "authorised" and not _has_a_way(command, story.state.order):
        return No("M4", "no_way_to_return")
    if command.answer == "declined" and not command.text.strip():
        return No("M4", "incomplete_form", ("text",))
    return too_much(story, command.actor, [command.text, *(line.order_item_id for line in lines)])


def _has_a_way(command: AnswerReturn, order: Order) -> bool:
    return command.prepaid_label or command.return_address_country == order.ship_to_country


def _open_to(back: Return, command: AnswerReturn) -> Sequence[Units]:
    """Return the units, of those requested by then, that had no better answer by then; none if all had one as good."""
    strength = _STRENGTH[command.answer]
    asked = requested(back, command.at)
    as_good = _answered(back, command.at, lambda given: _STRENGTH[given.answer] >= strength)
    better = _answered(back, command.at, lambda given: _STRENGTH[given.answer] > strength)
    return _minus(asked, better) if _minus(asked, as_good) else ()


def _answered(back: Return, until: datetime, counts: Callable[[ReturnAnswer], bool]) -> Mapping[str, int]:
    """Return the units that such answers were about: two that were read in the wrong order may be about the same."""
    units: dict[str, int] = {}
    for given in sorted(back.answers, key=lambda one: one.at):
        if given.at <= until and counts(given):
            asked = requested(back, given.at)
            for item, quantity in added(given.lines).items():
                units[item] = min(asked.get(item, 0), units.get(item, 0) + quantity)
    return units


def _minus(units: Mapping[str, int], less: Mapping[str, int]) -> tuple[Units, ...]:
    left = {item: quantity - less.get(item, 0) for item, quantity in units.items()}
    return tuple(Units(item, quantity) for item, quantity in left.items() if quantity > 0)


# ------------------------------------------------------------------------------------------------- sent back


def ship(story: Story, command: ShipReturn) -> None:
    """Note what is on its way back, or say why that can't be."""
    contact = named(command.contact_id, story.talk)
    if no := not_for(story, command, "buyer", "M4") or _not_in_a_return(contact, command):
        refuse(story, command, no)
    elif contact is not None:
        _ship(story, command, story.back(contact.contact_id))


def _ship(story: Story, command: ShipReturn, back: Return) -> None:
    authorised = authorised_units(back, story.state.order, command.at)
    sent = added([line for parcel in back.parcels for line in parcel.lines])
    lines = _minus(authorised, sent)
    if not lines:
        refuse(story, command, No("M4", "already_shipped_back" if authorised else "not_authorised"))
        return
    parcel = Parcel(
        command_id=command.command_id,
        sent_by=command.actor,
        sent_at=command.at,
        lines=lines,
        carrier=command.carrier,
        tracking_number=command.tracking_number,
        is_valid=is_valid(command.carrier, command.tracking_number, story.policy),
    )
    story.tell(ReturnShipped(back.contact_id, parcel))


def authorised_units(back: Return, order: Order, at: datetime) -> Mapping[str, int]:
    """Return the units that may be sent back: those the seller authorised, or wants back for a claim (C8)."""
    claimed = {
        item
        for claim in order.claims
        if claim.wanted_back_at and claim.wanted_back_at <= at
        for item in claim.items
    }
    for_a_claim = {item: units for item, units in requested(back, at).items() if item in claimed}
    authorised = [given for given in back.answers if given.answer == "authorised" and given.at <= at]
    return most(for_a_claim, *(added(given.lines) for given in authorised))


# -------------------------------------------------------------------------------------------------- received


def receive(story: Story, command: ReceiveReturn) -> None:
    """Note that the seller has it back, or say why that can't be."""
    contact = named(command.contact_id, story.talk)
    if no := not_for(story, command, "seller", "M4") or _not_in_a_return(contact, command):
        refuse(story, command, no)
    elif contact is not None:
        _receive(story, command, story.back(contact.contact_id))


def _receive(story: Story, command: ReceiveReturn, back: Return) -> None:
    sent = [parcel for parcel in back.parcels if parcel.sent_at <= command.at]
    on_their_way = [parcel for parcel in sent if parcel.received_at is None]
    if not on_their_way:
        refuse(story, command, No("M4", "already_received" if sent else "not_shipped_back"))
    for parcel in on_their_way:
        _is_back(story, back.contact_id, parcel, command.at, command)


def _is_back(
    story: Story, contact_id: str, parcel: Parcel, at: datetime, said_by: ReceiveReturn | None
) -> None:
    """Tell that a parcel is back, and all that is back of the return with it."""
    received = [each for each in story.back(contact_id).parcels if each.received_at is not None]
    units = added([line for each in [*received, parcel] for line in each.lines])
    story.tell(
        ReturnReceived(
            contact_id=contact_id,
            lines=tuple(Units(item, quantity) for item, quantity in units.items()),
            carrier=parcel.carrier,
            tracking_number=parcel.tracking_number,
            received_at=at,
            by="seller" if said_by else "carrier",
            command_id=said_by.command_id if said_by else None,
        )
    )


def scan(story: Story, delivered: ParcelDelivered) -> None:
    """Compare a number's scans with the parcels of this order that are on their way back."""
    key = number_key(delivered.carrier, delivered.tracking_number)
    for back in story.talk.returns:
        for parcel in _awaited(back, key):
            at = _first_since_authorised(delivered.delivered_at, parcel, back, story.state.order)
            if at is not None:
                _is_back(story, back.contact_id, parcel, at, None)


def awaits(state: OrderState, key: str) -> bool:
    """Say whether a scan of this number may still mean something to the order."""
    return any(_awaited(back, key) for back in state.conversation.returns)


def _awaited(back: Return, key: str) -> Sequence[Parcel]:
    return [
        parcel
        for parcel in back.parcels
        if parcel.received_at is None
        and parcel.is_valid
        and number_key(parcel.carrier, parcel.tracking_number) == key
    ]


def _first_since_authorised(
    scans: Sequence[datetime], parcel: Parcel, back: Return, order: Order
) -> datetime | None:
    """Find the first scan since it could be sent: one from before is of whatever had this number then."""
    items = {line.order_item_id for line in parcel.lines}
    since = [
        *(given.at for given in back.answers if given.answer == "authorised" and _about(given, items)),
        *(claim.wanted_back_at for claim in order.claims if claim.wanted_back_at and items & {*claim.items}),
    ]
    return min((at for at in scans if at >= min(since)), default=None) if since else None


def _about(given: ReturnAnswer, items: set[str]) -> bool:
    return any(line.order_item_id in items for line in given.lines)


# --------------------------------------------------------------------------------------------------- shared


def _not_in_a_return(contact: Contact | None, command: ReturnCommand) -> No | None:
    if contact is None:
        return No("M4", "unknown_contact")
    if contact.channel != "return_requests":
        return No("M4", "no_return")
    return No("M4", "unknown_contact") if command.at < contact.opened_at else None


def _request(command: RequestReturn) -> ReturnRequest:
    return ReturnRequest(
        command_id=command.command_id,
        contact_id=command.contact_id,
        author=command.actor,
        at=command.at,
        lines=command.lines,
        reason=command.reason,
        text=command.text,
    )


def _given(command: AnswerReturn, lines: Sequence[Units]) -> ReturnAnswer:
    return ReturnAnswer(
        command_id=command.command_id,
        author=command.actor,
        at=command.at,
        answer=command.answer,
        lines=tuple(lines),
        return_address_country=command.return_address_country,
        prepaid_label=command.prepaid_label,
        text=command.text,
    )
