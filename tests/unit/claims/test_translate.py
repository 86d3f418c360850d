"""Between the contracts and the domain: what claims reads, says and answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, get_args

import pytest

from services.claims.domain import inputs
from services.claims.domain.outcome import redecide
from services.claims.domain.state import Closed
from services.claims.store import LateAnswer
from services.claims.translate.explained import explanation_of, said_of
from services.claims.translate.policies import policies_of
from shared.contracts import claims, finance, lists, messaging, orders, timer
from shared.contracts.data import Data
from shared.contracts.envelope import Unreadable
from shared.contracts.examples import example
from shared.contracts.facts import Deadline, StateFact
from shared.contracts.messages import BY_TOPIC
from shared.contracts.money import Money, Price
from shared.contracts.topics import CLAIMS_EVENTS, FINANCE_DEBITS, RECORD_BYTES_MAX, TIMER_COMMANDS, read_by
from shared.kit.service import NOTHING, Key, Message, Place
from shared.kit.states import body_from_json, body_to_json
from tests.unit.claims.builders import (
    ANSWER_BY,
    APPEAL,
    DAY,
    ELIGIBLE,
    FILED,
    HOUR,
    PAID,
    UNTIL,
    WINDOW,
    WROTE,
)
from tests.unit.claims.messages import (
    CATALOGUE,
    LINE,
    SERVICE,
    Played,
    answered,
    ask,
    back,
    broken,
    contacted,
    damaged,
    deadline,
    delivered,
    file_claim,
    missing_parcel,
    not_found,
    play,
    promised,
    provide,
    received,
    released,
    review,
    rule,
    say,
    shipped,
    told,
    wrote,
)

POLICIES = policies_of(CATALOGUE)
PAID_OUT = Money(amount_minor=PAID, currency="USD")
DUE = FILED + WINDOW


def test_a_grant_is_a_fact_a_debit_a_compensation_and_a_timer() -> None:
    played = contacted(file_claim())
    filed, granted, debited, compensated, scheduled = played.last()
    assert isinstance(filed, claims.ClaimFiled)
    assert isinstance(granted, claims.ClaimGranted)
    assert isinstance(debited, finance.SellerDebited)
    assert isinstance(compensated, finance.BuyerCompensated)
    assert isinstance(scheduled, timer.Schedule)
    assert (filed.at, filed.policy_id, filed.order_id) == (FILED, "2021-en", "order-1")
    assert (granted.amount, granted.funding, granted.appeal_until) == (PAID_OUT, "seller", FILED + APPEAL)
    assert granted.debit_id == debited.debit_id == compensated.debit_id
    assert granted.compensation_id == compensated.compensation_id
    assert debited.rules == ("C6.2", "C6.4")
    assert [(each.topic, each.key) for each in played.outcome.out] == [
        (CLAIMS_EVENTS, "order-1"),
        (CLAIMS_EVENTS, "order-1"),
        (FINANCE_DEBITS, "seller-1"),
        (FINANCE_DEBITS, "seller-1"),
        (TIMER_COMMANDS, "order-1"),
    ]


def test_every_claim_fact_says_what_may_be_done_and_what_will_come() -> None:
    asked = missing_parcel(not_found(), ask(FILED)).the(claims.InformationRequested)
    assert "provide_information" in asked.actions["seller"]
    assert asked.deadlines == (Deadline(kind="information_due", due_at=DUE, then="claims.claim_granted.v1"),)
    for each in asked.deadlines:
        assert each.then in BY_TOPIC[CLAIMS_EVENTS]


def test_the_ids_of_money_are_the_same_whenever_it_is_decided_again() -> None:
    assert contacted(file_claim()).the(finance.SellerDebited).debit_id == (
        contacted(file_claim()).the(finance.SellerDebited).debit_id
    )


def test_the_ids_of_another_claim_or_order_or_grant_are_others() -> None:
    first = contacted(file_claim())
    ids = {
        first.the(finance.SellerDebited).debit_id,
        first.the(finance.BuyerCompensated).compensation_id,
        contacted(file_claim(claim_id="claim-2")).the(finance.SellerDebited).debit_id,
    }
    voided = contacted(delivered(WROTE), not_found()).hear(answered(ANSWER_BY), now=FILED)
    ids.add(voided.the(finance.SellerReimbursed).reimbursement_id)
    again = voided.hear(rule("granted", FILED), now=FILED)
    ids.add(again.the(finance.SellerDebited).debit_id)
    assert len(ids) == 5


def test_a_void_reimburses_the_debit_that_it_names() -> None:
    played = contacted(delivered(WROTE), not_found())
    debit_id = played.the(finance.SellerDebited).debit_id
    played.hear(answered(ANSWER_BY), now=FILED + HOUR)
    voided, reimbursed = played.the(claims.GrantVoided), played.the(finance.SellerReimbursed)
    assert voided.debit_id == reimbursed.debit_id == debit_id
    assert voided.reimbursement_id == reimbursed.reimbursement_id
    assert (voided.amount, voided.answered_at) == (PAID_OUT, ANSWER_BY)
    scheduled = contacted(delivered(WROTE), not_found()).the(timer.Schedule)
    assert played.the(timer.Cancel).timer_id == scheduled.timer_id


def test_what_the_marketplace_pays_cannot_be_appealed_and_has_no_debit() -> None:
    played = play(received(fulfilment="marketplace"), released(), shipped(), wrote(), file_claim())
    granted = played.the(claims.ClaimGranted)
    assert (granted.funding, granted.appeal_until, granted.debit_id) == ("marketplace", None, None)
    assert [each.kind for each in granted.deadlines] == ["appeal_end"]
    assert played.the(finance.BuyerCompensated).debit_id is None
    assert FINANCE_DEBITS not in {
        each.topic for each in played.outcome.out if isinstance(each.data, finance.SellerDebited)
    }


def test_a_refused_filing_is_answered_with_what_would_help() -> None:
    refused = contacted(file_claim(at=ELIGIBLE - HOUR)).the(claims.ClaimRefused)
    assert (refused.rule, refused.reason, refused.eligible_from, refused.until) == (
        "C2",
        "too_early",
        ELIGIBLE,
        UNTIL,
    )
    assert refused.message.en.startswith("It is too early to file this claim.")
    assert refused.deadlines == ()
    assert refused.actions is not None
    assert refused.actions["buyer"] == ("check_eligibility", "file_claim")


def test_an_incomplete_form_is_answered_with_the_names_of_what_is_missing() -> None:
    refused = contacted(file_claim(description=" ", lines=())).the(claims.ClaimRefused)
    assert (refused.reason, refused.missing) == ("incomplete_form", ("lines", "description"))


def test_a_refused_command_names_its_claim_and_request() -> None:
    refused = missing_parcel(not_found(), ask(FILED), provide(FILED, "buyer")).the(claims.CommandRefused)
    assert (refused.reason, refused.claim_id, refused.request_id) == ("not_permitted", "claim-1", "ask-1")
    assert refused.actions is not None
    assert "seller" in refused.actions


def test_too_much_money_is_refused_with_the_most_that_there_is() -> None:
    amount = Money(amount_minor=10**15, currency="USD")
    assert contacted(file_claim(amount=amount)).the(claims.ClaimRefused).max_amount == PAID_OUT


@pytest.mark.parametrize("command", [file_claim(), ask(FILED), provide(FILED), rule("granted", FILED)])
def test_a_command_on_an_order_that_never_came_is_refused_without_a_number(command: Data) -> None:
    assert SERVICE.refuse_unknown is not None
    message = Message(Place(command.TOPIC, 0, 0), example(type(command)).attributes, command)
    said = SERVICE.refuse_unknown(message, FILED)
    assert not said.sequenced
    assert isinstance(said.data, claims.ClaimRefused | claims.CommandRefused)
    assert (said.data.reason, said.data.claim_id) == ("unknown_order", "claim-1")
    assert isinstance(said.data, claims.ClaimRefused) == isinstance(command, claims.FileClaim)


def test_an_order_is_known_once_it_was_received_not_when_a_message_was_heard_of() -> None:
    assert not SERVICE.is_known(None)
    assert not SERVICE.is_known(play(wrote()).state)
    assert SERVICE.is_known(play(wrote(), received()).state)


def test_what_is_heard_before_the_order_counts_when_the_order_comes() -> None:
    played = play(wrote(), received(), released(), shipped(), file_claim())
    assert played.the(claims.ClaimGranted).automatic


def test_a_command_whose_facts_do_not_fit_into_a_record_is_refused() -> None:
    # What was 1 MiB on its way in is larger when the fact adds its own fields.
    evidence = tuple(f"{number:04}" + "\u0001" * 190 for number in range(1000))
    refused = contacted(file_claim(evidence=evidence)).the(claims.ClaimRefused)
    assert (refused.rule, refused.reason) == ("E1", "too_large")
    assert len(refused.to_json()) < RECORD_BYTES_MAX
    questions = ("\u0001" * 20_000,) * 9
    played = missing_parcel(not_found(), ask(FILED, questions=questions))
    assert played.the(claims.CommandRefused).reason == "too_large"


def test_deadlines_of_others_and_of_kinds_that_are_not_ours_are_passed_over() -> None:
    of_others = deadline("response_due", "contact-1", ANSWER_BY, owner="messaging")
    message = Message(Place(of_others.TOPIC, 0, 0), example(timer.DeadlineExpired).attributes, of_others)
    assert not SERVICE.concerns(message)
    assert contacted(deadline("response_due", "contact-1", ANSWER_BY)).outcome == NOTHING


def test_an_order_of_an_unknown_marketplace_cannot_be_read() -> None:
    unread = SERVICE.check(received(marketplace_id="atlantis"))
    assert isinstance(unread, Unreadable)
    assert unread.rule == "unknown_marketplace"
    assert SERVICE.check(received()) is None
    assert SERVICE.check(file_claim()) is None


def test_an_answer_that_came_after_the_end_is_kept_for_an_operator() -> None:
    played = contacted(delivered(WROTE), not_found())
    closes_at = FILED + APPEAL
    played.hear(deadline("appeal_end", "claim-1", closes_at), now=closes_at)
    assert played.the(claims.ClaimClosed).outcome == "granted"
    played.hear(answered(ANSWER_BY), now=closes_at + DAY)
    (seen,) = played.outcome.effects
    assert isinstance(seen, LateAnswer)
    assert (seen.order_id, seen.claim_id, seen.answered_at) == ("order-1", "claim-1", ANSWER_BY)
    assert played.last() == []


def test_everything_that_claims_subscribes_to_can_be_handled() -> None:
    """Every message of every topic, as its golden example: none is an error, whatever the state."""
    for topic in read_by("claims"):
        for message in BY_TOPIC[topic.name].values():
            if topic.name.startswith(("operations", "accounts")):
                continue  # the kit's own
            data = example(message).data.model_copy(update={"order_id": "order-1"})
            for played in (Played(), contacted(file_claim())):
                played.hear(data, now=FILED)


def test_kinds_of_timers_and_reasons_are_those_of_the_contracts() -> None:
    assert set(get_args(inputs.TimerKind)) <= set(lists.TIMER_KINDS)
    assert set(get_args(inputs.Reason)) == set(lists.CLAIM_REASONS)


def test_a_policy_is_filled_in_from_its_file() -> None:
    policy = POLICIES.of("2021-en")
    assert (policy.filing_wait_days, policy.filing_window_days, policy.on_silence) == (3, 90, "grant")
    assert (policy.information_window, policy.appeal_window) == (WINDOW, APPEAL)
    assert policy.grounds == {"C6.1", "C6.2", "C6.3", "C6.4", "C6.5"}
    assert POLICIES.in_force("us", FILED).policy_id == "2021-en"
    assert POLICIES.zones["us"] == "America/Los_Angeles"


# ------------------------------------------------------------------------------------------------ history


def missed_and_answered_after_all() -> Played:
    played = missing_parcel(not_found(), ask(FILED), ask(FILED, "ask-2", from_="buyer"))
    played.hear(deadline("information_due", "ask-1", DUE), deadline("information_due", "ask-2", DUE), now=DUE)
    played.hear(provide(DUE), now=DUE + HOUR)
    played.hear(rule("granted", DUE + DAY), now=DUE + DAY)
    return played


def denied_after_silence_of_the_buyer() -> Played:
    played = contacted(deadline("filing_opens", "contact-1", ELIGIBLE), delivered(WROTE), answered(WROTE))
    played.hear(not_found(), ask(FILED, from_="buyer"), now=FILED)
    played.hear(deadline("information_due", "ask-1", DUE), now=DUE)
    played.hear(rule("denied", DUE + DAY), now=DUE + DAY)
    return played


def closed() -> Played:
    closes_at = FILED + APPEAL
    return contacted(file_claim()).hear(deadline("appeal_end", "claim-1", closes_at), now=closes_at)


def returned(*messages: Data) -> Played:
    """Give a claim whose item the seller asked for, and what came of it."""
    played = broken(damaged())
    played.hear(told(claims.RefundClaim, FILED, "seller", return_first=True), now=FILED)
    return later(played, *messages)


def later(played: Played, *messages: Data) -> Played:
    """Handle each at its own time."""
    for each in messages:
        at = each.due_at if isinstance(each, timer.DeadlineExpired) else each.at  # type: ignore[attr-defined]
        played.hear(each, now=at)
    return played


def appealed(*messages: Data) -> Played:
    """Give a grant at the seller's cost that is appealed, and what came of it."""
    return later(contacted(file_claim()), told(claims.AppealClaim, FILED, "seller"), *messages)


