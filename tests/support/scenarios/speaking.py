"""What the words of a step mean: the event or command that somebody sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contracts import accounts, carriers, catalog, checkout, claims, messaging, orders, performance
from shared.contracts.data import Command, Data
from shared.contracts.facts import Line
from shared.contracts.lists import ChargebackOutcome, MilestoneKind, ReturnAnswer
from shared.contracts.money import Money, Price
from tests.support.scenarios.cast import Purchase, address
from tests.support.scenarios.reading import Options, ScenarioError, Step

Known = Sequence[Data]
"""What was said so far, for the few steps that name something by what was said of it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One record to send: its body, key, id, and when it happened."""

    data: Data
    key: str
    event_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Saying:
    """One step, about to be said: by whom, about what, when it happens, and how it is dated."""

    step: Step
    order: Purchase
    at: datetime
    known: Known

    def option(self, name: str, default: Any = None) -> Any:
        """Return what the step says of it."""
        return self.step.options.get(name, default)

    def flag(self, name: str) -> bool:
        """Say whether the step says yes to it."""
        return bool(self.option(name, "no") == "yes")

    def names(self, option: str) -> tuple[str, ...]:
        """Read a list of names, such as of evidence."""
        return tuple(part.strip() for part in self.option(option, "").split(",") if part.strip())

    def named(self, kind: str, default: str) -> str:
        """Name a thing of the order."""
        return self.order.named(kind, self.option(kind, default))

    def lines(self) -> tuple[Line, ...]:
        """Read the lines; all of the order when none is named."""
        return self.order.lines(self.option("lines"))

    def some_lines(self) -> tuple[Line, ...]:
        """Read the lines; nothing when none is named, which commands take for all."""
        return self.order.lines(self.option("lines", ""))

    def money(self, option: str) -> Money | None:
        """Read an amount, if one is named."""
        found = self.option(option)
        return self.order.money(found) if found is not None else None

    @property
    def command(self) -> dict[str, Any]:
        """The fields of every command."""
        return {
            "order_id": self.order.order_id,
            "command_id": f"{self.order.prefix}/step-{self.step.number}",
            "at": self.at,
            "actor": self.order.actor(self.step.actor),
        }

    @property
    def claim(self) -> dict[str, Any]:
        """The fields of every command on a claim."""
        return self.command | {"claim_id": self.named("claim", "claim")}


def sent(step: Step, order: Purchase, at: datetime, known: Known) -> Sent:
    """Say a step. Raises ScenarioError for words that are not known."""
    if step.verb not in VERBS:
        raise ScenarioError(f"{step}: nobody knows how to do that; known is {', '.join(sorted(VERBS))}")
    options, say = VERBS[step.verb]
    if unknown := set(step.options) - options:
        raise ScenarioError(
            f"{step}: {', '.join(sorted(unknown))} is not known there, only {', '.join(options)}"
        )
    try:
        data = say(Saying(step, order, at, known))
    except (ValueError, KeyError, TypeError) as error:
        raise ScenarioError(f"{step}: {error}") from error
    event_id = data.command_id if isinstance(data, Command) else f"{order.prefix}/step-{step.number}"
    return Sent(data, _key(data, order), event_id, at)


def _key(data: Data, order: Purchase) -> str:
    match data:
        case carriers.Milestone():
            return data.tracking_number
        case catalog.ListingStocked() | accounts.SellerRegistered():
            return data.seller_id
        case accounts.BuyerRegistered():
            return data.buyer_id
        case accounts.PersonErased():
            return data.party_id
        case _:
            return order.order_id


# ------------------------------------------------------------------------------------------------- upstream


def _payment(kind: type[Data]) -> Callable[[Saying], Data]:
    return lambda say: kind(order_id=say.order.order_id, at=say.at)  # type: ignore[call-arg]


def _cancels_at_checkout(say: Saying) -> Data:
    return checkout.CancellationRequested(order_id=say.order.order_id, requested_at=say.at)


def _price(say: Saying) -> Price:
    paid = say.order.paid(say.order.lines(None))
    amount = say.money("amount") or paid
    return Price(amount_minor=amount.amount_minor, currency=amount.currency)


def _opens_chargeback(say: Saying) -> Data:
    return checkout.ChargebackOpened(order_id=say.order.order_id, at=say.at, amount=_price(say))


def _closes_chargeback(say: Saying) -> Data:
    outcome: ChargebackOutcome = "buyer_won" if say.option("won by") == "buyer" else "seller_won"
    return checkout.ChargebackClosed(
        order_id=say.order.order_id, at=say.at, outcome=outcome, amount=_price(say)
    )


def _stocks(say: Saying) -> Data:
    sku = say.order.wares[say.option("line", next(iter(say.order.wares)))].sku
    return catalog.ListingStocked(
        seller_id=say.order.seller_id, sku=sku, quantity=int(say.option("quantity")), at=say.at
    )


def _registers(say: Saying) -> Data:
    return registered(say.order, say.option("whom"), dict(say.step.options))


def registered(order: Purchase, who: str, options: Options) -> Data:
    """Say what upstream accounts know of a person."""
    party = order.party(who)
    known: dict[str, Any] = {
        "name": f"The {who}",
        "email": f"{party.replace('/', '.').lower()}@mail.example",
        "language": options.get("language", "en"),
        "country": options.get("country", "US"),
    }
    if "buyer" in who:
        return accounts.BuyerRegistered(buyer_id=party, **known)
    return accounts.SellerRegistered(seller_id=party, plan=options.get("plan", "professional"), **known)


def _erases(say: Saying) -> Data:
    return accounts.PersonErased(party_id=say.order.party(say.option("whom")), at=say.at)


def _scan(milestone: MilestoneKind) -> Callable[[Saying], Data]:
    def say_it(say: Saying) -> Data:
        carrier, number = _parcel(say, "parcel")
        promised = say.option("promises")
        return carriers.Milestone(
            carrier=carrier,
            tracking_number=number,
            milestone=milestone,
            occurred_at=say.at,
            promised_date=say.order.calendar.day(promised) if promised else None,
        )

    return say_it


# --------------------------------------------------------------------------------------------------- orders


def _parcel(say: Saying, default: str) -> tuple[str, str]:
    """Name a parcel's carrier and number: a valid one of its own, unless the step says another, or none."""
    carrier = say.option("carrier", "UPS")
    number = say.option("number", "valid")
    if number == "valid":
        return carrier, say.order.tracking_number(say.option("parcel", default), carrier)
    return carrier, {"none": "", "invalid": "NOT-A-NUMBER"}.get(number, number)


