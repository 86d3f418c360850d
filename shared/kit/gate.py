"""Facts before commands before deadlines, across topics.

After an outage a deadline could overtake the answer that lies unread on another topic. So when commands or
deadlines of a partition come, the gate asks once where the earlier topics' partitions of that number end, and holds
them until everything up to there was delivered. The target is fixed when it is asked: a steady flow of facts can't
starve a deadline. It relies on equal partition counts and the range assignor, which give one process the same
partition number of every topic.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from shared.contracts.topics import TOPICS, Tier, Topic
from shared.kit.records import Record
from shared.kit.tally import Partition


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a partition waits for: positions on other topics; it holds for its records up to `until`."""

    targets: Mapping[Partition, int]
    until: int


@dataclass(slots=True)
class Split:
    """A batch after the gate: what may run, and what is to be brought again with the next batch."""

    passed: dict[Partition, list[Record]] = field(default_factory=dict)
    held: dict[Partition, list[Record]] = field(default_factory=dict)


class Gate:
    """Holds questions until the facts that could answer them were delivered."""

    def __init__(
        self,
        topics: Sequence[Topic],
        ends: Callable[[Iterable[Partition]], Awaitable[Mapping[Partition, int]]],
        position: Callable[[Partition, int], Awaitable[int | None]],
    ) -> None:
        """`position` returns how far a partition was delivered, if it is asked whether it was so far at least."""
        self._topics = [topic for topic in topics if topic.order_keyed]
        self._ends = ends
        self._position = position
        self._tickets: dict[Partition, Ticket] = {}

    def forget(self) -> None:
        """Ask anew for every partition: they were assigned again."""
        self._tickets.clear()

    async def split(self, groups: Mapping[Partition, list[Record]]) -> Split:
        """Say what of a batch may run now: what was held before has to be in it again."""
        split = Split({place: records for place, records in groups.items() if not self._earlier(place)})
        waiting = {place: records for place, records in groups.items() if self._earlier(place)}
        while waiting:
            await self._ask({place: rs for place, rs in waiting.items() if place not in self._tickets})
            # Commands first: those that pass let the deadlines behind them pass too.
            for place in sorted(waiting, key=lambda each: TOPICS[each[0]].tier):
                records = waiting[place]
                if not await self._is_open(self._tickets[place], waiting | split.held):
                    split.held[place] = waiting.pop(place)
                    continue
                until = self._tickets.pop(place).until
                split.passed.setdefault(place, []).extend(r for r in records if r.place.offset <= until)
                waiting[place] = [record for record in records if record.place.offset > until]
                if not waiting[place]:
                    del waiting[place]
        return split

    async def opened(self, held: Mapping[Partition, Sequence[Record]]) -> list[Partition]:
        """Name those of these partitions that no longer wait for anything."""
        behind = dict(held)
        return [
            place
            for place in behind
            if place not in self._tickets or await self._is_open(self._tickets[place], behind)
        ]

    def _earlier(self, place: Partition) -> list[Partition]:
        topic = TOPICS[place[0]]
        if not topic.order_keyed or topic.tier not in {Tier.COMMANDS, Tier.DEADLINES}:
            return []
        return [(other.name, place[1]) for other in self._topics if other.tier < topic.tier]

    async def _ask(self, unasked: Mapping[Partition, Sequence[Record]]) -> None:
        if not unasked:
            return
        ends = await self._ends({other for place in unasked for other in self._earlier(place)})
        for place, records in unasked.items():
            targets = {other: ends[other] for other in self._earlier(place)}
            self._tickets[place] = Ticket(targets, records[-1].place.offset)

    async def _is_open(self, ticket: Ticket, behind: Mapping[Partition, Sequence[Record]]) -> bool:
        """Say whether all was delivered; `behind` are records that were, and that wait themselves."""
        for place, target in ticket.targets.items():
            if not target:
                continue
            position: int | None
            if place in behind:
                position = behind[place][0].place.offset
            else:
                position = await self._position(place, target)
            if position is None or position < target:
                return False
        return True