def denied(*messages: Data) -> Played:
    """Give a denial that is appealed, and what came of it."""
    appeal = told(claims.AppealClaim, FILED + DAY, "buyer")
    return later(missing_parcel(not_found()), rule("denied", FILED), appeal, *messages)


def charged_back(outcome: str) -> Played:
    """Give a claim that stood still while a chargeback ran, with an answer that was given meanwhile."""
    opened = say(orders.ChargebackOpened, at=FILED + HOUR)
    closed_ = say(orders.ChargebackClosed, at=FILED + 5 * DAY, outcome=outcome)
    return later(missing_parcel(not_found(), ask(FILED)), opened, provide(FILED + 3 * DAY), closed_)


def spoken() -> Played:
    answer = told(claims.AnswerClaim, FILED + HOUR, "seller", text="It came.")
    evidence = told(claims.AddEvidence, FILED + HOUR, "buyer", evidence=("photo-1",))
    extra = Money(amount_minor=500, currency="USD")
    return later(missing_parcel(not_found(extra_charges=extra)), answer, evidence)


END = FILED + 3 * DAY
STORIES: Mapping[str, Callable[[], Played]] = {
    "granted": lambda: contacted(file_claim()),
    "investigated": lambda: missing_parcel(not_found(), ask(FILED), provide(FILED)),
    "voided and granted again": missed_and_answered_after_all,
    "denied": denied_after_silence_of_the_buyer,
    "closed": closed,
    "promised early": lambda: contacted(promised(date(2021, 3, 8)), file_claim(at=ELIGIBLE - 2 * DAY)),
    "withdrawn": lambda: later(
        missing_parcel(not_found()), told(claims.WithdrawClaim, FILED + HOUR, "buyer")
    ),
    "spoken": spoken,
    "refunded": lambda: later(
        missing_parcel(not_found()), told(claims.RefundClaim, FILED + HOUR, "seller", return_first=False)
    ),
    "refunded piece by piece": lambda: later(
        missing_parcel(not_found()),
        back(orders.RefundRecorded, FILED + HOUR, amount=Price(amount_minor=PAID, currency="USD")),
    ),
    "not returned": lambda: returned(deadline("return_due", "claim-1", FILED + 14 * DAY)),
    "returned and not refunded": lambda: returned(
        back(messaging.ReturnShipped, FILED + HOUR),
        back(messaging.ReturnReceived, FILED + DAY),
        deadline("return_refund_due", "claim-1", FILED + DAY + WINDOW),
    ),
    "refused by judgement": lambda: later(
        missing_parcel(not_found()),
        rule("refused", FILED),
        told(claims.AppealClaim, FILED, "buyer"),
        review(END),
    ),
    "appealed": appealed,
    "reversed": lambda: appealed(review(END, reverse_money=True, reverse_defect=True)),
    "only the defect reversed": lambda: appealed(review(END, reverse_defect=True)),
    "upheld": lambda: appealed(review(END)),
    "denied and reversed": lambda: denied(
        review(END, reverse_money=True, amount=Money(amount_minor=700, currency="USD"))
    ),
    "denied and upheld": lambda: denied(review(END)),
    "stood still": lambda: charged_back("seller_won"),
    "lost to the bank": lambda: charged_back("buyer_won"),
    "the marketplace's": lambda: play(
        received(fulfilment="marketplace"), released(), shipped(), wrote(), file_claim()
    ),
}