def _ships(say: Saying) -> Data:
    carrier, number = _parcel(say, "parcel")
    shipped = say.option("shipped")
    source = orders.FileRow(file_id="file", row=1) if say.flag("by file") else None
    return orders.ConfirmShipment(
        **say.command,
        shipment_id=say.named("parcel", "parcel"),
        carrier=carrier,
        method=say.option("method", "Ground"),
        tracking_number=number,
        shipped_at=say.order.calendar.instant(shipped, say.at) if shipped else say.at,
        label=say.option("label", "seller"),
        lines=say.some_lines(),
        source=source,
    )


def _cancels(say: Saying) -> Data:
    return orders.CancelOrder(
        **say.command, reason=say.option("because", "No more of it"), lines=say.some_lines()
    )


def _changes_address(say: Saying) -> Data:
    message_id = say.order.named("message", say.option("as asked in"))
    return orders.ChangeAddress(
        **say.command, message_id=message_id, ship_to=address(say.option("country", "US"))
    )


def _refunds(say: Saying) -> Data:
    amount = say.money("amount") or say.order.paid(say.lines())
    return orders.RefundOrder(
        **say.command, lines=say.some_lines(), amount=amount, reason=say.option("because", "Sorry")
    )


def _leaves_feedback(say: Saying) -> Data:
    return orders.LeaveFeedback(
        **say.command, rating=int(say.option("rating")), text=say.option("text", "Well.")
    )


# ------------------------------------------------------------------------------------------------ messaging


def _writes(say: Saying) -> Data:
    return messaging.SendMessage(
        **say.command,
        message_id=say.named("message", f"message-{say.step.number}"),
        contact_id=say.named("contact", "contact"),
        issue=say.option("about", "delivery").replace(" ", "_"),
        text=say.option("text", "Hello."),
        attachments=say.names("attachments"),
        automatic=say.flag("automatic"),
        response_required=not say.flag("needs no answer"),
    )


def _resolves(say: Saying) -> Data:
    return messaging.ResolveContact(**say.command, contact_id=say.named("contact", "contact"))


def _asks_to_return(say: Saying) -> Data:
    return messaging.RequestReturn(
        **say.command,
        contact_id=say.named("contact", "return"),
        lines=say.lines(),
        reason=say.option("because", "It does not work"),
        text=say.option("text", "May I send it back?"),
    )


