"""Breadth first: from a world, try every move on a copy, and go on from each state that was not seen before.

A state is what a `Look` makes of a world: small enough that there are few, large enough that nothing is lost that
matters. A move is a command, an event from outside, or the next deadline.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from tests.support.scenarios.world import World

Node = TypeVar("Node")
Try = Callable[[World], None]
NODES_MAX = 5_000
"""More than this is a mistake in what tells two states apart."""


@dataclass(frozen=True, slots=True)
class Move:
    """Something that can happen: its name, and how it is done to a world."""

    name: str
    do: Try


@dataclass(frozen=True, slots=True)
class Edge(Generic[Node]):
    """What a move led to: the facts that its owner said, and the state after them."""

    before: Node
    move: str
    facts: tuple[str, ...]
    after: Node


@dataclass(slots=True)
class Graph(Generic[Node]):
    """All states that were reached, a world in each, and every way between them."""

    worlds: dict[Node, World] = field(default_factory=dict)
    edges: dict[Node, list[Edge[Node]]] = field(default_factory=dict)
    paths: dict[Node, tuple[str, ...]] = field(default_factory=dict)
    """The moves that first led there."""

    @property
    def nodes(self) -> Sequence[Node]:
        """The states, in the order in which they were reached."""
        return list(self.worlds)

    def all_edges(self) -> Iterator[Edge[Node]]:
        """Give every edge."""
        for edges in self.edges.values():
            yield from edges

    def ways_out(self, node: Node) -> Sequence[Edge[Node]]:
        """Return the edges that lead elsewhere."""
        return [edge for edge in self.edges[node] if edge.after != node]

    def how(self, node: Node) -> str:
        """Say how it was reached."""
        return " → ".join(self.paths[node]) or "the beginning"


@dataclass(frozen=True, slots=True)
class Search(Generic[Node]):
    """What is searched: by which moves, what a state is, and whose facts name an edge."""

    moves: Callable[[World], Iterable[Move]]
    look: Callable[[World], Node]
    owner: str

    def from_(self, starts: Mapping[str, World]) -> Graph[Node]:
        """Search from these worlds, each with the name of how it came about."""
        graph: Graph[Node] = Graph()
        waiting: deque[Node] = deque()
        for name, world in starts.items():
            self._reach(graph, waiting, self.look(world), world, (name,))
        while waiting:
            node = waiting.popleft()
            for edge, world in self._tried(graph, node):
                graph.edges[node].append(edge)
                self._reach(graph, waiting, edge.after, world, (*graph.paths[node], edge.move))
        return graph

    def _reach(
        self, graph: Graph[Node], waiting: deque[Node], node: Node, world: World, path: tuple[str, ...]
    ) -> None:
        if node in graph.worlds:
            return
        assert len(graph.worlds) < NODES_MAX, f"more than {NODES_MAX} states: {node}"
        graph.worlds[node], graph.edges[node], graph.paths[node] = world, [], path
        waiting.append(node)

    def _tried(self, graph: Graph[Node], node: Node) -> Iterator[tuple[Edge[Node], World]]:
        world = graph.worlds[node]
        seen = set()
        for move in self.moves(world):
            copy = world.fork()
            move.do(copy)
            edge = Edge(node, move.name, self._facts(copy), self.look(copy))
            if (edge.facts or edge.after != node) and (edge.facts, edge.after) not in seen:
                seen.add((edge.facts, edge.after))
                yield edge, copy

    def _facts(self, world: World) -> tuple[str, ...]:
        topic = f"{self.owner}.events"
        names = (said.data.TYPE.split(".")[1] for said in world.said if said.topic == topic)
        return tuple(
            dict.fromkeys(name for name in names if not name.endswith("_refused") or name in _ANSWERS)
        )


_ANSWERS = frozenset({"claim_refused"})
"""A refusal is no way anywhere, except the judgement that ends a claim."""