@pytest.mark.parametrize("story", STORIES)
def test_a_stored_history_replays_to_the_state(story: str) -> None:
    played = STORIES[story]()
    assert played.state is not None
    assert played.replayed() == played.state.decided
    assert played.replayed().claims


SINCE_THEN = {
    "answer",
    "demand",
    "pauses",
    "is_documented",
    "undocumented_minor",
    "respond_by",
    "refunded_minor",
}
"""What rows of the first release do not have; a request has had its own `respond_by` and `answer` always."""


def test_a_row_of_the_first_release_is_read_as_it_was() -> None:
    def before(value: Any) -> Any:
        if isinstance(value, list):
            return [before(each) for each in value]
        if not isinstance(value, dict):
            return value
        gone = set() if "request_id" in value else SINCE_THEN | {"refunds", "chargebacks", "returns"}
        gone -= {"respond_by"} if "contact_id" in value else set()
        return {name: before(each) for name, each in value.items() if name not in gone}

    kind = SERVICE.kinds[0]
    for story in ("closed", "denied", "investigated", "voided and granted again"):
        state = STORIES[story]().state
        body = before(json.loads(body_to_json(kind, state) or ""))
        assert body_from_json(kind, 1, json.dumps(body)) == state


def test_a_closed_claim_keeps_what_stands() -> None:
    played = closed()
    assert played.state is not None
    assert isinstance(played.state.decided.claims[0], Closed)


