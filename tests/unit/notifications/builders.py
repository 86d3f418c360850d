"""An order and what is heard of it, with good defaults."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Literal

from services.notifications.domain import decide, evolve
from services.notifications.domain.facts import (
    AppealDecided,
    ClaimAccepted,
    ClaimDenied,
    ClaimGranted,
    ClaimNotAccepted,
    ClaimRefunded,
    ContactOpened,
    Fact,
    FilingAllowed,
    GrantVoided,
    InformationRequested,
    Line,
    LinesCanceled,
    MessageSent,
    Order,
    OrderItem,
    OrderReceived,
    OrderReleased,
    ReturnAnswered,
    ReturnAsked,
    ReturnReceived,
    ReturnRequired,
)
from services.notifications.domain.mails import (
    AppealOutcome,
    Mail,
    MessageIssue,
    Money,
    OnSilence,
    Outcome,
    Quoted,
    ReturnAnswer,
    Words,
)
from services.notifications.domain.model import (
    Event,
    Heard,
    MailWanted,
    OrderState,
    Policy,
    Unheard,
)
from tests.support.given_when_then import Decided, Given, Specification

PLACED = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
ASKED = PLACED + timedelta(days=2)
DUE = ASKED + timedelta(hours=48)
REMIND = DUE - timedelta(hours=12)
LATER = PLACED + timedelta(days=9)
BUYER, SELLER = "buyer-1", "seller-1"

POLICY = Policy(remind_before=timedelta(hours=12))
SPEC: Specification[Heard, OrderState, Event, Policy] = Specification(decide, evolve, Unheard(), POLICY)
_causes = count(1)

ORDER = Order(
    order_id="order-1",
    buyer_id=BUYER,
    seller_id=SELLER,
    time_zone="America/Los_Angeles",
    policy_id="2021-en",
    placed_at=PLACED,
    fulfilment="seller",
    ship_method="Ground",
    items=(OrderItem("line-1", "A blue mug", 2), OrderItem("line-2", "A tea pot", 1)),
    delivery_to=date(2026, 3, 16),
)


def heard(what: Fact, at: datetime = ASKED, cause_id: str | None = None) -> Heard:
    return Heard(cause_id or f"event-{next(_causes)}", at, what)


def usd(amount_minor: int) -> Money:
    return Money(amount_minor, "USD")


def received(order: Order = ORDER) -> Heard:
    return heard(OrderReceived(order), PLACED)


def released(delivery_to: date = date(2026, 3, 16)) -> Heard:
    return heard(OrderReleased(date(2026, 3, 12), date(2026, 3, 14), delivery_to), PLACED)


def canceled(reason: str, *, is_whole: bool = True) -> Heard:
    lines = (Line("line-1", 2), Line("line-2", 1)) if is_whole else (Line("line-2", 1),)
    return heard(LinesCanceled(lines, is_whole, reason, usd(2499)))


def opened(contact_id: str = "contact-1", respond_by: datetime = DUE) -> Heard:
    return heard(ContactOpened(contact_id, ASKED, respond_by))


def message(
    author: Literal["buyer", "seller", "support"] = "buyer",
    *,
    contact_id: str | None = "contact-1",
    issue: MessageIssue = "delivery",
    text: str = "Where is my parcel?",
    is_automatic: bool = False,
) -> Heard:
    quotes = SELLER if author == "seller" else BUYER
    return heard(MessageSent(author, contact_id, issue, Quoted(text), 0, is_automatic, quotes=quotes))


def return_opened(contact_id: str = "contact-2") -> Heard:
    return heard(ContactOpened(contact_id, ASKED, DUE, "return_requests"))


def return_asked(author: Literal["buyer", "support"] = "buyer", contact_id: str = "contact-2") -> Heard:
    lines = (Line("line-1", 1),)
    return heard(
        ReturnAsked(author, contact_id, lines, Quoted("It is broken."), Quoted("The handle came off."), BUYER)
    )


def return_answered(answer: ReturnAnswer = "authorised") -> Heard:
    lines = (Line("line-1", 1),)
    return heard(
        ReturnAnswered(lines, answer, has_label=True, message=Quoted("Send it to our shop."), quotes=SELLER)
    )


def return_received(
    order_item_id: str = "line-1", at: datetime = ASKED, contact_id: str = "contact-2", quantity: int = 1
) -> Heard:
    return heard(ReturnReceived(contact_id, (Line(order_item_id, quantity),), at), at)


def filing(contact_id: str | None = "contact-1") -> Heard:
    return heard(FilingAllowed(LATER, LATER + timedelta(days=80), contact_id), LATER)


def claimed(
    claim_id: str = "claim-1",
    *,
    quantity: int = 1,
    respond_by: datetime | None = None,
    refund_within: timedelta = timedelta(hours=48),
) -> Heard:
    return heard(
        ClaimAccepted(
            claim_id=claim_id,
            lines=(Line("line-1", quantity),),
            issue="not_received",
            reason="delivered_not_found",
            wanted="refund",
            amount=usd(1999),
            respond_by=respond_by,
            refund_within=refund_within,
        )
    )


def return_required(at: datetime = ASKED, *, is_answered: bool = True) -> Heard:
    return heard(ReturnRequired("claim-1", LATER, is_answered=is_answered), at)


def refunded() -> Heard:
    return heard(ClaimRefunded("claim-1", (Line("line-1", 1),), usd(1999)), LATER)


def judged_refused() -> Heard:
    return heard(
        ClaimNotAccepted(
            claim_id="claim-1",
            why=Words("There is no justification.", "没有充分理由。"),
            eligible_from=None,
            until=None,
            max_amount=None,
            is_judgement=True,
            reasons=(Quoted("The photograph shows another item."),),
            appeal_until=LATER + timedelta(days=30),
        ),
        LATER,
    )


def appeal_decided(
    first_outcome: Outcome = "granted",
    outcome: AppealOutcome = "reversed",
    *,
    reimbursed: Money | None = None,
    debited: Money | None = None,
) -> Heard:
    return heard(
        AppealDecided(
            claim_id="claim-1",
            outcome=outcome,
            first_outcome=first_outcome,
            reverses_money=outcome == "reversed",
            reverses_defect=outcome == "reversed",
            amount=usd(1999),
            paid_now=usd(1999),
            reimbursed=reimbursed,
            debited=debited,
            reasons=(Quoted("The photograph is new."),),
        ),
        LATER,
    )


def claim_refused() -> Heard:
    why = Words("It is too early.", "时间太早。")
    return heard(ClaimNotAccepted("claim-1", why, LATER, None, None))


def asked(
    side: Literal["buyer", "seller"] = "seller",
    *,
    respond_by: datetime = DUE,
    on_silence: OnSilence = "grant",
) -> Heard:
    questions = (Quoted("Where was it left?"),)
    return heard(InformationRequested("claim-1", "request-1", side, questions, respond_by, on_silence))


CLAIMED = Money(1999, "USD")


def granted(*, debited: Money | None = CLAIMED) -> Heard:
    until = LATER + timedelta(days=30)
    return heard(
        ClaimGranted("claim-1", usd(1999), usd(1999), debited, True, ("C6.2",), (), until),  # noqa: FBT003
        LATER,
    )


def denied() -> Heard:
    reasons = (Quoted("It was signed for."),)
    return heard(ClaimDenied("claim-1", usd(0), False, (), reasons, LATER), LATER)  # noqa: FBT003


def voided() -> Heard:
    return heard(GrantVoided("claim-1", ASKED, usd(1999)), LATER)


def after(*what: Heard) -> Given[Heard, OrderState, Event, Policy]:
    """Give the state after these, each decided on by the domain itself."""
    state = SPEC.given()
    for each in what:
        state = state.when(each, now=each.at)
    return state


def order(*then: Heard) -> Given[Heard, OrderState, Event, Policy]:
    """Give an order that was received, and what came after that."""
    return after(received(), *then)


def mails(decided: Decided[Heard, OrderState, Event, Policy], party_id: str) -> list[Mail]:
    """List the mails that are wanted for somebody."""
    return [wanted.mail for wanted in decided.every(MailWanted) if wanted.party_id == party_id]


def templates(decided: Decided[Heard, OrderState, Event, Policy]) -> list[tuple[str, str]]:
    """List who is told what."""
    return [(wanted.party_id, wanted.mail.template) for wanted in decided.every(MailWanted)]
