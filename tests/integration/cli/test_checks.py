"""Each check says that all is well when it is, and is not fooled when something is not."""

from __future__ import annotations

from typing import Any, TypeAlias

import asyncpg
import pytest

from services.cli.checks import CHECKS, Check, Look, Snapshot
from services.messaging.translate.outward import unknown_order
from tests.integration.cli.conftest import (
    BANKED,
    CANCELED,
    DENIED,
    END,
    OVERTURNED,
    REFUNDED,
    REVERSED,
    SILENT,
    VOIDED,
)
from tests.integration.cli.path import SERVICES
from tests.support.events import Order

Connection: TypeAlias = "asyncpg.Connection[Any]"
BY_NAME = {check.name: check for check in CHECKS}


async def look(connection: Connection, name: str) -> Look:
    return await BY_NAME[name].run(Snapshot(connection, SERVICES, END, ()))


async def spoil(connection: Connection, statement: str, *arguments: object) -> None:
    done = await connection.execute(statement, *arguments)
    assert int(done.rsplit(" ", 1)[1]) > 0, "nothing was spoiled"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
async def test_what_lived_through_everything_holds(spoilable: Connection, check: Check) -> None:
    found = await look(spoilable, check.name)
    assert found.offenders == []
    assert found.looked_at > 0 or check.name == "no_timer_left_behind"


async def test_an_answer_about_an_order_that_never_came_needs_no_row(spoilable: Connection) -> None:
    command = Order("never-placed", "seller-1", "buyer-1", END).resolved(END).data
    said = unknown_order(command, END).data
    await spoil(
        spoilable,
        "INSERT INTO messaging.outbox_sent SELECT position + 1000000, 'answer', aggregatetype, 'never-placed', $1,"
        " $2, headers, record_key, sent_on FROM messaging.outbox_sent"
        " WHERE aggregatetype = 'messaging.events' LIMIT 1",
        said.TYPE,
        said.to_json(),
    )
    assert (await look(spoilable, "histories_replay")).offenders == []


def _changed(schema: str, change: str, where: str) -> str:
    """Change the JSON of messages that were sent."""
    sent = f"{schema}.outbox_sent"
    return (
        f"UPDATE {sent} SET payload = convert_to(({change})::text, 'UTF8') "
        f"FROM (SELECT position AS at, convert_from(payload, 'UTF8')::jsonb AS data FROM {sent}) AS was "
        f"WHERE at = position AND {where}"
    )


def _set(schema: str, field: str, value: str, where: str) -> str:
    path = "{" + field + "}"
    return _changed(schema, f"jsonb_set(data, '{path}', '{value}')", where)


def _doubled(schema: str, where: str, payload: str = "payload") -> str:
    """Say again what was said, as another event."""
    return (
        f"INSERT INTO {schema}.outbox_sent SELECT position + 1000000, id || '-again', aggregatetype, aggregateid,"
        f" type, {payload}, headers, record_key, sent_on FROM {schema}.outbox_sent WHERE {where}"
    )


def _row(schema: str, order_id: str, path: str, value: str) -> str:
    """Change the row of an order."""
    place = "{" + path + "}"
    return f"UPDATE {schema}.state SET body = jsonb_set(body::jsonb, '{place}', '{value}') WHERE key = '{order_id}'"


_DEBITED = "type = 'finance.seller_debited.v1'"
_PAID = "type = 'finance.buyer_compensated.v1'"
_BACK = "type = 'finance.seller_reimbursed.v1'"
_GRANTED = "type = 'claims.claim_granted.v1'"
_REVERSED = "type = 'claims.appeal_reversed.v1'"
_OF_SILENT, _OF_VOIDED, _OF_REVERSED = (
    f"data ->> 'order_id' = '{order}'" for order in (SILENT, VOIDED, REVERSED)
)
_NOTHING_HELD = """jsonb_set(data, '{explanation}',
    replace(data ->> 'explanation', '"holds": true', '"holds": false')::jsonb)"""
_UNHEARD = (
    "UPDATE claims.state SET heard = jsonb_set(heard::jsonb, '{{topics,messaging.events,0}}', '1') {more}"
    f" WHERE key = '{SILENT}'"
)

_CALLED_OFF = (
    "INSERT INTO timer.timers SELECT convert_from(payload, 'UTF8')::jsonb ->> 'timer_id', 0, '2099-01-01',"
    f" 'response_due', 'messaging', '{DENIED}', '', '' FROM messaging.outbox_sent"
    f" WHERE type = 'timer.cancel.v1' AND aggregateid = '{DENIED}' LIMIT 1"
)

