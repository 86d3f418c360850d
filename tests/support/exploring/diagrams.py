"""State diagrams for the services' pages, drawn from what a search found: `python -m tests.support.exploring.diagrams`.

Nothing is drawn by hand: a state that the code can reach is in the picture, one that it cannot is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar

from tests.support.exploring import claims, contacts, orders
from tests.support.exploring.search import Graph
from tests.support.scenarios.marketplaces import POLICIES

ROOT = Path(__file__).parents[3]
_BEGIN, _END = "<!-- states: {name} -->", "<!-- states end -->"
_BESIDE = frozenset({"claim_closed"})
"""Facts that are not told where another one says more."""
Node = TypeVar("Node")


def draw(
    graph: Graph[Node], shape: Callable[[Node], str], told: Iterable[str], ends: Iterable[str] = ()
) -> str:
    """Draw the shapes that a search's states have, and the facts (of those told of) that lead from one to another."""
    wanted = set(told)
    ways: dict[tuple[str, str], set[str]] = {}
    for edge in graph.all_edges():
        facts = [fact for fact in edge.facts if fact in wanted]
        label = " and ".join(fact for fact in facts if len(facts) == 1 or fact not in _BESIDE)
        pair = shape(edge.before), shape(edge.after)
        if label and pair[0] != pair[1]:
            ways.setdefault(pair, set()).add(label)
    names = {name: f"s{number}" for number, name in enumerate(_in_order(graph, shape))}
    lines = [f'    state "{name}" as {known}' for name, known in names.items() if name]
    for (before, after), labels in sorted(ways.items(), key=lambda way: (_rank(names, way[0]), way[0])):
        start = names[before] if before else "[*]"
        lines.append(f"    {start} --> {names[after]}: {_label(labels)}")
    lines += [f"    {names[end]} --> [*]" for end in ends if end in names]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def _in_order(graph: Graph[Node], shape: Callable[[Node], str]) -> list[str]:
    return list(dict.fromkeys(shape(node) for node in graph.nodes))


def _rank(names: Mapping[str, str], pair: tuple[str, str]) -> tuple[int, int]:
    order = list(names)
    return order.index(pair[0]), order.index(pair[1])


def _label(labels: Iterable[str]) -> str:
    """Leave out what is said with more beside it as well: the shorter one tells the way."""
    shortest = sorted(set(labels), key=lambda label: (label.count(" and "), label))
    kept: list[str] = []
    for label in shortest:
        parts = set(label.split(" and "))
        if not any(set(other.split(" and ")) <= parts for other in kept):
            kept.append(label)
    return " or ".join(kept)


# ---------------------------------------------------------------------------------------------- the pictures


def order_states() -> str:
    """Draw an order."""
    told = (
        "order_released", "order_canceled", "lines_canceled", "shipment_confirmed", "order_shipped",
        "order_delivered",
    )  # fmt: skip
    picture = draw(_orders(), lambda node: str(node.status), told, sorted(orders.CLOSED))
    return picture.replace("stateDiagram-v2", "stateDiagram-v2\n    [*] --> s0: order_received", 1)


def contact_states() -> str:
    """Draw a contact: whether it is answered, and whether it is settled."""
    told = (
        "contact_opened",
        "contact_responded",
        "response_overdue",
        "resolution_overdue",
        "contact_resolved",
    )
    return draw(_contacts(), _contact_shape, told)


def _contact_shape(node: contacts.ContactNode) -> str:
    if not node.response:
        return ""
    response = {"awaited": "awaiting an answer", "missed": "answer overdue"}.get(node.response, node.response)
    resolution = {"unresolved": "not settled", "missed": "settlement overdue", "resolved": "settled"}
    return f"{response}, {resolution[node.resolution]}"


def return_states() -> str:
    """Draw a return."""
    told = ("return_requested", "return_answered", "return_shipped", "return_received")
    return draw(_contacts(), _return_shape, told)


def _return_shape(node: contacts.ContactNode) -> str:
    return node.back.replace("_", " ")


def claim_states() -> str:
    """Draw a claim. What is closed in the same breath as it ends shows by its end."""
    told = (
        "information_requested", "information_provided", "claim_resumed", "return_required", "claim_suspended",
        "claim_granted", "grant_voided", "claim_denied", "claim_refused", "claim_withdrawn",
        "claim_refunded_by_seller", "claim_appealed", "appeal_reversed", "appeal_upheld", "claim_closed",
    )  # fmt: skip
    picture = draw(claim_graph(POLICIES[0]), _claim_shape, told, ("closed", *_CLAIM_ENDS))
    first = "stateDiagram-v2\n    [*] --> s{under}: claim_filed"
    return picture.replace("stateDiagram-v2", first.format(under=_number(picture, "under investigation")), 1)


_CLAIM_ENDS = ("withdrawn", "refunded by seller", "reversed", "upheld")


def _claim_shape(node: claims.ClaimNode) -> str:
    ended = node.was.partition(" ")[0].replace("_", " ")
    return ended if node.is_closed and ended in _CLAIM_ENDS else node.shape.replace("_", " ")


def _number(picture: str, name: str) -> str:
    found = re.search(rf'state "{name}" as s(\d+)', picture)
    assert found is not None, f"{name} is not in the picture"
    return found.group(1)


@cache
def claim_graph(policy: str) -> Graph[claims.ClaimNode]:
    """Search once for all who ask."""
    return claims.search(policy)


@cache
def _orders() -> Graph[orders.OrderNode]:
    return orders.search()


@cache
def _contacts() -> Graph[contacts.ContactNode]:
    return contacts.search()


PICTURES: Mapping[str, tuple[str, Callable[[], str]]] = {
    "order": ("services/orders/README.md", order_states),
    "claim": ("services/claims/README.md", claim_states),
    "contact": ("services/messaging/README.md", contact_states),
    "return": ("services/messaging/README.md", return_states),
}
"""By name: the page, and who draws it. The page holds the picture between its two markers."""


def between(text: str, name: str) -> str:
    """Return what a page has between a picture's markers. Raises ValueError without them."""
    found = _pattern(name).search(text)
    if found is None:
        raise ValueError(f"there is no {_BEGIN.format(name=name)} … {_END}")
    return found.group(1).strip()


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(re.escape(_BEGIN.format(name=name)) + r"\n(.*?)" + re.escape(_END), re.DOTALL)


def main() -> None:
    """Draw every picture into its page."""
    for name, (page, drawn) in PICTURES.items():
        path = ROOT / page
        text = path.read_text("utf-8")
        begin = _BEGIN.format(name=name)
        between(text, name)
        before, _, rest = text.partition(begin)
        after = rest.partition(_END)[2]
        path.write_text(f"{before}{begin}\n{drawn()}\n{_END}{after}", "utf-8")


if __name__ == "__main__":
    main()
