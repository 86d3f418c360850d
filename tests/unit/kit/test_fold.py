"""The batch in memory: who runs when, what waits, what is parked, what is said."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from shared.contracts import messaging
from shared.contracts.envelope import Unreadable
from shared.contracts.topics import RECORD_BYTES_MAX
from shared.kit.errors import StatesMissing, UnreadableHereError
from shared.kit.fold import Fold, Folded, Item, Verdict
from shared.kit.heard import Row
from shared.kit.records import Record
from shared.kit.service import Key, Message, Outcome, States
from tests.support.toy import (
    NOON,
    Say,
    Tape,
    Toy,
    ToyOrder,
    command,
    deadline,
    items,
    numbered,
    placed,
    unnumbered,
)

O = Key("order", "o")  # noqa: E741


class _Rows(defaultdict[Key, Row]):
    def __missing__(self, key: Key) -> Row:
        self[key] = Row(key)
        return self[key]


@dataclass
class Bench:
    """Folds batch after batch over the same rows, as PostgreSQL would keep them; what was held comes first again."""

    toy: Toy = field(default_factory=Toy)
    rows: _Rows = field(default_factory=_Rows)
    tape: Tape = field(default_factory=Tape)
    held: dict[int, Item] = field(default_factory=dict)
    said: list[tuple[str, int | None]] = field(default_factory=list)
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    def fold(self, *said: Say, refused: dict[Key, str] | None = None) -> Folded:
        """Fold these messages, after what waits for their orders."""
        return self.fold_records(self.tape(*said), refused)

    def fold_records(self, records: Sequence[Record], refused: dict[Key, str] | None = None) -> Folded:
        service = self.toy.service()
        fresh = items(service, *records)
        mains = {item.main for item in fresh}
        waiting = [item for _, item in sorted(self.held.items()) if item.main in mains]
        folded = Fold(service, self.rows, NOON, refused).run([*waiting, *fresh])
        for held_id in folded.release:
            del self.held[held_id]
        for item, _ in folded.hold:
            item.held_id = max(self.held, default=0) + 1
            item.is_counted = False
            self.held[item.held_id] = item
        for item in fresh:
            assert item.verdict is not None
            self.verdicts[item.message.attributes.id] = item.verdict
        return folded

    def heard(self, order_id: str = "o") -> Sequence[str]:
        """Return what the order heard, in order."""
        state: ToyOrder | None = self.rows[Key("order", order_id)].state
        return state.heard if state else ()

    @property
    def waiting(self) -> list[str]:
        """Return the ids of what is held, in its order."""
        return [item.message.attributes.id for _, item in sorted(self.held.items())]


def test_facts_run_before_commands_and_commands_before_deadlines() -> None:
    bench = Bench()
    bench.fold(deadline("o"), command("o"), numbered("o", 1), unnumbered("o"))
    assert bench.heard() == ("o-n1", "o-verified", "o-command", "o-deadline")


def test_each_order_hears_its_messages_in_the_order_of_their_arrival() -> None:
    bench = Bench()
    bench.fold(
        unnumbered("a", "a1"),
        unnumbered("b", "b1"),
        unnumbered("a", "a2"),
        unnumbered("b", "b2"),
        command("a", "a3"),
        command("b", "b3"),
        command("a", "a4"),
    )
    assert bench.heard("a") == ("a1", "a2", "a3", "a4")
    assert bench.heard("b") == ("b1", "b2", "b3")


def test_a_command_on_an_order_that_comes_in_the_same_batch_does_not_wait() -> None:
    bench = Bench()
    bench.fold(command("o"), unnumbered("o"))
    assert bench.heard() == ("o-verified", "o-command")
    assert not bench.held


def test_a_number_heard_before_is_a_copy() -> None:
    bench = Bench()
    bench.fold(numbered("o", 1), numbered("o", 2))
    again = bench.fold(numbered("o", 1), numbered("o", 2))
    assert bench.heard() == ("o-n1", "o-n2")
    assert bench.verdicts == {"o-n1": Verdict.COPY, "o-n2": Verdict.COPY}
    assert again.rows == []


def test_a_number_twice_in_one_batch_is_applied_once() -> None:
    bench = Bench()
    folded = bench.fold(numbered("o", 1), numbered("o", 1))
    assert bench.heard() == ("o-n1",)
    assert len(folded.rows) == 1


def test_a_command_repeated_changes_nothing_and_says_nothing() -> None:
    bench = Bench()
    bench.fold(unnumbered("o"), command("o"), command("o"))
    again = bench.fold(command("o"))
    assert bench.heard() == ("o-verified", "o-command")
    assert again.rows == []
    assert bench.verdicts["o-command"] is Verdict.COPY


def test_a_fact_whose_id_was_seen_is_a_copy() -> None:
    bench = Bench()
    service = bench.toy.service()
    (seen,) = items(service, *bench.tape(unnumbered("o")))
    seen.is_copy = True
    folded = Fold(service, bench.rows, NOON).run([seen])
    assert seen.verdict is Verdict.COPY
    assert (folded.rows, bench.heard()) == ([], ())


def test_a_fact_that_comes_too_early_waits_for_the_gap_to_close() -> None:
    bench = Bench()
    bench.fold(numbered("o", 1))
    bench.fold(numbered("o", 3))
    assert bench.heard() == ("o-n1",)
    assert bench.verdicts["o-n3"] is Verdict.WAITING
    bench.fold(numbered("o", 2))
    assert bench.heard() == ("o-n1", "o-n2", "o-n3")
    assert not bench.held
    assert bench.rows[O].heard.held == 0


def test_what_waited_for_a_gap_runs_by_number_however_it_came() -> None:
    bench = Bench()
    bench.fold(numbered("o", 5), numbered("o", 3))
    bench.fold(numbered("o", 4))
    bench.fold(numbered("o", 2), numbered("o", 1))
    assert bench.heard() == ("o-n1", "o-n2", "o-n3", "o-n4", "o-n5")
    assert not bench.held


def test_commands_and_deadlines_behind_a_gap_wait_with_it() -> None:
    bench = Bench()
    bench.fold(unnumbered("o"), numbered("o", 2), command("o"), deadline("o"))
    assert bench.heard() == ("o-verified",)
    bench.fold(numbered("o", 1))
    assert bench.heard() == ("o-verified", "o-n1", "o-n2", "o-command", "o-deadline")


def test_a_command_in_the_batch_that_closes_its_gap_does_not_wait() -> None:
    bench = Bench()
    bench.fold(numbered("o", 2))
    bench.fold(numbered("o", 1), command("o"), deadline("o"))
    assert bench.heard() == ("o-n1", "o-n2", "o-command", "o-deadline")
    assert not bench.held


def test_a_gap_on_one_order_holds_no_other() -> None:
    bench = Bench()
    bench.fold(numbered("a", 2), numbered("b", 1), command("b"), deadline("b"))
    assert bench.heard("b") == ("b-n1", "b-command", "b-deadline")


def test_a_fact_without_a_number_does_not_wait_for_the_gap() -> None:
    bench = Bench()
    bench.fold(numbered("o", 2), unnumbered("o"))
    assert bench.heard() == ("o-verified",)


def test_the_last_number_again_with_another_id_parks_the_order_with_an_alarm() -> None:
    bench = Bench()
    bench.fold(numbered("o", 1, "original"))
    folded = bench.fold(numbered("o", 1, "after-the-restore"), numbered("o", 2), numbered("b", 1))
    assert bench.heard() == ("original",)
    assert bench.heard("b") == ("b-n1",)
    assert "set back to a backup" in folded.parked[O].error
    assert bench.waiting == ["after-the-restore", "o-n2"]
    assert bench.verdicts["o-n2"] is Verdict.PARKED


def test_a_message_that_raises_parks_its_order_and_no_other() -> None:
    bench = Bench(Toy(raises={"bad"}))
    folded = bench.fold(
        numbered("good", 1), numbered("bad", 1), unnumbered("bad"), command("bad"), command("good")
    )
    assert bench.heard("good") == ("good-n1", "good-command")
    assert bench.heard("bad") == ()
    assert "ArithmeticError: the rule for bad is wrong" in folded.parked[Key("order", "bad")].error
    assert bench.verdicts["bad-n1"] is bench.verdicts["bad-command"] is Verdict.PARKED


def test_what_a_parked_order_is_told_is_kept_in_its_order() -> None:
    bench = Bench(Toy(raises={"o"}))
    bench.fold(numbered("o", 1))
    bench.fold(numbered("o", 2), deadline("o"))
    bench.fold(command("o"), numbered("o", 3))
    bench.toy.raises.clear()
    bench.rows[O].heard.parked = False
    bench.fold(unnumbered("o"))
    assert bench.heard() == ("o-n1", "o-n2", "o-n3", "o-verified", "o-command", "o-deadline")


def test_the_message_that_raised_is_named_so_that_it_can_be_skipped() -> None:
    bench = Bench()
    bench.fold(command("o"))
    bench.toy.raises.add("o")
    folded = bench.fold(unnumbered("o"))
    assert folded.parked[O].place.topic == "checkout.events"


def test_a_copy_for_a_parked_order_is_still_a_copy() -> None:
    bench = Bench()
    bench.fold(numbered("o", 1))
    bench.toy.raises.add("o")
    bench.fold(numbered("o", 2))
    bench.fold(numbered("o", 1))
    assert bench.verdicts["o-n1"] is Verdict.COPY
    assert bench.waiting == ["o-n2"]


def test_an_order_whose_values_were_refused_is_parked_before_it_runs() -> None:
    bench = Bench()
    folded = bench.fold(unnumbered("o"), unnumbered("b"), refused={O: "no NUL, please"})
    assert bench.heard() == ()
    assert bench.heard("b") == ("b-verified",)
    assert folded.parked[O].error == "no NUL, please"


def test_a_state_for_a_row_that_was_not_named_is_a_bug_of_its_order_alone() -> None:
    bench = Bench()
    service = bench.toy.service()

    def strays(message: Message, states: States, now: datetime) -> Outcome:
        if service.main(message).id == "bad":
            return Outcome({Key("order", "elsewhere"): ToyOrder()})
        return service.handle(message, states, now)

    batch = items(service, *bench.tape(unnumbered("bad"), unnumbered("good")))
    rows = {item.main: Row(item.main) for item in batch}
    folded = Fold(replace(service, handle=strays), rows, NOON).run(batch)
    assert "elsewhere" in folded.parked[Key("order", "bad")].error
    assert rows[Key("order", "good")].state.heard == ("good-verified",)


class Huge(messaging.ResponseOverdue):
    """More than its topic takes."""

    def to_json(self) -> bytes:
        return b"x" * (RECORD_BYTES_MAX + 1)


def test_a_message_larger_than_its_topic_takes_parks_its_order() -> None:
    bench = Bench()
    service = bench.toy.service()

    def says_too_much(message: Message, states: States, now: datetime) -> Outcome:
        outcome = service.handle(message, states, now)
        (said,) = outcome.out
        return replace(outcome, out=[said._replace(data=Huge(**dict(said.data)))])

    batch = items(service, *bench.tape(unnumbered("o")))
    folded = Fold(replace(service, handle=says_too_much), bench.rows, NOON).run(batch)
    assert "has 1048577 bytes, its topic takes 1048576" in folded.parked[O].error
    assert bench.rows[O].state is None


def test_a_record_that_makes_no_sense_beside_its_order_is_a_dead_letter_and_the_next_one_runs() -> None:
    bench = Bench()
    handle = bench.toy.service().handle

    def strict(message: Message, states: States, now: datetime) -> Outcome:
        if message.attributes.id == "o-verified":
            raise UnreadableHereError(Unreadable("wrong_currency", "amount must be in USD"))
        return handle(message, states, now)

    service = replace(bench.toy.service(), handle=strict)
    fold = Fold(service, bench.rows, NOON)
    found = items(service, *bench.tape(unnumbered("o"), numbered("o", 1)))
    folded = fold.run(found)
    assert [why.rule for _, why in folded.dead] == ["wrong_currency"]
    assert [item.verdict for item in found] == [Verdict.DEAD, Verdict.APPLIED]
    assert not folded.parked


def test_states_that_are_missing_are_asked_for_not_parked() -> None:
    bench = Bench()

    def asks(_message: Message, _states: States, _now: datetime) -> Outcome:
        raise StatesMissing([Key("seller", "s")])

    service = replace(bench.toy.service(), handle=asks)
    with pytest.raises(StatesMissing):
        Fold(service, bench.rows, NOON).run(items(service, *bench.tape(unnumbered("o"))))


def test_all_states_that_a_batch_lacks_are_asked_for_at_once() -> None:
    bench = Bench()

    def asks(message: Message, _states: States, _now: datetime) -> Outcome:
        raise StatesMissing([Key("seller", f"of {message.attributes.correlation_id}")])

    service = replace(bench.toy.service(), handle=asks)
    orders = [f"order-{number:02}" for number in range(40)]
    tape = bench.tape(*(unnumbered(order) for order in orders))
    with pytest.raises(StatesMissing) as found:
        Fold(service, bench.rows, NOON).run(items(service, *tape))
    assert found.value.keys == tuple(Key("seller", f"of {order}") for order in orders)


def test_only_topics_that_count_are_numbered_and_refusals_are_not() -> None:
    bench = Bench()
    folded = bench.fold(unnumbered("o"), command("o"))
    overdue = items(bench.toy.service(), *bench.tape(command("unknown")))
    overdue[0].is_overdue = True
    refusal = Fold(bench.toy.service(), bench.rows, NOON).run(overdue)
    assert [dict(json.loads(row.headers))["ce_sequence"] for row in folded.rows] == ["1", "2"]
    assert [(row.type, "ce_sequence" in row.headers) for row in refusal.rows] == [
        ("messaging.command_refused.v1", False)
    ]
    assert bench.rows[Key("order", "unknown")].sequence == 0


def test_a_command_refused_as_unknown_is_not_run_when_it_is_repeated() -> None:
    bench = Bench()
    overdue = items(bench.toy.service(), *bench.tape(command("o")))
    overdue[0].is_overdue = True
    Fold(bench.toy.service(), bench.rows, NOON).run(overdue)
    bench.fold(unnumbered("o"), command("o"))
    assert bench.heard() == ("o-verified",)
    assert bench.verdicts["o-command"] is Verdict.COPY


def test_a_message_that_raises_moves_no_number() -> None:
    bench = Bench()
    bench.fold(unnumbered("o"))
    bench.toy.raises.add("o")
    bench.fold(command("o"))
    assert bench.rows[O].sequence == 1


def test_an_unreadable_number_holds_commands_and_deadlines_but_not_what_came_before_it() -> None:
    bench = Bench()
    bench.fold(numbered("o", 1))
    bench.rows[O].heard.holds["dl"] = ("orders.events", 2)
    bench.fold(unnumbered("o"), command("o"), deadline("o"), numbered("o", 3))
    assert bench.heard() == ("o-n1", "o-verified")
    bench.rows[O].heard.skip("dl")
    bench.fold(numbered("o", 4))
    assert bench.heard() == ("o-n1", "o-verified", "o-n3", "o-n4", "o-command", "o-deadline")


def test_a_stray_record_that_is_skipped_takes_no_number_away() -> None:
    bench = Bench()
    bench.fold(numbered("o", 1))
    bench.rows[O].heard.holds["dl"] = ("orders.events", None)
    bench.rows[O].heard.skip("dl")
    bench.fold(numbered("o", 2), numbered("o", 3))
    assert bench.heard() == ("o-n1", "o-n2", "o-n3")


def test_a_skipped_record_without_a_readable_number_was_the_one_that_is_missing() -> None:
    bench = Bench()
    bench.fold(numbered("o", 1))
    bench.rows[O].heard.holds["dl"] = ("orders.events", None)
    bench.rows[O].heard.skip("dl")
    bench.fold(numbered("o", 3), numbered("o", 5))
    assert bench.heard() == ("o-n1", "o-n3")
    assert bench.waiting == ["o-n5"]


def test_orders_of_one_seller_share_its_row() -> None:
    bench = Bench()
    bench.fold(*(placed(f"o{n}") for n in range(5)))
    assert bench.rows[Key("seller", "seller")].state.orders == 5
