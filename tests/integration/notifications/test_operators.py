"""N3: a parked mail is where an operator sees it, and can be sent again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.contracts.accounts import BuyerRegistered, SellerRegistered
from shared.contracts.notifications import NotificationFailed, NotificationSent
from shared.contracts.operations import Operation, Refused, Retried, Retry, Skip, Skipped
from shared.contracts.orders import OrderReceived, OrderReleased
from shared.kit import ids
from tests.integration.notifications.desk import Desk, said
from tests.integration.notifications.mailbox import Mailbox

BUYER = said(BuyerRegistered, "buyer-1")
ADDRESS = str(BUYER.data.model_dump()["email"])


@pytest.fixture
async def parked(desk: Desk, mailbox: Mailbox) -> str:
    """A mail to the buyer is parked, as an operator names it."""
    mailbox.refused_recipients = {ADDRESS}
    await desk.hear(BUYER, said(SellerRegistered, "seller-1"), said(OrderReceived), said(OrderReleased))
    async with desk.mailing(desk.mailer(mailbox.url, tries_max=1)):
        await desk.has_told(2)
    (mail,) = [mail for mail in await desk.mails() if mail["status"] == "parked"]
    return f"mail/{mail['notification_id']}"


async def ask(desk: Desk, operation: type[Operation], name: str) -> Any:
    """Ask for this, and return the answer."""
    command = said(
        operation,
        "notifications",
        command_id=ids.fresh(),
        service="notifications",
        dead_letter_id=None,
        parked_key=name,
    )
    await desk.hear(replace(command, event_id=command.data.model_dump()["command_id"]))
    row = await desk.pool.fetchrow(
        "SELECT type, payload FROM outbox WHERE type LIKE 'operations.%' ORDER BY position DESC"
    )
    assert row is not None
    kind = {kind.TYPE: kind for kind in (Retried, Skipped, Refused)}[row["type"]]
    return kind.model_validate_json(row["payload"])


async def test_once_the_server_takes_it_a_parked_mail_is_sent_again_as_the_same(
    desk: Desk, mailbox: Mailbox, parked: str
) -> None:
    mailbox.refused_recipients = set()
    assert isinstance(await ask(desk, Retry, parked), Retried)
    async with desk.mailing(desk.mailer(mailbox.url, tries_max=1)):
        await desk.has_told(3)
    assert {status for _, status in await desk.statuses()} == {"sent"}
    assert str(mailbox.taken[-1]["Message-ID"]) == f"<{parked.removeprefix('mail/')}@marketplace.example>"
    (failed, sent) = [fact for fact in await desk.told() if fact.party_id == "buyer-1"]
    assert isinstance(failed, NotificationFailed)
    assert isinstance(sent, NotificationSent)
    assert failed.notification_id == sent.notification_id


async def test_a_mail_that_is_refused_again_is_parked_again(
    desk: Desk, mailbox: Mailbox, parked: str
) -> None:
    await ask(desk, Retry, parked)
    async with desk.mailing(desk.mailer(mailbox.url, tries_max=2)):
        await desk.has_told(3)
    assert ("order_confirmation", "parked") in await desk.statuses()
    assert isinstance(await ask(desk, Retry, parked), Retried)


async def test_a_mail_that_is_skipped_is_never_sent_and_not_kept(
    desk: Desk, mailbox: Mailbox, parked: str
) -> None:
    assert isinstance(await ask(desk, Skip, parked), Skipped)
    (mail,) = [mail for mail in await desk.mails() if mail["template"] == "order_confirmation"]
    assert (mail["status"], mail["facts"]) == ("skipped", None)
    again = await ask(desk, Retry, parked)
    assert isinstance(again, Refused)
    assert again.reason == "not_found"
    assert len(mailbox.taken) == 1


@pytest.mark.parametrize(
    "name", ["mail/00000000-0000-0000-0000-000000000000", "mail/none", "mail/", "letter/1", "order/order-1"]
)
async def test_what_is_not_parked_cannot_be_sent_again(desk: Desk, name: str) -> None:
    answer = await ask(desk, Retry, name)
    assert isinstance(answer, Refused)
    assert answer.reason == "not_found"


async def test_a_mail_that_was_sent_cannot_be_sent_again(desk: Desk, mailbox: Mailbox, parked: str) -> None:
    (sent,) = [mail for mail in await desk.mails() if mail["status"] == "sent"]
    assert isinstance(await ask(desk, Retry, f"mail/{sent['notification_id']}"), Refused)
    assert len(mailbox.taken) == 1
