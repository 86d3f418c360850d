"""Messages: passed on and kept, each in the contact that it belongs to (M1, M2, M5, M6)."""

from __future__ import annotations

from services.messaging.domain.contacts import (
    catch_up,
    close,
    contact_of,
    is_open,
    named,
    open_contact,
    say_in,
)
from services.messaging.domain.events import MessageSent
from services.messaging.domain.inputs import ResolveContact, SendMessage
from services.messaging.domain.model import Contact, PendingOrder, SentMessage
from services.messaging.domain.people import (
    No,
    is_canceled,
    is_pending,
    not_for,
    not_in_order,
    refuse,
    side,
    too_much,
)
from services.messaging.domain.story import Story


def send(story: Story, command: SendMessage) -> None:
    """Pass a message on, or say why that can't be."""
    message = _message(command)
    if no := not_in_order(story, command) or _not_sent(story, message):
        refuse(story, command, no)
        return
    contact = contact_of(message, story.talk)
    if contact is not None:
        say_in(story, contact.contact_id, MessageSent(message, contact.contact_id, contact.channel))
    elif _opens_a_contact(story, message):
        _open(story, message)
    else:
        story.tell(MessageSent(message, None))


def _not_sent(story: Story, message: SentMessage) -> No | None:
    if any(kept.message_id == message.message_id for kept in story.talk.messages):
        return No("M6", "message_id_reused")
    if is_pending(story.state.dossier, message.at):
        return No("M5", "order_pending")
    return too_much(story, message.author, [message.text, *message.attachments])


def _open(story: Story, message: SentMessage) -> None:
    """The buyer's first message on an issue starts both clocks; the answer may have been read before it."""
    own = message.contact_id
    open_contact(story, own, message.at, "buyer_seller_messages", message.issue, message.message_id)
    story.tell(MessageSent(message, own))
    catch_up(story, own)


def _opens_a_contact(story: Story, message: SentMessage) -> bool:
    dossier = story.state.dossier
    return (
        not isinstance(dossier, PendingOrder)
        and not is_canceled(dossier, message.at)
        and message.response_required
        and side(message.author, dossier.order) == "buyer"
    )


def resolve(story: Story, command: ResolveContact) -> None:
    """Settle a contact, or say why that can't be."""
    contact = named(command.contact_id, story.talk)
    if no := not_for(story, command, "buyer", "M2") or _not_resolved(contact):
        refuse(story, command, no)
    elif contact is not None:
        close(story, contact.contact_id, command.at, "buyer")


def _not_resolved(contact: Contact | None) -> No | None:
    if contact is None:
        return No("M2", "unknown_contact")
    return None if is_open(contact) else No("M2", "already_resolved")


def _message(command: SendMessage) -> SentMessage:
    return SentMessage(
        message_id=command.message_id,
        contact_id=command.contact_id,
        author=command.actor,
        at=command.at,
        issue=command.issue,
        text=command.text,
        attachments=command.attachments,
        automatic=command.automatic,
        response_required=command.response_required,
    )
