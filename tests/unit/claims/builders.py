"""An order, what is heard of it, and the claims on it, with good defaults.

The order is placed in `us` on 1 March 2021, to be shipped by the 3rd and delivered by the 10th at the latest; the
buyer writes on the 9th at noon. So a claim may be filed from 14 March, 00:00 in Los Angeles, which is the night in
which summer time begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, TypeAlias

from services.claims.domain.decide import decide
from services.claims.domain.events import (
    AppealReversed,
    AppealUpheld,
    ClaimDenied,
    ClaimGranted,
    ClaimRefused,
    Event,
    GrantVoided,
    RefusedByJudgement,
    TimerSet,
)
from services.claims.domain.evolve import evolve
from services.claims.domain.explanation import Explanation
from services.claims.domain.inputs import (
    Actor,
    AddEvidence,
    AnswerClaim,
    AppealClaim,
    Channel,
    ChargebackClosed,
    ChargebackOpened,
    ChargebackOutcome,
    CheckEligibility,
    ContactOpened,
    ContactResolved,
    ContactResponded,
    DeadlineExpired,
    DecideAppeal,
    DecideClaim,
    FileClaim,
    Fulfilment,
    Input,
    Issue,
    Label,
    LinesCanceled,
    OrderReceived,
    OrderReleased,
    PromiseChanged,
    ProvideInformation,
    Reason,
    RefundClaim,
    RefundRecorded,
    RequestInformation,
    ReturnAnswer,
    ReturnAnswered,
    ReturnReceived,
    ReturnShipped,
    ShipmentConfirmed,
    ShipmentDelivered,
    Side,
    Source,
    TimerKind,
    Verdict,
    Wanted,
    WithdrawClaim,
)
from services.claims.domain.judging import Desk
from services.claims.domain.money import Line, Money, Units
from services.claims.domain.outcome import Outcome, redecide
from services.claims.domain.policy import OnSilence, Policies, Policy
from services.claims.domain.state import OrderState
from tests.support.given_when_then import Decided, Given, Specification

INSTANT = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

PLACED = datetime(2021, 3, 1, 17, 0, tzinfo=UTC)
RELEASED = PLACED + timedelta(minutes=30)
SHIP_DATE = date(2021, 3, 3)
SHIP_BY = datetime(2021, 3, 4, 8, 0, tzinfo=UTC)
"""The end of the expected ship date in Los Angeles."""
EDD = date(2021, 3, 10)
DELIVER_BY = datetime(2021, 3, 11, 8, 0, tzinfo=UTC)
SHIPPED = datetime(2021, 3, 2, 18, 0, tzinfo=UTC)
WROTE = datetime(2021, 3, 9, 20, 0, tzinfo=UTC)
ANSWER_BY = WROTE + timedelta(hours=48)
ELIGIBLE = datetime(2021, 3, 14, 8, 0, tzinfo=UTC)
"""14 March, 00:00 in Los Angeles: still winter time, two hours before summer time begins."""
UNTIL = datetime(2021, 6, 9, 7, 0, tzinfo=UTC)
"""The end of 8 June in Los Angeles, ninety days after the maximum EDD; summer time."""
FILED = ELIGIBLE + 2 * HOUR
WINDOW = timedelta(hours=48)
APPEAL = timedelta(days=30)

PRICE = 1999
SHIPPING = 499
TAX = 200
PAID = PRICE + SHIPPING + TAX

BUYER = Actor("buyer", "buyer-1")
SELLER = Actor("seller", "seller-1")
SUPPORT = Actor("support", "support-1")
INVESTIGATOR = Actor("investigator", "investigator-1")
SECOND = Actor("investigator", "investigator-2")

POLICY = Policy(
    policy_id="2021-en",
    ahead=timedelta(minutes=1),
    filing_wait_days=3,
    filing_window_days=90,
    grounds=frozenset({"C6.1", "C6.2", "C6.3", "C6.4", "C6.5"}),
    information_window=WINDOW,
    on_silence="grant",
    appeal_window=APPEAL,
    answer_window=None,
    return_window_days=30,
    return_send=timedelta(days=14),
    return_refund=timedelta(hours=48),
)
ZONES = {"us": "America/Los_Angeles", "cn": "Asia/Shanghai", "jp": "Asia/Tokyo", "br": "America/Sao_Paulo"}


def policies(
    *,
    on_silence: OnSilence = "grant",
    without: frozenset[str] = frozenset(),
    answer_window: timedelta | None = None,
    information_window: timedelta = WINDOW,
) -> Policies:
    changed = replace(
        POLICY,
        on_silence=on_silence,
        grounds=POLICY.grounds - without,
        answer_window=answer_window,
        information_window=information_window,
    )
    return Policies({changed.policy_id: changed}, ZONES, lambda _marketplace, _at: changed.policy_id)


POLICIES = policies()
CLASSIC = policies(without=frozenset({"C6.2"}), answer_window=timedelta(days=7))


def decide_twice(
    command: Input, state: OrderState | None, /, *, now: datetime, policy: Policies
) -> Sequence[Event]:
    """Decide, and decide once more from each explanation and its policy alone: the same comes out (C14)."""
    events = decide(command, state, now=now, policy=policy)
    for event in events:
        match event:
            case ClaimGranted(amount=amount, funding=funding, automatic=automatic):
                expected = Outcome("granted", None, amount.amount_minor, funding, automatic)
            case AppealReversed(amount=amount, funding=funding):
                expected = Outcome("reversed", None, amount.amount_minor, funding, automatic=False)
            case AppealUpheld(amount=amount):
                expected = Outcome("upheld", None, amount.amount_minor, automatic=False)
            case RefusedByJudgement(judgement=judgement):
                expected = Outcome("refused", judgement, automatic=False)
            case ClaimDenied():
                expected = Outcome("denied", automatic=False)
            case GrantVoided():
                expected = Outcome("voided")
            case ClaimRefused(refusal=refusal) if refusal.rule != "E1":
                expected = Outcome("refused", refusal.reason)
            case _:
                continue
        told = without_verdicts(event.explanation)
        assert redecide(told, policy.of(event.policy_id or "")) == expected
    return events


def without_verdicts(explanation: Explanation) -> Explanation:
    """Forget which rules held, so that nobody can copy it."""
    return tuple(finding._replace(holds=False) for finding in explanation)


SPEC: Specification[Input, OrderState | None, Event, Policies] = Specification(
    decide_twice, evolve, None, POLICIES
)
Story: TypeAlias = Given[Input, OrderState | None, Event, Policies]
Told: TypeAlias = Decided[Input, OrderState | None, Event, Policies]
_ids = count(1)


def source(at: datetime, name: str = "fact") -> Source:
    return Source(f"{name}-{next(_ids)}", at)


# -------------------------------------------------------------------------------------------------- orders


def line(item: str = "item-1", quantity: int = 1, paid_minor: int = PAID) -> Line:
    return Line(item, quantity, paid_minor)


def received(
    *lines: Line,
    marketplace_id: str = "us",
    fulfilment: Fulfilment = "seller",
    currency: str = "USD",
    ship_date: date = SHIP_DATE,
    edd: date = EDD,
) -> OrderReceived:
    return OrderReceived(
        source=source(PLACED, "order-received"),
        order_id="order-1",
        marketplace_id=marketplace_id,
        buyer_id=BUYER.id,
        seller_id=SELLER.id,
        fulfilment=fulfilment,
        currency=currency,
        lines=lines or (line(),),
        expected_ship_date=ship_date,
        edd=edd,
    )


def released(*, at: datetime = RELEASED, ship_date: date = SHIP_DATE, edd: date = EDD) -> OrderReleased:
    return OrderReleased(source(at, "order-released"), ship_date, edd)


def canceled(
    *units: Units, not_charged: int, at: datetime = RELEASED + DAY, by_claim: bool = False
) -> LinesCanceled:
    return LinesCanceled(source(at, "lines-canceled"), units or (Units("item-1", 1),), not_charged, by_claim)


def shipped(
    *units: Units,
    at: datetime = SHIPPED,
    shipment_id: str = "shipment-1",
    label: Label = "seller",
    trackable: bool = True,
    tracking_valid: bool = True,
) -> ShipmentConfirmed:
    return ShipmentConfirmed(
        source=source(at, "shipment-confirmed"),
        shipment_id=shipment_id,
        lines=units or (Units("item-1", 1),),
        shipped_at=at,
        label=label,
        trackable=trackable,
        tracking_valid=tracking_valid,
    )


def promised(day: date, *, at: datetime = SHIPPED + DAY, shipment_id: str = "shipment-1") -> PromiseChanged:
    return PromiseChanged(source(at, "promise-changed"), shipment_id, day)


def delivered(*, at: datetime = WROTE - HOUR, shipment_id: str = "shipment-1") -> ShipmentDelivered:
    return ShipmentDelivered(source(at, "shipment-delivered"), shipment_id, at)


# ------------------------------------------------------------------------------------------------ messages


def wrote(
    *,
    at: datetime = WROTE,
    contact_id: str = "contact-1",
    channel: Channel = "buyer_seller_messages",
    about: str = "delivery",
    window: timedelta = WINDOW,
) -> ContactOpened:
    return ContactOpened(
        source=source(at, "contact-opened"),
        contact_id=contact_id,
        channel=channel,
        about=about,
        opened_at=at,
        respond_by=at + window,
        settle_by=at + WINDOW,
        policy_id="2021-en",
    )


def answered(*, at: datetime = WROTE + HOUR, contact_id: str = "contact-1") -> ContactResponded:
    return ContactResponded(source(at, "contact-responded"), contact_id, at)


def resolved(*, at: datetime, contact_id: str = "contact-1") -> ContactResolved:
    return ContactResolved(source(at, "contact-resolved"), contact_id, at)


# ------------------------------------------------------------------------------------------------ commands


def file_claim(
    *units: Units,
    at: datetime = FILED,
    actor: Actor = BUYER,
    claim_id: str = "claim-1",
    issue: Issue = "not_received",
    reason: Reason | None = None,
    description: str = "A blue kettle.",
    wanted: Wanted = "refund",
    amount: int = PAID,
    currency: str = "USD",
    extra: Money | None = None,
    evidence: tuple[str, ...] = (),
) -> FileClaim:
    return FileClaim(
        command_id=f"file-{next(_ids)}",
        at=at,
        actor=actor,
        claim_id=claim_id,
        lines=units or (Units("item-1", 1),),
        issue=issue,
        reason=reason,
        description=description,
        wanted=wanted,
        amount=Money(amount, currency),
        extra_charges=extra,
        evidence=evidence,
        channel="phone" if actor.kind == "support" else "self",
    )


def ask(
    side: Side = "seller",
    *,
    at: datetime = FILED + DAY,
    actor: Actor = INVESTIGATOR,
    request_id: str = "ask-1",
    claim_id: str = "claim-1",
    questions: tuple[str, ...] = ("Where did the carrier leave it?",),
) -> RequestInformation:
    return RequestInformation(request_id, at, actor, claim_id, side, questions)


def provide(
    *,
    at: datetime,
    actor: Actor = SELLER,
    request_id: str = "ask-1",
    claim_id: str = "claim-1",
    command_id: str | None = None,
) -> ProvideInformation:
    name = command_id or f"provide-{next(_ids)}"
    return ProvideInformation(name, at, actor, claim_id, request_id, "At the porch.", ())


def rule(
    verdict: Verdict,
    amount: int | None = None,
    *,
    at: datetime = FILED + DAY,
    actor: Actor = INVESTIGATOR,
    claim_id: str = "claim-1",
    currency: str = "USD",
    reasons: tuple[str, ...] = ("The scan is of another town.",),
) -> DecideClaim:
    money = None if amount is None else Money(amount, currency)
    return DecideClaim(f"decide-{next(_ids)}", at, actor, claim_id, verdict, money, reasons)


def withdraw(*, at: datetime = FILED + DAY, actor: Actor = BUYER, claim_id: str = "claim-1") -> WithdrawClaim:
    return WithdrawClaim(f"withdraw-{next(_ids)}", at, actor, claim_id)


def answer(
    *,
    at: datetime = FILED + DAY,
    actor: Actor = SELLER,
    claim_id: str = "claim-1",
    text: str = "It was handed over.",
    evidence: tuple[str, ...] = (),
) -> AnswerClaim:
    return AnswerClaim(f"answer-{next(_ids)}", at, actor, claim_id, text, evidence)


def refund(
    *,
    at: datetime = FILED + DAY,
    actor: Actor = SELLER,
    claim_id: str = "claim-1",
    return_first: bool = False,
) -> RefundClaim:
    return RefundClaim(f"refund-{next(_ids)}", at, actor, claim_id, return_first)


def add(
    *,
    at: datetime = FILED + DAY,
    actor: Actor = BUYER,
    claim_id: str = "claim-1",
    text: str = "",
    evidence: tuple[str, ...] = ("photo-1",),
) -> AddEvidence:
    return AddEvidence(f"add-{next(_ids)}", at, actor, claim_id, text, evidence)


def appeal(
    *,
    at: datetime = FILED + 2 * DAY,
    actor: Actor = SELLER,
    claim_id: str = "claim-1",
    explanation: str = "The carrier has found it.",
) -> AppealClaim:
    return AppealClaim(f"appeal-{next(_ids)}", at, actor, claim_id, explanation, ("scan-1",))


def review(
    *,
    money: bool = False,
    defect: bool = False,
    amount: int | None = None,
    at: datetime = FILED + 3 * DAY,
    actor: Actor = SECOND,
    claim_id: str = "claim-1",
    reasons: tuple[str, ...] = ("The carrier says so.",),
) -> DecideAppeal:
    granted = None if amount is None else Money(amount, "USD")
    return DecideAppeal(f"review-{next(_ids)}", at, actor, claim_id, money, defect, granted, reasons)


def check(
    *units: Units,
    at: datetime = FILED,
    actor: Actor = BUYER,
    issue: Issue = "not_received",
    reason: Reason | None = None,
) -> CheckEligibility:
    lines = units or (Units("item-1", 1),)
    return CheckEligibility(f"check-{next(_ids)}", at, actor, lines, issue, reason)


def deadline(kind: TimerKind, subject_id: str, due_at: datetime) -> DeadlineExpired:
    return DeadlineExpired(kind, subject_id, due_at)


# ------------------------------------------------------------ what was paid back, and what was sent back


def refunded(
    amount: int, *units: Units, at: datetime = FILED + DAY, claim_id: str | None = None
) -> RefundRecorded:
    said = source(at, "refund-recorded")
    return RefundRecorded(said, said.id, units or (Units("item-1", 1),), amount, claim_id)


def charged_back(*, at: datetime = FILED + DAY) -> ChargebackOpened:
    return ChargebackOpened(source(at, "chargeback-opened"))


def bank_decided(
    outcome: ChargebackOutcome, amount: int = PAID, *, at: datetime = FILED + 5 * DAY
) -> ChargebackClosed:
    return ChargebackClosed(source(at, "chargeback-closed"), outcome, amount)


def asked_to_return(*, at: datetime = WROTE) -> ContactOpened:
    return wrote(at=at, contact_id="return-1", channel="return_requests", about="product")


def return_answered(
    answer: ReturnAnswer = "authorised", *units: Units, at: datetime = WROTE + HOUR
) -> ReturnAnswered:
    lines = units or (Units("item-1", 1),)
    return ReturnAnswered(source(at, "return-answered"), "return-1", lines, answer, at)


def sent_back(*units: Units, at: datetime) -> ReturnShipped:
    return ReturnShipped(source(at, "return-shipped"), "return-1", units or (Units("item-1", 1),), at)


def came_back(*units: Units, at: datetime) -> ReturnReceived:
    return ReturnReceived(source(at, "return-received"), "return-1", units or (Units("item-1", 1),), at)


# ------------------------------------------------------------------------------------------------- stories


def _time_of(each: Input) -> datetime:
    if isinstance(each, DeadlineExpired):
        return each.due_at
    at = getattr(each, "at", None)
    return at if isinstance(at, datetime) else each.source.at  # type: ignore[union-attr]


def tell(story: Story, *inputs: Input) -> Story:
    """Let these come in, each at its own time."""
    for each in inputs:
        story = story.when(each, now=_time_of(each))
    return story


def after(*inputs: Input, policy: Policies = POLICIES) -> Story:
    """Give the state after these inputs, each read at its own time."""
    return tell(replace(SPEC, policy=policy).given(), *inputs)


def contacted(*inputs: Input, policy: Policies = POLICIES) -> Story:
    """Give an order that was shipped in time and about which the buyer wrote, then what came after that."""
    return after(received(), released(), shipped(), wrote(), *inputs, policy=policy)


def missing_parcel(*inputs: Input, policy: Policies = POLICIES) -> Story:
    """Give an order that was delivered by its scan, that the buyer did not find, and that the seller answered."""
    return after(received(), released(), shipped(), delivered(), wrote(), answered(), *inputs, policy=policy)


def not_found(*, at: datetime = FILED, amount: int = PAID, claim_id: str = "claim-1") -> FileClaim:
    """Give the claim of a buyer who did not find what was delivered."""
    return file_claim(at=at, amount=amount, claim_id=claim_id, reason="delivered_not_found")


def under_investigation(*inputs: Input, policy: Policies = POLICIES) -> Story:
    """Give a claim that no ground grants, and what came after its filing."""
    return missing_parcel(not_found(), *inputs, policy=policy)


def damaged(*, at: datetime = FILED, amount: int = PAID, **changes: Any) -> FileClaim:
    """Give the claim of a buyer who got something broken."""
    form: dict[str, Any] = {"issue": "not_as_expected", "reason": "damaged"} | changes
    return file_claim(at=at, amount=amount, **form)


def broken(*inputs: Input, policy: Policies = POLICIES) -> Story:
    """Give an order that came broken, whose buyer asked to return it, and whose seller allowed that."""
    return after(
        received(),
        released(),
        shipped(),
        delivered(),
        asked_to_return(),
        answered(contact_id="return-1"),
        return_answered(),
        *inputs,
        policy=policy,
    )


def desk(story: Story, now: datetime) -> Desk:
    """Give what a decision at this time looks at."""
    assert story.state is not None
    assert story.state.dossier.order is not None
    return Desk(story.state, story.state.dossier.order, story.spec.policy, now)


def timers(events: Sequence[Event]) -> list[tuple[str, datetime]]:
    """Give the deadlines that were set."""
    return [(event.kind, event.due_at) for event in events if isinstance(event, TimerSet)]
