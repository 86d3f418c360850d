"""Mails to read, of each template and of each way in which it can read: see the golden files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from services.notifications.domain import mails
from services.notifications.domain.mails import Item, Mail, Money, Quoted, Words

_DUE = datetime(2026, 3, 14, 16, 5, 30, tzinfo=UTC)
_APPEAL = datetime(2026, 4, 18, 9, 0, tzinfo=UTC)
_ITEMS = (Item("A blue mug", 2), Item('Tea pot "Café" & <lid>', 1))
_AMOUNT = Money(2499, "USD")
_TEXT = "Where is my parcel?\nIt should have come <b>yesterday</b>."

_PLAIN: tuple[Mail, ...] = (
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
    mails.ReturnRequiredToBuyer(claim_id="claim-1", send_by=_DUE),
    mails.ClaimRefundedToBuyer(claim_id="claim-1", items=_ITEMS, amount=_AMOUNT),
    mails.AppealDecisionToBuyer(
        claim_id="claim-1",
        outcome="reversed",
        first_outcome="denied",
        reverses_money=True,
        amount=_AMOUNT,
        paid_now=_AMOUNT,
        reasons=(Quoted("The photograph is new."),),
    ),
    mails.AppealDecisionToSeller(
        claim_id="claim-1",
        outcome="reversed",
        first_outcome="granted",
        reverses_money=True,
        reverses_defect=True,
        reimbursed=_AMOUNT,
        debited=None,
        reasons=(Quoted("The photograph is new."),),
    ),
)
_NOTHING = Money(0, "USD")
_PART = Money(499, "USD")


def _of(template: str, **changes: object) -> Mail:
    """Change a sample of this template."""
    (sample,) = [mail for mail in _PLAIN if mail.template == template]
    return replace(sample, **changes)  # type: ignore[arg-type]


_RETURN = {"issue": "product", "channel": "return_requests", "items": _ITEMS, "attachments": 0}

CASES: Mapping[str, Mail] = {mail.template: mail for mail in _PLAIN} | {
    "order_confirmation.on_one_day": _of(
        "order_confirmation", delivery_from=date(2026, 3, 17), is_moved=False
    ),
    "order_canceled.by_the_seller": _of("order_canceled", reason="seller"),
    "order_canceled.in_part_for_nothing": _of(
        "order_canceled", is_whole=False, reason="claim_granted", amount=_NOTHING
    ),
    "reply_received.about_an_address": _of("reply_received", issue="address_change", message=Quoted(None)),
    "reply_received.erased": _of("reply_received", message=Quoted(None), attachments=0),
    "reply_received.return_authorised": _of(
        "reply_received",
        **_RETURN,
        answer="authorised",
        has_label=True,
        is_automatic=False,
        message=Quoted("Send it to our shop."),
    ),
    "reply_received.return_refunded": _of(
        "reply_received", **_RETURN, answer="refund_without_return", is_automatic=False, message=Quoted("")
    ),
    "reply_received.return_declined": _of(
        "reply_received",
        **_RETURN,
        answer="declined",
        is_automatic=False,
        message=Quoted("It was used for a year."),
    ),
    "filing_opened.after_a_return_request": _of("filing_opened", issue="not_as_expected"),
    "claim_refused.by_judgement": _of(
        "claim_refused",
        why=Words("An investigator sees no justification for it.", "调查员认为该索赔没有充分理由。"),
        eligible_from=None,
        until=None,
        max_amount=None,
        is_judgement=True,
        reasons=(Quoted("The photograph shows another item."),),
        appeal_until=_APPEAL,
    ),
    "decision_to_buyer.denied": _of(
        "decision_to_buyer",
        outcome="denied",
        is_automatic=False,
        reasons=(Quoted("It was signed for."),),
        appeal_until=_APPEAL,
    ),
    "decision_to_buyer.paid_in_part_before": _of("decision_to_buyer", paid_now=_PART),
    "decision_to_buyer.paid_before": _of("decision_to_buyer", paid_now=_NOTHING),
    "sold_ship_now.by_the_marketplace": _of("sold_ship_now", fulfilment="marketplace"),
    "buyer_message.from_support_without_a_deadline": _of(
        "buyer_message", is_from_support=True, respond_by=None, message=Quoted(_TEXT, is_cut=True)
    ),
    "buyer_message.about_an_address": _of("buyer_message", issue="address_change", message=Quoted(None)),
    "buyer_message.erased": _of("buyer_message", message=Quoted(None)),
    "buyer_message.return_request": _of(
        "buyer_message",
        **_RETURN,
        reason=Quoted("It is broken."),
        message=Quoted("The handle came off."),
    ),
    "deadline_reminder.response": _of("deadline_reminder", kind="response", claim_id=None, on_silence=None),
    "deadline_reminder.answer": _of("deadline_reminder", kind="answer", on_silence=None),
    "deadline_reminder.return_refund": _of("deadline_reminder", kind="return_refund", on_silence=None),
    "deadline_reminder.to_be_investigated": _of("deadline_reminder", on_silence="investigate"),
    "automatic_cancellation.in_part": _of("automatic_cancellation", is_whole=False),
    "claim_filed.to_be_answered": _of("claim_filed", respond_by=_DUE),
    "information_wanted_from_seller.to_be_investigated": _of(
        "information_wanted_from_seller", on_silence="investigate"
    ),
    "decision_to_seller.paid_by_the_marketplace": _of(
        "decision_to_seller", debited=None, is_automatic=True, rules=("C6.4",), reasons=(), appeal_until=None
    ),
    "decision_to_seller.denied": _of("decision_to_seller", outcome="denied", debited=None, appeal_until=None),
    "decision_to_seller.refused": _of(
        "decision_to_seller", outcome="refused", amount=None, debited=None, appeal_until=None
    ),
    "grant_voided_to_seller.without_a_debit": _of("grant_voided_to_seller", reimbursed=None),
    "appeal_decision_to_buyer.upheld": _of("appeal_decision_to_buyer", outcome="upheld"),
    "appeal_decision_to_buyer.refusal_reversed": _of(
        "appeal_decision_to_buyer", first_outcome="refused", paid_now=_PART
    ),
    "appeal_decision_to_buyer.grant_upheld": _of(
        "appeal_decision_to_buyer", outcome="upheld", first_outcome="granted"
    ),
    "appeal_decision_to_buyer.grant_reversed": _of("appeal_decision_to_buyer", first_outcome="granted"),
    "appeal_decision_to_buyer.defect_reversed": _of(
        "appeal_decision_to_buyer", first_outcome="granted", reverses_money=False
    ),
    "appeal_decision_to_seller.upheld": _of("appeal_decision_to_seller", outcome="upheld", reimbursed=None),
    "appeal_decision_to_seller.defect_reversed": _of(
        "appeal_decision_to_seller", reverses_money=False, reimbursed=None
    ),
    "appeal_decision_to_seller.denial_reversed": _of(
        "appeal_decision_to_seller", first_outcome="denied", reimbursed=None, debited=_AMOUNT
    ),
    "appeal_decision_to_seller.refusal_reversed_by_the_marketplace": _of(
        "appeal_decision_to_seller", first_outcome="refused", reimbursed=None
    ),
    "appeal_decision_to_seller.denial_upheld": _of(
        "appeal_decision_to_seller", outcome="upheld", first_outcome="denied", reimbursed=None
    ),
}
"""By the name of their golden files: the template, and what is particular."""

SAMPLES = tuple(CASES.values())
