"""The main job by the command line alone, as a person would: from a file of events to debits, mails and reasons."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.cli import addresses
from services.cli.addresses import System
from services.cli.checks import CHECKS
from services.cli.running.service_process import SERVICES
from services.cli.story.mails import Mail, received
from shared.contracts import topics
from tests.support.events import Event, Order, buyer, delivered, seller, ups_number
from tests.support.running import at_desk, read_all, run_command, up

START = datetime(2027, 1, 4, 8, tzinfo=UTC)
DAY = timedelta(days=1)
SILENT = Order("order-silent", "seller-1", "buyer-1", START)
ASKED = Order("order-asked", "seller-2", "buyer-2", START)
ANSWERED = Order("order-answered", "seller-1", "buyer-2", START)


def structured(event: Event) -> str:
    """One line of a file that `recourse publish` reads."""
    envelope = {"specversion": "1.0", "id": event.event_id, "source": "/shop", "type": event.data.TYPE}
    return json.dumps(envelope | {"data": json.loads(event.value)}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs commands on one system."""

    folder: Path

    @property
    def ready(self) -> Path:
        return self.folder / "ready.json"

    @property
    def system(self) -> System:
        return addresses.read(self.ready)

    async def run(self, *arguments: str, code: int = 0) -> str:
        """Run a command that ends so; return its data."""
        found, data, words = await run_command(self.ready, *arguments)
        assert found == code, f"{arguments} ended with {found}: {words}"
        return data

    async def ask(self, *arguments: str, code: int = 0) -> Any:
        """Run a command with --json and return what it answers."""
        return json.loads(await self.run(*arguments, "--json", code=code))

    async def publish(self, *events: Event) -> None:
        file = self.folder / "events.jsonl"
        file.write_text("\n".join(map(structured, events)))
        assert await self.ask("publish", str(file)) == {"sent": len(events), "bad": [], "passed_over": {}}

    async def go_to(self, instant: datetime) -> None:
        now = await self.ask("clock", "advance", "--to", instant.isoformat())
        assert datetime.fromisoformat(now["now"]) == instant


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("main-path")
    with up(folder, START):
        yield Shell(folder)


async def finance(system: System) -> Sequence[dict[str, Any]]:
    """What finance reads, from the topic itself, with the type of each record."""
    records = await read_all(system.kafka, topics.FINANCE_DEBITS)
    return [json.loads(each.value) | {"type": dict(each.headers)["ce_type"].decode()} for each in records]


def mails(system: System) -> Sequence[Mail]:
    assert system.maildir is not None
    return received(Path(system.maildir))


async def test_the_ready_file_says_where_everything_is(shell: Shell) -> None:
    found = json.loads(shell.ready.read_text())
    assert found["gateway"] is None
    assert set(found["services"]) == set(SERVICES)
    assert await shell.ask("clock", "show") == {"now": "2027-01-04T08:00:00Z", "speed": 0}


async def test_three_orders_go_from_the_checkout_to_their_end(shell: Shell) -> None:
    """The steps of the main job, in their order; the tests below look at what came of them."""
    sellers = [seller("seller-1", START), seller("seller-2", START, "zh")]
    people = [*sellers, buyer("buyer-1", START), buyer("buyer-2", START)]
    orders = (SILENT, ASKED, ANSWERED)
    await shell.publish(*people, *(each for order in orders for each in (order.placed(), order.verified())))
    await shell.go_to(START + DAY)
    parcels = {order.order_id: ups_number(number) for number, order in enumerate((ASKED, ANSWERED), 1)}
    shipped_at, scanned_at, wrote_at = START + DAY, START + 3 * DAY, START + 6 * DAY
    await shell.publish(*(order.shipped(shipped_at, parcels[order.order_id]) for order in (ASKED, ANSWERED)))
    await shell.go_to(scanned_at)
    await shell.publish(*(delivered(number, scanned_at) for number in parcels.values()))
    await shell.go_to(wrote_at)
    await shell.publish(*(order.wrote("buyer", wrote_at) for order in orders))
    answered_at, filed_at = wrote_at + timedelta(hours=20), START + 11 * DAY
    await shell.go_to(answered_at)
    await shell.publish(*(order.wrote("seller", answered_at, "It came.") for order in (ASKED, ANSWERED)))
    await shell.go_to(filed_at)
    await shell.publish(
        SILENT.filed(filed_at), *(order.filed(filed_at, "delivered_not_found") for order in (ASKED, ANSWERED))
    )
    await shell.publish(ASKED.asked(filed_at))
    await shell.run("clock", "advance", "3d")
    await shell.publish(ANSWERED.denied(filed_at + 3 * DAY))
    await shell.run("clock", "advance", "P31D")


