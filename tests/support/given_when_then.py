"""Rules as sentences: `spec.given(what happened).when(this comes in, now=…).then(that follows)`.

A domain is two pure functions, `decide` and `evolve`; a `Specification` binds them to a first state and a
policy. `given` takes events, `given_state` a state that was built; `when` may follow `when`, and `then`
judges what the last one decided. The result keeps `state`, so that a test may look at it as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

Input_contra = TypeVar("Input_contra", contravariant=True)
State = TypeVar("State")
State_contra = TypeVar("State_contra", contravariant=True)
Event = TypeVar("Event")
Event_co = TypeVar("Event_co", covariant=True)
Policy_contra = TypeVar("Policy_contra", contravariant=True)
Found = TypeVar("Found")


class Decide(Protocol[Input_contra, State_contra, Event_co, Policy_contra]):
    """What comes of an input on a state: pure and total."""

    def __call__(
        self, command: Input_contra, state: State_contra, /, *, now: datetime, policy: Policy_contra
    ) -> Sequence[Event_co]: ...


@dataclass(frozen=True, slots=True)
class Given(Generic[Input_contra, State, Event, Policy_contra]):
    """A state, ready for an input."""

    spec: Specification[Input_contra, State, Event, Policy_contra]
    state: State

    def when(
        self, command: Input_contra, *, now: datetime
    ) -> Decided[Input_contra, State, Event, Policy_contra]:
        """Decide on the input, and apply what was decided."""
        events = tuple(self.spec.decide(command, self.state, now=now, policy=self.spec.policy))
        return Decided(self.spec, self.spec.apply(self.state, events), before=self.state, events=events)


@dataclass(frozen=True, slots=True)
class Decided(Given[Input_contra, State, Event, Policy_contra]):
    """What an input led to: its events, and the state before and after them."""

    before: State
    events: tuple[Event, ...]

    def then(self, *events: Event) -> Decided[Input_contra, State, Event, Policy_contra]:
        """Exactly these events follow, in this order."""
        assert list(self.events) == list(events)
        return self

    def then_nothing(self) -> Decided[Input_contra, State, Event, Policy_contra]:
        """No event follows, and the state is as it was."""
        assert self.events == ()
        assert self.state == self.before
        return self

    def then_no_change(self) -> Decided[Input_contra, State, Event, Policy_contra]:
        """Whatever is answered, the state is as it was."""
        assert self.state == self.before
        return self

    def then_kinds(self, *kinds: type[Any]) -> Decided[Input_contra, State, Event, Policy_contra]:
        """Events of exactly these types follow, in this order."""
        assert [type(event).__name__ for event in self.events] == [kind.__name__ for kind in kinds]
        return self

    def the(self, kind: type[Found]) -> Found:
        """Return the one event of this type that follows."""
        found = [event for event in self.events if isinstance(event, kind)]
        assert len(found) == 1, f"{len(found)} of {kind.__name__} among {self.events}"
        return found[0]

    def every(self, kind: type[Found]) -> list[Found]:
        """Return the events of this type that follow, in their order."""
        return [event for event in self.events if isinstance(event, kind)]


@dataclass(frozen=True, slots=True)
class Specification(Generic[Input_contra, State, Event, Policy_contra]):
    """A domain under test: its two functions, the state before anything was heard, and a policy."""

    decide: Decide[Input_contra, State, Event, Policy_contra]
    evolve: Callable[[State, Event], State]
    start: State
    policy: Policy_contra

    def given(self, *events: Event) -> Given[Input_contra, State, Event, Policy_contra]:
        """Start from what happened before."""
        return Given(self, self.apply(self.start, events))

    def given_state(self, state: State) -> Given[Input_contra, State, Event, Policy_contra]:
        """Start from a state that was built otherwise."""
        return Given(self, state)

    def apply(self, state: State, events: Sequence[Event]) -> State:
        """Fold the events over the state."""
        for event in events:
            state = self.evolve(state, event)
        return state
