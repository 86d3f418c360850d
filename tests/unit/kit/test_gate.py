"""The gate: facts before commands before deadlines, whatever of them is delivered together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared.contracts import topics
from shared.kit.gate import Gate
from shared.kit.records import Record
from shared.kit.tally import Partition
from tests.support.toy import READS, command, deadline, unnumbered

FACTS: Partition = (topics.CHECKOUT_EVENTS, 0)
COMMANDS: Partition = (topics.MESSAGING_COMMANDS, 0)
DEADLINES: Partition = (topics.TIMER_EVENTS, 0)


class Log:
    """Where partitions end, and how far they were delivered, in place of Kafka."""

    def __init__(self) -> None:
        self.end: dict[Partition, int] = {}
        self.delivered: dict[Partition, int] = {}
        self.asked = 0

    async def ends(self, partitions: Iterable[Partition]) -> Mapping[Partition, int]:
        self.asked += 1
        return {place: self.end.get(place, 0) for place in partitions}

    async def position(self, place: Partition, at_least: int) -> int | None:
        del at_least
        return self.delivered.get(place, 0)

    def gate(self) -> Gate:
        return Gate(READS, self.ends, self.position)

    def bring(self, place: Partition, *offsets: int) -> dict[Partition, list[Record]]:
        """Deliver records: the log reaches to behind them at least."""
        said = {FACTS: unnumbered, COMMANDS: command, DEADLINES: deadline}[place]
        self.delivered[place] = offsets[-1] + 1
        self.end[place] = max(self.end.get(place, 0), offsets[-1] + 1)
        return {place: [said(f"o{offset}").at(offset, place[1]) for offset in offsets]}


async def test_a_command_waits_for_the_facts_that_lay_unread_when_it_came_and_for_no_later_ones() -> None:
    log = Log()
    gate = log.gate()
    log.end[FACTS] = 2
    asked = log.bring(COMMANDS, 0)
    assert (await gate.split(asked)).held == asked
    log.end[FACTS] = 100
    assert (await gate.split(asked | log.bring(FACTS, 0))).held == asked
    last = log.bring(FACTS, 1)
    split = await gate.split(asked | last)
    assert split.passed == last | asked
    assert split.held == {}


async def test_the_end_of_the_facts_is_asked_for_once() -> None:
    log = Log()
    gate = log.gate()
    log.end[FACTS] = 1
    asked = log.bring(COMMANDS, 0)
    for _ in range(3):
        await gate.split(asked)
    assert log.asked == 1


async def test_a_command_that_passes_lets_the_deadline_behind_it_pass_with_it() -> None:
    log = Log()
    gate = log.gate()
    log.end[FACTS] = 1
    both = log.bring(DEADLINES, 0) | log.bring(COMMANDS, 0)
    assert (await gate.split(both)).held == both
    fact = log.bring(FACTS, 0)
    split = await gate.split(both | fact)
    assert list(split.passed) == [FACTS, COMMANDS, DEADLINES]


async def test_a_deadline_does_not_pass_a_command_that_was_delivered_and_waits_itself() -> None:
    log = Log()
    gate = log.gate()
    log.end |= {FACTS: 1, COMMANDS: 1}
    due = log.bring(DEADLINES, 0)
    assert (await gate.split(due)).held == due
    first = log.bring(FACTS, 0)
    log.end[FACTS] = 2  # the command finds one more fact unread than the deadline did
    asked = log.bring(COMMANDS, 0)
    split = await gate.split(due | first | asked)
    assert split.passed == first
    assert split.held == due | asked
    assert await gate.opened(split.held) == []
    second = log.bring(FACTS, 1)
    split = await gate.split(split.held | second)
    assert list(split.passed) == [FACTS, COMMANDS, DEADLINES]


async def test_what_came_behind_a_command_that_waits_asks_anew() -> None:
    log = Log()
    gate = log.gate()
    log.end[FACTS] = 1
    asked = log.bring(COMMANDS, 0)
    assert (await gate.split(asked)).held == asked
    fact = log.bring(FACTS, 0)
    log.end[FACTS] = 2
    more = {COMMANDS: [*asked[COMMANDS], *log.bring(COMMANDS, 1)[COMMANDS]]}
    split = await gate.split(more | fact)
    assert split.passed[COMMANDS] == asked[COMMANDS]
    assert [record.place.offset for record in split.held[COMMANDS]] == [1]


async def test_what_is_held_opens_when_the_facts_end_in_records_that_nobody_is_given() -> None:
    log = Log()
    gate = log.gate()
    log.end[FACTS] = 2
    asked = log.bring(COMMANDS, 0)
    held = (await gate.split(asked)).held
    log.bring(FACTS, 0)
    assert await gate.opened(held) == []
    log.delivered[FACTS] = 2  # behind the marker of a transaction
    assert await gate.opened(held) == [COMMANDS]