async def test_silence_was_granted_at_the_filing_the_missed_request_by_its_deadline(shell: Shell) -> None:
    silent = await shell.ask("claim", SILENT.claim_id)
    asked = await shell.ask("claim", ASKED.order_id)
    answered = await shell.ask("claim", ANSWERED.claim_id)
    decided = {
        story["claim_id"]: [(each["type"], each["at"][:10]) for each in story["decisions"]]
        for story in (silent, asked, answered)
    }
    assert decided == {
        SILENT.claim_id: [("claims.claim_granted.v1", "2027-01-15")],
        ASKED.claim_id: [("claims.claim_granted.v1", "2027-01-17")],
        ANSWERED.claim_id: [("claims.claim_denied.v1", "2027-01-18")],
    }
    assert {story["state"] for story in (silent, asked, answered)} == {"closed"}
    assert asked["money"] == {
        "currency": "USD",
        "compensated": 4999,
        "debited": 4999,
        "reimbursed": 0,
        "borne_by_marketplace": 0,
        "refunded": 0,
    }


async def test_every_decision_is_explained_rule_by_rule_in_both_languages(shell: Shell) -> None:
    story = await shell.ask("claim", ANSWERED.claim_id)
    (decision,) = story["decisions"]
    in_english = "\n".join(decision["explained"]["en"])
    assert "C6.2 does not hold" in in_english
    assert "the seller answered on 10 January 2027, 20:00 (GMT-08:00), in time" in in_english
    assert "C6.2 不成立" in "\n".join(decision["explained"]["zh"])
    shown = await shell.run("claim", SILENT.claim_id, "--language", "zh")
    assert "批准：US$49.99，由卖家承担" in shown
    assert "C6.2 成立" in shown


async def test_finance_hears_of_each_grant_once_and_of_nothing_else(shell: Shell) -> None:
    said = await finance(shell.system)
    debits = [
        (each["order_id"], each["amount"]["amount_minor"]) for each in said if "debited" in each["type"]
    ]
    paid = [each["order_id"] for each in said if "compensated" in each["type"]]
    assert sorted(debits) == [(ASKED.order_id, 4999), (SILENT.order_id, 4999)]
    assert sorted(paid) == [ASKED.order_id, SILENT.order_id]
    assert len(said) == 4


async def test_each_debit_was_told_to_its_seller_by_mail_in_their_language(shell: Shell) -> None:
    decisions = [mail for mail in mails(shell.system) if mail.template == "decision_to_seller"]
    told = {
        order.order_id: mail for order in (SILENT, ASKED) for mail in decisions if order.order_id in mail.text
    }
    assert "seller-1@sellers.example" in told[SILENT.order_id].to
    assert "49.99" in told[SILENT.order_id].text
    assert "seller-2@sellers.example" in told[ASKED.order_id].to
    assert "索赔" in told[ASKED.order_id].text


async def test_any_id_leads_to_the_whole_order(shell: Shell) -> None:
    by_order = await shell.ask("trace", SILENT.order_id)
    timer_id = _find(by_order["tree"], "timer.deadline_expired.v1")["id"]
    for any_id in (SILENT.claim_id, SILENT.contact_id, timer_id):
        assert (await shell.ask("trace", any_id))["order_id"] == SILENT.order_id
    debit = _find(by_order["tree"], "finance.seller_debited.v1")
    filing = next(root for root in by_order["tree"] if _find([root], debit["type"]))
    assert filing["type"] == "claims.file_claim.v1"
    assert "orders.order_released.v1" in await shell.run("trace", SILENT.order_id)