def _answers_return(answer: ReturnAnswer) -> Callable[[Saying], Data]:
    def say_it(say: Saying) -> Data:
        return messaging.AnswerReturn(
            **say.command,
            contact_id=say.named("contact", "return"),
            answer=answer,
            return_address_country=say.option("address in"),
            prepaid_label=say.flag("prepaid label"),
            text=say.option("text", "See there."),
        )

    return say_it


def _sends_back(say: Saying) -> Data:
    carrier, number = _parcel(say, "return")
    return messaging.ShipReturn(
        **say.command, contact_id=say.named("contact", "return"), carrier=carrier, tracking_number=number
    )


def _has_it_back(say: Saying) -> Data:
    return messaging.ReceiveReturn(**say.command, contact_id=say.named("contact", "return"))


# --------------------------------------------------------------------------------------------------- claims


def _files(say: Saying) -> Data:
    reason = _code(say.option("reason"))
    is_about_delivery = reason in {None, "delivered_not_found"}
    issue = say.option("issue") or ("not_received" if is_about_delivery else "not_as_expected")
    lines = say.lines() if say.option("lines") != "none" else ()
    extra = say.money("extra charges")
    amount = say.money("amount") or say.order.paid(lines)
    return claims.FileClaim(
        **say.claim,
        lines=lines,
        issue=_code(issue),
        reason=reason,
        description=say.option("description", "It is as I say."),
        wanted=say.option("wanted", "refund"),
        amount=amount,
        extra_charges=extra,
        evidence=say.names("evidence"),
        channel="phone" if say.step.actor == "support" else "self",
    )


def _code(written: str | None) -> Any:
    return written.replace(" ", "_") if written else None


def _asks(say: Saying) -> Data:
    questions = (say.option("question", "What do you know?"),)
    return claims.RequestInformation(
        **(say.claim | {"from": say.option("whom")}), questions=() if questions == ("",) else questions
    )


def _gives_information(say: Saying) -> Data:
    return claims.ProvideInformation(
        **say.claim,
        request_id=f"{say.order.prefix}/step-{say.option('asked in step', _last_question(say))}",
        text=say.option("text", "This is what I know."),
        evidence=say.names("evidence"),
    )


def _last_question(say: Saying) -> str:
    asked = [data.request_id for data in say.known if isinstance(data, claims.InformationRequested)]
    ours = [request for request in asked if request.startswith(f"{say.order.prefix}/")]
    return ours[-1].rpartition("-")[2] if ours else "none"


def _statement(kind: type[Data]) -> Callable[[Saying], Data]:
    return lambda say: kind(
        **say.claim,
        text=say.option("text", "It was like this."),  # type: ignore[call-arg]
        evidence=say.names("evidence"),
    )


def _refunds_claim(*, return_first: bool) -> Callable[[Saying], Data]:
    return lambda say: claims.RefundClaim(**say.claim, return_first=return_first)


def _decides(outcome: Any) -> Callable[[Saying], Data]:
    def say_it(say: Saying) -> Data:
        amount = say.money("amount") if outcome == "granted" or say.option("amount") else None
        reasons = (say.option("because", "The evidence says so."),)
        return claims.DecideClaim(
            **say.claim, outcome=outcome, amount=amount, reasons=() if reasons == ("",) else reasons
        )

    return say_it


def _appeals(say: Saying) -> Data:
    return claims.AppealClaim(
        **say.claim, explanation=say.option("explanation", "There is news."), evidence=say.names("evidence")
    )


def _decides_appeal(say: Saying) -> Data:
    return claims.DecideAppeal(
        **say.claim,
        reverse_money=say.flag("the money"),
        reverse_defect=say.flag("the defect"),
        amount=say.money("amount"),
        reasons=(say.option("because", "On second sight."),),
    )


def _checks(say: Saying) -> Data:
    reason = _code(say.option("reason"))
    issue = say.option("issue") or (
        "not_received" if reason in {None, "delivered_not_found"} else "not_as_expected"
    )
    return claims.CheckEligibility(**say.command, lines=say.lines(), issue=_code(issue), reason=reason)


# ----------------------------------------------------------------------------------------------- performance


def _contests(say: Saying) -> Data:
    wanted = _code(say.option("defect"))
    counted = [
        data.defect_id
        for data in say.known
        if isinstance(data, performance.DefectCounted)
        and data.order_id == say.order.order_id
        and data.kind == wanted
    ]
    return performance.ContestDefect(
        **say.command,
        contest_id=say.named("contest", "contest"),
        defect_id=counted[-1] if counted else f"{say.order.order_id}/no-defect",
        explanation=say.option("explanation", "It was not my doing."),
        evidence=say.names("evidence"),
    )


