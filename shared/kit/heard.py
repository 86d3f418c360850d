"""What a state row remembers beside its body: what was heard of it last, which commands, and what holds it back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic_core import from_json, to_json

from shared.kit.service import Key

Arrival = Literal["next", "copy", "early", "restored"]

_UNREAD = 0
_SKIPPED = ""


@dataclass(slots=True)
class Heard:
    """Known copies, gaps and holds of one key.

    `topics`: the last sequence applied and its id, by topic. `commands`: ids of commands answered. `holds`: dead
    letters that stand in the key's way, with their topic and their sequence where it could be read. `skips`: by
    topic, sequences that an operator left out and that have not had their turn; 0 for one that can't be read.
    `held`: how many of the key's records wait in the table `held`. `parked`: the key waits for an operator.
    """

    topics: dict[str, tuple[int, str]] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    holds: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    skips: dict[str, list[int]] = field(default_factory=dict)
    held: int = 0
    parked: bool = False

    def arrival(self, topic: str, sequence: int, event_id: str) -> Arrival:
        """Say what a numbered fact is: the next one, a copy, too early, or from a writer that was set back."""
        last, last_id = self.topics.get(topic, (0, ""))
        # Which number was skipped unread shows with the next one: that is either the one due, or the one behind it.
        if sequence == last + 1 or (sequence == last + 2 and _UNREAD in self.skips.get(topic, ())):
            return "next"
        if sequence == last and last_id not in (event_id, _SKIPPED):
            return "restored"
        return "copy" if sequence <= last else "early"

    def hear(self, topic: str, sequence: int, event_id: str) -> None:
        """Count a numbered fact as heard, and those behind it that are skipped."""
        self.topics[topic] = (sequence, event_id)
        self._go_on(topic, {skipped for skipped in self.skips.get(topic, ()) if skipped > sequence})

    @property
    def is_in_order(self) -> bool:
        """Whether every earlier fact that we know of was applied."""
        return not any(
            sequence is None or sequence > self.topics.get(topic, (0, ""))[0]
            for topic, sequence in self.holds.values()
        )

    def skip(self, dl_id: str) -> None:
        """Go on without this dead letter: its sequence counts as heard when its turn comes."""
        if dl_id in self.holds:
            topic, sequence = self.holds.pop(dl_id)
            self._go_on(topic, {*self.skips.get(topic, ()), sequence or _UNREAD})

    def _go_on(self, topic: str, skips: set[int]) -> None:
        last = self.topics.get(topic, (0, ""))[0]
        while last + 1 in skips:
            last += 1
            self.topics[topic] = (last, _SKIPPED)
        self.skips.pop(topic, None)
        if left := sorted(number for number in skips if number == _UNREAD or number > last):
            self.skips[topic] = left

    def to_json(self) -> str:
        """Write what is not empty."""
        kept: dict[str, Any] = {}
        if self.topics:
            kept["topics"] = self.topics
        if self.commands:
            kept["commands"] = self.commands
        if self.holds:
            kept["holds"] = self.holds
        if self.skips:
            kept["skips"] = self.skips
        if self.held:
            kept["held"] = self.held
        if self.parked:
            kept["parked"] = True
        return to_json(kept).decode() if kept else "{}"

    @classmethod
    def from_json(cls, text: str) -> Heard:
        """Read what `to_json` wrote."""
        if text == "{}":
            return cls()
        kept = from_json(text)
        return cls(
            topics={topic: (last, event_id) for topic, (last, event_id) in kept.get("topics", {}).items()},
            commands=kept.get("commands", []),
            holds={dl_id: (topic, sequence) for dl_id, (topic, sequence) in kept.get("holds", {}).items()},
            skips=kept.get("skips", {}),
            held=kept.get("held", 0),
            parked=kept.get("parked", False),
        )


@dataclass(slots=True)
class Row:
    """One state row while a batch works on it. `version` 0: it does not exist yet."""

    key: Key
    version: int = 0
    sequence: int = 0
    heard: Heard = field(default_factory=Heard)
    state: Any = None
    changed: bool = False