def _find(nodes: Any, type_: str) -> Any:
    for node in nodes:
        found = node if node["type"] == type_ else _find(node["led_to"], type_)
        if found:
            return found
    return None


async def test_the_invariants_hold(shell: Shell) -> None:
    found = await shell.ask("verify")
    assert found["ok"] is True
    assert {check["status"] for check in found["checks"]} == {"ok"}
    assert [check["check"] for check in found["checks"]] == [check.name for check in CHECKS]
    assert "ok" in await shell.run("verify")


async def test_an_advance_with_nothing_to_do_is_quick_and_going_back_is_refused(shell: Shell) -> None:
    before = await shell.ask("clock", "show")
    await shell.run("clock", "advance", "--to", "2027-01-04T08:00:00Z", code=2)
    assert await shell.ask("clock", "show") == before
    after = await shell.ask("clock", "advance", "1h", "--jump")
    assert datetime.fromisoformat(after["now"]) - datetime.fromisoformat(before["now"]) == timedelta(hours=1)


async def test_bad_lines_are_reported_by_number_and_stop_nothing(shell: Shell) -> None:
    late = Order("order-late", "seller-1", "buyer-1", START)
    file = shell.folder / "bad.jsonl"
    lines = [
        structured(late.placed()),
        "not json",
        '{"type": "nobody.said_this.v1"}',
        '{"specversion": "1.0", "type": "claims.file_claim.v1"}',
        structured(late.verified()),
    ]
    file.write_text("\n".join(lines))
    told = await shell.ask("publish", str(file), code=1)
    assert told["sent"] == 2
    assert [(bad["line"], bad["rule"]) for bad in told["bad"]] == [
        (2, "bad_json"),
        (3, "no_topic"),
        (4, "bad_body"),
    ]
    _, _, words = await run_command(shell.ready, "publish", str(file))
    assert "line 2: bad_json" in words
    await shell.run("clock", "advance", "1h")
    assert "orders.order_received.v1" in await shell.run("trace", late.order_id)


async def test_a_dead_letter_is_listed_shown_and_skipped_only_when_that_is_meant(shell: Shell) -> None:
    poisoned = Order("order-poisoned", "seller-1", "buyer-1", START).placed()
    async with at_desk(shell.system) as desk:
        await desk.send_raw(
            poisoned.topic, b"order-poisoned", b'{"order_id": "order-poisoned"}', poisoned.headers
        )
        await desk.settle()
    (letter,) = await shell.ask("deadletters", "list")
    assert (letter["service"], letter["rule"]) == ("orders", "bad_body")
    shown = await shell.run("deadletters", "show", letter["id"])
    assert '{"order_id": "order-poisoned"}' in shown
    refused = await shell.ask("deadletters", "retry", letter["id"], code=1)
    assert (refused["done"], refused["reason"]) == (False, "still_unreadable")
    dry = await shell.ask("deadletters", "skip", letter["id"], "--reason", "a test")
    assert dry["done"] is False
    assert len(await shell.ask("deadletters", "list")) == 1
    done = await shell.ask("deadletters", "skip", letter["id"], "--reason", "a test", "--yes")
    assert (done["done"], done["type"]) == (True, "operations.skipped.v1")
    assert await shell.ask("deadletters", "list") == []
    assert [each["status"] for each in await shell.ask("deadletters", "list", "--all")] == ["skipped"]
    await shell.run("deadletters", "show", "nonsense", code=1)


async def test_what_is_asked_for_and_not_there_is_said(shell: Shell) -> None:
    for command in (("claim", "nonsense"), ("trace", "nonsense"), ("claim", "order-late")):
        code, data, words = await run_command(shell.ready, *command)
        assert (code, data) == (1, "")
        assert "what to do" in words
    code, _, words = await run_command(shell.ready, "claim", "buyer-1")
    assert code == 2
    assert "name one of the orders" in words