def _decides_contest(*, accepted: bool) -> Callable[[Saying], Data]:
    return lambda say: performance.DecideContest(
        **say.command,
        contest_id=say.named("contest", "contest"),
        accepted=accepted,
        reasons=(say.option("because", "It is so."),),
    )


_SCAN = {"parcel", "carrier", "number", "promises"}
_RETURN_ANSWER = {"contact", "address in", "prepaid label", "text"}
VERBS: Mapping[str, tuple[set[str], Callable[[Saying], Data]]] = {
    "places the order again": (set(), lambda say: say.order.placed()),
    "verifies": (set(), _payment(checkout.PaymentVerified)),
    "delays": (set(), _payment(checkout.PaymentDelayed)),
    "fails": (set(), _payment(checkout.PaymentFailed)),
    "refuses the payment": (set(), _payment(checkout.PaymentRefused)),
    "finds fraud": (set(), _payment(checkout.FraudDetected)),
    "cancels at checkout": (set(), _cancels_at_checkout),
    "opens a chargeback": ({"amount"}, _opens_chargeback),
    "closes the chargeback": ({"amount", "won by"}, _closes_chargeback),
    "stocks": ({"line", "quantity"}, _stocks),
    "registers": ({"whom", "language", "country", "plan"}, _registers),
    "erases": ({"whom"}, _erases),
    "accepts": (_SCAN, _scan("accepted")),
    "moves it": (_SCAN, _scan("in_transit")),
    "has it out for delivery": (_SCAN, _scan("out_for_delivery")),
    "delivers": (_SCAN, _scan("delivered")),
    "meets an exception": (_SCAN, _scan("exception")),
    "takes it back": (_SCAN, _scan("returned")),
    "ships": (
        {"parcel", "carrier", "method", "number", "shipped", "label", "lines", "by file"},
        _ships,
    ),
    "cancels": ({"lines", "because"}, _cancels),
    "changes the address": ({"as asked in", "country"}, _changes_address),
    "refunds": ({"amount", "lines", "because"}, _refunds),
    "leaves feedback": ({"rating", "text"}, _leaves_feedback),
    "writes": (
        {"message", "contact", "about", "text", "attachments", "automatic", "needs no answer"},
        _writes,
    ),
    "resolves": ({"contact"}, _resolves),
    "asks to return": ({"contact", "lines", "because", "text"}, _asks_to_return),
    "authorises the return": (_RETURN_ANSWER, _answers_return("authorised")),
    "refunds without return": (_RETURN_ANSWER, _answers_return("refund_without_return")),
    "declines the return": (_RETURN_ANSWER, _answers_return("declined")),
    "sends it back": ({"contact", "parcel", "carrier", "number"}, _sends_back),
    "has it back": ({"contact"}, _has_it_back),
    "files a claim": (
        {
            "claim", "lines", "issue", "reason", "description", "wanted", "amount", "extra charges", "evidence",
        },
        _files,
    ),
    "withdraws the claim": ({"claim"}, lambda say: claims.WithdrawClaim(**say.claim)),
    "answers the claim": ({"claim", "text", "evidence"}, _statement(claims.AnswerClaim)),
    "refunds the claim": ({"claim"}, _refunds_claim(return_first=False)),
    "asks for it back first": ({"claim"}, _refunds_claim(return_first=True)),
    "adds evidence": ({"claim", "text", "evidence"}, _statement(claims.AddEvidence)),
    "asks": ({"claim", "whom", "question"}, _asks),
    "gives information": ({"claim", "asked in step", "text", "evidence"}, _gives_information),
    "grants": ({"claim", "amount", "because"}, _decides("granted")),
    "denies": ({"claim", "because", "amount"}, _decides("denied")),
    "refuses": ({"claim", "because", "amount"}, _decides("refused")),
    "appeals": ({"claim", "explanation", "evidence"}, _appeals),
    "decides the appeal": ({"claim", "the money", "the defect", "amount", "because"}, _decides_appeal),
    "asks if a claim is possible": ({"lines", "issue", "reason"}, _checks),
    "contests": ({"contest", "defect", "explanation", "evidence"}, _contests),
    "accepts the contest": ({"contest", "because"}, _decides_contest(accepted=True)),
    "rejects the contest": ({"contest", "because"}, _decides_contest(accepted=False)),
}  # fmt: skip
"""Every verb, with the options that it takes."""
