"""A service's pure part, played as the kit plays it: messages in, states and what is said out, nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.contracts.data import Command, Data
from shared.contracts.envelope import Attributes
from shared.contracts.erasure import Sides, erased, owners
from shared.kit.service import Key, Message, Place, Service


class _Anything(Mapping[Key, Any]):
    """Every state that there is; None for every other, so that none is ever missing."""

    def __init__(self, states: Mapping[Key, Any]) -> None:
        self._states = states

    def __getitem__(self, key: Key) -> Any:
        return self._states.get(key)

    def __contains__(self, _key: object) -> bool:
        return True

    def __iter__(self) -> Iterator[Key]:
        return iter(self._states)

    def __len__(self) -> int:
        return len(self._states)


@dataclass
class Played:
    """What a service holds and has said."""

    states: dict[Key, Any] = field(default_factory=dict)
    said: list[Data] = field(default_factory=list)
    effects: list[Any] = field(default_factory=list)


def play(service: Service, *heard: Data, now: datetime) -> Played:
    """Have the service hear these messages, in this order."""
    played = Played()
    for number, data in enumerate(heard, 1):
        event_id = data.command_id if isinstance(data, Command) else f"event-{number}"
        attributes = Attributes(event_id, "/played", data.TYPE, sequence=number)
        message = Message(Place(data.TOPIC, 0, number), attributes, data)
        if service.concerns(message):
            outcome = service.handle(message, _Anything(played.states), now)
            played.states |= outcome.states
            played.said += [out.data for out in outcome.out]
            played.effects += outcome.effects
    return played


def check_erasing(service: Service, heard: Sequence[Data], sides: Sides, *, now: datetime) -> None:
    """Require that a person's row, erased, is the one that their messages make when they come erased.

    And so, of every person that wrote something: what was said, erased, replays to it.
    """
    people = frozenset().union(*(owners(data, sides) for data in heard))
    assert people, "nobody wrote anything"
    before = play(service, *heard, now=now)
    kinds = {kind.name: kind for kind in service.kinds}
    for party_id in sorted(people):
        late = play(service, *(erased(data, {party_id}, sides) for data in heard), now=now)
        for key, state in before.states.items():
            assert kinds[key.kind].erase(state, party_id) == late.states[key], (party_id, key)
        assert [erased(data, {party_id}, sides) for data in before.said] == late.said, party_id