SPOILED = {
    "the buyer was paid another amount than the grant says": (
        "money_adds_up",
        _set("claims", "amount,amount_minor", "1", f"{_PAID} AND {_OF_SILENT}"),
        SILENT,
    ),
    "a debit is larger than what stands": (
        "money_adds_up",
        _set("claims", "amount,amount_minor", "99999", f"{_DEBITED} AND {_OF_SILENT}"),
        SILENT,
    ),
    "a voided debit was not given back in full": (
        "money_adds_up",
        _set("claims", "amount,amount_minor", "1", f"{_BACK} AND {_OF_VOIDED}"),
        VOIDED,
    ),
    "a compensation was lost": (
        "money_adds_up",
        f"DELETE FROM claims.outbox_sent WHERE {_PAID} AND convert_from(payload, 'UTF8') LIKE '%{SILENT}%'",
        SILENT,
    ),
    "money in another currency": (
        "money_adds_up",
        _set("claims", "amount,currency", '"EUR"', f"{_PAID} AND {_OF_SILENT}"),
        SILENT,
    ),
    "a debit was lost": (
        "one_standing_debit",
        f"DELETE FROM claims.outbox_sent WHERE {_DEBITED} AND convert_from(payload, 'UTF8') LIKE '%{SILENT}%'",
        SILENT,
    ),
    "a debit of another amount": (
        "one_standing_debit",
        _set("claims", "amount,amount_minor", "1", f"{_DEBITED} AND {_OF_SILENT}"),
        SILENT,
    ),
    "a debit without a grant": (
        "one_standing_debit",
        f"DELETE FROM claims.outbox_sent WHERE {_GRANTED} AND convert_from(payload, 'UTF8') LIKE '%{SILENT}%'",
        SILENT,
    ),
    "a second debit of the same claim": (
        "one_standing_debit",
        _doubled(
            "claims",
            f"{_DEBITED} AND convert_from(payload, 'UTF8') LIKE '%{SILENT}%'",
            """convert_to(jsonb_set(convert_from(payload, 'UTF8')::jsonb, '{debit_id}', '"another"')::text, 'UTF8')""",
        ),
        SILENT,
    ),
    "a void that gave nothing back": (
        "one_standing_debit",
        f"DELETE FROM claims.outbox_sent WHERE {_BACK}",
        VOIDED,
    ),
    "a reimbursement of a debit that nobody made": (
        "one_standing_debit",
        _set("claims", "debit_id", '"invented"', f"{_BACK} AND {_OF_VOIDED}"),
        "invented",
    ),
    "an appeal that was won and gave nothing back": (
        "money_adds_up",
        f"DELETE FROM claims.outbox_sent WHERE {_BACK} AND convert_from(payload, 'UTF8') LIKE '%{REVERSED}%'",
        REVERSED,
    ),
    "an appeal that was won, and the debit stands": (
        "one_standing_debit",
        f"DELETE FROM claims.outbox_sent WHERE {_BACK} AND convert_from(payload, 'UTF8') LIKE '%{REVERSED}%'",
        REVERSED,
    ),
    "an appeal that gave back what it left alone": (
        "one_standing_debit",
        _set("claims", "reverse_money", "false", f"{_REVERSED} AND {_OF_REVERSED}"),
        REVERSED,
    ),
    "a denial reversed at the seller's cost without a debit": (
        "one_standing_debit",
        f"DELETE FROM claims.outbox_sent WHERE {_DEBITED} AND convert_from(payload, 'UTF8') LIKE '%{OVERTURNED}%'",
        OVERTURNED,
    ),
    "a denial reversed, and the buyer got nothing": (
        "money_adds_up",
        f"DELETE FROM claims.outbox_sent WHERE {_PAID} AND convert_from(payload, 'UTF8') LIKE '%{OVERTURNED}%'",
        OVERTURNED,
    ),
    "a refund of more than was paid": (
        "buyers_within_paid",
        _set("orders", "amount,amount_minor", "5000", "type = 'orders.refund_recorded.v1'"),
        REFUNDED,
    ),
    "a bank that took more than was left": (
        "buyers_within_paid",
        _set("orders", "amount,amount_minor", "5000", "type = 'orders.chargeback_closed.v1'"),
        BANKED,
    ),
    "an appeal from whose explanation another decision follows": (
        "decisions_come_out_again",
        _changed("claims", _NOTHING_HELD, f"{_REVERSED} AND {_OF_REVERSED}"),
        REVERSED,
    ),
    "a deadline that was lost": (
        "clocks_run",
        f"DELETE FROM timer.timers WHERE order_id = '{SILENT}'",
        SILENT,
    ),
    "a deadline that was called off and waits": (
        "clocks_run",
        _CALLED_OFF,
        DENIED,
    ),
    "a buyer who got more than was paid": (
        "buyers_within_paid",
        _set("claims", "amount,amount_minor", "5000", f"{_PAID} AND {_OF_SILENT}"),
        SILENT,
    ),
    "an answer in time that stopped nothing": (
        "no_grant_against_an_answer",
        "DELETE FROM claims.outbox_sent WHERE type = 'claims.grant_voided.v1'",
        VOIDED,
    ),
    "an explanation from which another decision follows": (
        "decisions_come_out_again",
        _changed("claims", _NOTHING_HELD, f"{_GRANTED} AND {_OF_SILENT}"),
        SILENT,
    ),
    "a timer that fired before its time": (
        "no_early_timer",
        _set("timer", "fired_at", '"2020-01-01T00:00:00Z"', "type = 'timer.deadline_expired.v1'"),
        "hold_end",
    ),
    "a deadline that has come and waits": (
        "no_timer_left_behind",
        "UPDATE timer.timers SET due_at = '2027-01-05T00:00:00Z'",
        "appeal_end",
    ),
    "a fact that a reader never heard": (
        "every_fact_reached",
        _UNHEARD.format(more=""),
        SILENT,
    ),
    "an order that a reader knows nothing of": (
        "every_fact_reached",
        f"DELETE FROM notifications.state WHERE key = '{CANCELED}'",
        CANCELED,
    ),
    "a reader that heard what nobody said": (
        "every_fact_reached",
        f"UPDATE orders.state SET sequence = 1 WHERE key = '{SILENT}'",
        SILENT,
    ),
    "a fact that is missing": (
        "sequences_without_gap",
        f"DELETE FROM orders.outbox_sent WHERE type = 'orders.order_released.v1' AND aggregateid = '{SILENT}'",
        SILENT,
    ),
    "a number that was given twice": (
        "sequences_without_gap",
        _doubled("messaging", f"type = 'messaging.contact_opened.v1' AND aggregateid = '{SILENT}'"),
        SILENT,
    ),
    "more counted than was said": (
        "sequences_without_gap",
        f"UPDATE claims.state SET sequence = sequence + 1 WHERE key = '{DENIED}'",
        DENIED,
    ),
    "an order row that its history does not lead to": (
        "histories_replay",
        _row("orders", SILENT, "order,placed,buyer_id", '"somebody"'),
        f"orders: {SILENT}",
    ),
    "a conversation with a message less": (
        "histories_replay",
        _row("messaging", SILENT, "conversation,messages", "[]"),
        f"messaging: {SILENT}",
    ),
    "a claim whose ledger was touched": (
        "histories_replay",
        _row("claims", SILENT, "decided,claims,0,case,ledger,compensated_minor", "0"),
        f"claims: {SILENT}",
    ),
    "a defect that was taken back by hand": (
        "histories_replay",
        _row("performance", SILENT, "decided,defects,0,stands", "false"),
        f"performance: {SILENT}",
    ),
    "a rate that its seller's orders do not come to": (
        "rates_recounted",
        _row("performance", "seller-0", "said,order_defects,denominator", "100"),
        "seller-0",
    ),
    "a defect that was never said": (
        "rates_recounted",
        "DELETE FROM performance.outbox_sent WHERE type = 'performance.defect_counted.v1'",
        "seller-0",
    ),
    "a seller of whom nothing is kept": (
        "rates_recounted",
        "DELETE FROM performance.state WHERE kind = 'seller' AND key = 'seller-0'",
        "no row",
    ),
    "a row that nobody can read": (
        "histories_replay",
        _row("claims", SILENT, "decided", "7"),
        "can't be replayed",
    ),
    "a row that is gone": (
        "histories_replay",
        f"DELETE FROM claims.state WHERE key = '{SILENT}'",
        "no row is kept",
    ),
    "a record that is not accounted for": (
        "records_counted",
        "UPDATE claims.offsets SET applied = applied - 1 WHERE topic = 'claims.commands' AND applied > 0",
        "claims: claims.commands",
    ),
    "offsets that nobody counted": (
        "records_counted",
        "UPDATE orders.offsets SET next_offset = next_offset + 1 WHERE topic = 'checkout.events'",
        "orders: checkout.events",
    ),
    "a dead letter that was not kept": (
        "records_counted",
        "UPDATE orders.offsets SET dead = dead + 1, applied = applied - 1 WHERE topic = 'checkout.events'",
        "dead",
    ),
}


@pytest.mark.parametrize("what", SPOILED)
async def test_what_was_spoiled_is_found(spoilable: Connection, what: str) -> None:
    name, statement, offender = SPOILED[what]
    await spoil(spoilable, statement)
    found = await look(spoilable, name)
    assert found.wrong > 0
    assert any(offender in each for each in found.offenders), found.offenders


def test_every_check_can_fail() -> None:
    assert {name for name, _, _ in SPOILED.values()} == set(BY_NAME)


async def test_what_waits_for_an_operator_is_not_lost(spoilable: Connection) -> None:
    await spoil(spoilable, _UNHEARD.format(more="""|| '{"parked": true}'"""))
    assert (await look(spoilable, "every_fact_reached")).offenders == []


async def test_an_answer_that_was_read_after_the_claim_had_closed_excuses_the_grant(
    spoilable: Connection,
) -> None:
    await spoil(spoilable, "DELETE FROM claims.outbox_sent WHERE type = 'claims.grant_voided.v1'")
    await spoil(
        spoilable,
        "INSERT INTO claims.late_answers VALUES ($1, $2, 'message-1', now(), now())",
        VOIDED,
        f"{VOIDED}-claim",
    )
    assert (await look(spoilable, "no_grant_against_an_answer")).offenders == []
