"""What comes in: which messages are for us, and what they mean for what counts."""

from __future__ import annotations

from services.performance.domain import inputs
from services.performance.domain.model import Actor, Cause, Contact, DefectKind, Order
from services.performance.domain.policy import Policies
from shared.contracts import claims, data, messaging, orders, performance, timer
from shared.contracts.data import Data, OrderCommand
from shared.contracts.envelope import Unreadable
from shared.contracts.facts import Fact
from shared.kit import ids
from shared.kit.service import Message

OWNER = "performance"
CONTACT_DUE = "contact_due"
DAY_ENDS = "day_ends"

MOVES = (
    orders.OrderReleased,
    messaging.ContactResponded,
    claims.ClaimGranted,
    claims.GrantVoided,
    claims.ClaimRefundedBySeller,
    claims.AppealReversed,
)
"""Facts that nearly always change a seller's numbers. Others do so only sometimes, and name no seller's row."""

_HEARD = (
    *MOVES,
    orders.OrderReceived,
    orders.OrderCanceled,
    orders.LinesCanceled,
    orders.FeedbackLeft,
    orders.ChargebackClosed,
    messaging.ContactOpened,
    messaging.ContactResolved,
    OrderCommand,
)


def is_heard(message: Message) -> bool:
    """Say whether it can change what counts; of deadlines, those that were set for us."""
    if isinstance(message.data, timer.DeadlineExpired):
        return message.data.owner == OWNER and message.data.kind in {CONTACT_DUE, DAY_ENDS}
    return isinstance(message.data, _HEARD)


def check(body: Data, policies: Policies) -> Unreadable | None:
    """Refuse to read an order of a marketplace that the policies do not know."""
    if not isinstance(body, orders.OrderReceived) or body.marketplace_id in policies.zones:
        return None
    return Unreadable("unknown_marketplace", "marketplace_id is none that the policies know")


def input_of(message: Message, policies: Policies) -> inputs.Input | None:
    """Read a message; None for what does not count."""
    source_id, body = message.attributes.id, message.data
    if isinstance(body, orders.OrderReceived):
        return inputs.OrderReceived(source_id, body.at, _order(body, policies))
    if isinstance(body, timer.DeadlineExpired):
        return _deadline(source_id, body)
    if isinstance(body, OrderCommand):
        return _command(source_id, body)
    if isinstance(body, messaging.ContactOpened | messaging.ContactResponded | messaging.ContactResolved):
        return _of_contact(source_id, body)
    return _of_order(source_id, body) or _of_claim(source_id, body)


def _order(body: orders.OrderReceived, policies: Policies) -> Order:
    return Order(
        order_id=body.order_id,
        marketplace_id=body.marketplace_id,
        policy_id=body.policy_id,
        seller_id=body.seller_id,
        day=policies.day(body.marketplace_id, body.placed_at),
    )


def _deadline(source_id: str, body: timer.DeadlineExpired) -> inputs.Input:
    if body.kind == CONTACT_DUE:
        return inputs.ContactDue(source_id, body.due_at, body.subject_id)
    return inputs.DayEnds(source_id, body.due_at)


def _command(source_id: str, body: OrderCommand) -> inputs.Input | None:
    actor = _actor(body.actor)
    match body:
        case performance.ContestDefect():
            return inputs.ContestDefect(source_id, body.at, actor, body.contest_id, body.defect_id)
        case performance.DecideContest():
            return inputs.DecideContest(source_id, body.at, actor, body.contest_id, body.accepted)
        case _:
            return None


def _actor(actor: data.Actor) -> Actor:
    return Actor(actor.kind, actor.id)


# ---------------------------------------------------------------------------------------------- contacts


def _of_contact(
    source_id: str, body: messaging.ContactOpened | messaging.ContactResponded | messaging.ContactResolved
) -> inputs.Input:
    match body:
        case messaging.ContactOpened():
            defect_id = _defect_id(body.order_id, "late_answer", body.contact_id)
            contact = Contact(body.contact_id, defect_id, source_id, body.policy_id, body.opened_at)
            return inputs.ContactOpened(source_id, body.at, contact)
        case messaging.ContactResponded():
            return inputs.ContactResponded(source_id, body.at, body.contact_id, body.responded_at)
        case messaging.ContactResolved():
            return inputs.ContactResolved(source_id, body.at, body.contact_id, body.resolved_at)


# ------------------------------------------------------------------------------------------------ orders


def _of_order(source_id: str, body: Data) -> inputs.Input | None:
    match body:
        case orders.OrderReleased():
            return inputs.OrderReleased(source_id, body.at)
        case orders.OrderCanceled() | orders.LinesCanceled():
            counts = body.counts_in_cancellation_rate
            cause = _cause(source_id, body, "cancellation", source_id) if counts else None
            whole = isinstance(body, orders.OrderCanceled)
            return inputs.Canceled(source_id, body.at, whole=whole, cause=cause)
        case orders.FeedbackLeft():
            cause = _cause(source_id, body, "negative_feedback", rating=body.rating)
            return inputs.CauseHeard(source_id, body.at, cause)
        case orders.ChargebackClosed(outcome="buyer_won"):
            return inputs.CauseHeard(source_id, body.at, _cause(source_id, body, "chargeback_lost"))
        case _:
            return None


def _cause(
    source_id: str,
    body: orders.Cancellation | orders.FeedbackLeft | orders.ChargebackClosed,
    kind: DefectKind,
    name: str = "",
    rating: int | None = None,
) -> Cause:
    return Cause(_defect_id(body.order_id, kind, name), kind, source_id, body.at, rating=rating)


# ------------------------------------------------------------------------------------------------ claims


def _of_claim(source_id: str, body: Data) -> inputs.Input | None:
    match body:
        case claims.ClaimGranted(funding="seller"):
            return _claimed(source_id, body, "claim_granted")
        case claims.ClaimRefundedBySeller():
            return _claimed(source_id, body, "claim_refunded")
        case claims.GrantVoided():
            return _lifted(source_id, body)
        case claims.AppealReversed(first_outcome="granted"):
            return _lifted(source_id, body) if body.reverse_defect else None
        case claims.AppealReversed(funding="seller"):
            return _claimed(source_id, body, "claim_granted")
        case _:
            return None


def _claimed(
    source_id: str,
    body: claims.ClaimGranted | claims.ClaimRefundedBySeller | claims.AppealReversed,
    kind: DefectKind,
) -> inputs.CauseHeard:
    defect_id = _defect_id(body.order_id, kind, body.claim_id)
    return inputs.CauseHeard(source_id, body.at, Cause(defect_id, kind, source_id, body.at, body.claim_id))


def _lifted(source_id: str, body: claims.GrantVoided | claims.AppealReversed) -> inputs.CauseLifted:
    defect_id = _defect_id(body.order_id, "claim_granted", body.claim_id)
    return inputs.CauseLifted(source_id, body.at, defect_id)


def _defect_id(order_id: str, kind: DefectKind, name: str) -> str:
    """Name a defect: the same whenever, and however often, it is heard of."""
    return ids.derived("defect", order_id, kind, name)


def order_id(message: Message) -> str:
    """Name the order that a message is about."""
    body = message.data
    if isinstance(body, OrderCommand | timer.DeadlineExpired) or (
        isinstance(body, Fact) and hasattr(body, "order_id")
    ):
        return str(body.order_id)
    raise TypeError(f"{message.attributes.type} is about no order")
