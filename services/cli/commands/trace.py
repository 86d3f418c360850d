"""`recourse trace`: one id, followed through all services."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli import addresses, reader, screen, times
from services.cli.commands.options import JsonOption, Language, LanguageOption, SystemOption

if TYPE_CHECKING:
    from rich.tree import Tree

    from services.cli.addresses import System
    from services.cli.history import Waiting
    from services.cli.tracing import Node


def trace(
    any_id: Annotated[
        str, typer.Argument(metavar="ID", help="Of an order, claim, contact, message, event, timer …")
    ],
    language: LanguageOption = Language.EN,
    system: SystemOption = None,
    json_: JsonOption = False,
) -> None:
    """Follow one id through all services: what came in, what it led to, what waits and what is dead.

    Times are business time, UTC. Everything about the order that the id belongs to is shown, as a tree of causes.
    """
    order_id, roots, waiting, zone = asyncio.run(_trace(addresses.find(system), any_id))
    if json_:
        screen.write_json(
            {
                "order_id": order_id,
                "tree": [_json(root) for root in roots],
                "waiting": [asdict(each) for each in waiting],
            }
        )
        return
    screen.out().print(_tree(order_id, roots, any_id, zone, language))
    for each in waiting:
        what = each.type or "?"
        screen.write_line(
            f"{each.service}: {what} at {each.topic}[{each.offset}] {each.fate} {each.message}".rstrip()
        )


async def _trace(system: System, any_id: str) -> tuple[str, Sequence[Node], Sequence[Waiting], str]:
    from services.cli.claim_story import zone_of
    from services.cli.history import History
    from services.cli.outside import said_outside
    from services.cli.policies import catalogue
    from services.cli.tracing import tree

    async with reader.database(system) as connection:
        history = History(connection)
        order_id = await history.order_of(any_id)
        said = await history.of_order(order_id)
        waiting = await history.waiting_for(order_id)
    numbers = [str(each.data["tracking_number"]) for each in said if each.data.get("tracking_number")]
    heard = await said_outside(system, order_id, numbers)
    if heard is None:
        screen.say(
            "recourse: Kafka holds too much to look for what came from outside; it is shown by its id only"
        )
    return order_id, tree(said, heard or []), waiting, zone_of(said, catalogue(system))


def _tree(order_id: str, roots: Sequence[Node], any_id: str, zone: str, language: Language) -> Tree:
    from rich.tree import Tree

    whole = Tree(order_id)

    def hang(node: Node, under: Tree) -> None:
        below = under.add(_line(node, zone, language, is_meant=any_id in _ids(node)))
        for child in node.children:
            hang(child, below)

    for root in roots:
        hang(root, whole)
    return whole


def _line(node: Node, zone: str, language: Language, *, is_meant: bool) -> Any:
    from rich.text import Text

    from services.cli.telling import SENTENCES, tell

    style = "reverse" if is_meant else ""
    if node.said:
        said = node.said
        late = "" if said.is_sent else "  (not yet on Kafka)"
        told = f": {tell(said.type, said.data, zone, language.value)}" if said.type in SENTENCES else ""
        head = Text(f"{times.written(said.at)}  ", style="dim")
        return head + Text(f"{said.type}", style="bold") + Text(f"{told}{late}", style=style)
    if node.heard:
        return Text(f"{times.written(node.heard.at)}  ", style="dim") + Text(
            f"→ {node.heard.type} {node.id}", style=style
        )
    return Text(f"→ {node.id}", style=style)


def _ids(node: Node) -> set[str]:
    data = node.said.data if node.said else node.heard.data if node.heard else {}
    return {
        node.id,
        *(str(value) for name, value in data.items() if name.endswith("_id") and name != "order_id"),
    }


def _json(node: Node) -> dict[str, Any]:
    if node.said:
        own = node.said.to_json()
    elif node.heard:
        own = asdict(node.heard) | {"at": times.written(node.heard.at), "service": None}
    else:
        own = {"id": node.id, "type": None, "service": None}
    return own | {"led_to": [_json(child) for child in node.children]}
