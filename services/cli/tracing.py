"""An order's messages as a tree: what led to what, through all services."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from services.cli.history import Said
from services.cli.outside import Heard


@dataclass(slots=True)
class Node:
    """One message and what it led to. What came from outside is `heard`, or only its id is known."""

    id: str
    said: Said | None = None
    heard: Heard | None = None
    children: list[Node] = field(default_factory=list)

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Node]]:
        """Give this and all below it, with how deep each stands."""
        yield depth, self
        for child in self.children:
            yield from child.walk(depth + 1)


def tree(said: Sequence[Said], heard: Sequence[Heard]) -> Sequence[Node]:
    """Hang every message under the one that caused it. Roots came from outside; all in the order of time."""
    outside = {each.id: Node(each.id, heard=each) for each in heard}
    ours = {(each.service, each.id): Node(each.id, said=each) for each in said}
    by_id: dict[str, Node] = outside | {node.id: node for node in ours.values()}
    roots: dict[str, Node] = dict(outside)
    for node in ours.values():
        cause = _cause(node.said) if node.said else None
        if cause is None or by_id.get(cause) is node:
            roots[node.id] = node
        else:
            # A cause that is not known came from outside, and Kafka no longer has it.
            parent = by_id.get(cause) or roots.setdefault(cause, Node(cause))
            parent.children.append(node)
    return list(roots.values())


def _cause(said: Said) -> str | None:
    return said.causation_id or said.data.get("cause_id")