DECISIONS: Mapping[type[Data], str] = {
    claims.ClaimGranted: "granted",
    claims.ClaimDenied: "denied",
    claims.ClaimRefused: "refused",
    claims.GrantVoided: "voided",
    claims.AppealReversed: "reversed",
    claims.AppealUpheld: "upheld",
}


@pytest.mark.parametrize("story", STORIES)
def test_from_a_fact_and_its_policy_alone_the_same_decision_comes_out(story: str) -> None:
    """As readers get it: after it has crossed Kafka."""
    for each in STORIES[story]().said:
        data: Any = type(each.data).model_validate_json(each.data.to_json())
        if type(data) not in DECISIONS:
            continue
        found = redecide(explanation_of(data.explanation), POLICIES.of(data.policy_id))
        assert found.kind == DECISIONS[type(data)]
        assert found.automatic == data.automatic
        if isinstance(data, claims.ClaimRefused):
            assert found.reason == data.reason
        elif not isinstance(data, claims.GrantVoided):
            assert found.amount_minor == data.amount.amount_minor
        if isinstance(data, claims.ClaimGranted | claims.AppealReversed):
            assert found.funding == data.funding


def test_every_fact_of_ours_is_said_in_some_story() -> None:
    said = {each.data.TYPE for story in STORIES.values() for each in story().said}
    asked = contacted(told(claims.CheckEligibility, FILED, "buyer", lines=(LINE,), issue="not_received"))
    said |= {each.data.TYPE for each in asked.said}
    facts_ = {name for name, each in BY_TOPIC[CLAIMS_EVENTS].items() if issubclass(each, StateFact)}
    assert facts_ <= said


