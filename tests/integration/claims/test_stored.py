"""Claims on a real PostgreSQL: what is stored is found again, and what is repeated moves no money."""

from __future__ import annotations

import asyncpg

from services.claims import store
from services.claims.domain.evolve import decide_on
from services.claims.domain.state import Closed, Decided, Granted, UnderInvestigation
from services.claims.translate.replay import event_of
from shared.contracts import claims, finance, orders
from shared.contracts.timer import Cancel, Schedule
from tests.integration.claims.desk import Desk
from tests.unit.claims.builders import (
    ANSWER_BY,
    APPEAL,
    DAY,
    ELIGIBLE,
    FILED,
    HOUR,
    PAID,
    PLACED,
    WINDOW,
    WROTE,
)
from tests.unit.claims.messages import (
    LINE,
    answered,
    ask,
    deadline,
    delivered,
    file_claim,
    not_found,
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

DUE = FILED + WINDOW


async def test_a_whole_life_in_one_batch_is_numbered_without_gap(desk: Desk) -> None:
    await desk.apply(received(), released(), shipped(), wrote(), file_claim(), now=FILED)
    assert await desk.numbered() == [("claim_filed", "1"), ("claim_granted", "2")]
    assert isinstance((await desk.state()).decided.claims[0], Granted)


async def test_silence_debits_the_seller_once_and_compensates_the_buyer_once(desk: Desk) -> None:
    await desk.apply(received(), released(), shipped(), wrote(), file_claim(), now=FILED)
    (debit,) = await desk.every(finance.SellerDebited)
    (compensation,) = await desk.every(finance.BuyerCompensated)
    assert debit.amount.amount_minor == compensation.amount.amount_minor == PAID
    assert compensation.debit_id == debit.debit_id


async def test_every_record_again_at_a_new_offset_changes_nothing(desk: Desk) -> None:
    events = await desk.apply(received(), released(), shipped(), wrote(), file_claim(), now=FILED)
    events = [
        *events,
        *await desk.apply(deadline("appeal_end", "claim-1", FILED + APPEAL), now=FILED + APPEAL),
    ]
    said, state = await desk.said(), await desk.state()
    await desk.apply_again(*events, now=FILED + APPEAL)
    assert await desk.said() == said
    assert await desk.state() == state
    assert isinstance(state.decided.claims[0], Closed)


async def test_an_answer_that_comes_in_the_same_batch_as_the_filing_is_heard_first(desk: Desk) -> None:
    """Facts before commands: the filing stands before the answer in the batch."""
    await desk.apply(received(), released(), shipped(), delivered(WROTE), wrote(), now=WROTE)
    await desk.apply(not_found(), answered(ANSWER_BY), now=FILED)
    assert await desk.numbered() == [("claim_filed", "1")]


async def test_an_answer_in_the_same_batch_as_its_deadline_is_heard_first(desk: Desk) -> None:
    """Commands before deadlines."""
    await desk.apply(received(), released(), shipped(), delivered(WROTE), wrote(), answered(WROTE), now=WROTE)
    await desk.apply(not_found(), ask(FILED), now=FILED)
    await desk.apply(deadline("information_due", "ask-1", DUE), provide(DUE), now=DUE)
    assert [name for name, _ in await desk.numbered()] == [
        "claim_filed",
        "information_requested",
        "information_provided",
    ]


async def test_a_grant_voided_and_granted_again_has_one_standing_debit(desk: Desk) -> None:
    await desk.apply(received(), released(), shipped(), delivered(WROTE), wrote(), not_found(), now=FILED)
    await desk.apply(answered(ANSWER_BY), now=FILED + HOUR)
    assert isinstance((await desk.state()).decided.claims[0], UnderInvestigation)
    await desk.apply(rule("granted", FILED + DAY), now=FILED + DAY)
    debits = [each.debit_id for each in await desk.every(finance.SellerDebited)]
    (reimbursed,) = await desk.every(finance.SellerReimbursed)
    assert len(set(debits)) == 2
    assert reimbursed.debit_id == debits[0]
    assert len(await desk.every(finance.BuyerCompensated)) == 1


async def test_a_stored_history_replays_to_the_stored_row(desk: Desk) -> None:
    await desk.apply(received(), released(), shipped(), wrote(), now=WROTE)
    await desk.apply(deadline("filing_opens", "contact-1", ELIGIBLE), now=ELIGIBLE)
    await desk.apply(delivered(ELIGIBLE), not_found(), now=FILED)
    await desk.apply(answered(ANSWER_BY), ask(FILED), now=FILED + HOUR)
    await desk.apply(deadline("information_due", "ask-1", DUE), now=DUE)
    decided = Decided()
    for fact in await desk.said():
        event = event_of(fact, decided)
        decided = decide_on(decided, event) if event else decided
    assert decided == (await desk.state()).decided
    assert decided.claims[0].case.ledger.grants == 2


async def replayed(desk: Desk) -> Decided:
    decided = Decided()
    for fact in await desk.said():
        event = event_of(fact, decided)
        decided = decide_on(decided, event) if event else decided
    return decided


async def test_an_appeal_that_is_won_gives_back_the_debit_once_and_replays(desk: Desk) -> None:
    await desk.apply(received(), released(), shipped(), wrote(), file_claim(), now=FILED)
    appeal = told(claims.AppealClaim, FILED + HOUR, "seller")
    events = await desk.apply(appeal, review(FILED + DAY, reverse_money=True), now=FILED + DAY)
    await desk.apply_again(*events, now=FILED + 2 * DAY)
    (debit,) = await desk.every(finance.SellerDebited)
    (back_,) = await desk.every(finance.SellerReimbursed)
    assert (back_.debit_id, back_.amount) == (debit.debit_id, debit.amount)
    assert [name for name, _ in await desk.numbered()][-3:] == [
        "claim_appealed",
        "appeal_reversed",
        "claim_closed",
    ]
    assert await replayed(desk) == (await desk.state()).decided


async def test_a_claim_that_stood_still_and_went_on_is_stored_as_it_replays(desk: Desk) -> None:
    await desk.apply(received(), released(), shipped(), delivered(WROTE), wrote(), answered(WROTE), now=WROTE)
    await desk.apply(not_found(), ask(FILED), now=FILED)
    stopped, ended = FILED + HOUR, FILED + 5 * DAY
    await desk.apply(say(orders.ChargebackOpened, at=stopped), now=stopped)
    (before,) = await desk.every(Schedule)
    assert [each.timer_id for each in await desk.every(Cancel)] == [before.timer_id]
    await desk.apply(say(orders.ChargebackClosed, at=ended, outcome="seller_won"), now=ended)
    again = (await desk.every(Schedule))[-1]
    assert again.due_at == DUE + (ended - stopped)
    assert await replayed(desk) == (await desk.state()).decided


async def test_a_question_what_can_be_filed_is_answered_without_a_number(desk: Desk) -> None:
    question = told(claims.CheckEligibility, FILED, "buyer", lines=(LINE,), issue="not_received", reason=None)
    await desk.apply(received(), released(), shipped(), wrote(), question, now=FILED)
    (answer,) = await desk.every(claims.EligibilityChecked)
    assert answer.eligible
    assert await desk.numbered() == [("eligibility_checked", None)]


async def test_a_command_that_overtook_its_order_runs_when_it_comes(desk: Desk) -> None:
    await desk.apply(file_claim(), now=FILED)
    assert await desk.said() == []
    await desk.apply(received(), released(), shipped(), wrote(), now=FILED)
    assert [name for name, _ in await desk.numbered()] == ["claim_filed", "claim_granted"]


async def test_a_command_again_is_not_answered_again(desk: Desk) -> None:
    (filing,) = (await desk.apply(received(), released(), shipped(), wrote(), file_claim(), now=FILED))[-1:]
    said = await desk.said()
    await desk.apply_again(filing, now=FILED + HOUR)
    assert await desk.said() == said


async def test_timers_are_set_and_called_off_by_the_same_ids(desk: Desk) -> None:
    await desk.apply(received(), released(), shipped(), wrote(), now=WROTE)
    await desk.apply(delivered(WROTE + HOUR), now=WROTE + HOUR)
    (scheduled,) = await desk.every(Schedule)
    (canceled,) = await desk.every(Cancel)
    assert (scheduled.kind, scheduled.due_at) == ("filing_opens", ELIGIBLE)
    assert scheduled.timer_id == canceled.timer_id


async def test_an_order_of_an_unknown_marketplace_is_a_dead_letter(desk: Desk) -> None:
    await desk.apply(received(marketplace_id="moon"), now=PLACED)
    letters = await desk.pool.fetch("SELECT rule FROM dead_letters")
    assert [letter["rule"] for letter in letters] == ["unknown_marketplace"]


async def test_a_refused_filing_is_answered_and_leaves_no_claim(desk: Desk) -> None:
    await desk.apply(received(), released(), shipped(), wrote(), file_claim(at=ELIGIBLE - HOUR), now=FILED)
    (refused,) = await desk.every(claims.ClaimRefused)
    assert (refused.reason, refused.eligible_from) == ("too_early", ELIGIBLE)
    assert (await desk.state()).decided.claims == ()


async def test_an_answer_after_the_end_is_seen_by_an_operator_once(desk: Desk) -> None:
    await desk.apply(received(), released(), shipped(), delivered(WROTE), wrote(), not_found(), now=FILED)
    await desk.apply(deadline("appeal_end", "claim-1", FILED + APPEAL), now=FILED + APPEAL)
    said = await desk.said()
    await desk.apply(answered(ANSWER_BY), now=FILED + APPEAL + DAY)
    async with desk.pool.acquire() as connection:
        (seen,) = await store.late_answers(connection, 10)
    assert (seen.order_id, seen.claim_id, seen.answered_at) == ("order-1", "claim-1", ANSWER_BY)
    assert await desk.said() == said


async def test_every_named_query_is_understood(desk: Desk) -> None:
    async with desk.pool.acquire() as connection:
        for text in store.QUERIES.values():
            prepared = await connection.prepare(text)
            assert isinstance(prepared, asyncpg.prepared_stmt.PreparedStatement)
