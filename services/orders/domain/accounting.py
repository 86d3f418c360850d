"""What an event changes in an order's account, and in what is kept of other services' facts."""

from __future__ import annotations

from typing import assert_never

from services.orders.domain.account import added, counted, in_order_currency, is_open, shares
from services.orders.domain.events import (
    AddressChanged,
    ChargebackClosed,
    ChargebackOpened,
    CompensationKept,
    ExtraChargesKept,
    FeedbackLeft,
    HeardEvent,
    HeldRefundDropped,
    LinesCanceled,
    OrderCanceled,
    RefundHeld,
    RefundRecorded,
    RequestKept,
    ReturnKept,
)
from services.orders.domain.model import (
    Account,
    Chargeback,
    ClaimMoney,
    Heard,
    HeldRefund,
    Placed,
)
from shared.values import replace

AccountEvent = (
    OrderCanceled
    | LinesCanceled
    | AddressChanged
    | RefundRecorded
    | FeedbackLeft
    | ChargebackOpened
    | ChargebackClosed
)


def account_after(placed: Placed, account: Account, event: AccountEvent) -> Account:
    """Return an order's account after an event."""
    match event:
        case OrderCanceled() | LinesCanceled():
            return _given(placed, account, event)
        case RefundRecorded():
            units = added(account.refunded_units, counted(event.lines))
            return replace(_given(placed, account, event), refunded_units=units)
        case AddressChanged():
            return replace(account, addresses=(*account.addresses, event.message_id))
        case FeedbackLeft():
            return replace(account, rated_at=event.at)
        case ChargebackOpened():
            opened = Chargeback(event.at, in_order_currency(event.amount, placed))
            return replace(account, chargebacks=(*account.chargebacks, opened))
        case ChargebackClosed():
            return _closed(placed, account, event)
        case _:
            assert_never(event)


def _given(
    placed: Placed, account: Account, event: OrderCanceled | LinesCanceled | RefundRecorded
) -> Account:
    given = shares(placed, event.lines, event.amount.amount_minor)
    return replace(account, given=added(account.given, given))


def _closed(placed: Placed, account: Account, event: ChargebackClosed) -> Account:
    """Close the oldest chargeback that was open by then; or keep in mind an end whose opening is yet to be read."""
    closed = next(
        (one for one in account.chargebacks if is_open(one) and one.opened_at and one.opened_at <= event.at),
        None,
    )
    if closed is None:
        chargebacks = (*account.chargebacks, Chargeback(None, 0, event.at))
    else:
        ended = replace(closed, closed_at=event.at)
        chargebacks = tuple(ended if one is closed else one for one in account.chargebacks)
    lost = in_order_currency(event.amount, placed) if event.outcome == "buyer_won" else 0
    return replace(account, chargebacks=chargebacks, lost_minor=account.lost_minor + lost)


def heard_after(heard: Heard, event: HeardEvent | OrderCanceled | LinesCanceled | RefundRecorded) -> Heard:
    """Return what is kept of other services' facts, and of what follows from them, after an event."""
    match event:
        case RequestKept():
            return replace(heard, requests=(*heard.requests, event.message_id))
        case ReturnKept():
            return replace(heard, returned=heard.returned | {event.contact_id: event.lines})
        case OrderCanceled() | LinesCanceled():
            applied = () if event.claim_id is None else (event.claim_id,)
            return replace(heard, claims_applied=(*heard.claims_applied, *applied))
        case RefundRecorded() | RefundHeld() | HeldRefundDropped():
            return _refund(heard, event)
        case ExtraChargesKept() | CompensationKept():
            return _of_claim(heard, event)
        case _:
            assert_never(event)


def _refund(heard: Heard, event: RefundRecorded | RefundHeld | HeldRefundDropped) -> Heard:
    match event:
        case RefundRecorded():
            return _refunded(heard, event)
        case RefundHeld():
            refunds = (*heard.refunds, event.held.refund_key)
            return replace(heard, refunds=refunds, held=(*heard.held, event.held))
        case HeldRefundDropped():
            return replace(heard, held=_without(heard.held, event.refund_key))


def _refunded(heard: Heard, event: RefundRecorded) -> Heard:
    claims = heard.claims
    if event.claim_id is not None:
        claims = _paid(claims, event.claim_id, event.amount.amount_minor)
    refunds = heard.refunds if event.refund_key in heard.refunds else (*heard.refunds, event.refund_key)
    return replace(heard, refunds=refunds, claims=claims, held=_without(heard.held, event.refund_key))


def _without(held: tuple[HeldRefund, ...], refund_key: str) -> tuple[HeldRefund, ...]:
    return tuple(one for one in held if one.refund_key != refund_key)


def _of_claim(heard: Heard, event: ExtraChargesKept | CompensationKept) -> Heard:
    match event:
        case ExtraChargesKept():
            known = heard.claims.get(event.claim_id, ClaimMoney())
            claim = replace(known, extra_minor=event.amount_minor)
            return replace(heard, claims=heard.claims | {event.claim_id: claim})
        case CompensationKept():
            return replace(
                heard,
                compensated=added(heard.compensated, event.by_item),
                compensations=(*heard.compensations, event.compensation_id),
                claims=_paid(heard.claims, event.claim_id, event.amount_minor),
            )


def _paid(claims: dict[str, ClaimMoney], claim_id: str, amount_minor: int) -> dict[str, ClaimMoney]:
    known = claims.get(claim_id, ClaimMoney())
    return claims | {claim_id: replace(known, paid_minor=known.paid_minor + amount_minor)}