def test_what_can_be_filed_is_answered_without_a_number_and_keeps_nothing() -> None:
    question = told(claims.CheckEligibility, FILED, "buyer", lines=(LINE,), issue="not_received", reason=None)
    played = contacted()
    before = played.state
    played.hear(question, now=FILED)
    (said,) = played.outcome.out
    assert not said.sequenced
    answer = played.the(claims.EligibilityChecked)
    assert (answer.eligible, answer.from_, answer.until) == (True, ELIGIBLE, UNTIL)
    assert answer.command_id == question.command_id
    assert played.state == before


def test_a_reversed_grant_reimburses_the_debit_that_it_names() -> None:
    played = contacted(file_claim())
    debit_id = played.the(finance.SellerDebited).debit_id
    later(played, told(claims.AppealClaim, FILED, "seller"), review(END, reverse_money=True))
    reversed_, reimbursed = played.the(claims.AppealReversed), played.the(finance.SellerReimbursed)
    assert reversed_.debit_id == reimbursed.debit_id == debit_id
    assert reversed_.reimbursement_id == reimbursed.reimbursement_id
    assert reversed_.amount == reimbursed.amount == PAID_OUT
    assert reversed_.appeal_until is None
    assert played.the(claims.ClaimClosed).outcome == "reversed"


