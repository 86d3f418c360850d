"""One mail of each template, as an example to read: see the golden files."""

from __future__ import annotations

from datetime import UTC, date, datetime

from services.notifications.domain import mails
from services.notifications.domain.mails import Item, Mail, Money, Quoted, Words

_DUE = datetime(2026, 3, 14, 16, 5, 30, tzinfo=UTC)
_APPEAL = datetime(2026, 4, 18, 9, 0, tzinfo=UTC)
_ITEMS = (Item("A blue mug", 2), Item('Tea pot "Café" & <lid>', 1))
_AMOUNT = Money(2499, "USD")
_TEXT = "Where is my parcel?\nIt should have come <b>yesterday</b>."

SAMPLES: tuple[Mail, ...] = (
    mails.OrderConfirmation(
        items=_ITEMS,
        placed_at=datetime(2026, 3, 10, 3, 0, tzinfo=UTC),
        delivery_from=date(2026, 3, 14),
        delivery_to=date(2026, 3, 17),
        is_moved=True,
    ),
    mails.OrderCanceled(items=_ITEMS, is_whole=True, reason="out_of_stock", amount=_AMOUNT),
    mails.ReplyReceived(
        issue="delivery", message=Quoted(_TEXT, is_cut=True), attachments=2, is_automatic=True
    ),
    mails.FilingOpened(eligible_from=_DUE, until=datetime(2026, 6, 16, 7, 0, tzinfo=UTC)),
    mails.ClaimReceived(
        claim_id="claim-1",
        items=_ITEMS,
        issue="not_received",
        reason="delivered_not_found",
        wanted="refund",
        amount=_AMOUNT,
    ),
    mails.ClaimRefused(
        claim_id="claim-1",
        why=Words("A claim can be filed from March 18, 2026.", "自2026年3月18日起可提出索赔。"),
        eligible_from=datetime(2026, 3, 18, 7, 0, tzinfo=UTC),
        until=datetime(2026, 6, 16, 7, 0, tzinfo=UTC),
        max_amount=_AMOUNT,
    ),
    mails.InformationWantedFromBuyer(
        claim_id="claim-1", questions=(Quoted("Did you ask your neighbours?"),), respond_by=_DUE
    ),
    mails.DecisionToBuyer(
        claim_id="claim-1",
        outcome="granted",
        amount=_AMOUNT,
        paid_now=_AMOUNT,
        is_automatic=True,
        rules=("C2", "C6.2", "C6.4"),
        reasons=(),
        appeal_until=None,
    ),
    mails.GrantVoidedToBuyer(claim_id="claim-1", answered_at=_DUE),
    mails.SoldShipNow(
        items=_ITEMS,
        fulfilment="seller",
        ship_method="Ground",
        expected_ship_date=date(2026, 3, 12),
        delivery_to=date(2026, 3, 17),
    ),
    mails.BuyerMessage(
        issue="delivery", message=Quoted(_TEXT), attachments=1, is_from_support=False, respond_by=_DUE
    ),
    mails.DeadlineReminder(kind="information", due_at=_DUE, claim_id="claim-1", on_silence="grant"),
    mails.ShipByWarning(confirm_by=_DUE),
    mails.AutomaticCancellation(items=_ITEMS, is_whole=True),
    mails.ClaimFiled(
        claim_id="claim-1",
        items=_ITEMS,
        issue="not_as_expected",
        reason="damaged",
        wanted="replacement",
        amount=_AMOUNT,
        respond_by=None,
    ),
    mails.InformationWantedFromSeller(
        claim_id="claim-1",
        questions=(Quoted("Where was the parcel left?"), Quoted("Who signed for it", is_cut=True)),
        respond_by=_DUE,
        on_silence="grant",
    ),
    mails.DecisionToSeller(
        claim_id="claim-1",
        outcome="granted",
        amount=_AMOUNT,
        debited=_AMOUNT,
        is_automatic=False,
        rules=(),
        reasons=(Quoted("There is no proof of delivery."),),
        appeal_until=_APPEAL,
    ),
    mails.GrantVoidedToSeller(claim_id="claim-1", answered_at=_DUE, reimbursed=_AMOUNT),
)
