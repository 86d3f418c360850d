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
    """A batch after the gate: what may run, and from which offset each other partition is to be read again."""

    passed: dict[Partition, list[Record]] = field(default_factory=dict)
    held: dict[Partition, int] = field(default_factory=dict)


class Gate:
    """Holds questions until the facts that could answer them were delivered."""

    def __init__(
        self,
        topics: Sequence[Topic],
        ends: Callable[[Iterable[Partition]], Awaitable[Mapping[Partition, int]]],
        position: Callable[[Partition], Awaitable[int | None]],
    ) -> None:
        self._topics = [topic for topic in topics if topic.order_keyed]
        self._ends = ends
        self._position = position
        self._tickets: dict[Partition, Ticket] = {}

    def forget(self) -> None:
        """Ask anew for every partition: they were assigned again."""
        self._tickets.clear()

    async def split(self, groups: Mapping[Partition, list[Record]]) -> Split:
        """Say what of a batch may run now."""
        split = Split({place: records for place, records in groups.items() if not self._earlier(place)})
        waiting = {place: records for place, records in groups.items() if self._earlier(place)}
        while waiting:
            await self._ask({place: rs for place, rs in waiting.items() if place not in self._tickets})
            later = {}
            for place, records in waiting.items():
                if not await self._is_open(self._tickets[place]):
                    split.held[place] = records[0].place.offset
                    continue
                until = self._tickets.pop(place).until
                split.passed.setdefault(place, []).extend(r for r in records if r.place.offset <= until)
                if rest := [record for record in records if record.place.offset > until]:
                    later[place] = rest
            waiting = later
        return split

    async def opened(self, held: Iterable[Partition]) -> list[Partition]:
        """Name those of these partitions that no longer wait for anything."""
        return [
            place for place in held if place not in self._tickets or await self._is_open(self._tickets[place])
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

    async def _is_open(self, ticket: Ticket) -> bool:
        for place, target in ticket.targets.items():
            position = await self._position(place) if target else target
            if position is None or position < target:
                return False
        return True