def test_a_reversed_denial_names_the_records_that_it_sends() -> None:
    played = denied(review(END, reverse_money=True, amount=Money(amount_minor=700, currency="USD")))
    reversed_ = played.the(claims.AppealReversed)
    assert reversed_.debit_id == played.the(finance.SellerDebited).debit_id
    assert reversed_.compensation_id == played.the(finance.BuyerCompensated).compensation_id
    assert reversed_.reimbursement_id is None


def test_a_refusal_by_judgement_can_be_appealed_and_says_how_long() -> None:
    refused = later(missing_parcel(not_found()), rule("refused", FILED)).the(claims.ClaimRefused)
    assert (refused.rule, refused.reason, refused.automatic) == ("C4", "no_clear_justification", False)
    assert refused.appeal_until == FILED + APPEAL
    assert refused.actions is not None
    assert "appeal_claim" in refused.actions["buyer"]


def test_a_refund_that_others_have_made_has_no_amount_and_no_command() -> None:
    ended = STORIES["refunded piece by piece"]().the(claims.ClaimRefundedBySeller)
    assert (ended.amount.amount_minor, ended.command_id, ended.actor) == (0, None, None)


def test_an_explanation_comes_back_as_it_was() -> None:
    granted = contacted(file_claim()).the(claims.ClaimGranted)
    assert said_of(explanation_of(granted.explanation)) == granted.explanation


def test_a_contact_of_another_channel_or_issue_is_heard_as_it_is() -> None:
    other = wrote().model_copy(update={"issue": "product"})
    refused = play(received(), released(), shipped(), other, file_claim()).the(claims.ClaimRefused)
    assert refused.reason == "not_contacted"


def test_a_resolution_in_time_bars_the_claim() -> None:
    at: datetime = WROTE + HOUR
    resolved = example(messaging.ContactResolved).data.model_copy(
        update={"order_id": "order-1", "contact_id": "contact-1", "resolved_at": at, "at": at}
    )
    assert contacted(resolved, file_claim()).the(claims.ClaimRefused).reason == "not_contacted"


def test_rows_are_keyed_by_the_order() -> None:
    message = Message(Place("claims.commands", 0, 0), example(claims.FileClaim).attributes, file_claim())
    assert SERVICE.main(message) == Key("order", "order-1")
