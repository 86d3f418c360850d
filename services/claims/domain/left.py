"""What is left of what was paid, and what a claim still asks for (C1, C6, C8, C15).

Of a line, what was canceled, refunded, and paid by other claims is gone. What this claim itself has paid counts as
left: a voided grant may be granted again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from services.claims.domain.dossier import Refund
from services.claims.domain.money import Line, Taken, Units, merged, share_minor, taken_by
from services.claims.domain.state import Case, Claim, Closed, RefundedBySeller
from services.claims.domain.subject import Subject


def left_minor(subject: Subject) -> int:
    """Say what is left for the lines that are claimed: of what was paid for them, and of the order."""
    lines = {line.order_item_id: line for line in subject.order.lines}
    canceled = [merged(each.lines) for each in subject.dossier.cancellations if not each.by_claim]
    paying = [merged(claim.case.filing.lines) for claim in _others(subject) if _paid_minor(claim)]
    gone, taken = taken_by(lines.values(), canceled), taken_by(lines.values(), [*canceled, *paying])
    paid_out = _added(_payouts(subject))
    of_lines = sum(
        max(
            0,
            min(
                _share_minor(lines[item], taken[item], quantity),
                lines[item].paid_minor - gone[item].minor - paid_out.get(item, 0),
            ),
        )
        for item, quantity in subject.quantities.items()
        if item in lines
    )
    return max(0, min(of_lines, _left_of_order_minor(subject, paid_out)))


def _share_minor(line: Line, taken: Taken, quantity: int) -> int:
    """Say what these units are worth; units that were claimed before may be among them."""
    if taken.quantity + quantity <= line.quantity:
        return share_minor(line, taken, quantity)
    others = max(0, line.quantity - quantity)
    return line.paid_minor - line.paid_minor * others // line.quantity


def _left_of_order_minor(subject: Subject, paid_out: Mapping[str, int]) -> int:
    paid = sum(line.paid_minor for line in subject.order.lines)
    not_charged = sum(each.not_charged_minor for each in subject.dossier.cancellations)
    kept_by_bank = sum(each.kept_minor for each in subject.dossier.chargebacks)
    return paid - not_charged - kept_by_bank - sum(paid_out.values())


# ----------------------------------------------------------------------------------------------- what was paid


def _others(subject: Subject) -> Sequence[Claim]:
    return (*subject.earlier, *subject.later)


def _paid_minor(claim: Claim) -> int:
    ledger = claim.case.ledger
    return ledger.compensated_minor + ledger.refunded_minor


def _payouts(subject: Subject) -> Iterator[Mapping[str, int]]:
    """Say, by line, what each refund and each other claim paid the buyer."""
    for refund in refunds_of(subject):
        yield _by_line(subject, refund.lines, refund.amount_minor)
    for claim in _others(subject):
        yield _by_line(subject, claim.case.filing.lines, _paid_minor(claim))


def refunds_of(subject: Subject) -> Sequence[Refund]:
    """Return the refunds but those by which a claim ended: these stand in the claim's own ledger."""
    ended = {claim.case.claim_id for claim in _others(subject) if _is_refunded(claim)}
    return [refund for refund in subject.dossier.refunds if refund.claim_id not in ended]


def _is_refunded(claim: Claim) -> bool:
    return isinstance(claim.was if isinstance(claim, Closed) else claim, RefundedBySeller)


def _by_line(subject: Subject, units: Iterable[Units], amount_minor: int) -> Mapping[str, int]:
    """Spread an amount over lines as they were paid; what is more than that is for extra charges."""
    lines = {line.order_item_id: line for line in subject.order.lines}
    worth = {
        item: share_minor(lines[item], Taken(), quantity)
        for item, quantity in merged(units).items()
        if item in lines
    }
    whole = sum(worth.values())
    left = min(amount_minor, whole)
    spread = {item: left * share // whole for item, share in worth.items()} if whole else {}
    left -= sum(spread.values())
    for item, share in worth.items():  # the rest of rounding goes where there is room
        more = min(left, share - spread.get(item, 0))
        spread[item] = spread.get(item, 0) + more
        left -= more
    return spread


def _added(payouts: Iterable[Mapping[str, int]]) -> Mapping[str, int]:
    total: dict[str, int] = {}
    for payout in payouts:
        for item, amount_minor in payout.items():
            total[item] = total.get(item, 0) + amount_minor
    return total


# --------------------------------------------------------------------------------------------- what is asked for


def refunded_since_minor(subject: Subject, case: Case) -> int:
    """Say what the seller has refunded of the claimed lines since the claim was filed (C8)."""
    since = [each for each in refunds_of(subject) if each.source.at > case.filing.source.at]
    return sum(
        amount_minor
        for refund in since
        for item, amount_minor in _by_line(subject, refund.lines, refund.amount_minor).items()
        if item in subject.quantities
    )


def asked_minor(subject: Subject, case: Case) -> int:
    """Say what the claim asks for in money: all there is, where a replacement is wanted and no amount named."""
    return case.filing.amount_minor or left_minor(subject) + case.extra_minor + refunded_since_minor(
        subject, case
    )


def rest_minor(subject: Subject, case: Case) -> int:
    """Say what is left of a claim: what it asks for and was not refunded since, at most what there is (C8)."""
    asked = asked_minor(subject, case) - refunded_since_minor(subject, case)
    return max(0, min(asked, left_minor(subject) + case.extra_minor))


def refundable_minor(subject: Subject, case: Case) -> int:
    """Say what a refund in full would pay: the rest, less what a voided grant has paid already."""
    return max(0, rest_minor(subject, case) - case.ledger.compensated_minor)
